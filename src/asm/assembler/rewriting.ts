/** A text made from another, piece by piece, that knows where each piece came from. */
import { lastAtMost } from '../../model/search.ts';
import type { Span } from '../../model/text.ts';

export class Rewriting {
  readonly #parts: string[] = [];
  /** Of each piece: where it starts in the text made, where its original starts and ends, whether it is a copy. */
  readonly #starts: number[] = [];
  readonly #sources: number[] = [];
  readonly #sourceEnds: number[] = [];
  readonly #copies: boolean[] = [];
  #length = 0;

  /** UTF-16 code units made so far. */
  get length(): number {
    return this.#length;
  }

  get text(): string {
    return this.#parts.join('');
  }

  /** Goes on with a copy of what stands at that place of the original. */
  copy(text: string, source: number): void {
    this.#add(text, source, source + text.length, true);
  }

  /** Goes on with another text in place of a span of the original. */
  replace(span: Span, text: string): void {
    this.#add(text, span.start, span.end, false);
  }

  #add(text: string, source: number, sourceEnd: number, isCopy: boolean): void {
    if (text === '') return;
    this.#parts.push(text);
    this.#starts.push(this.#length);
    this.#sources.push(source);
    this.#sourceEnds.push(sourceEnd);
    this.#copies.push(isCopy);
    this.#length += text.length;
  }

  /** The span of the original that a span of the text made came from. */
  sourceSpan({ start, end }: Span): Span {
    const from = this.#at(start, true);
    return { start: from, end: Math.max(from, end > start ? this.#at(end - 1, false) : from) };
  }

  /** Where the original of a character begins, or ends. */
  #at(offset: number, begins: boolean): number {
    const piece = Math.max(0, lastAtMost(this.#starts, offset));
    const source = this.#sources[piece] ?? 0;
    const sourceEnd = this.#sourceEnds[piece] ?? 0;
    if (this.#copies[piece] !== true) return begins ? source : sourceEnd;
    const within = source + offset - (this.#starts[piece] ?? 0);
    return Math.min(sourceEnd, within + (begins ? 0 : 1));
  }
}
