/** Reading a tag's text: a cursor over characters that know where they stand in the source. */
import type { ProblemCode } from '../model/block.ts';
import { lastAtMost } from '../model/search.ts';
import type { Span } from '../model/text.ts';

/** The text of a comment block without its decoration; each piece knows its place in the source. */
export class CommentText {
  readonly text: string;
  readonly #starts: readonly number[];
  readonly #sources: readonly number[];

  /** @param lines pieces of source, each with its offset; they are joined by line ends */
  constructor(lines: readonly { readonly text: string; readonly source: number }[]) {
    const starts: number[] = [];
    let length = 0;
    for (const line of lines) {
      starts.push(length);
      length += line.text.length + 1;
    }
    this.text = lines.map((line) => line.text).join('\n');
    this.#starts = starts;
    this.#sources = lines.map((line) => line.source);
  }

  /** The source offset of an offset in `text`. */
  source(offset: number): number {
    const line = Math.max(0, lastAtMost(this.#starts, offset));
    return (this.#sources[line] ?? 0) + offset - (this.#starts[line] ?? 0);
  }

  /** The text before a source offset; blanks that were left out at its line's end are put back. */
  upTo(source: number): string {
    const line = Math.max(0, lastAtMost(this.#sources, source));
    const start = this.#starts[line] ?? 0;
    const end = (this.#starts[line + 1] ?? this.text.length + 1) - 1;
    const column = Math.max(0, source - (this.#sources[line] ?? 0));
    return this.text.slice(0, Math.min(end, start + column)).padEnd(start + column);
  }

  span(start: number, end: number): Span {
    if (end <= start) return { start: this.source(start), end: this.source(start) };
    return { start: this.source(start), end: this.source(end - 1) + 1 };
  }
}

/** What a reader throws where text cannot be read; it is caught at the tag and becomes a problem. */
export class ReadError extends Error {
  readonly code: ProblemCode;
  readonly span: Span;

  constructor(code: ProblemCode, span: Span, message: string) {
    super(message);
    this.code = code;
    this.span = span;
  }
}

/** By source: an expression inside a function is a new object at each use. */
const sticky = new Map<string, RegExp>();

/** The pattern without its leading `^`, to be matched at one place of a longer text. */
function stickyOf(pattern: RegExp): RegExp {
  const key = pattern.flags === '' ? pattern.source : `${pattern.source}/${pattern.flags}`;
  let made = sticky.get(key);
  if (!made) {
    made = new RegExp(pattern.source.replace(/^\^/, ''), `${pattern.flags}y`);
    sticky.set(key, made);
  }
  return made;
}

export class Cursor {
  readonly #comment: CommentText;
  readonly end: number;
  readonly #code: ProblemCode;
  #upToEnd: string | undefined;
  at: number;

  /** Reads from `start` to `end` of a comment's text; errors carry `code` unless they say otherwise. */
  constructor(comment: CommentText, start: number, end: number, code: ProblemCode) {
    this.#comment = comment;
    this.at = start;
    this.end = end;
    this.#code = code;
  }

  /** What is left, from here on. */
  get rest(): string {
    return this.#comment.text.slice(this.at, this.end);
  }

  get done(): boolean {
    this.skipBlank();
    return this.at >= this.end;
  }

  skipBlank(): void {
    const { text } = this.#comment;
    while (this.at < this.end) {
      const code = text.charCodeAt(this.at);
      if (code > 32 && (code < 128 || !/\s/.test(text.charAt(this.at)))) return;
      this.at++;
    }
  }

  /** The character code here, after blanks, or -1 at the end: a cheap look before a pattern. */
  get code(): number {
    this.skipBlank();
    return this.at < this.end ? this.#comment.text.charCodeAt(this.at) : -1;
  }

  /** Whether a number may begin here. */
  get atNumber(): boolean {
    const { code } = this;
    return (code >= 48 && code <= 57) || code === 45 || code === 46;
  }

  /** Takes what matches here, after blanks, or undefined. The pattern must begin with `^`. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.skipBlank();
    if (this.at >= this.end) return undefined;
    const here = stickyOf(pattern);
    here.lastIndex = this.at;
    const found = here.exec(this.#whole());
    if (!found) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** The comment's text up to the end of this tag, so that no pattern reads past it. */
  #whole(): string {
    this.#upToEnd ??= this.#comment.text.slice(0, this.end);
    return this.#upToEnd;
  }

  /** Takes a sign if it stands here. */
  accept(sign: string): boolean {
    this.skipBlank();
    if (!this.#comment.text.startsWith(sign, this.at) || this.at + sign.length > this.end)
      return false;
    this.at += sign.length;
    return true;
  }

  expect(sign: string, where: string): void {
    if (!this.accept(sign)) throw this.error(`expected "${sign}" ${where}`);
  }

  peek(sign: string): boolean {
    this.skipBlank();
    return this.#comment.text.startsWith(sign, this.at) && this.at < this.end;
  }

  /** The text between an earlier place and here. */
  since(start: number): string {
    return this.#comment.text.slice(start, this.at).trim();
  }

  /** The source span from an earlier place to here. */
  spanSince(start: number): Span {
    return this.#comment.span(start, this.at);
  }

  /** The span of the word that begins here, for an error. */
  spanHere(): Span {
    this.skipBlank();
    const word = /^(?:[\w.]+|\S)/.exec(this.rest)?.[0] ?? '';
    if (word === '') {
      const last = Math.max(this.at - 1, 0);
      return this.#comment.span(last, last + 1);
    }
    return this.#comment.span(this.at, this.at + word.length);
  }

  error(message: string, span = this.spanHere(), code = this.#code): ReadError {
    return new ReadError(code, span, message);
  }
}
