/** Which comment belongs to which bytes. */
import type { JitBlock } from '../../model/block.ts';
import type { LineIndex, Span } from '../../model/text.ts';

/** A comment beside bytes. */
export interface CommentedBytes {
  readonly comment: Span;
  /** Offsets of the bytes, `start` inclusive and `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/**
 * The comments that share a line with bytes, in their order. Where several stand on one line, each goes
 * with the bytes before it, or, if a comment comes first, with those after it. A comment on a line of
 * its own belongs to none.
 */
export function commentedBytes(block: JitBlock, lines: LineIndex): CommentedBytes[] {
  const byLine = new Map<number, number[]>();
  for (let index = 0; index < block.byteSpans.length; index++) {
    const line = lines.lineAt(block.byteSpans.at(index).start);
    const bytes = byLine.get(line);
    if (bytes) bytes.push(index);
    else byLine.set(line, [index]);
  }
  const comments = new Map<number, Span[]>();
  for (const comment of block.comments) {
    const line = lines.lineAt(comment.start);
    comments.set(line, [...(comments.get(line) ?? []), comment]);
  }
  const found: CommentedBytes[] = [];
  for (const [line, spans] of comments) {
    const bytes = byLine.get(line);
    if (bytes)
      found.push(
        ...paired(
          block,
          bytes,
          spans.sort((a, b) => a.start - b.start),
        ),
      );
  }
  return found.sort((a, b) => a.start - b.start);
}

function paired(
  block: JitBlock,
  bytes: readonly number[],
  comments: readonly Span[],
): CommentedBytes[] {
  const first = bytes[0] ?? 0;
  const end = (bytes.at(-1) ?? 0) + 1;
  const startOf = (index: number) => block.byteSpans.at(index).start;
  const [only, ...more] = comments;
  if (only && more.length === 0) {
    // Of `0x90, /* nop */ 0xc3` the comment is about what stands before it.
    const before = bytes.filter((index) => startOf(index) < only.start).length;
    const last = before === 0 ? end : first + before;
    return [{ comment: only, start: first, end: last }];
  }
  const leads = comments[0] !== undefined && comments[0].start < startOf(first);
  const found: CommentedBytes[] = [];
  comments.forEach((comment, position) => {
    const from = leads ? comment.start : (comments[position - 1]?.start ?? 0);
    const to = leads ? (comments[position + 1]?.start ?? Infinity) : comment.start;
    const mine = bytes.filter((index) => startOf(index) >= from && startOf(index) < to);
    const [start] = mine;
    if (start !== undefined) found.push({ comment, start, end: (mine.at(-1) ?? start) + 1 });
  });
  return found;
}

const opening =
  /^\s*(?:\/\/+[!<]?|\/\*+[!<]?|#+[|!]?|;+|--+(?:\[=*\[)?|\{-+\|?|\(\*+|<!--|%+(?=\s)|'+(?=[^']*$)|!+|REM\b|\\(?=\s)|@(?=\s))\s*/i;

/** Comments whose closing sign is one only after its opening sign. */
const enclosing: readonly (readonly [open: string, close: string])[] = [
  ['/+', '+/'],
  ['##[', ']##'],
  ['#[', ']#'],
  ['#=', '=#'],
  ['<#', '#>'],
  ['{', '}'],
  ['"', '"'],
];

/** What a comment says, without its signs: its first line. */
export function commentText(text: string, comment: Span): string {
  const raw = text.slice(comment.start, comment.end);
  const pair = raw.startsWith('{-')
    ? undefined
    : enclosing.find(([open, close]) => raw.startsWith(open) && raw.endsWith(close));
  const whole = pair
    ? raw.slice(pair[0].length, -pair[1].length)
    : withoutClosing(raw.replace(opening, '').trimEnd());
  return /^[^\r\n]*/.exec(whole)?.[0].trim() ?? '';
}

/** Signs that end a comment. Those of which several may stand come with what they repeat. */
const closings: readonly (readonly [sign: string, repeated: string, before: string])[] = [
  ['/', '*', '*'],
  [')', '*', '*'],
  [']', '=', ']'],
  ['-->', '', ''],
  ['-}', '', ''],
  ['|#', '', ''],
];

/** A text without the sign that ends it as a comment; in one pass over the sign, however long it is. */
function withoutClosing(text: string): string {
  for (const [sign, repeated, before] of closings) {
    if (!text.endsWith(sign)) continue;
    let end = text.length - sign.length;
    while (end > 0 && text[end - 1] === repeated) end--;
    if (before === '') return text.slice(0, end);
    if (before === repeated) {
      if (end < text.length - sign.length) return text.slice(0, end);
    } else if (text[end - 1] === before) {
      return text.slice(0, end - 1);
    }
  }
  return text;
}
