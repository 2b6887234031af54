/** Bytes of a literal replaced by others, in the style of those around them. */
import type { Span } from '../../model/text.ts';
import { CannotRewrite, type TextEdit } from './edit.ts';
import { codeOf, commentsIn, lineEnd } from './gaps.ts';
import { type LiteralElement, wordOf } from './literalElements.ts';
import type { LiteralStyle } from './literalStyle.ts';
import { ElementWriter } from './writeElement.ts';

/** Bytes that take the place of others. */
export interface Replacement {
  /** Offsets into the old bytes, `start` inclusive and `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * The edits that write replacements, which ascend and do not overlap.
 * @param bigEndian whether words of the literal have their highest byte first
 */
export function writeBytes(
  style: LiteralStyle,
  old: Uint8Array,
  replacements: readonly Replacement[],
  bigEndian: boolean,
): readonly TextEdit[] {
  const writer = new ElementWriter(style.part, style.elements);
  const write = (bytes: Uint8Array, like: LiteralElement): string =>
    writer.write(wordOf(bigEndian && bytes.length > 1 ? bytes.toReversed() : bytes), like);
  const edits = replacements.flatMap((replacement) =>
    replacement.bytes.length === replacement.end - replacement.start
      ? sameLength(style, old, replacement, write)
      : otherLength(style, old, replacement, write),
  );
  // Two replacements of one line move its comment once.
  return [...new Map(edits.map((edit) => [edit.span.start, edit])).values()];
}

type Write = (bytes: Uint8Array, like: LiteralElement) => string;

function sameLength(
  style: LiteralStyle,
  old: Uint8Array,
  { start, end, bytes }: Replacement,
  write: Write,
): TextEdit[] {
  const edits: TextEdit[] = [];
  for (const element of overlapping(style, start, end)) {
    const { first, count, span } = element;
    const own = old.slice(first, first + count);
    const now = own.slice();
    for (let at = Math.max(first, start); at < Math.min(first + count, end); at++) {
      now[at - first] = bytes[at - start] ?? 0;
    }
    if (Buffer.compare(own, now) === 0) continue;
    refuseRepeated(element);
    edits.push({ span, text: write(now, element) });
  }
  return [...edits, ...keepApart(style, edits, write)];
}

function otherLength(
  style: LiteralStyle,
  old: Uint8Array,
  { start, end, bytes }: Replacement,
  write: Write,
): TextEdit[] {
  const { part, segments } = style;
  const elements = overlapping(style, start, end);
  const [first, last] = [elements[0], elements.at(-1)];
  if (!first || !last) throw new CannotRewrite('there are no bytes to replace');
  elements.forEach(refuseRepeated);
  const width = first.count;
  const isWhole =
    first.first === start &&
    last.first + last.count === end &&
    elements.every(({ count }) => count === width) &&
    bytes.length % width === 0;
  if (!isWhole) throw new CannotRewrite('the new bytes do not fill whole elements of the literal');
  const index = style.elements.indexOf(first);
  const segment = segments.find(({ from, to }) => from <= index && index < to);
  const separator = segment?.separator ?? ', ';
  let text = '';
  const count = bytes.length / width;
  for (let at = 0; at < count; at++) {
    const like = elements[Math.min(at, elements.length - 1)] ?? last;
    const now = bytes.slice(at * width, (at + 1) * width);
    const isSame =
      like === elements[at] &&
      Buffer.compare(now, old.subarray(like.first, like.first + width)) === 0;
    text += isSame ? part.text.slice(like.span.start, like.span.end) : write(now, like);
    if (at + 1 === count) break;
    const next = elements[at + 1];
    text += next ? part.text.slice(like.span.end, next.span.start) : separator;
  }
  for (let at = Math.max(0, count - 1); at + 1 < elements.length; at++) {
    const gap = { start: elements[at]?.span.end ?? 0, end: elements[at + 1]?.span.start ?? 0 };
    const isPlain = commentsIn(part, gap).length === 0 && !/["'\r\n]/.test(codeOf(part, gap));
    if (!isPlain) throw new CannotRewrite('the bytes that go stand on several lines');
  }
  const span = { start: first.span.start, end: last.span.end };
  const edit = { span, text };
  return [edit, ...keepApart(style, [edit], write), ...keepColumn(style, edit)];
}

function refuseRepeated({ form }: LiteralElement): void {
  if (form !== 'repeated') return;
  throw new CannotRewrite(
    'these bytes are repeated by an expression, so that one place stands for several bytes',
  );
}

function overlapping(
  { elements }: LiteralStyle,
  start: number,
  end: number,
): readonly LiteralElement[] {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { first = 0, count = 0 } = elements[middle] ?? {};
    if (first + count <= start) low = middle + 1;
    else high = middle;
  }
  let stop = low;
  while ((elements[stop]?.first ?? end) < end) stop++;
  return elements.slice(low, stop);
}

/** A character after a new escape that would become a part of it is written as an escape too. */
function keepApart(
  { part, elements }: LiteralStyle,
  edits: readonly TextEdit[],
  write: Write,
): TextEdit[] {
  if (!part.language.greedyHexEscape) return [];
  return edits.flatMap(({ span, text }) => {
    if (!/\\x[0-9a-f]+$/i.test(text)) return [];
    const next = elements.find((element) => element.span.start === span.end);
    if (next?.form !== 'escape') return [];
    const character = part.text.slice(next.span.start, next.span.end);
    if (!/^[0-9a-f]$/i.test(character)) return [];
    if (edits.some((edit) => edit.span.start === next.span.start)) return [];
    return [{ span: next.span, text: write(Uint8Array.of(character.charCodeAt(0)), next) }];
  });
}

/** The comment after elements that grew or shrank stays in its column where there is room. */
function keepColumn({ part }: LiteralStyle, { span, text }: TextEdit): TextEdit[] {
  const [comment] = commentsIn(part, { start: span.end, end: lineEnd(part.text, span.end) });
  if (!comment) return [];
  const between = part.text.slice(span.end, comment.start);
  const blanks = / {2,}$/.exec(between)?.[0];
  if (blanks === undefined || /[^\s,;"')\]}]/.test(between)) return [];
  const grown = text.length - (span.end - span.start);
  const kept: Span = { start: comment.start - blanks.length, end: comment.start };
  return [{ span: kept, text: ' '.repeat(Math.max(2, blanks.length - grown)) }];
}
