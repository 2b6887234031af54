/** The pieces of a block's code: instructions that stay, and what comments are assembled into. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { BlockInstructions } from '../blockInstructions.ts';
import type { AssembledComment } from './assembleStatements.ts';
import { type BranchForm, relativeOf, widened } from './branches.ts';
import { type AssemblyComments, placeholder } from './commentStatements.ts';
import { CannotRewrite } from './edit.ts';
import type { Piece } from './relayout.ts';
import { targetOf } from './targets.ts';

/** The code as it was. */
export interface OldCode {
  /** Without data. */
  readonly code: Uint8Array;
  /** In bytes, data included. */
  readonly size: number;
  readonly decoded: BlockInstructions;
  readonly read: AssemblyComments;
  readonly disassembler: Disassembler;
}

/** Bytes `start` to `end` of the old code, and what takes their place. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

const none = new Uint8Array();

/** What takes the place of a line. */
export function piecesOf(
  { start, end, statements, bytes }: AssembledComment,
  { code, size, decoded, read, disassembler }: OldCode,
): readonly Piece[] {
  const old = disassembler.decode(code.subarray(0, end), { offset: start });
  const isAlike = old.length === statements.length;
  return statements.map((statement, index): Piece => {
    const before = isAlike ? old[index] : undefined;
    const anchor = { old: before?.offset ?? (index === 0 ? start : undefined), oldLength: 1 };
    const name = statement.text;
    const own = bytes[index];
    if (statement.branch) {
      const { form, target } = statement.branch;
      const to = targetOf(target, anchor.old ?? start, decoded, read);
      const kept = before && relativeOf(before, disassembler);
      if (before && kept?.target === to && isForm(before, kept.at, form))
        return pieceOf(before, size, disassembler);
      const isOnly = statements.length === 1;
      const wantsNear =
        form.near && (!form.short || (isOnly && end - start === form.near.length + 4));
      const lead = wantsNear ? form.near : (form.short ?? form.near ?? []);
      const width = wantsNear || !form.short ? 4 : 1;
      return {
        ...anchor,
        before: Uint8Array.from(lead),
        after: none,
        relative: { size: width, target: to, near: form.near, name },
      };
    }
    if (!own) return { ...anchor, before: none, after: none, relative: undefined };
    const [made] = disassembler.decode(own, { count: 1, address: BigInt(before?.offset ?? 0) });
    if (statement.symbol !== undefined) {
      const to = targetOf(statement.symbol, anchor.old ?? start, decoded, read);
      const at = made && relativeOf(made, disassembler);
      if (!at || Buffer.from(own).readInt32LE(at.at) !== placeholder) {
        throw new CannotRewrite(`"${name}" cannot be assembled: the address does not stand in it`);
      }
      const relative = { size: 4, target: to, near: undefined, name } as const;
      return { ...anchor, before: own.slice(0, at.at), after: own.slice(at.at + 4), relative };
    }
    // Of two ways to encode the same the one that is there stays.
    if (before && made && before.valid && before.intel === made.intel)
      return pieceOf(before, size, disassembler);
    return { ...anchor, before: own, after: none, relative: undefined };
  });
}

/** Whether an instruction is encoded in one of a branch's forms. */
function isForm({ bytes }: Instruction, displacementAt: number, form: BranchForm): boolean {
  const lead = Buffer.from(bytes.subarray(0, displacementAt));
  return [form.short, form.near].some((one) => one !== undefined && lead.equals(Buffer.from(one)));
}

/** Instructions that stay what they are. */
export function untouched(
  { code, size, disassembler }: OldCode,
  start: number,
  end: number,
): readonly Range[] {
  if (start >= end) return [];
  return disassembler.decode(code.subarray(0, end), { offset: start }).map((instruction) => ({
    start: instruction.offset,
    end: instruction.offset + instruction.length,
    pieces: [pieceOf(instruction, size, disassembler)],
  }));
}

function pieceOf(instruction: Instruction, size: number, disassembler: Disassembler): Piece {
  const { offset, length, bytes, valid } = instruction;
  const anchor = { old: offset, oldLength: length };
  const isRead = valid && disassembler.architecture.startsWith('x86');
  const relative = isRead ? relativeOf(instruction, disassembler) : undefined;
  // What leads elsewhere keeps its displacement.
  if (!relative || relative.target < 0 || relative.target > size) {
    return { ...anchor, before: bytes, after: none, relative: undefined };
  }
  return {
    ...anchor,
    before: bytes.slice(0, relative.at),
    after: bytes.slice(relative.at + relative.size),
    relative: {
      size: relative.size,
      target: relative.target,
      near: widened(instruction),
      name: instruction.intel,
    },
  };
}
