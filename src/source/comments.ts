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

/** The comment blocks that hold an `@`, in their order. */
export function commentBlocks(text: string, marks: Marks, language: Language): CommentBlock[] {
  const blocks: CommentBlock[] = [];
  const { kind, start, end } = marks;
  let group: number[] = [];
  let holds = false;
  const finish = (): void => {
    const first = group[0];
    const last = group.at(-1);
    if (holds && first !== undefined && last !== undefined) {
      blocks.push({
        span: { start: start[first] ?? 0, end: end[last] ?? 0 },
        comments: group.map((mark) => ({ start: start[mark] ?? 0, end: end[mark] ?? 0 })),
        text: new CommentText(group.flatMap((mark) => contentLines(text, marks, mark, language))),
      });
    }
    group = [];
    holds = false;
  };
  for (let mark = 0; mark < kind.length; mark++) {
    if (kind[mark] !== Mark.comment) {
      if (group.length > 0) finish();
      continue;
    }
    const previous = group.at(-1);
    if (previous !== undefined && !isAdjacent(text, end[previous] ?? 0, start[mark] ?? 0)) finish();
    group.push(mark);
    const at = text.indexOf('@', start[mark] ?? 0);
    if (at >= 0 && at < (end[mark] ?? 0)) holds = true;
    // Nothing to look for any more.
    if (at < 0 && !holds) return blocks;
  }
  finish();
  return blocks;
}

/** Blanks and at most one line end. */
function isAdjacent(text: string, from: number, to: number): boolean {
  if (to - from > 400) return false;
  return /^[^\S\r\n]*(?:(?:\r\n|\r|\n)[^\S\r\n]*)?$/.test(text.slice(from, to));
}

/** The lines of one comment without its signs and decoration. */
function contentLines(
  text: string,
  marks: Marks,
  mark: number,
  language: Language,
): { text: string; source: number }[] {
  const start = marks.start[mark] ?? 0;
  let end = marks.end[mark] ?? 0;
  const opening = marks.link[mark] ?? 0;
  const sign = text.slice(start, start + opening);
  const form = language.block.find(({ open }) => open === sign);
  if (form && text.endsWith(form.close, end) && end - form.close.length >= start + opening) {
    end -= form.close.length;
  } else if (form && text.slice(end - form.close.length, end) === form.close)
    end -= form.close.length;
  const lines: { text: string; source: number }[] = [];
  let at = start + opening;
  let first = true;
  while (at <= end) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 || newline > end ? end : newline;
    const line = text.slice(at, stop);
    const decoration = first ? /^[/*!#;%\-|]*[ \t]?/ : /^\s*(?:\*+(?!\/)|\/\/+|#+|--+|;+)?[ \t]?/;
    const skip = decoration.exec(line)?.[0].length ?? 0;
    lines.push({ text: line.slice(skip).trimEnd(), source: at + skip });
    first = false;
    at = stop + 1;
  }
  return lines;
}
