/** What GNU as says: its complaints, and its listing. */
import type { AssembledLine, AssemblyError } from '../../model/assembly.ts';
import type { LineIndex, Span } from '../../model/text.ts';

/** Warnings that tell of other bytes than were written. */
const grave = /truncat|shorten|too (?:big|large)|out of range|overflow|shift count|does not fit/i;

/**
 * Errors, and warnings that are as good as errors, with their places in the text.
 * @param before lines that stand before the text
 */
export function gnuErrors(
  messages: string,
  text: string,
  lines: LineIndex,
  before: number,
): AssemblyError[] {
  const errors: AssemblyError[] = [];
  const pattern =
    /^\{standard input\}:(\d+): (Error|Fatal error|Warning|Internal error)[:,] (.*)$/gm;
  for (const [, number = '', kind, said = ''] of messages.matchAll(pattern)) {
    if (kind === 'Warning' && !grave.test(said)) continue;
    const line = Math.min(Math.max(0, Number(number) - 1 - before), lines.lineCount - 1);
    const span = lineSpan(text, lines, line);
    const token = /[`'‘"]([^`'’"]+)['’"]/.exec(said)?.[1];
    const at = token === undefined ? -1 : text.slice(span.start, span.end).indexOf(token);
    const place =
      token === undefined || at < 0
        ? span
        : { start: span.start + at, end: span.start + at + token.length };
    errors.push({ span: place, message: said.charAt(0).toLowerCase() + said.slice(1) });
  }
  return errors.sort((a, b) => a.span.start - b.span.start);
}

/** A line without the blanks at its ends. */
export function lineSpan(text: string, lines: LineIndex, line: number): Span {
  const start = lines.startOf(line);
  const end = line + 1 < lines.lineCount ? lines.startOf(line + 1) : text.length;
  const said = text.slice(start, end);
  const from = start + said.length - said.trimStart().length;
  return said.trim() === '' ? { start, end } : { start: from, end: from + said.trim().length };
}

/** The lines that gave bytes, from a listing (`-aln`): number, offset and bytes of each. */
export function listedLines(listing: string, before: number, length: number): AssembledLine[] {
  const starts = new Map<number, number>();
  for (const [, number = '', at = ''] of listing.matchAll(/^ *(\d+) ([\da-f]{4,}) [\dA-F]/gm)) {
    const line = Math.max(0, Number(number) - 1 - before);
    if (!starts.has(line)) starts.set(line, Number.parseInt(at, 16));
  }
  const sorted = [...starts].sort(([, a], [, b]) => a - b).filter(([, offset]) => offset < length);
  return sorted.flatMap(([line, offset], index) => {
    const from = index === 0 ? 0 : offset;
    const to = sorted[index + 1]?.[1] ?? length;
    return to > from ? [{ line, offset: from, length: to - from }] : [];
  });
}
