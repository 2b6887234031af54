/** What the scanning thread is asked and answers. Blocks travel without their methods, a few at a time. */
import type { ByteSpans, JitBlock, Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import type { ScanOptions } from '../source/findJitBlocks.ts';

export interface ScanQuestion {
  readonly id: number;
  readonly text: string;
  readonly languageId: string;
  readonly options: ScanOptions;
}

/** Asks for what stands in a file, which the thread reads itself. */
export interface FileQuestion {
  readonly id: number;
  readonly file: string;
  readonly languageId: string;
  readonly options: ScanOptions;
}

/** Asks for the files with annotations at a place in a folder. */
export interface FindQuestion {
  readonly id: number;
  readonly folder: string;
  /** The folder itself, or something below it. */
  readonly place: string;
  /** Glob patterns of what is passed over, for paths from the folder. */
  readonly exclude: readonly string[];
}

/** Asks for the next part of an answer: one at a time, so that the editor gets its turn between them. */
export interface ScanNext {
  readonly next: number;
}

/** A part of the answer; `last` on the one that completes it, which has all seams. */
export interface ScanAnswer {
  readonly id: number;
  readonly blocks: readonly PlainBlock[];
  readonly problems: readonly Problem[];
  readonly seams: readonly number[];
  readonly last: boolean;
}

/** The last part of the answer to a {@link FileQuestion}; the parts before are as of any text. */
export interface FileAnswer extends ScanAnswer {
  /** Where its lines start; undefined where it could not be read, or is not there any more. */
  readonly lineStarts: Uint32Array | undefined;
}

/** A part of the files that were found. */
export interface FindAnswer {
  readonly id: number;
  readonly files: readonly string[];
  readonly last: boolean;
}

/** A block as data: the spans of its bytes are offsets in an array, start and end alternating. */
export interface PlainBlock extends Omit<JitBlock, 'byteSpans'> {
  readonly byteOffsets: Uint32Array;
}

export function toPlain(block: JitBlock): PlainBlock {
  const { byteSpans, ...rest } = block;
  const byteOffsets = new Uint32Array(byteSpans.length * 2);
  for (let index = 0; index < byteSpans.length; index++) {
    const { start, end } = byteSpans.at(index);
    byteOffsets[2 * index] = start;
    byteOffsets[2 * index + 1] = end;
  }
  return { ...rest, byteOffsets };
}

export function fromPlain({ byteOffsets, ...rest }: PlainBlock): JitBlock {
  return { ...rest, byteSpans: new OffsetSpans(byteOffsets) };
}

class OffsetSpans implements ByteSpans {
  readonly #offsets: Uint32Array;

  constructor(offsets: Uint32Array) {
    this.#offsets = offsets;
  }

  get length(): number {
    return this.#offsets.length / 2;
  }

  at(index: number): Span {
    return { start: this.#offsets[2 * index] ?? 0, end: this.#offsets[2 * index + 1] ?? 0 };
  }
}
