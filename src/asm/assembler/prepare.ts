/**
 * Assembly text as people write it for GNU as and NASM, made into what @defasm/core reads the same way. It would
 * misread some of it without a word (`.string` without its NUL, `.4byte` as eight, octal numbers, data too large
 * for its directive) and does not know some (numbered labels, comments of C, directives about nothing that runs).
 */
import type { AssemblyError, AssemblySyntax } from '../../model/assembly.ts';
import type { Span } from '../../model/text.ts';
import type { Doubtful } from './defasmMessages.ts';
import { dataErrors, directiveEdits, type Edit } from './directives.ts';
import { lexical } from './lexical.ts';
import { Rewriting } from './rewriting.ts';

export interface Prepared {
  readonly text: string;
  readonly syntax: AssemblySyntax;
  /** Spans of {@link text} are told as spans of the text that was given. */
  readonly rewriting: Rewriting;
  readonly doubtful: readonly Doubtful[];
  /** Whether nothing more can be said of the text than its errors. */
  readonly unreadable: boolean;
  /** In the text that was given. */
  readonly errors: readonly AssemblyError[];
}

/** A statement without its labels; offsets into the text that was given. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** Its text, strings masked. */
  readonly masked: string;
  /** Its text. */
  readonly code: string;
}

const syntaxDirective = /^\s*\.(att|intel)_syntax\b[^\n]*/;

/** Readies a text. Never throws. */
export function prepare(given: string, asked: AssemblySyntax): Prepared {
  const text = given.replaceAll(/\r(?!\n)/g, '\n').replaceAll('\r', ' ');
  const own = syntaxDirective.exec(text)?.[1];
  const syntax = own === 'att' || own === 'intel' ? own : asked;
  // On one line alone `;` can only separate.
  const isComment = text.trim().includes('\n');
  const read = lexical(text, syntax, isComment);
  const { masked, characters, semicolons, errors } = read;
  const code = syntax === 'intel' ? separated(read.code, masked) : read.code;
  const edits: Edit[] = [];
  const problems = [...errors, ...octalErrors(masked)];
  edits.push(...numberedLabels(masked));
  const strings = new Set<Span>();
  for (const part of partsOf(code, masked)) {
    if (/^\s*\.(?:att|intel)_syntax\b/.test(part.masked) && own === undefined) {
      problems.push(error(part, 'one syntax for the whole text: this comes first or not at all'));
    }
    const found = directiveEdits(part, syntax);
    if ('message' in found) problems.push(found);
    else edits.push(...found);
    problems.push(...dataErrors(part));
    if (syntax === 'intel' && /^\s*(?:db|\.byte|\.ascii|\.asciz|\.string)\b/i.test(part.masked)) {
      for (const each of characters) {
        if (each.start >= part.start && each.end <= part.end) strings.add(each);
      }
    }
  }
  for (const each of characters) {
    const found = characterEdit(each, text, strings.has(each));
    if ('message' in found) problems.push(found);
    else edits.push(found);
  }
  const rewriting = new Rewriting();
  let at = 0;
  const doubtful: Doubtful[] = [];
  const doubts = [...semicolons];
  const copyTo = (end: number): void => {
    for (let next = doubts[0]; next && next.start < end; next = doubts[0]) {
      const start = rewriting.length + next.start - at;
      const span = { start, end: start + next.end - next.start };
      doubtful.push({ span, text: text.slice(next.start, next.end) });
      doubts.shift();
    }
    rewriting.copy(code.slice(at, end), at);
  };
  for (const edit of edits.sort((a, b) => a.span.start - b.span.start)) {
    if (edit.span.start < at) continue;
    copyTo(edit.span.start);
    rewriting.replace(edit.span, edit.text);
    at = edit.span.end;
  }
  copyTo(code.length);
  const unreadable = errors.length > 0;
  return { text: rewriting.text, syntax, rewriting, doubtful, unreadable, errors: problems };
}

/** Semicolons that separate, as line ends. */
function separated(code: string, masked: string): string {
  let result = code;
  for (let at = masked.indexOf(';'); at >= 0; at = masked.indexOf(';', at + 1)) {
    result = `${result.slice(0, at)}\n${result.slice(at + 1)}`;
  }
  return result;
}

/** The statements of a text: its lines, and what `;` separates where it separates. */
function* partsOf(code: string, masked: string): Generator<Part> {
  const ends = /[\n;]/g;
  for (let start = 0; start <= masked.length;) {
    ends.lastIndex = start;
    const end = ends.exec(masked)?.index ?? masked.length;
    const whole = masked.slice(start, end);
    const labels = /^(?:\s*[\w.$@?]+\s*:(?!:))*/.exec(whole)?.[0].length ?? 0;
    const from = start + labels;
    if (masked.slice(from, end).trim() !== '') {
      yield { start: from, end, masked: masked.slice(from, end), code: code.slice(from, end) };
    }
    start = end + 1;
  }
}

/** `010` is eight to GNU as and ten to others. */
function octalErrors(masked: string): AssemblyError[] {
  const errors: AssemblyError[] = [];
  for (const found of masked.matchAll(/(?<![\w.$'"])\$?(0\d+)(?![\w.'"])/g)) {
    const digits = found[1] ?? '';
    const octal = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
    if (octal === Number(digits)) continue;
    const start = found.index + found[0].length - digits.length;
    const span = { start, end: start + digits.length };
    errors.push({ span, message: `${digits} is octal to GNU as and decimal to others` });
  }
  return errors;
}

/** `1:` and `1b`, `1f`: labels of one use, made into names. */
function numberedLabels(masked: string): Edit[] {
  const edits: Edit[] = [];
  const places = new Map<string, number[]>();
  const name = (number: string, index: number): string => `__${number}_${index}`;
  for (const found of masked.matchAll(/(?<=(?:^|[\n;:])[^\S\n]*)(\d+)(?=[^\S\n]*:)/g)) {
    const number = found[1] ?? '';
    const known = places.get(number) ?? [];
    places.set(number, [...known, found.index]);
    const span = { start: found.index, end: found.index + number.length };
    edits.push({ span, text: name(number, known.length) });
  }
  if (places.size === 0) return edits;
  for (const found of masked.matchAll(/(?<![\w.$'"])(\d+)([bf])(?![\w.'":])/g)) {
    const [whole, number = '', direction] = found;
    const known = places.get(number);
    if (!known) continue;
    const before = known.filter((place) => place < found.index).length;
    const index = direction === 'b' ? before - 1 : before;
    if (index < 0 || index >= known.length) continue;
    const span = { start: found.index, end: found.index + whole.length };
    edits.push({ span, text: name(number, index) });
  }
  return edits;
}

const escapes: Readonly<Record<string, number>> = {
  b: 8,
  t: 9,
  n: 10,
  f: 12,
  r: 13,
  '\\': 92,
  '"': 34,
  "'": 39,
};

/** A constant as a number, or where strings may stand as a string. */
function characterEdit(span: Span, text: string, isString: boolean): Edit | AssemblyError {
  const content = text.slice(span.start + 1, span.end).replace(/(?<=.)'$/s, '');
  if (isString) {
    if (!/["\\]/.test(content)) return { span, text: `"${content}"` };
    return { span, message: 'write this string with double quotes' };
  }
  const escape = /^\\(?:x([\da-f]{1,2})|([0-7]{1,3})|(.))$/i.exec(content);
  const [, hex, octal, letter] = escape ?? [];
  const value = escape
    ? hex !== undefined
      ? Number.parseInt(hex, 16)
      : octal !== undefined
        ? Number.parseInt(octal, 8)
        : escapes[letter ?? '']
    : content.length === 1
      ? content.charCodeAt(0)
      : undefined;
  if (value === undefined || value > 0xff) {
    return { span, message: `${text.slice(span.start, span.end)} is no character of one byte` };
  }
  return { span, text: String(value) };
}

function error({ start, end }: Span, message: string): AssemblyError {
  return { span: { start, end }, message };
}
