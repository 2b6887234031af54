/** `jit-bytes disasm`: the instructions that bytes are. */
import { type Disassembler, disassembler, supports } from '../asm/disassembler.ts';
import type { JitBlock } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import { formatSignature } from '../model/signature.ts';
import type { Paint } from './colours.ts';
import { escapeControls } from '../engine/escape.ts';
import { hexOf, type Json } from './jsonText.ts';
import type { DisasmOptions } from './options.ts';
import { type ReadFile, readingCommand } from './readingCommand.ts';
import { exitStatus } from './tally.ts';

/**
 * Shows the instructions of the blocks that the options name, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export function disasmCommand(options: DisasmOptions, closed: AbortSignal): Promise<number> {
  return readingCommand(options, closed, { blocks: [] }, async (read, paint) => {
    const listings: Listing[] = [];
    for (const block of read.blocks) listings.push(await listingOf(block));
    return {
      lines: listings.flatMap((listing) => textOf(read, listing, options.syntax, paint)),
      json: { blocks: listings.map((listing) => jsonOf(read, listing, options.syntax)) },
      status: listings.some(({ instructions }) => !instructions)
        ? exitStatus.refused
        : exitStatus.well,
    };
  });
}

/** A block with its instructions; undefined where there is no disassembler for them. */
interface Listing {
  readonly block: JitBlock;
  readonly instructions: readonly Instruction[] | undefined;
  /** The bytes after the code, `@data`. */
  readonly data: Uint8Array;
}

async function listingOf(block: JitBlock): Promise<Listing> {
  const end = block.dataFrom ?? block.bytes.length;
  const data = block.bytes.subarray(end);
  if (!supports(block.architecture)) return { block, instructions: undefined, data };
  const decoder: Disassembler = await disassembler(block.architecture);
  return { block, instructions: decoder.decode(block.bytes.subarray(0, end)), data };
}

/** Columns of bytes before the text: most instructions have no more. */
const shownBytes = 7;

function textOf(
  { file, lines }: ReadFile,
  { block, instructions, data }: Listing,
  syntax: DisasmOptions['syntax'],
  paint: Paint,
): string[] {
  const place = `${escapeControls(file)}:${lines.lineAt(block.tag.start) + 1}`;
  const title = `${paint('dim', place)}  ${escapeControls(formatSignature(block.signature))}`;
  if (!instructions) {
    return [`${title}: ${paint('yellow', `no disassembler for ${block.architecture}`)}`];
  }
  const row = (offset: number, bytes: Uint8Array, text: string): string => {
    const numbers = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `${offset.toString(16).padStart(6)}  ${numbers.padEnd(3 * shownBytes)}  ${text}`;
  };
  return [
    title,
    ...instructions.map((instruction) => {
      const text = instruction[syntax];
      const { offset, bytes, valid } = instruction;
      return row(offset, bytes, valid ? text : paint('red', text));
    }),
    ...rowsOfData(data, block.bytes.length - data.length, row),
  ];
}

/** Bytes of data in a row. */
const dataInRow = 8;

function rowsOfData(
  data: Uint8Array,
  start: number,
  row: (offset: number, bytes: Uint8Array, text: string) => string,
): string[] {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += dataInRow) {
    rows.push(row(start + at, data.subarray(at, at + dataInRow), '(data)'));
  }
  return rows;
}

function jsonOf(
  { lines }: ReadFile,
  { block, instructions }: Listing,
  syntax: DisasmOptions['syntax'],
): Json {
  return {
    line: lines.lineAt(block.tag.start) + 1,
    name: block.name ?? null,
    arch: block.architecture,
    signature: formatSignature(block.signature),
    bytes: hexOf(block.bytes),
    instructions:
      instructions?.map((instruction): Json => ({
        offset: instruction.offset,
        bytes: hexOf(instruction.bytes),
        valid: instruction.valid,
        mnemonic: instruction.mnemonic,
        text: instruction[syntax],
        target: instruction.target ?? null,
        category: instruction.category,
      })) ?? null,
  };
}
