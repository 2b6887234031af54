/** Comments that name an instruction, against the bytes beside them. */
import type { Disassembler } from '../../asm/disassembler.ts';
import { type Architecture, factsOf } from '../../model/architecture.ts';
import type { JitBlock } from '../../model/block.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { LineIndex, Span } from '../../model/text.ts';
import { aarch64Dialect } from './aarch64Dialect.ts';
import type { Dialect, DialectOf, Spoken } from './dialect.ts';
import { type CommentedBytes, commentedBytes, commentText } from './lines.ts';
import type { Order, Place } from './sameOperands.ts';
import { x86Dialect } from './x86Dialect.ts';

/** A comment that says another instruction than its bytes are. */
export interface CommentMismatch {
  readonly kind: 'mismatch';
  /** The comment with its signs, in the text. */
  readonly commentSpan: Span;
  /** Offsets into the block's bytes, `start` inclusive and `end` exclusive. */
  readonly byteRange: Span;
  /** What the comment says, without its signs. */
  readonly comment: string;
  /** What the bytes are, in the syntax of the block's comments, instructions separated by `; `. */
  readonly decoded: string;
}

const dialectOf: DialectOf = (architecture) => {
  if (architecture.startsWith('x86')) return x86Dialect;
  return architecture === 'aarch64' ? aarch64Dialect : undefined;
};

/** Whether the comments of a block can be checked: the assembly of its architecture is read. */
export function canCheckComments(block: JitBlock): boolean {
  return dialectOf(block.architecture) !== undefined;
}

/** A comment beside bytes, as it reads. */
export interface ReadComment extends CommentedBytes {
  /** What it says, without its signs. */
  readonly text: string;
  /** The instructions that it names; none for prose. */
  readonly instructions: readonly Spoken[];
}

/** The comments of a block beside its code, and what they are written in. */
export interface ReadComments {
  readonly comments: readonly ReadComment[];
  /** Undefined where they are in neither syntax. */
  readonly syntax: Order | undefined;
}

/**
 * Reads the comments beside the code of a block, or undefined where its architecture's assembly is not read.
 * `text` and `lines` are those that the block was found in; the disassembler is the one of its architecture.
 */
export function readComments(
  block: JitBlock,
  text: string,
  lines: LineIndex,
  disassembler: Disassembler,
): ReadComments | undefined {
  const dialect = dialectOf(block.architecture);
  if (!dialect) return undefined;
  const end = block.dataFrom ?? block.bytes.length;
  const comments = commentedBytes(block, lines)
    .filter(({ start }) => start < end)
    .map((pair): ReadComment => {
      const said = commentText(text, pair.comment);
      return {
        ...pair,
        end: Math.min(pair.end, end),
        text: said,
        instructions: dialect.read(said, disassembler.mnemonics),
      };
    });
  return { comments, syntax: styleOf(comments, dialect) };
}

/** The instructions that a text names, as in a comment of that architecture; none for prose. */
export function readsAs(
  architecture: Architecture,
  text: string,
  mnemonics: ReadonlySet<string>,
): readonly Spoken[] {
  return dialectOf(architecture)?.read(text, mnemonics) ?? [];
}

/**
 * The comments of a block that read as assembly and mean something else than the bytes on their line.
 * Prose is left alone, and so is what cannot be known (symbols, addresses without an origin, bytes that
 * continue an instruction of the line before). `text` and `lines` are those that the block was found in;
 * the disassembler is the one of the block's architecture. Never throws.
 */
export function checkComments(
  block: JitBlock,
  text: string,
  lines: LineIndex,
  disassembler: Disassembler,
): CommentMismatch[] {
  if (block.broken || block.comments.length === 0) return [];
  const read = readComments(block, text, lines, disassembler);
  if (!read) return [];
  const { comments: said, syntax: style } = read;
  if (said.every(({ instructions }) => instructions.length === 0)) return [];
  if (style === undefined) return [];
  const code = block.bytes.subarray(0, block.dataFrom ?? block.bytes.length);
  const readings = [code, ...patched(block, code)].map((bytes) => new Reading(disassembler, bytes));
  const [first] = readings;
  if (!first) return [];
  const place: Place = {
    bits: factsOf(block.architecture).pointerBits,
    origin: originOf(said, first, code.length),
  };
  return said.flatMap((one, index) => {
    const next = said[index + 1];
    const isNextSaid = next !== undefined && next.start === one.end && next.instructions.length > 0;
    const matches = readings.some((reading) => agrees(one, reading, style, place, isNextSaid));
    if (matches) return [];
    const decoded = first
      .on(one)
      .map((instruction) => instruction[style === 'att' ? 'att' : 'intel']);
    return [
      {
        kind: 'mismatch' as const,
        commentSpan: one.comment,
        byteRange: { start: one.start, end: one.end },
        comment: one.text,
        decoded: decoded.join('; '),
      },
    ];
  });
}

/** The block's bytes with its patches applied, one after the other. */
function patched(block: JitBlock, code: Uint8Array): Uint8Array[] {
  if (block.patches.length === 0) return [];
  const bytes = code.slice();
  for (const { offset, bytes: patch } of block.patches) {
    const room = Math.max(0, bytes.length - offset);
    if (offset >= 0) bytes.set(patch.subarray(0, room), Math.min(offset, bytes.length));
  }
  return [bytes];
}

/** One reading of the bytes: in a row from the first, and anew from the start of a line. */
class Reading {
  readonly #disassembler: Disassembler;
  readonly #bytes: Uint8Array;
  readonly #row: readonly Instruction[];
  readonly #starts: ReadonlySet<number>;

  constructor(disassembler: Disassembler, bytes: Uint8Array) {
    this.#disassembler = disassembler;
    this.#bytes = bytes;
    this.#row = disassembler.decode(bytes);
    this.#starts = new Set(this.#row.map(({ offset }) => offset));
  }

  /** Whether an instruction begins at the offset when all are read in a row. */
  startsAt(offset: number): boolean {
    return this.#starts.has(offset);
  }

  /** The instructions that begin on a line, read from its start. */
  on({ start, end }: CommentedBytes): Instruction[] {
    return this.#from(start, end - start).filter(({ offset }) => offset < end);
  }

  /** What follows a line: as many instructions. */
  after({ start, end }: CommentedBytes, count: number): Instruction[] {
    return this.#from(start, end - start + count)
      .filter(({ offset }) => offset >= end)
      .slice(0, count);
  }

  /** The instructions in a row that have a byte on a line. */
  overlapping({ start, end }: CommentedBytes): Instruction[] {
    return this.#row.filter(({ offset, length }) => offset < end && offset + length > start);
  }

  #from(offset: number, count: number): Instruction[] {
    return this.#disassembler.decode(this.#bytes, { offset, count });
  }
}

/** What the block's comments are written in; undefined where it is neither syntax. */
function styleOf(said: readonly ReadComment[], dialect: Dialect): Order | undefined {
  const all = said.flatMap(({ instructions }) => instructions);
  const foreign = said.filter(({ text }) => dialect.isForeign(text)).length;
  if (foreign > 0 && foreign * 2 >= all.length) return undefined;
  const att = all.filter(({ syntax }) => syntax === 'att').length;
  const intel = all.filter(
    ({ syntax, naked }) => syntax === 'intel' || (naked && syntax === undefined),
  ).length;
  return att > intel ? 'att' : 'intel';
}

/**
 * The address that the author gives the first byte: what most absolute targets agree on; 0 where they all
 * lie inside the block; undefined otherwise.
 */
function originOf(
  said: readonly ReadComment[],
  reading: Reading,
  size: number,
): bigint | undefined {
  const votes = new Map<bigint, number>();
  let branches = 0;
  let inside = 0;
  let addresses = 0;
  for (const one of said) {
    const [decoded, ...more] = reading.on(one);
    const [written] = one.instructions;
    if (!decoded || more.length > 0 || !written) continue;
    const target = decoded.target ?? relativeAddress(decoded);
    const values = written.address(decoded.target !== undefined);
    if (target === undefined || values === undefined) continue;
    addresses++;
    if (decoded.target !== undefined) branches++;
    if (values.some((value) => value >= 0n && value <= BigInt(size))) inside++;
    for (const value of new Set(values)) {
      const origin = value - BigInt(target);
      votes.set(origin, (votes.get(origin) ?? 0) + 1);
    }
  }
  if (branches > 0 && inside >= branches) return 0n;
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best && best[1] >= 2 && best[1] * 2 >= addresses ? best[0] : undefined;
}

/** The address that a decoded instruction names relative to the next. */
function relativeAddress({ operands, offset, length }: Instruction): number | undefined {
  for (const operand of operands) {
    if (operand.kind === 'memory' && /^[er]ip$/.test(operand.memory.base ?? '')) {
      return offset + length + Number(operand.memory.displacement);
    }
  }
  return undefined;
}

/** Whether what a comment says is what the bytes are, or cannot be told. */
function agrees(
  said: ReadComment,
  reading: Reading,
  style: Order,
  place: Place,
  isNextSaid: boolean,
): boolean {
  if (said.instructions.length === 0) return true;
  const here = reading.on(said);
  const later = isNextSaid ? [] : reading.after(said, said.instructions.length);
  if (inSequence(said.instructions, [...here, ...later], here.length, style, place)) return true;
  // A line that begins inside an instruction of the line before may be about that one, or about a part.
  if (reading.startsAt(said.start)) return false;
  return true;
}

/**
 * Whether the instructions that count as such are among the decoded ones, in that order. What is named after
 * the last of the line (`sub rsp, 8 ; push rax would do`) is a note.
 */
function inSequence(
  written: readonly Spoken[],
  decoded: readonly Instruction[],
  onLine: number,
  style: Order,
  place: Place,
): boolean {
  const branches = decoded.some(
    ({ category, valid }) => !valid || /jump|call|return/.test(category),
  );
  let at = 0;
  for (const instruction of written) {
    const orders = ordersOf(instruction, style);
    const found = decoded.findIndex(
      (each, index) => index >= at && orders.some((order) => instruction.means(each, order, place)),
    );
    if (found >= 0) at = found + 1;
    else if (at > 0 && at >= onLine) continue;
    else if (instruction.confidence === 'sure') return false;
    else if (instruction.confidence === 'branch' && branches) return false;
  }
  return true;
}

/** The orders in which operands may stand: told by the comment itself, or else by the block. */
function ordersOf({ syntax, naked }: Spoken, style: Order): readonly Order[] {
  if (syntax === 'att') return naked ? ['att', 'intel'] : ['att'];
  if (syntax === 'intel' || style === 'intel') return ['intel'];
  return ['att', 'intel'];
}
