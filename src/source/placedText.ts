/** Texts whose every code unit knows where it stands in the source. */
import type { Span } from '../model/text.ts';

export interface ReadText {
  readonly text: string;
  /** Of each UTF-16 code unit, start and end alternating. */
  readonly offsets: Uint32Array;
  /** From its first character to its last, blanks left out. */
  readonly span: Span;
}

/** A text as it is put together, each code unit with its place in the source. */
export class PlacedText {
  readonly #parts: string[] = [];
  readonly #offsets: number[] = [];

  /** Adds what one piece of source means. */
  add(text: string, start: number, end: number): void {
    this.#parts.push(text);
    for (let n = 0; n < text.length; n++) this.#offsets.push(start, end);
  }

  /** The text and the places, or undefined for a text of nothing but blanks. */
  get written(): ReadText | undefined {
    const text = this.#parts.join('');
    const first = text.search(/\S/);
    if (first < 0) return undefined;
    const last = text.trimEnd().length - 1;
    const offsets = Uint32Array.from(this.#offsets);
    return {
      text,
      offsets,
      span: { start: offsets[2 * first] ?? 0, end: offsets[2 * last + 1] ?? 0 },
    };
  }
}
