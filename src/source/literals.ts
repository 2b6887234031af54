/** Finding the byte literal that an annotation means, and reading it whole. */
import type { ArchitectureFacts } from '../model/architecture.ts';
import type { Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import { partial, reportLead, reportMacros, reportOtherCalls } from './beside.ts';
import { declaredBits } from './declaredWidth.ts';
import { DirectiveReader } from './directives.ts';
import { Elements, type Literal, maxProblems, problem } from './elements.ts';
import type { Language } from './languages.ts';
import { firstMarkAt, isWord, Mark, type Marks } from './lexer.ts';
import { ListReader, notANumber, pushNumber } from './lists.ts';
import { readNumber } from './numbers.ts';
import { decodingAround, readStrings, stringAt, type StringToken } from './strings.ts';

/** A literal, or the reason why there is none where one should be. */
export type LiteralSearch =
  | { readonly found: Literal }
  | { readonly found: undefined; readonly problem: Problem | undefined };

/** Where an annotation stands, in offsets. */
export interface AnnotationPlace {
  /** The line that holds the tag, up to the comment with it. */
  readonly line: Span;
  /** The end of its comment block. */
  readonly after: number;
  /** Where the next annotation begins. */
  readonly limit: number;
  /** Where the annotation before it ends. */
  readonly previous: number;
}

/** Lines of code after an annotation on which its literal may begin. */
export const codeLines = 4;

export class LiteralReader {
  readonly #text: string;
  readonly #marks: Marks;
  readonly #language: Language;
  readonly #lists: ListReader;
  /** The last mark of the run of plain strings looked at, which are looked at together once. */
  #plainUpTo = -1;
  /** Where the literals start that an annotation has; none has two. */
  readonly #taken = new Set<number>();
  #metTaken: number | undefined;
  /** Where the next annotation begins: nothing is joined past it. */
  #limit = 0;

  constructor(text: string, marks: Marks, language: Language) {
    this.#text = text;
    this.#marks = marks;
    this.#language = language;
    this.#lists = new ListReader(text, marks, language);
  }

  /** The literal that an annotation means. */
  find(annotated: AnnotationPlace, architecture: ArchitectureFacts): LiteralSearch {
    this.#metTaken = undefined;
    this.#limit = annotated.limit;
    const search = this.#search(annotated, architecture);
    if (search.found) this.#taken.add(search.found.span.start);
    else if (!search.problem && this.#metTaken !== undefined) {
      const span = { start: this.#metTaken, end: this.#metTaken + 1 };
      const message = 'this byte array already has an annotation';
      return { found: undefined, problem: problem(span, 'misplaced-tag', message) };
    }
    return search;
  }

  #search(annotated: AnnotationPlace, architecture: ArchitectureFacts): LiteralSearch {
    const { line, after, limit, previous } = annotated;
    const hasCode = this.#hasCode(line.start, line.end);
    const before =
      (hasCode ? this.#lastOnLine(line, previous) : undefined) ??
      this.#around(line) ??
      (hasCode ? this.#unbracketedOnLine(line, limit, architecture) : undefined);
    return before ? { found: before } : this.#after(after, limit, architecture);
  }

  /** The first literal that begins after an offset, on one of the next lines of code. */
  #after(after: number, limit: number, architecture: ArchitectureFacts): LiteralSearch {
    const { kind, start, end, link } = this.#marks;
    let at = after;
    let lines = 0;
    let unclosed: number | undefined;
    while (at < limit && lines < codeLines) {
      const newline = this.#text.slice(at, limit).indexOf('\n');
      const lineEnd = newline < 0 ? limit : at + newline;
      let next = lineEnd + 1;
      if (this.#hasCode(at, lineEnd)) {
        lines++;
        const unbracketed =
          this.#directives(at, limit, architecture) ?? this.#bareList(at, lineEnd);
        if (unbracketed) return { found: unbracketed };
        for (let mark = firstMarkAt(this.#marks, at); (start[mark] ?? Infinity) < lineEnd; mark++) {
          if (kind[mark] === Mark.comment || mark <= this.#plainUpTo) continue;
          const literal = this.#at(mark);
          if (literal) return { found: literal };
          if (
            kind[mark] === Mark.open &&
            (link[mark] ?? -1) < 0 &&
            unclosed === undefined &&
            /^\s*(?:0x[0-9a-f]|[0-9]|[({[]\s*0x)/i.test(
              this.#text.slice(end[mark] ?? 0, (end[mark] ?? 0) + 40),
            )
          ) {
            unclosed = start[mark];
          }
        }
        if (unclosed !== undefined) break;
      } else {
        // A comment over several lines: go on where it ends.
        const last = this.#lastMarkBefore(lineEnd);
        if (last >= 0 && kind[last] === Mark.comment && (end[last] ?? 0) > lineEnd)
          next = end[last] ?? next;
      }
      at = Math.max(next, at + 1);
    }
    if (unclosed === undefined) return { found: undefined, problem: undefined };
    const span = { start: unclosed, end: unclosed + 1 };
    return {
      found: undefined,
      problem: problem(span, 'unclosed-literal', 'this byte list never closes'),
    };
  }

  /** The last list or string that has a part before the annotation on the annotation's own line. */
  #lastOnLine(line: Span, previous: number): Literal | undefined {
    const { kind, start, link } = this.#marks;
    let found: Literal | undefined;
    for (
      let mark = firstMarkAt(this.#marks, line.start);
      (start[mark] ?? Infinity) < line.end;
      mark++
    ) {
      const at = start[mark] ?? 0;
      if (kind[mark] === Mark.comment || (found !== undefined && at < found.span.end)) continue;
      let opening = mark;
      if (kind[mark] === Mark.close) {
        opening = link[mark] ?? -1;
        if (opening < 0 || (start[opening] ?? 0) >= line.start || (start[opening] ?? 0) < previous)
          continue;
      }
      const literal = this.#at(opening);
      if (literal) found = literal;
    }
    return found;
  }

  /** A bare list, directives, or a string begun above, on the annotation's own line before it. */
  #unbracketedOnLine(
    line: Span,
    limit: number,
    architecture: ArchitectureFacts,
  ): Literal | undefined {
    const found =
      this.#bareList(line.start, line.end) ?? this.#directives(line.start, limit, architecture);
    if (found) return found;
    const { kind, end } = this.#marks;
    const mark = this.#lastMarkBefore(line.start);
    const isOpenString = kind[mark] === Mark.string && (end[mark] ?? 0) > line.start;
    return isOpenString ? this.#at(mark) : undefined;
  }

  /** The run of directives that begins on the line at an offset. */
  #directives(from: number, limit: number, architecture: ArchitectureFacts): Literal | undefined {
    const reader = new DirectiveReader(this.#text, this.#marks, this.#language, architecture);
    const run = reader.read(from, limit);
    return run && { ...run, declaredBits: noDeclaration };
  }

  /** The byte list of numbers, still open, that the annotation stands in. */
  #around(line: Span): Literal | undefined {
    const { inside, start } = this.#marks;
    const mark = firstMarkAt(this.#marks, line.end);
    const around = inside[mark] ?? -1;
    if (around < 0 || start[around] === undefined) return undefined;
    const reading = this.#lists.read(around);
    if (!reading || reading.numbers <= reading.lists) return undefined;
    return this.#at(around);
  }

  #lastMarkBefore(offset: number): number {
    return firstMarkAt(this.#marks, offset) - 1;
  }

  /** Whether a line has a non-blank character outside comments. */
  #hasCode(from: number, to: number): boolean {
    const { kind, start, end } = this.#marks;
    let at = from;
    let mark = firstMarkAt(this.#marks, from);
    const before = mark - 1;
    if (before >= 0 && kind[before] === Mark.comment && (end[before] ?? 0) > at)
      at = end[before] ?? at;
    for (; at < to; mark++) {
      const next = Math.min(start[mark] ?? to, to);
      if (/\S/.test(this.#text.slice(at, next))) return true;
      if (next >= to) return false;
      if (kind[mark] !== Mark.comment) return true;
      at = end[mark] ?? to;
    }
    return false;
  }

  /** A bare comma list after `=`, where the language has them. */
  #bareList(from: number, to: number): Literal | undefined {
    if (!this.#language.bareLists) return undefined;
    const assignment = /^[^#=]*=\s*(?=(?:0x[0-9a-f]+|\d+)\s*,)/i.exec(this.#text.slice(from, to));
    if (!assignment) return undefined;
    const start = from + assignment[0].length;
    const elements = new Elements();
    const problems: Problem[] = [];
    let at = start;
    let end = start;
    for (;;) {
      const piece = /^[ \t]*([^\s,;#]+)[ \t]*(,\s*)?/.exec(this.#text.slice(at, at + 80));
      if (!piece) break;
      const raw = piece[1] ?? '';
      const lead = piece[0].indexOf(raw);
      const span = { start: at + lead, end: at + lead + raw.length };
      const number = readNumber(raw, this.#language);
      if (number) pushNumber(number, span, elements, problems);
      else if (problems.length < maxProblems)
        problems.push(problem(span, 'not-a-number', notANumber(raw)));
      end = span.end;
      at += piece[0].length;
      if (piece[2] === undefined) break;
    }
    if (elements.length < 2) return undefined;
    return {
      span: { start, end },
      elements,
      problems,
      comments: [],
      declaredBits: () => declaredBits(this.#text, start, start),
    };
  }

  /** The literal that begins at a mark, with what is joined to it, or undefined. */
  #at(mark: number): Literal | undefined {
    const at = this.#marks.start[mark] ?? 0;
    if (this.#taken.has(at)) {
      this.#metTaken = at;
      return undefined;
    }
    const first = this.#single(mark);
    if (!first) return undefined;
    const parts = [{ elements: first.elements, times: 1 }];
    const problems = [...first.problems];
    const comments = [...first.comments];
    const areStrings = this.#marks.kind[mark] === Mark.string;
    reportLead(this.#text, this.#language, first.span.start, problems);
    let end = first.span.end;
    for (;;) {
      const joint = this.#joint(end);
      if (!joint) break;
      if (areStrings) comments.push(...this.#commentAfter(end));
      if (joint.repeat !== undefined) {
        const last = parts.at(-1);
        if (last) last.times *= joint.repeat;
        end = joint.end;
        continue;
      }
      if (areStrings) comments.push(...this.#commentAfter(joint.end));
      const operandMark = this.#operandMark(joint.end);
      const within = (this.#marks.start[operandMark] ?? Infinity) < this.#limit;
      const operand = within ? this.#single(operandMark) : undefined;
      if (!operand) {
        const operandAt = this.#skipBlank(joint.end);
        const word =
          /^(?:[\w.$@]+|\S|$)/.exec(this.#text.slice(operandAt, operandAt + 60))?.[0] ?? '';
        const span = { start: operandAt, end: operandAt + word.length };
        problems.push(problem(span, 'partial-literal', partial));
        break;
      }
      parts.push({ elements: operand.elements, times: 1 });
      for (const entry of operand.problems) problems.push(entry);
      for (const entry of operand.comments) comments.push(entry);
      end = operand.span.end;
    }
    const span = { start: first.span.start, end };
    if (areStrings) comments.push(...this.#commentAfter(end));
    reportOtherCalls(this.#text, { start: at, end }, problems);
    if (this.#language.preprocessor && areStrings) {
      reportMacros(this.#text, span, (from) => this.#skipBlank(from), problems);
    }
    return {
      span,
      elements: joined(parts),
      problems,
      comments,
      declaredBits: () => declaredBits(this.#text, first.span.start, span.end),
    };
  }

  /** The comment at the end of the line on which strings end: it is about their last line. */
  #commentAfter(from: number): readonly Span[] {
    const { kind, start, end } = this.#marks;
    const rest = /^[ \t;,)\]}]*/.exec(this.#text.slice(from, from + 40))?.[0].length ?? 0;
    const mark = firstMarkAt(this.#marks, from + rest);
    const at = start[mark];
    if (at !== from + rest || kind[mark] !== Mark.comment) return [];
    const stop = end[mark] ?? at;
    if (/@[a-z]/.test(this.#text.slice(at, stop))) return [];
    return /^[ \t]*(?:\r?\n|$)/.test(this.#text.slice(stop, stop + 40))
      ? [{ start: at, end: stop }]
      : [];
  }

  /** One list or one run of adjacent strings. */
  #single(mark: number): Omit<Literal, 'declaredBits'> | undefined {
    const { kind, start, end } = this.#marks;
    if (kind[mark] === Mark.open) {
      const reading = this.#lists.read(mark);
      const stop = this.#lists.endOf(mark);
      if (!reading || stop < 0) return undefined;
      return { span: { start: start[mark] ?? 0, end: stop }, ...reading };
    }
    if (kind[mark] !== Mark.string) return undefined;
    const tokens: StringToken[] = [];
    const comments: Span[] = [];
    let last = mark;
    let annotations = 0;
    for (let next = mark; ; next++) {
      const what = kind[next];
      if (what === Mark.comment && tokens.length > 0) {
        // Strings go on after their own annotation, but not past the next.
        if (annotation.test(this.#text.slice(start[next] ?? 0, end[next] ?? 0))) annotations++;
        if (annotations > 1) break;
        if (!isGap(this.#text.slice(end[next - 1] ?? 0, start[next] ?? 0))) break;
        continue;
      }
      if (what !== Mark.string) break;
      const token = stringAt(this.#text, this.#marks, next, this.#language);
      if (tokens.length > 0 && !isGap(this.#text.slice(end[next - 1] ?? 0, token.span.start)))
        break;
      for (let between = last + 1; between < next; between++) {
        comments.push({ start: start[between] ?? 0, end: end[between] ?? 0 });
      }
      tokens.push(token);
      last = next;
      if (!token.terminated) break;
    }
    const first = tokens[0];
    if (!first) return undefined;
    const stop = end[last] ?? 0;
    const decoding = decodingAround(this.#text, first, stop);
    const reading = readStrings(this.#text, tokens, decoding, this.#language);
    if (!reading || (reading.elements.length === 0 && reading.problems.length === 0)) {
      this.#plainUpTo = Math.max(this.#plainUpTo, last);
      return undefined;
    }
    return { span: { start: first.span.start, end: stop }, ...reading, comments };
  }

  /** The operator after a literal, past closing brackets of calls around it and methods on it. */
  #joint(
    from: number,
  ): { start: number; end: number; sign: string; repeat: number | undefined } | undefined {
    let at = this.#skipBlank(from);
    // The usual case: a statement or an element ends here.
    if (
      /[;,\]}]/.test(this.#text.charAt(at)) &&
      !this.#language.joins.includes(this.#text.charAt(at))
    ) {
      return undefined;
    }
    const joinsByDot = this.#language.joins.includes('.');
    for (let n = 0; n < 4; n++) {
      const method = joinsByDot
        ? null
        : /^\s*\.\s*[A-Za-z_]\w*!?\s*\(\s*(?:["'][\w-]*["'])?\s*\)/.exec(
            this.#text.slice(at, at + 80),
          );
      if (method) {
        at = this.#skipBlank(at + method[0].length);
        continue;
      }
      if (this.#text.charAt(at) === ')' && this.#closesCallOfOne(at)) {
        at = this.#skipBlank(at + 1);
        continue;
      }
      break;
    }
    const rest = this.#text.slice(at, at + 40);
    const repeat = /^(\*\*?|x(?=\s))\s*(\d{1,7}|0x[0-9a-f]{1,6})\b/i.exec(rest);
    if (repeat && this.#language.repeats.includes(repeat[1] ?? '')) {
      return { start: at, end: at + repeat[0].length, sign: '*', repeat: Number(repeat[2]) };
    }
    if (rest.startsWith('*') && !rest.startsWith('*/') && this.#language.hasJitDecorator) {
      return { start: at, end: at + 1, sign: '*', repeat: undefined };
    }
    for (const sign of this.#language.joins) {
      if (!rest.startsWith(sign)) continue;
      const next = rest.charAt(sign.length);
      if (next === '=' || (sign === '+' && next === '+') || (sign === '&' && next === '&'))
        return undefined;
      if (sign === '&' && /^&H[0-9a-f]/i.test(rest)) return undefined;
      return { start: at, end: at + sign.length, sign, repeat: undefined };
    }
    return undefined;
  }

  /** Whether the bracket that closes here is a call's with nothing but one literal in it. */
  #closesCallOfOne(at: number): boolean {
    const mark = firstMarkAt(this.#marks, at);
    const { kind, start, end, link } = this.#marks;
    const opening = link[mark] ?? -1;
    if (start[mark] !== at || kind[mark] !== Mark.close || opening < 0) return false;
    if (!isWord(this.#text.charCodeAt((start[opening] ?? 0) - 1))) return false;
    const inner = this.#text.slice(end[opening] ?? 0, (end[opening] ?? 0) + 40);
    return /^\s*(?:[\w.:!&<>[\]@#']*[[({"'`])/.test(inner);
  }

  #skipBlank(from: number): number {
    let at = from;
    for (;;) {
      let blank: number;
      do {
        blank = blanks.exec(this.#text.slice(at, at + 400))?.[0].length ?? 0;
        at += blank;
      } while (blank > 0);
      const mark = firstMarkAt(this.#marks, at);
      if (this.#marks.start[mark] !== at || this.#marks.kind[mark] !== Mark.comment) return at;
      at = this.#marks.end[mark] ?? at + 1;
    }
  }

  /** The mark of the literal that begins at an offset, past a prefix such as `b`, `&` or `bytes(`. */
  #operandMark(from: number): number {
    const { kind, start } = this.#marks;
    const at = this.#skipBlank(from);
    let mark = firstMarkAt(this.#marks, at);
    for (let n = 0; n < 3; n++, mark++) {
      const lead = this.#text.slice(at, start[mark] ?? at);
      if (
        lead.length > 60 ||
        !/^[\w\s.:!&<>[\]@#'$([{]*$/.test(lead) ||
        kind[mark] === Mark.close
      ) {
        if (kind[mark] !== Mark.close) return -1;
        continue;
      }
      if (this.#single(mark)) return mark;
    }
    return -1;
  }
}

/** The elements of a literal's parts, one after another. A literal of one part is not copied. */
function joined(parts: readonly { elements: Elements; times: number }[]): Elements {
  const only = parts.length === 1 && parts[0]?.times === 1 ? parts[0].elements : undefined;
  if (only) return only;
  const all = new Elements();
  for (const { elements, times } of parts) all.append(elements, times);
  return all;
}

/** Blanks, and lines continued by a backslash. */
const blanks = /^(?:\s|\\\r?\n)+/;

function isGap(text: string): boolean {
  return text === '' || blanks.exec(text)?.[0].length === text.length;
}

const annotation = /@(?:jit|fragment|more)\b/;
const noDeclaration = (): number => 0;
