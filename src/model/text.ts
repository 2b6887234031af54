/**
 * Places in a text. Inside the project a place is an offset in UTF-16 code units; lines and columns
 * are computed from it only where a person or an editor wants them.
 */

import { lastAtMost } from './search.ts';

/** A stretch of text, `start` inclusive and `end` exclusive, in UTF-16 code units from the start of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in a text, both 0-based; `column` counts UTF-16 code units, as VS Code does. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A span as lines and columns. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Turns offsets of one text into lines and columns. `\n`, `\r\n` and a lone `\r` end a line. */
export class LineIndex {
  readonly #starts: number[] | Uint32Array;

  /** @param text a text, or the {@link starts} of its lines */
  constructor(text: string | Uint32Array) {
    this.#starts = typeof text === 'string' ? lineStarts(text) : text;
  }

  /** The offset at which each line starts. */
  get starts(): Uint32Array {
    return Uint32Array.from(this.#starts);
  }

  /** The number of lines, at least 1. */
  get lineCount(): number {
    return this.#starts.length;
  }

  /** The offset at which a 0-based line starts; past the last line, that of the last line. */
  startOf(line: number): number {
    return this.#starts[Math.min(line, this.#starts.length - 1)] ?? 0;
  }

  /** The 0-based line that holds an offset. */
  lineAt(offset: number): number {
    return Math.max(0, lastAtMost(this.#starts, offset));
  }

  position(offset: number): Position {
    const line = this.lineAt(offset);
    return { line, column: offset - this.startOf(line) };
  }

  range(span: Span): Range {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  const hasLoneReturn = /\r(?!\n)/.test(text);
  if (!hasLoneReturn) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
  const lineEnd = /\r\n|\r|\n/g;
  while (lineEnd.exec(text)) starts.push(lineEnd.lastIndex);
  return starts;
}
