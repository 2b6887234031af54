/** Assembler directives that state bytes: `.byte`, `db`, `.quad`, `.inst`, `BYTE $0x48`, `times 8 db 0x90`. */
import type { ArchitectureFacts } from '../model/architecture.ts';
import type { Problem } from '../model/block.ts';
import { limits } from '../model/run.ts';
import type { Span } from '../model/text.ts';
import { Elements, maxProblems, problem } from './elements.ts';
import type { Language } from './languages.ts';
import { firstMarkAt, Mark, type Marks, withoutComments } from './lexer.ts';
import { notANumber, pushNumber } from './lists.ts';
import { readNumber } from './numbers.ts';
import { readStrings, stringAt } from './strings.ts';

export interface DirectiveRun {
  readonly span: Span;
  readonly elements: Elements;
  readonly problems: readonly Problem[];
  readonly comments: readonly Span[];
}

const directive =
  /^(?:(times\s+(\S+)\s+))?(\.(?:byte|[1248]byte|dc\.[bwl]|d?word|x?word|hword|half|short|int|long|quad|inst(?:\.[nw])?|ascii|asciz|string|fill|space|skip|zero)|d[bwdq]|dc\.[bwl]|data\.[abwlq]|_emit|__emit|byte|word|long|quad|dword|qword)(?![\w.:=(])[ \t]*/i;
const label = /^(?:[\w.$@?]+:\s*)+/;
/** A name before `db`, as NASM and MASM allow without a colon. */
const nameBefore = /^[A-Za-z_.$@?][\w.$@?]*\s+(?=(?:times\s|d[bwdq]\s|byte\s|s?d?word\s|qword\s))/i;
const inlineAssembler = /^(?:__asm(?:__)?|asm)\s+(?:volatile\s+)?(?=_?_?emit\b)/i;

/** A look at a line, comments blanked, before it is taken apart: whether it can begin a run. */
const mayBegin =
  /^\s*(?:[\w.$@?]+(?::\s*|\s+)){0,3}(?:\.[a-z1248]|times\s|d[bwdq]\s|dc\.|data\.|_?_emit|byte\s|word\s|long\s|quad\s|dword\s|qword\s)/i;

/** The line at an offset with its comments blanked. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly code: string;
}

export class DirectiveReader {
  readonly #text: string;
  readonly #marks: Marks;
  readonly #language: Language;
  readonly #architecture: ArchitectureFacts;

  constructor(text: string, marks: Marks, language: Language, architecture: ArchitectureFacts) {
    this.#text = text;
    this.#marks = marks;
    this.#language = language;
    this.#architecture = architecture;
  }

  /**
   * The run of directives that begins at or after `from` on its line, or undefined. It ends at a
   * line with other code, or at `limit`.
   */
  read(from: number, limit: number): DirectiveRun | undefined {
    const elements = new Elements();
    const problems: Problem[] = [];
    const comments: Span[] = [];
    let start = -1;
    let end = from;
    let at = from;
    while (at < limit) {
      const line = this.#lineAt(at, limit);
      if (start < 0 && !mayBegin.test(line.code)) return undefined;
      if (line.code.trim() !== '') {
        const statements = this.#statements(line);
        let took = false;
        for (const [offset, statement] of statements) {
          const stop = this.#readStatement(statement, offset, elements, problems);
          if (stop === undefined) {
            if (start < 0) return undefined;
            if (label.exec(`${statement.trim()} `)?.[0].trim() === statement.trim()) continue;
            at = limit;
            break;
          }
          took = true;
          if (start < 0) start = stop.start;
          end = stop.end;
        }
        if (!took && start < 0) return undefined;
        if (at === limit) break;
        if (took) this.#collectComments(line, comments);
      }
      if (elements.length > limits.codeBytes) break;
      if (start < 0 && line.code.trim() === '') return undefined;
      at = line.next;
    }
    if (start < 0) return undefined;
    return { span: { start, end }, elements, problems, comments };
  }

  #collectComments(line: Line, comments: Span[]): void {
    const { kind, start, end } = this.#marks;
    for (
      let mark = firstMarkAt(this.#marks, line.start);
      (start[mark] ?? Infinity) < line.end;
      mark++
    ) {
      if (kind[mark] === Mark.comment)
        comments.push({ start: start[mark] ?? 0, end: end[mark] ?? 0 });
    }
  }

  #lineAt(from: number, limit: number): Line {
    const found = this.#text.slice(from, limit).indexOf('\n');
    const end = found < 0 ? limit : from + found;
    const code = withoutComments(this.#text, this.#marks, from, end);
    // A comment over several lines: go on where it ends.
    const last = firstMarkAt(this.#marks, end) - 1;
    const isComment = this.#marks.kind[last] === Mark.comment;
    const commentEnd = isComment ? (this.#marks.end[last] ?? end) : end;
    return {
      start: from,
      end,
      next: Math.min(limit, commentEnd > end ? commentEnd : end + 1),
      code,
    };
  }

  /** Statements of a line with their offsets, where `;` separates them and is no comment. */
  #statements(line: Line): [number, string][] {
    const result: [number, string][] = [];
    let from = 0;
    const { kind, start, end } = this.#marks;
    let mark = firstMarkAt(this.#marks, line.start);
    for (let i = 0; i <= line.code.length; i++) {
      while ((start[mark] ?? Infinity) < line.start + i) mark++;
      if (start[mark] === line.start + i && kind[mark] === Mark.string) {
        i = Math.min((end[mark] ?? 0) - line.start - 1, line.code.length - 1);
        continue;
      }
      if (i === line.code.length || line.code.charAt(i) === ';') {
        const statement = line.code.slice(from, i);
        if (statement.trim() !== '') result.push([line.start + from, statement]);
        from = i + 1;
      }
    }
    return result;
  }

  #readStatement(
    statement: string,
    offset: number,
    elements: Elements,
    problems: Problem[],
  ): Span | undefined {
    let rest = statement;
    let at = offset;
    const skip = (length: number): void => {
      rest = rest.slice(length);
      at += length;
    };
    skip(rest.length - rest.trimStart().length);
    if (this.#language.preprocessor) {
      // A line continued in a macro.
      rest = rest.replace(/\\\s*$/, '');
    }
    skip(label.exec(rest)?.[0].length ?? 0);
    if (!directive.test(rest)) {
      skip(nameBefore.exec(rest)?.[0].length ?? 0);
      skip(inlineAssembler.exec(rest)?.[0].length ?? 0);
    }
    const found = directive.exec(rest);
    if (!found) return undefined;
    const name = (found[3] ?? '').toLowerCase();
    const bare = /^[a-z]/.test(name) && !name.includes('.');
    const start = at;
    const timesText = found[2];
    const operandsAt = at + found[0].length;
    const operandsText = rest.slice(found[0].length).trimEnd();
    if (operandsText === '') return undefined;
    if (bare && !this.#language.assembly && !/^\$?-?[0-9]/.test(operandsText)) return undefined;
    const end = operandsAt + operandsText.length;
    let times = 1;
    if (timesText !== undefined) {
      const number = readNumber(timesText, this.#language);
      if (!number || number.value < 0n || number.value > 1n << 20n) {
        const timesAt = at + (found[0].indexOf(timesText) || 0);
        problems.push(
          problem(
            { start: timesAt, end: timesAt + timesText.length },
            'not-a-number',
            notANumber(timesText),
          ),
        );
        return { start, end };
      }
      times = Number(number.value);
    }
    const unit = new Elements();
    this.#readOperands(name, operandsText, operandsAt, unit, problems);
    elements.append(unit, times);
    return { start, end };
  }

  #readOperands(
    name: string,
    text: string,
    at: number,
    elements: Elements,
    problems: Problem[],
  ): void {
    const operands = this.#split(text, at);
    const numbers = operands.map((span) =>
      readNumber(this.#text.slice(span.start, span.end), this.#language),
    );
    if (/^\.(?:fill|space|skip|zero)$/.test(name)) {
      const [count, second, third] = numbers.map((number) => number?.value);
      const bad = numbers.findIndex((number) => !number);
      const badSpan = operands[bad];
      if (badSpan) {
        problems.push(
          problem(
            badSpan,
            'not-a-number',
            notANumber(this.#text.slice(badSpan.start, badSpan.end)),
          ),
        );
        return;
      }
      const times = Number(count ?? 0n);
      const size = name === '.fill' ? Number(second ?? 1n) : 1;
      const value = name === '.fill' ? (third ?? 0n) : (second ?? 0n);
      const unit = new Elements();
      unit.push(value, size === 1 ? -1 : 17, at, at + text.length, size * 8);
      if (times >= 0 && [1, 2, 4, 8].includes(size))
        elements.append(unit, Math.min(times, (1 << 20) + 1));
      return;
    }
    const bits = this.#bitsOf(name);
    operands.forEach((span, index) => {
      const raw = this.#text.slice(span.start, span.end);
      const number = numbers[index];
      if (number) {
        const before = elements.length;
        pushNumber(number, span, elements, problems);
        if (bits > 8) {
          elements.bits[before] = this.#architecture.bigEndian && !/inst/.test(name) ? -bits : bits;
          elements.digits[before] = 17;
        }
        return;
      }
      const duplicated = /^(\S+)\s+dup\s*\(\s*([^()]*)\s*\)$/i.exec(raw);
      const times = duplicated ? readNumber(duplicated[1] ?? '', this.#language) : undefined;
      const value = duplicated
        ? readNumber((duplicated[2] ?? '').trim(), this.#language)
        : undefined;
      if (times && value) {
        const unit = new Elements();
        pushNumber(value, span, unit, problems);
        if (bits > 8) {
          unit.bits[0] = bits;
          unit.digits[0] = 17;
        }
        elements.append(unit, Math.min(Number(times.value), (1 << 20) + 1));
        return;
      }
      if (this.#readString(name, span, elements, problems)) return;
      if (problems.length < maxProblems)
        problems.push(problem(span, 'not-a-number', notANumber(raw)));
    });
  }

  #readString(name: string, span: Span, elements: Elements, problems: Problem[]): boolean {
    const mark = firstMarkAt(this.#marks, span.start);
    const { kind, start, end } = this.#marks;
    if (start[mark] !== span.start || end[mark] !== span.end) return false;
    if (kind[mark] !== Mark.string) return false;
    const token = stringAt(this.#text, this.#marks, mark, this.#language);
    const reading = readStrings(this.#text, [token], 'escapes', this.#language, true);
    if (!reading) return false;
    elements.append(reading.elements);
    if (name === '.asciz' || name === '.string') elements.push(0, 0, span.end - 1, span.end);
    for (const entry of reading.problems) problems.push(entry);
    return true;
  }

  /** Operands by commas outside strings and brackets, trimmed. */
  #split(text: string, at: number): Span[] {
    const result: Span[] = [];
    const { kind, start, end } = this.#marks;
    let mark = firstMarkAt(this.#marks, at);
    let from = 0;
    let depth = 0;
    for (let i = 0; i <= text.length; i++) {
      while ((start[mark] ?? Infinity) < at + i) mark++;
      if (start[mark] === at + i) {
        const what = kind[mark];
        if (what === Mark.string || what === Mark.character) {
          i = Math.min((end[mark] ?? 0) - at - 1, text.length - 1);
          continue;
        }
        if (what === Mark.open) depth++;
        if (what === Mark.close) depth--;
      }
      if (i === text.length || (text.charAt(i) === ',' && depth <= 0)) {
        const piece = text.slice(from, i);
        const trimmed = piece.trim();
        if (trimmed !== '') {
          const lead = piece.length - piece.trimStart().length;
          result.push({ start: at + from + lead, end: at + from + lead + trimmed.length });
        }
        from = i + 1;
      }
    }
    return result;
  }

  #bitsOf(name: string): number {
    // GNU as: 8 bytes on RISC-V and MIPS; MASM: 4.
    if (name === '.dword') return 64;
    switch (name.replace(/^\./, '')) {
      case 'hword':
      case 'half':
      case 'short':
      case 'dw':
      case '2byte':
      case 'dc.w':
      case 'data.w':
      case 'inst.n':
        return 16;
      case 'word': {
        // Go's assembler and GNU as: 2 bytes on x86, else 4.
        return this.#architecture.wordBytes * 8;
      }
      case 'long':
      case 'int':
      case 'inst':
      case 'inst.w':
      case 'dd':
      case 'dword':
      case '4byte':
      case 'dc.l':
      case 'data.l':
        return 32;
      case 'quad':
      case 'dq':
      case 'qword':
      case 'xword':
      case '8byte':
      case 'data.q':
        return 64;
      default:
        return 8;
    }
  }
}
