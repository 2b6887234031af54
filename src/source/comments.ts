/** Comment blocks: comments with nothing between them but blanks and single line ends. */
import type { Span } from '../model/text.ts';
import { CommentText } from './cursor.ts';
import type { Language } from './languages.ts';
import { Mark, type Marks } from './lexer.ts';

export interface CommentBlock {
  readonly span: Span;
  readonly comments: readonly Span[];
  readonly text: CommentText;
}

/** The comment blocks that hold an `@`, in their order, each made when it is asked for. */
export function* commentBlocks(
  text: string,
  marks: Marks,
  language: Language,
): Generator<CommentBlock, void, undefined> {
  const { kind, start, end } = marks;
  let nextAt = text.indexOf('@', marks.span.start);
  for (let mark = 0; mark < kind.length && nextAt >= 0; mark++) {
    if (kind[mark] !== Mark.comment) continue;
    const first = mark;
    while (
      kind[mark + 1] === Mark.comment &&
      isAdjacent(text, end[mark] ?? 0, start[mark + 1] ?? 0)
    ) {
      mark++;
    }
    const span = { start: start[first] ?? 0, end: end[mark] ?? 0 };
    if (nextAt < span.start) nextAt = text.indexOf('@', span.start);
    if (nextAt < span.start || nextAt >= span.end) continue;
    const comments: Span[] = [];
    const lines: { text: string; source: number }[] = [];
    for (let member = first; member <= mark; member++) {
      comments.push({ start: start[member] ?? 0, end: end[member] ?? 0 });
      contentLines(text, marks, member, language, lines);
    }
    yield { span, comments, text: new CommentText(lines) };
  }
}

/** Blanks and at most one line end. */
function isAdjacent(text: string, from: number, to: number): boolean {
  if (to - from > 400) return false;
  return /^[^\S\r\n]*(?:(?:\r\n|\r|\n)[^\S\r\n]*)?$/.test(text.slice(from, to));
}

/** Adds the lines of one comment, without its signs and decoration. */
function contentLines(
  text: string,
  marks: Marks,
  mark: number,
  language: Language,
  lines: { text: string; source: number }[],
): void {
  const start = marks.start[mark] ?? 0;
  let end = marks.end[mark] ?? 0;
  const opening = marks.link[mark] ?? 0;
  const sign = text.slice(start, start + opening);
  const form = language.block.find(({ open }) => open === sign);
  if (form && text.endsWith(form.close, end) && end - form.close.length >= start + opening) {
    end -= form.close.length;
  } else if (form && text.slice(end - form.close.length, end) === form.close)
    end -= form.close.length;
  let at = start + opening;
  let first = true;
  while (at <= end) {
    const rest = text.slice(at, end);
    const newline = rest.indexOf('\n');
    const line = newline < 0 ? rest : rest.slice(0, newline);
    const decoration = first ? /^[/*!#;%\-|]*[ \t]?/ : /^\s*(?:\*+(?!\/)|\/\/+|#+|--+|;+)?[ \t]?/;
    const skip = decoration.exec(line)?.[0].length ?? 0;
    lines.push({ text: line.slice(skip).trimEnd(), source: at + skip });
    first = false;
    at += line.length + 1;
  }
}
