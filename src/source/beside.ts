/** What stands beside a literal and makes its bytes uncertain: reported, never passed over in silence. */
import type { Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import { problem } from './elements.ts';
import type { Language } from './languages.ts';
import { isWord } from './lexer.ts';

/** What is said where a literal is joined to something that is none. */
export const partial = 'only part of these bytes is literal';

/** Reports an operator before a literal that joins it to something that is none. */
export function reportLead(
  text: string,
  language: Language,
  start: number,
  problems: Problem[],
): void {
  let last = start - 1;
  while (last >= 0 && text.charCodeAt(last) === 32) last--;
  // The usual case: the literal is assigned, or begins a line.
  if (last < 0 || /[=\n,:]/.test(text.charAt(last))) return;
  const line = text.slice(Math.max(0, start - 120), start);
  const before = line
    .slice(line.lastIndexOf('\n') + 1)
    .replace(/(?:\bnew\s+)?[\w.:!<>[\]&@#$']*\(?\s*$/, (matched) =>
      /^[&.]\s*$/.test(matched) ? matched : '',
    );
  for (const sign of language.joins) {
    const trimmed = before.trimEnd();
    if (!trimmed.endsWith(sign)) continue;
    const operand = trimmed.slice(0, -sign.length).trimEnd();
    if (!/[\w)\]"']$/.test(operand) || /\b(?:return|in)$/.test(operand)) return;
    const word = /[\w.$@]*.$/.exec(operand)?.[0] ?? '';
    const at = start - line.length + line.lastIndexOf('\n') + 1 + operand.length - word.length;
    problems.push(problem({ start: at, end: at + word.length }, 'partial-literal', partial));
    return;
  }
}

/** Reports macros and conditionals between the strings of C, which the build fills in. */
export function reportMacros(
  text: string,
  span: Span,
  skipBlank: (from: number) => number,
  problems: Problem[],
): void {
  const near = Math.max(0, span.start - 200);
  const before = text.slice(near, span.start);
  const lead = /(?:[=({,"]\s*)((?!(?:return|case|else|do)\b)[A-Za-z_]\w*)\s+$/.exec(before);
  const message = `${partial}: a macro stands beside them`;
  if (lead?.[1] !== undefined) {
    const start = near + lead.index + lead[0].indexOf(lead[1]);
    problems.push(problem({ start, end: start + lead[1].length }, 'partial-literal', message));
  }
  const at = skipBlank(span.end);
  // A definition ends with its line.
  const defines = /^[ \t]*#\s*define\b/m.test(before.slice(before.lastIndexOf('\n') + 1));
  if (defines && text.slice(span.end, at).includes('\n')) return;
  const next = /^(?:#\s*(?:if|ifdef|ifndef|elif|else)\b|[A-Za-z_]\w*)/.exec(
    text.slice(at, at + 60),
  )?.[0];
  if (next === undefined || at === span.end) return;
  problems.push(
    next.startsWith('#')
      ? conditionalProblem(at, next)
      : problem({ start: at, end: at + next.length }, 'partial-literal', message),
  );
}

/** `#if` and its like at an offset, inside bytes. */
export function conditionalProblem(at: number, word: string): Problem {
  return problem(
    { start: at, end: at + word.length },
    'preprocessor',
    `${word} inside a byte array: which bytes are meant depends on the build`,
  );
}

/** Reports `EMIT1(0x55); EMIT3(…)`: bytes spread over calls. */
export function reportOtherCalls(text: string, span: Span, problems: Problem[]): void {
  const at = span.start;
  if (text.charAt(at) !== '(' || !isWord(text.charCodeAt(at - 1))) return;
  const message = 'bytes spread over several calls cannot be read: use an array or @more';
  const after = /^\s*;[ \t]*([A-Za-z_]\w*)[ \t]*\(/.exec(text.slice(span.end, span.end + 80));
  if (after) {
    const start = span.end + after[0].indexOf(after[1] ?? '');
    problems.push(
      problem({ start, end: start + (after[1] ?? '').length }, 'several-calls', message),
    );
    return;
  }
  const near = Math.max(0, at - 400);
  const lineStart = near + text.slice(near, at).lastIndexOf('\n') + 1;
  const before = /^\s*([A-Za-z_]\w*)\s*\(\s*(?:0x)?[0-9a-f]+\s*\)\s*;/i.exec(
    text.slice(lineStart, Math.min(at, lineStart + 200)),
  );
  if (before) {
    const start = lineStart + before[0].indexOf(before[1] ?? '');
    problems.push(
      problem({ start, end: start + (before[1] ?? '').length }, 'several-calls', message),
    );
  }
}
