/** Bracketed byte lists. A bracket is read once, whatever asks for it, so that a text costs linear time. */
import type { Problem } from '../model/block.ts';
import { lastAtMost } from '../model/search.ts';
import type { Span } from '../model/text.ts';
import { conditionalProblem } from './beside.ts';
import { Elements, maxProblems, problem } from './elements.ts';
import type { Language } from './languages.ts';
import { hasComma, hasSemicolon, isWord, Mark, type Marks, withoutComments } from './lexer.ts';
import { type NumberElement, readNumber } from './numbers.ts';
import { decodingAround, readStrings, stringAt, type StringToken } from './strings.ts';

/** What stands in a bracket that is a byte list. */
export interface ListReading {
  readonly elements: Elements;
  readonly problems: readonly Problem[];
  readonly comments: readonly Span[];
  /** How many elements are plain numbers, strings or lists, and how many there are in all. */
  readonly numbers: number;
  readonly lists: number;
  readonly count: number;
}

/** `while (1)`, `return (5)`: brackets around an expression. */
const controlWord =
  /(?:^|[^\w])(?:if|elif|while|until|for|switch|return|case|when|unless|sizeof)[ \t]*$/;

/** Lists nested deeper are no byte lists. */
const maxDepth = 32;

const headNames =
  /^(?:list|vector|bytes|bytevector|u8vector|vector-u8|octets|byte-array|byte-vector|string|u8-list|byte)$/i;

export class ListReader {
  readonly #text: string;
  readonly #marks: Marks;
  readonly #language: Language;
  readonly #readings = new Map<number, ListReading | null>();

  constructor(text: string, marks: Marks, language: Language) {
    this.#text = text;
    this.#marks = marks;
    this.#language = language;
  }

  /** The reading of the bracket that opens at a mark, or null where it is no byte list. */
  read(mark: number, depth = 0): ListReading | null {
    const known = this.#readings.get(mark);
    if (known !== undefined) return known;
    if (depth > maxDepth) return null;
    const reading = this.#readBracket(mark, depth);
    this.#readings.set(mark, reading);
    return reading;
  }

  /** The offset after the closing bracket, or -1 where it never closes. */
  endOf(mark: number): number {
    const partner = this.#marks.link[mark] ?? -1;
    return partner < 0 ? -1 : (this.#marks.end[partner] ?? -1);
  }

  #readBracket(mark: number, depth: number): ListReading | null {
    const marks = this.#marks;
    const text = this.#text;
    const partner = marks.link[mark] ?? -1;
    if (partner < 0) return null;
    const openAt = marks.start[mark] ?? 0;
    let from = marks.end[mark] ?? 0;
    let to = marks.start[partner] ?? 0;
    const after = text.charCodeAt(marks.end[partner] ?? 0);
    const sign = text.charAt(openAt);
    // `[4]byte{…}`, `byte[] {…}`: a type.
    if (sign === '[' && (isWord(after) || after === 91 || after === 123)) return null;
    // `[0] = 0x90`: a place in a table, no list.
    if (
      sign === '[' &&
      /^\s*=(?!=)/.test(text.slice(marks.end[partner] ?? 0, (marks.end[partner] ?? 0) + 8))
    ) {
      return null;
    }
    // `[|…|]` of ML, `(/…/)` of Fortran.
    const second = text.charAt(from);
    if (
      (second === '|' || (second === '/' && sign === '(')) &&
      text.charAt(to - 1) === second &&
      to - from >= 2
    ) {
      from++;
      to--;
    }
    const separators = marks.separators[mark] ?? 0;
    const separator = separators & hasComma ? 44 : separators & hasSemicolon ? 59 : 0;
    const reading = this.#readElements(from, to, mark + 1, partner, separator, sign, depth);
    if (!reading) return null;

    const before = text.charCodeAt(openAt - 1);
    const afterName =
      (isWord(before) || before === 93 || before === 41) && !this.#afterTypeWord(openAt);
    if (
      sign === '(' &&
      reading.count < 2 &&
      controlWord.test(text.slice(Math.max(0, openAt - 12), openAt))
    )
      return null;
    if (afterName && (sign === '[' || sign === '(')) {
      if (reading.count < 2) return null;
      // `name(n, n)`: a call with numbers.
      if (sign === '(' && before !== 93 && reading.numbers < 2) return null;
    }
    if ((reading.numbers + reading.lists) * 2 <= reading.count || reading.elements.length === 0)
      return null;
    if (separator === 59 && sign === '[' && this.#language.semicolonRepeats)
      return repeated(reading) ?? reading;
    return reading;
  }

  /** `return [0x90]`, `in [0x90]`: a keyword is no name. */
  #afterTypeWord(at: number): boolean {
    return /(?:^|[^\w])(?:return|in|of|yield|from|b|r)$/.test(
      this.#text.slice(Math.max(0, at - 8), at),
    );
  }

  /** Reads what stands between `from` and `to`; `first` is the first mark in there, `last` the closing one. */
  #readElements(
    from: number,
    to: number,
    first: number,
    last: number,
    separator: number,
    bracket: string,
    depth: number,
  ): ListReading | null {
    const text = this.#text;
    const { kind, start, end, link } = this.#marks;
    const elements = new Elements();
    const problems: Problem[] = [];
    const comments: Span[] = [];
    let count = 0;
    let numbers = 0;
    let lists = 0;
    let at = from;
    let mark = first;
    const markStart = (): number => (mark < last ? (start[mark] ?? to) : to);

    this.#reportConditionals(from, to, problems);
    while (at < to) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 10 || code === 13 || code === 9 || code === separator) {
        at++;
        continue;
      }
      if (code === 92 && /^\\\r?\n/.test(text.slice(at, at + 3))) {
        // A line continued in a macro.
        at++;
        continue;
      }
      let next = markStart();
      if (at === next && kind[mark] === Mark.comment) {
        comments.push({ start: at, end: end[mark] ?? at });
        at = end[mark] ?? at + 1;
        mark++;
        continue;
      }
      if (at !== next) {
        // The common case, without a look at anything but the digits.
        const stop = fastNumber(text, at, Math.min(next, to), to, separator, elements);
        if (stop > 0) {
          count++;
          numbers++;
          at = stop;
          continue;
        }
      }
      // An element that needs a closer look: find its end and the marks in it.
      const pieceStart = at;
      const pieceMarks: number[] = [];
      let pieceEnd = at;
      let hadComment = false;
      while (at < to) {
        next = markStart();
        if (at === next) {
          const what = kind[mark];
          const markEnd = end[mark] ?? at + 1;
          if (what === Mark.comment) {
            if (separator === 0) break;
            comments.push({ start: at, end: markEnd });
            hadComment = true;
            at = markEnd;
            mark++;
            continue;
          }
          pieceMarks.push(mark);
          if (what === Mark.open && (link[mark] ?? -1) >= 0) {
            const closing = link[mark] ?? mark;
            at = end[closing] ?? at + 1;
            mark = closing + 1;
          } else {
            at = markEnd;
            mark++;
          }
          pieceEnd = at;
          continue;
        }
        const c = text.charCodeAt(at);
        if (c === separator && separator !== 0) break;
        const blank = c === 32 || c === 10 || c === 13 || c === 9;
        if (blank && separator === 0) break;
        at++;
        if (!blank) pieceEnd = at;
      }
      let span: Span = { start: pieceStart, end: pieceEnd };
      let raw = hadComment
        ? withoutComments(text, this.#marks, span.start, span.end).trim()
        : text.slice(span.start, span.end);
      const directive = /^(?:#[^\n]*\n\s*)+/.exec(raw);
      if (directive && this.#language.preprocessor) {
        span = { start: span.start + directive[0].length, end: span.end };
        raw = raw.slice(directive[0].length);
      }
      if (/^#(?:end)?\w*[^\n]*$/.test(raw) && this.#language.preprocessor && /^#\s*[a-z]/.test(raw))
        continue;
      if (raw === '' || raw === '...' || raw === '_') continue;
      // `[0 .. 3]` is a range, `([0x90] * 8 + rest)` an expression.
      if (separator === 0 && /^[-+*/&|^~<>=.%]+$/.test(raw)) return null;
      if (count === 0 && bracket === '(' && separator === 0 && headNames.test(raw)) continue;
      count++;
      const outcome = this.#readPiece(raw, span, pieceMarks, elements, problems, comments, depth);
      if (outcome === 'number') numbers++;
      else if (outcome === 'bytes') lists++;
      else if (problems.length < maxProblems)
        problems.push(problem(span, 'not-a-number', notANumber(raw)));
    }
    return { elements, problems, comments, numbers, lists, count };
  }

  #reportConditionals(from: number, to: number, problems: Problem[]): void {
    const { conditionals } = this.#marks;
    if (conditionals.length === 0) return;
    let low = lastAtMost(conditionals, from - 1) + 1;
    for (; low < conditionals.length && problems.length < maxProblems; low++) {
      const at = conditionals[low] ?? to;
      if (at >= to) break;
      const word = /^#\s*\w+/.exec(this.#text.slice(at, at + 24))?.[0] ?? '#';
      if (word.endsWith('endif')) continue;
      problems.push(conditionalProblem(at, word));
    }
  }

  #readPiece(
    raw: string,
    span: Span,
    pieceMarks: readonly number[],
    elements: Elements,
    problems: Problem[],
    comments: Span[],
    depth: number,
  ): 'number' | 'bytes' | undefined {
    const { kind } = this.#marks;
    // Where single quotes make strings, `b'\x90'` is one of them, of one byte.
    const isBytes = this.#language.singleQuote === 'string' && /^b'/i.test(raw);
    const number = isBytes ? undefined : readNumber(raw, this.#language);
    if (number) {
      pushNumber(number, span, elements, problems);
      return 'number';
    }
    const first = pieceMarks[0];
    const last = pieceMarks.at(-1);
    if (first === undefined || last === undefined) return undefined;
    if (pieceMarks.every((mark) => kind[mark] === Mark.string)) {
      return this.#readStringPiece(span, pieceMarks, elements, problems);
    }
    if (kind[last] !== Mark.open || this.endOf(last) !== span.end) return undefined;
    const lead = this.#text.slice(span.start, this.#marks.start[last] ?? span.start);
    if (!/^[\w\s:&*.<>![\]@#'$]*$/.test(lead)) return undefined;
    const inner = this.read(last, depth + 1);
    if (!inner) return undefined;
    elements.append(inner.elements);
    for (const entry of inner.problems) if (problems.length < maxProblems) problems.push(entry);
    for (const entry of inner.comments) comments.push(entry);
    return 'bytes';
  }

  #readStringPiece(
    span: Span,
    pieceMarks: readonly number[],
    elements: Elements,
    problems: Problem[],
  ): 'bytes' | undefined {
    const tokens: StringToken[] = pieceMarks.map((mark) =>
      stringAt(this.#text, this.#marks, mark, this.#language),
    );
    const firstToken = tokens[0];
    if (!firstToken || firstToken.span.start !== span.start) return undefined;
    const decoding = decodingAround(this.#text, firstToken, span.end);
    const reading = readStrings(this.#text, tokens, decoding, this.#language);
    if (!reading) return undefined;
    elements.append(reading.elements);
    for (const entry of reading.problems) problems.push(entry);
    return 'bytes';
  }
}

export function pushNumber(
  number: NumberElement,
  span: Span,
  elements: Elements,
  problems: Problem[],
): void {
  const { value, hexDigits, bits = 0, bigEndian } = number;
  if (number.ambiguousZero && problems.length < maxProblems) {
    problems.push(
      problem(
        span,
        'leading-zero',
        'a leading zero means octal in some languages; write it without, or as 0x…',
      ),
    );
  }
  const small = value >= -0x7fffffffn && value <= 0x7fffffffn;
  elements.push(
    small ? Number(value) : value,
    hexDigits ?? -1,
    span.start,
    span.end,
    bigEndian ? -bits : bits,
  );
}

export function notANumber(raw: string): string {
  const shown = raw.length > 40 ? `${raw.slice(0, 40)}…` : raw;
  return `"${shown.replace(/\s+/g, ' ')}" is not a number, so these bytes cannot be read`;
}

/** `[x; n]` with two elements by semicolons. */
function repeated(reading: ListReading): ListReading | undefined {
  const { elements } = reading;
  if (reading.count !== 2 || elements.length < 2 || reading.numbers + reading.lists !== 2)
    return undefined;
  const times = elements.values.at(-1);
  if (times === undefined || times < 1 || times > 1 << 20) return undefined;
  const unit = new Elements();
  for (let i = 0; i < elements.length - 1; i++) {
    unit.push(
      elements.values[i] ?? 0,
      elements.digits[i] ?? 0,
      elements.starts[i] ?? 0,
      elements.ends[i] ?? 0,
    );
  }
  const all = new Elements();
  all.append(unit, Number(times));
  return { ...reading, elements: all };
}

/**
 * `0xHH` or a decimal of up to three digits that a separator, a blank or the list's end follows.
 * Returns the offset after it, or 0 where a closer look is needed.
 */
function fastNumber(
  text: string,
  at: number,
  to: number,
  listEnd: number,
  separator: number,
  elements: Elements,
): number {
  let i = at;
  let value = 0;
  let digits = -1;
  const first = text.charCodeAt(i);
  if (first === 48 && (text.charCodeAt(i + 1) | 32) === 120) {
    i += 2;
    digits = 0;
    for (; i < to; i++) {
      const code = text.charCodeAt(i);
      const lower = code | 32;
      const digit =
        code >= 48 && code <= 57 ? code - 48 : lower >= 97 && lower <= 102 ? lower - 87 : -1;
      if (digit < 0) break;
      value = value * 16 + digit;
      if (++digits > 8) return 0;
    }
    if (digits === 0) return 0;
  } else if (first >= 49 && first <= 57) {
    for (; i < to; i++) {
      const code = text.charCodeAt(i);
      if (code < 48 || code > 57) break;
      value = value * 10 + code - 48;
      if (i - at > 8) return 0;
    }
  } else return 0;
  const stop = i;
  // The element must end here; a blank may stand before the separator.
  let code = i < to ? text.charCodeAt(i) : separator;
  if (i < to && code !== separator) {
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return 0;
    if (separator !== 0) {
      do {
        i++;
        code = text.charCodeAt(i);
      } while (i < to && (code === 32 || code === 9 || code === 10 || code === 13));
      if (i < to && code !== separator) return 0;
    }
  }
  // At a mark, only a blank-separated element is certain to end: a comment may stand inside one.
  if (i >= to && to < listEnd && (separator !== 0 || !endsBeforeMark(text, i))) return 0;
  elements.push(value, digits, at, stop);
  return stop;
}

/** Whether a mark begins here that cannot belong to the number before it. */
function endsBeforeMark(text: string, at: number): boolean {
  return !/[([{"']/.test(text.charAt(at));
}
