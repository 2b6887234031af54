/** The elements of a block's literals, as they are written. */
import type { JitBlock } from '../../model/block.ts';
import type { Span } from '../../model/text.ts';
import { type Language, languageOf } from '../../source/languages.ts';
import { firstMarkAt, lex, Mark, type Marks } from '../../source/lexer.ts';
import { isMarkdown, markdownFences } from '../../source/markdown.ts';
import { readNumber } from '../../source/numbers.ts';
import { CannotRewrite } from './edit.ts';

/** The part of a text that is read in one language: all of it, or a fence of Markdown. */
export interface TextPart {
  /** The text up to the part's end, a carriage return alone replaced by a line feed: all places are the same. */
  readonly text: string;
  readonly language: Language;
  readonly marks: Marks;
}

/** The part of a text around a place. */
export function partAround(whole: string, languageId: string, place: number): TextPart {
  const text = whole.replace(/\r(?!\n)/g, '\n');
  if (!isMarkdown(languageId)) {
    const language = languageOf(languageId);
    return { text, language, marks: lex(text, language) };
  }
  const fence = markdownFences(text).find(({ span }) => span.start <= place && place <= span.end);
  if (!fence) throw new CannotRewrite('the bytes stand outside the fenced code');
  const { language, span } = fence;
  const read = text.slice(0, span.end);
  return { text: read, language, marks: lex(read, language, span.start) };
}

/**
 * How an element is written: a number, two digits of hexadecimal text, an escape or a character in a string, or what
 * stands for more bytes than are written (`times 8 db 0x90`).
 */
export type ElementForm = 'number' | 'hex' | 'escape' | 'repeated';

export interface LiteralElement {
  readonly span: Span;
  /** Offset of its first byte in the block. */
  readonly first: number;
  /** Its bytes: more than one in a word. */
  readonly count: number;
  readonly form: ElementForm;
  /** The mark of the string that it stands in, or -1. */
  readonly string: number;
}

/** The elements of a block in their order. */
export function elementsOf(block: JitBlock, part: TextPart): readonly LiteralElement[] {
  const { byteSpans } = block;
  const elements: LiteralElement[] = [];
  for (let at = 0; at < byteSpans.length;) {
    const span = byteSpans.at(at);
    const before = elements.at(-1);
    if (before && span.start < before.span.end) {
      throw new CannotRewrite(
        before.string >= 0 && span.end > before.span.end
          ? 'base64 text has no bytes of its own to comment or replace'
          : 'these bytes are repeated by an expression, so that one place stands for several bytes',
      );
    }
    let end = at + 1;
    while (end < byteSpans.length && isSame(byteSpans.at(end), span)) end++;
    elements.push(elementAt(block, part, span, at, end - at));
    at = end;
  }
  if (elements.length === 0) throw new CannotRewrite('there are no bytes');
  return elements;
}

function isSame(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end;
}

function elementAt(
  block: JitBlock,
  { text, language, marks }: TextPart,
  span: Span,
  first: number,
  count: number,
): LiteralElement {
  const around = firstMarkAt(marks, span.start) - 1;
  const inString = marks.kind[around] === Mark.string && (marks.end[around] ?? 0) > span.start;
  const raw = text.slice(span.start, span.end);
  if (inString) {
    const form = raw.startsWith('\\') || raw.length === 1 ? 'escape' : 'hex';
    return { span, first, count, form: count > 1 ? 'repeated' : form, string: around };
  }
  if (count === 1) return { span, first, count, form: 'number', string: -1 };
  const value = readNumber(raw, language)?.value;
  const little = block.bytes.slice(first, first + count);
  const isWord =
    value !== undefined &&
    [2, 4, 8].includes(count) &&
    [little, little.toReversed()].some(
      (bytes) => wordOf(bytes) === BigInt.asUintN(8 * count, value),
    );
  return { span, first, count, form: isWord ? 'number' : 'repeated', string: -1 };
}

/** The value of bytes, the lowest first. */
export function wordOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}

/** The opening bracket around the place after an element, as a mark, or -1. */
export function bracketAround(marks: Marks, place: number): number {
  const next = firstMarkAt(marks, place);
  const isClose = marks.kind[next] === Mark.close;
  return (isClose ? marks.link[next] : marks.inside[next]) ?? -1;
}
