/** Instructions as text for people: lines of a listing, and what one does in words. */
import type { Instruction } from '../model/instruction.ts';
import type { BlockInstructions } from './blockInstructions.ts';
import { bytesText } from './numberText.ts';

export type Syntax = 'intel' | 'att';

/** Bytes shown in a line of a listing. */
const shownBytes = 8;

/** `+0x2`, the offset from the first byte. */
export function formatOffset(offset: number): string {
  return `+0x${offset.toString(16)}`;
}

/** `48 83 c0 04`; of many only the first ones. */
export function formatBytes(bytes: Uint8Array, most = Infinity): string {
  const shown = [...bytes.subarray(0, most)].map((byte) => byte.toString(16).padStart(2, '0'));
  return bytes.length > most ? `${shown.join(' ')} …` : shown.join(' ');
}

/** A listing of a block, a line an instruction with its label above, and for each line the instruction that it shows. */
export interface Listing {
  readonly text: string;
  readonly instructions: readonly (Instruction | undefined)[];
}

export function listingOf(block: BlockInstructions, syntax: Syntax): Listing {
  const lines: string[] = [];
  const instructions: (Instruction | undefined)[] = [];
  const add = (line: string, instruction?: Instruction): void => {
    lines.push(line);
    instructions.push(instruction);
  };
  const { dataFrom, bytes: all } = block.block;
  const offsets = [dataFrom ?? 0, ...block.instructions.map(({ offset }) => offset)];
  const offsetWidth = widest(offsets.map(formatOffset));
  const texts = block.instructions.map(({ bytes }) => formatBytes(bytes, shownBytes));
  const bytesWidth = widest(texts);
  for (const [index, instruction] of block.instructions.entries()) {
    const label = block.labelAt(instruction.offset);
    if (label !== undefined) add(`${label}:`);
    const target =
      instruction.target === undefined ? undefined : targetOf(block, instruction.target);
    const note = target === undefined ? '' : `  ; → ${target}`;
    const offset = formatOffset(instruction.offset).padEnd(offsetWidth);
    const bytes = (texts[index] ?? '').padEnd(bytesWidth);
    add(`  ${offset}  ${bytes}  ${instruction[syntax]}${note}`, instruction);
  }
  if (dataFrom !== undefined && dataFrom < all.length) {
    const offset = formatOffset(dataFrom).padEnd(offsetWidth);
    add(`  ${offset}  ${all.length - dataFrom} bytes of data`);
  }
  return { text: `${lines.join('\n')}\n`, instructions };
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, { length }) => Math.max(width, length), 0);
}

/** Where a branch goes: a label with its offset, the offset alone, or outside. */
export function targetOf(block: BlockInstructions, target: number): string {
  const label = block.labelAt(target);
  if (label !== undefined) return `${label} (${formatOffset(target)})`;
  if (target >= 0 && target < block.block.bytes.length) {
    return block.at(target)
      ? `${formatOffset(target)}, into the middle of an instruction`
      : formatOffset(target);
  }
  return target === block.block.bytes.length ? 'the end of the bytes' : 'outside of the bytes';
}

/** What an instruction reads and writes, whether it is privileged and the like: a sentence a line. */
export function effectsOf(block: BlockInstructions, instruction: Instruction): readonly string[] {
  if (!instruction.valid) return ['These bytes are no instruction.'];
  const { registersRead, registersWritten, flagsRead, flagsWritten, memory } = instruction;
  const lines: string[] = [];
  const list = (what: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(`${what} ${names.join(', ')}`);
  };
  list('reads', [...registersRead, ...flagsRead]);
  list('writes', [...registersWritten, ...flagsWritten]);
  for (const { access, size } of memory) {
    if (access === 'none') continue;
    const verb = access === 'read' ? 'reads' : access === 'write' ? 'writes' : 'reads and writes';
    lines.push(`${verb} memory${size > 0 ? `, ${bytesText(size)}` : ''}`);
  }
  if (instruction.target !== undefined)
    lines.push(`goes to ${targetOf(block, instruction.target)}`);
  if (instruction.privileged) lines.push('faults outside of the kernel');
  if (instruction.unpredictable) lines.push(unpredictableWords[instruction.unpredictable]);
  return lines;
}

const unpredictableWords: Readonly<Record<NonNullable<Instruction['unpredictable']>, string>> = {
  time: 'reads a clock: results differ from run to run',
  chance: 'reads chance: results differ from run to run',
  processor: 'asks about the processor: results differ from machine to machine',
};
