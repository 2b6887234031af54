/** What stands between the elements of a literal. */
import type { Span } from '../../model/text.ts';
import { firstMarkAt, Mark, withoutComments } from '../../source/lexer.ts';
import type { TextPart } from './literalElements.ts';

/** One line of a gap. */
export interface GapLine {
  /** What is no comment, trimmed. */
  readonly code: string;
  readonly comments: readonly Span[];
}

/** The lines of a gap, at least one. A comment over several lines belongs to the line that it begins on. */
export function linesOf(part: TextPart, gap: Span): readonly GapLine[] {
  const lines: { code: string; comments: Span[] }[] = [];
  let line = { code: '', comments: [] as Span[] };
  const takeCode = (from: number, to: number): void => {
    for (const [index, piece] of part.text.slice(from, to).split(/\r?\n/).entries()) {
      if (index > 0) {
        lines.push(line);
        line = { code: '', comments: [] };
      }
      line.code += piece;
    }
  };
  let at = gap.start;
  for (const comment of commentsIn(part, gap)) {
    takeCode(at, comment.start);
    line.comments.push(comment);
    at = comment.end;
  }
  takeCode(at, gap.end);
  lines.push(line);
  return lines.map(({ code, comments }) => ({ code: code.trim(), comments }));
}

/** The comments in a stretch of text. */
export function commentsIn({ marks }: TextPart, { start, end }: Span): readonly Span[] {
  const found: Span[] = [];
  for (let mark = firstMarkAt(marks, start); (marks.start[mark] ?? Infinity) < end; mark++) {
    if (marks.kind[mark] !== Mark.comment) continue;
    found.push({ start: marks.start[mark] ?? 0, end: marks.end[mark] ?? 0 });
  }
  return found;
}

/** A gap without its comments, not trimmed. */
export function codeOf({ text, marks }: TextPart, { start, end }: Span): string {
  return withoutComments(text, marks, start, end);
}

/** The blanks at the start of the line that holds a place. */
export function indentationAt(text: string, place: number): string {
  const start = lineStart(text, place);
  return /^[ \t]*/.exec(text.slice(start, start + 400))?.[0] ?? '';
}

export function lineStart(text: string, place: number): number {
  return text.lastIndexOf('\n', place - 1) + 1;
}

/** The end of the line that holds a place, before its line end. */
export function lineEnd(text: string, place: number): number {
  const found = text.indexOf('\n', place);
  if (found < 0) return text.length;
  return text.charAt(found - 1) === '\r' && found > place ? found - 1 : found;
}
