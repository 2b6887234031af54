/**
 * One pass over a text that finds what cannot be told locally: comments, strings and brackets.
 * Everything else (numbers, names, operators) is read later, and only where a literal may stand.
 * Linear: every character is looked at once, and brackets are paired with a stack.
 */
import { lastAtMost } from '../model/search.ts';
import type { Span } from '../model/text.ts';
import type { BlockComment, Language, StringForm } from './languages.ts';

/** What a mark is. */
export const Mark = { comment: 0, string: 1, character: 2, open: 3, close: 4 } as const;
export type MarkKind = (typeof Mark)[keyof typeof Mark];

/** Bits of `separators`. */
export const hasComma = 1;
export const hasSemicolon = 2;

/**
 * The marks of a text in their order, as parallel arrays.
 *
 * - `start`, `end`: where the mark stands; of a bracket, the bracket itself.
 * - `link`: of a bracket the mark of its partner, or -1; of a string the number of its form in the
 *   language's list; of a comment the length of its opening sign.
 * - `inside`: the mark of the innermost bracket around, or -1.
 * - `separators`: of an opening bracket, which separators stand directly in it.
 */
export interface Marks {
  readonly kind: MarkKind[];
  readonly start: number[];
  readonly end: number[];
  readonly link: number[];
  readonly inside: number[];
  readonly separators: number[];
  /** Offsets of `#if`, `#else` and their like. */
  readonly conditionals: readonly number[];
  /** Whether something begins here whose end was looked for up to the end of the text and not found. */
  readonly cut: boolean;
  /** The part of the text that was read. */
  readonly span: Span;
}

const newline = 10;
const carriageReturn = 13;
const backslash = 92;

/** What can begin at a character, so that one look-up passes over most of a text. */
interface Openers {
  /** By character code: 0 nothing, else a reason to look closer. */
  readonly interesting: Uint8Array;
  readonly line: readonly string[];
  readonly block: readonly BlockComment[];
}

const openersOf = new WeakMap<Language, Openers>();

function openers(language: Language): Openers {
  const known = openersOf.get(language);
  if (known) return known;
  const interesting = new Uint8Array(128);
  const mark = (text: string): void => {
    interesting[text.charCodeAt(0)] = 1;
  };
  for (const sign of language.line) mark(sign);
  for (const { open } of language.block) mark(open);
  for (const { open } of language.strings) mark(open);
  for (const sign of "()[]{},;'") mark(sign);
  if (language.characterSign !== '') mark(language.characterSign);
  if (language.doubleAngle) for (const sign of '<>') mark(sign);
  if (language.preprocessor) mark('#');
  mark('/');
  mark('R');
  mark('r');
  const made = { interesting, line: language.line, block: language.block };
  openersOf.set(language, made);
  return made;
}

/** Finds the marks of `text` from `from` to its end. Never throws. */
export function lex(text: string, language: Language, from = 0): Marks {
  const to = text.length;
  const { interesting, line, block } = openers(language);
  const { characterSign } = language;
  const kind: MarkKind[] = [];
  const start: number[] = [];
  const end: number[] = [];
  const link: number[] = [];
  const inside: number[] = [];
  const separators: number[] = [];
  const conditionals: number[] = [];
  const stack: number[] = [];
  let within = -1;
  /** How many brackets of each kind are open, so that a stray closing one costs nothing. */
  const openCount = [0, 0, 0, 0];

  const add = (what: MarkKind, a: number, b: number, more: number): number => {
    const index = kind.length;
    kind.push(what);
    start.push(a);
    end.push(b);
    link.push(more);
    inside.push(within);
    separators.push(0);
    return index;
  };

  let at = from;

  /** Marks an opening bracket of `length` characters here and moves past it. */
  const open = (length: number, shape: number): void => {
    const index = add(Mark.open, at, at + length, -1);
    stack.push(index);
    openCount[shape] = (openCount[shape] ?? 0) + 1;
    within = index;
    at += length;
  };

  /** Marks a closing bracket here, pairs it with the last open one of its shape, and moves past it. */
  const close = (length: number, shape: number): void => {
    let partner = -1;
    if ((openCount[shape] ?? 0) > 0) {
      for (;;) {
        const top = stack.pop();
        if (top === undefined) break;
        const topShape = shapeAt(text, start[top] ?? 0, (end[top] ?? 0) - (start[top] ?? 0));
        openCount[topShape] = (openCount[topShape] ?? 0) - 1;
        if (topShape === shape) {
          partner = top;
          break;
        }
      }
      within = stack.at(-1) ?? -1;
    }
    const index = add(Mark.close, at, at + length, partner);
    if (partner >= 0) link[partner] = index;
    at += length;
  };

  const lineEndAfter = (at: number): number => {
    const found = text.indexOf('\n', at);
    const stop = found < 0 ? to : found;
    return stop > at && text.charCodeAt(stop - 1) === carriageReturn ? stop - 1 : stop;
  };

  /** Signs of block comments that never close, so that each is looked for once only. */
  const neverCloses = new Set<string>();
  let cut = false;
  const closing = (sign: string, at: number): number => {
    if (neverCloses.has(sign)) return -1;
    const found = text.indexOf(sign, at);
    if (found < 0) {
      neverCloses.add(sign);
      cut = true;
    }
    return found;
  };

  if (text.charCodeAt(at) === 0xfeff) at++;
  if (at === 0 && text.startsWith('#!') && text[2] !== '[') at = lineEndAfter(at);
  scan: while (at < to) {
    const code = text.charCodeAt(at);
    if (code > 127 || interesting[code] === 0) {
      at++;
      continue;
    }
    if (code === 44) {
      // A comma: the most frequent of all.
      if (within >= 0) separators[within] = (separators[within] ?? 0) | hasComma;
      at++;
      continue;
    }
    if (characterSign !== '' && text.startsWith(characterSign, at)) {
      at += characterSign.length + 1;
      continue;
    }
    for (const form of block) {
      if (!text.startsWith(form.open, at)) continue;
      const stop = blockCommentEnd(text, form, at, to, closing);
      add(Mark.comment, at, stop, form.open.length);
      at = stop;
      continue scan;
    }
    for (const sign of line) {
      if (!text.startsWith(sign, at) || !isLineComment(text, language, sign, at)) continue;
      const stop = lineEndAfter(at);
      add(Mark.comment, at, stop, sign.trimEnd().length);
      at = stop;
      continue scan;
    }

    switch (code) {
      case 40:
        open(1, 0);
        continue;
      case 41:
        close(1, 0);
        continue;
      case 91:
        if (text.charCodeAt(at + 1) === 91 && takeString()) continue;
        open(1, 1);
        continue;
      case 93:
        close(1, 1);
        continue;
      case 123:
        if (text.charCodeAt(at + 1) === 124 && takeString()) continue;
        open(1, 2);
        continue;
      case 125:
        close(1, 2);
        continue;
      case 59: // ;
        if (within >= 0) separators[within] = (separators[within] ?? 0) | hasSemicolon;
        at++;
        continue;
      case 60: // <
        if (language.doubleAngle && text.charCodeAt(at + 1) === 60) {
          open(2, 3);
          continue;
        }
        break;
      case 62: // >
        if (language.doubleAngle && text.charCodeAt(at + 1) === 62) {
          close(2, 3);
          continue;
        }
        break;
      case 35: // #
        if (
          language.preprocessor &&
          conditional.test(text.slice(at, at + 24)) &&
          startsLine(text, at)
        ) {
          conditionals.push(at);
        }
        break;
      case 47: // /
        if (language.slashRegExp) {
          const stop = regularExpressionEnd(text, at, to);
          if (stop > at) {
            at = stop;
            continue;
          }
        }
        break;
      case 82: // R
      case 114: {
        // r
        const stop = rawStringEnd(at);
        if (stop > at) {
          at = stop;
          continue;
        }
        break;
      }
      case 39: // '
        if (language.singleQuote === 'character') {
          const stop = characterEnd(text, at, to);
          if (stop > at) {
            add(Mark.character, at, stop, 0);
            at = stop;
          } else at++;
          continue;
        }
        if (language.singleQuote === 'nothing') {
          at++;
          continue;
        }
        break;
    }
    if (!takeString()) at++;
  }
  return {
    kind,
    start,
    end,
    link,
    inside,
    separators,
    conditionals,
    cut,
    span: { start: from, end: to },
  };

  /** A string of one of the language's forms at `at`: marks it and moves past it. */
  function takeString(): boolean {
    const { strings } = language;
    for (let form = 0; form < strings.length; form++) {
      const shape = strings[form];
      if (!shape || !text.startsWith(shape.open, at)) continue;
      const stop = stringEnd(shape, at + shape.open.length);
      add(Mark.string, at, stop, form);
      at = stop;
      return true;
    }
    return false;
  }

  function stringEnd(form: StringForm, contentStart: number): number {
    const last = form.close.charCodeAt(0);
    for (let i = contentStart; i < to; i++) {
      const c = text.charCodeAt(i);
      if (c === backslash && form.escape === 'backslash') {
        if (text.charCodeAt(i + 1) === carriageReturn && text.charCodeAt(i + 2) === newline) i++;
        i++;
      } else if (c === newline && !form.multiline) {
        return text.charCodeAt(i - 1) === carriageReturn ? i - 1 : i;
      } else if (c === last && text.startsWith(form.close, i)) {
        if (form.escape === 'doubled' && text.charCodeAt(i + 1) === last) i++;
        else return i + form.close.length;
      }
    }
    cut = true;
    return to;
  }

  /** `r#"…"#` (Rust), `R"x(…)x"` (C++). Marks it and says where it ends; -1 where none begins. */
  function rawStringEnd(from: number): number {
    const next = text.charCodeAt(from + 1);
    if (next !== 35 && next !== 34) return -1;
    const before = text.charCodeAt(from - 1);
    const opening = /^(?:r(#{1,16})"|R"([^()\\\s]{0,16})\()/.exec(text.slice(from, from + 24));
    if (!opening) return -1;
    if (isWord(before) && !/[bcLuU8]/.test(String.fromCharCode(before))) return -1;
    const sign = opening[1] === undefined ? `)${opening[2] ?? ''}"` : `"${opening[1]}`;
    const content = from + opening[0].length;
    const found = closing(sign, content);
    if (found < 0) return -1;
    add(Mark.string, from, found + sign.length, rawForm);
    return found + sign.length;
  }
}

/** The `link` of a raw string, whose opening and closing signs are its own. */
export const rawForm = -2;

const conditional = /^#\s*(?:if|ifdef|ifndef|elif|else|endif)\b/;

function shapeAt(text: string, at: number, length: number): number {
  if (length === 2) return 3;
  const sign = text.charCodeAt(at);
  return sign === 40 ? 0 : sign === 91 ? 1 : 2;
}

function blockCommentEnd(
  text: string,
  form: BlockComment,
  at: number,
  to: number,
  closing: (sign: string, at: number) => number,
): number {
  let stop = closing(form.close, at + form.open.length);
  if (stop < 0) return to;
  if (!form.nests) return stop + form.close.length;
  let depth = 1;
  let from = at + form.open.length;
  // Count the openings before each closing sign.
  for (;;) {
    const content = text.slice(from, stop);
    for (let inner = content.indexOf(form.open); inner >= 0;) {
      depth++;
      inner = content.indexOf(form.open, inner + form.open.length);
    }
    depth--;
    from = stop + form.close.length;
    if (depth === 0) return from;
    stop = closing(form.close, from);
    if (stop < 0) return to;
  }
}

/** A sign that looks like a line comment is none in a few places. */
function isLineComment(text: string, language: Language, sign: string, at: number): boolean {
  if (sign === ';') {
    // In GNU assembly a semicolon may separate statements; `; int 0x80` is a comment.
    if (
      language.assembly &&
      language.line.length > 1 &&
      /^;\s*(?:\.?(?:byte|word|long|quad|hword)|\.(?:short|int|inst))\b/i.test(
        text.slice(at, at + 24),
      )
    ) {
      return !/^;\s/.test(text.slice(at, at + 2)) || startsLine(text, at)
        ? startsLine(text, at)
        : false;
    }
    return language.ids[0] !== '*' || startsLine(text, at);
  }
  if (sign.startsWith('#') && language.assembly) {
    // `#48` and `r0, #1` are numbers.
    return !/[0-9$]/.test(text.charAt(at + 1)) || startsLine(text, at);
  }
  if (sign === '#') {
    const previous = text.charCodeAt(at - 1);
    // `$#`, `\#`, and Perl's and shell's `${#x}` are no comments.
    return !(
      previous === 36 ||
      previous === backslash ||
      (previous === 123 && text.charCodeAt(at - 2) === 36)
    );
  }
  if (sign === '%' || sign === '!') return true;
  if (sign === '--') return !/^--[>|]/.test(text.slice(at, at + 3));
  if (sign === '//' && text.charCodeAt(at - 1) === 58) {
    // `https://…` outside a string.
    return !/[a-z]/i.test(text.charAt(at - 2));
  }
  return true;
}

function startsLine(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (c === newline || c === carriageReturn) return true;
    if (c !== 32 && c !== 9) return false;
  }
  return true;
}

/** The first mark that starts at or after an offset. */
export function firstMarkAt(marks: Marks, offset: number): number {
  return lastAtMost(marks.start, offset - 1) + 1;
}

/** The text between two offsets with the comments in it blanked; every other character keeps its place. */
export function withoutComments(text: string, marks: Marks, from: number, to: number): string {
  const { kind, start, end } = marks;
  const parts: string[] = [];
  let at = from;
  for (let mark = firstMarkAt(marks, from); (start[mark] ?? Infinity) < to; mark++) {
    if (kind[mark] !== Mark.comment) continue;
    const stop = Math.min(end[mark] ?? to, to);
    parts.push(text.slice(at, start[mark]), ' '.repeat(stop - (start[mark] ?? stop)));
    at = stop;
  }
  return parts.length === 0 ? text.slice(from, to) : parts.join('') + text.slice(at, to);
}

export function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code > 127
  );
}

/** The end of a character literal that begins at a single quote, or -1: lifetimes, primes, separators. */
function characterEnd(text: string, at: number, to: number): number {
  const previous = text.charCodeAt(at - 1);
  if (
    isWord(previous) &&
    !/(?:^|[^\w])(?:b|c|L|u|U|u8)$/.test(text.slice(Math.max(0, at - 3), at))
  ) {
    return -1;
  }
  const found =
    /^'(?:\\(?:x[0-9a-fA-F]+|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|[0-7]{1,3}|[^\n])|[^\\'\n\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])'/.exec(
      text.slice(at, at + 16),
    );
  return found && at + found[0].length <= to ? at + found[0].length : -1;
}

/** A longer one is taken for divisions, so that a line of slashes is read in linear time. */
const longestRegExp = 500;

/** The end of a JavaScript regular expression that begins at a slash, or -1. */
function regularExpressionEnd(text: string, at: number, to: number): number {
  let before = at - 1;
  while (before >= 0 && (text.charCodeAt(before) === 32 || text.charCodeAt(before) === 9)) before--;
  const previous = text.charAt(before);
  if (before >= 0 && !/[=([{,;:!&|?+\-*%^~<>\n\r]/.test(previous)) {
    if (!/\b(?:return|typeof|case|in|of)$/.test(text.slice(Math.max(0, before - 8), before + 1)))
      return -1;
  }
  let inClass = false;
  const stop = Math.min(to, at + longestRegExp);
  for (let i = at + 1; i < stop; i++) {
    const c = text.charCodeAt(i);
    if (c === newline || c === carriageReturn) return -1;
    if (c === backslash) i++;
    else if (c === 91) inClass = true;
    else if (c === 93) inClass = false;
    else if (c === 47 && !inClass) return i + 1;
  }
  return -1;
}
