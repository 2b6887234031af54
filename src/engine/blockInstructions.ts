/** The instructions of a block, and where they stand in its text. */
import type { Disassembler } from '../asm/disassembler.ts';
import { lastAtMost } from '../model/search.ts';
import type { JitBlock } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import type { Span } from '../model/text.ts';

/** Bytes of a block that are disassembled for showing; what lies beyond is left out. */
export const mostDecoded = 1 << 16;

/** A block's bytes up to its data, decoded in a row from the first. */
export class BlockInstructions {
  readonly block: JitBlock;
  readonly instructions: readonly Instruction[];
  readonly #offsets: readonly number[];
  readonly #labels: ReadonlyMap<number, string>;

  constructor(block: JitBlock, disassembler: Disassembler) {
    this.block = block;
    const end = Math.min(block.dataFrom ?? block.bytes.length, mostDecoded);
    this.instructions = disassembler.decode(block.bytes.subarray(0, end));
    this.#offsets = this.instructions.map(({ offset }) => offset);
    this.#labels = labelsOf(this.instructions);
  }

  /** The instruction that holds the byte at an offset, or undefined for data and for what is beyond. */
  at(offset: number): Instruction | undefined {
    const found = this.instructions[lastAtMost(this.#offsets, offset)];
    return found && offset < found.offset + found.length ? found : undefined;
  }

  /** The name of the place at an offset if a branch of the block goes there: `L1`, `L2` by their order. */
  labelAt(offset: number): string | undefined {
    return this.#labels.get(offset);
  }

  /** From an instruction's first byte to its last one, in the text; what stands between belongs to it. */
  spanOf(bytes: Pick<Instruction, 'offset' | 'length'>): Span {
    return spanOfBytes(this.block, bytes);
  }

  /** The offset of the byte that stands at a place in the text, or undefined. */
  byteAt(place: number): number | undefined {
    const { byteSpans, literal } = this.block;
    if (place < literal.start || place > literal.end) return undefined;
    // Spans ascend, but for those of one word, which a big-endian order may reverse; they are the same span.
    let low = 0;
    let high = byteSpans.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byteSpans.at(middle).end < place) low = middle + 1;
      else high = middle;
    }
    if (byteSpans.length === 0) return undefined;
    const { start, end } = byteSpans.at(low);
    if (place < start || place > end) return undefined;
    // At the border between two, the one that begins there.
    const next = low + 1 < byteSpans.length ? byteSpans.at(low + 1) : undefined;
    return place === end && next?.start === place ? low + 1 : low;
  }
}

/** From the first to the last of some bytes of a block, in the text. `length` is at least 1; what lies beyond the block is left out. */
export function spanOfBytes(
  { byteSpans }: JitBlock,
  { offset, length }: Pick<Instruction, 'offset' | 'length'>,
): Span {
  const last = Math.min(offset + length, byteSpans.length) - 1;
  return { start: byteSpans.at(offset).start, end: byteSpans.at(last).end };
}

function labelsOf(instructions: readonly Instruction[]): ReadonlyMap<number, string> {
  const starts = new Set(instructions.map(({ offset }) => offset));
  const targets = new Set<number>();
  for (const { target } of instructions) {
    if (target !== undefined && starts.has(target)) targets.add(target);
  }
  const ascending = [...targets].toSorted((a, b) => a - b);
  return new Map(ascending.map((offset, index) => [offset, `L${index + 1}`]));
}
