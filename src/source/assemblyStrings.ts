/** A string as assembly text: the one beside an annotation, with those that are joined to it. */
import type { Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import { problem } from './elements.ts';
import type { Language } from './languages.ts';
import { firstMarkAt, Mark, type Marks, rawForm, withoutComments } from './lexer.ts';
import { type AnnotationPlace, codeLines } from './literals.ts';
import { escapeByte } from './numbers.ts';
import { PlacedText, type ReadText } from './placedText.ts';
import { stringAt, type StringToken } from './strings.ts';

/** The text that is scanned. */
export interface Parts {
  readonly text: string;
  readonly marks: Marks;
  readonly language: Language;
}

/** Code units that are looked at between two strings. */
const longestGap = 2000;

export class AssemblyStrings {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The text of the string that an annotation means, or undefined; what is wrong in it is a problem. */
  find(place: AnnotationPlace, tag: Span, problems: Problem[]): ReadText | undefined {
    const { text, marks, language } = this.#parts;
    const first = this.#before(place) ?? this.#after(place);
    if (first === undefined) return undefined;
    const placed = new PlacedText();
    for (let mark = first; ;) {
      const token = stringAt(text, marks, mark, language);
      if (!token.terminated) {
        const span = { start: token.span.start, end: token.span.start + 1 };
        problems.push(problem(span, 'bad-string', 'this string never closes'));
      }
      this.#read(token, mark, placed, problems);
      const next = this.#joined(token.span.end, place.limit, problems);
      if (next === undefined) break;
      mark = next;
    }
    const { written } = placed;
    if (!written && problems.length === 0) {
      problems.push(problem(tag, 'no-literal', 'the string after this @asm is empty'));
    }
    return written;
  }

  /** The last string with a part on the annotation's own line before it, from the first that is joined to it. */
  #before({ line, previous }: AnnotationPlace): number | undefined {
    const { marks } = this.#parts;
    const { kind, start, end } = marks;
    let found: number | undefined;
    for (let mark = firstMarkAt(marks, line.end) - 1; mark >= 0; mark--) {
      if ((start[mark] ?? 0) < previous) break;
      if (found === undefined) {
        if ((end[mark] ?? 0) <= line.start) break;
        if (kind[mark] === Mark.string) found = mark;
      } else if (kind[mark] === Mark.string) {
        if (this.#gap(end[mark] ?? 0, start[found] ?? 0) === undefined) break;
        found = mark;
      } else if (kind[mark] !== Mark.comment) break;
    }
    return found;
  }

  /** The first string that begins on one of the next lines of code. */
  #after({ after, limit }: AnnotationPlace): number | undefined {
    const { text, marks } = this.#parts;
    const { kind, start } = marks;
    for (let mark = firstMarkAt(marks, after); (start[mark] ?? Infinity) < limit; mark++) {
      if (kind[mark] !== Mark.string) continue;
      const before = withoutComments(text, marks, after, start[mark] ?? 0).split('\n');
      const own = before.pop();
      const lines = before.filter((line) => line.trim() !== '').length;
      return own !== undefined && lines < codeLines ? mark : undefined;
    }
    return undefined;
  }

  /** What joins two strings: an operator, nothing (adjacent), or undefined for what does not. */
  #gap(from: number, to: number): string | undefined {
    const { text, marks, language } = this.#parts;
    if (to - from > longestGap) return undefined;
    const gap = withoutComments(text, marks, from, to)
      .replaceAll(/\\\r?\n/g, ' ')
      .trim();
    // The prefix of the next string, as in r"…".
    const bare = gap.replace(/(?:^|\s)(?:r|R|b|f|u|u8|L|@|\$)$/, '').trim();
    return bare === '' || language.joins.includes(bare) ? bare : undefined;
  }

  /** The mark of the string that goes on where one ends, or undefined. */
  #joined(end: number, limit: number, problems: Problem[]): number | undefined {
    const { text, marks, language } = this.#parts;
    const { kind, start } = marks;
    let mark = firstMarkAt(marks, end);
    while (kind[mark] === Mark.comment) mark++;
    const next = start[mark] ?? text.length;
    if (kind[mark] === Mark.string && next < limit && this.#gap(end, next) !== undefined)
      return mark;
    const rest = withoutComments(text, marks, end, Math.min(text.length, end + longestGap));
    const lead = rest.length - rest.trimStart().length;
    const sign = language.joins.find((join) => rest.startsWith(join, lead));
    if (sign !== undefined && rest.charAt(lead + sign.length) !== '=') {
      const span = { start: end + lead, end: end + lead + sign.length };
      problems.push(problem(span, 'partial-literal', 'only part of this text is literal'));
    }
    return undefined;
  }

  /** Adds what a string says. */
  #read(token: StringToken, mark: number, placed: PlacedText, problems: Problem[]): void {
    const { text, marks, language } = this.#parts;
    const { content, prefix } = token;
    const form = language.strings[marks.link[mark] ?? 0];
    const isRaw = marks.link[mark] === rawForm || /r/i.test(prefix);
    const escape = isRaw ? 'none' : (form?.escape ?? 'none');
    const sign = /f/i.test(prefix) ? '{' : language.interpolation[text.charAt(content.start - 1)];
    const value =
      sign === undefined || isRaw ? -1 : text.slice(content.start, content.end).indexOf(sign);
    if (sign !== undefined && value >= 0) {
      const span = { start: content.start + value, end: content.start + value + sign.length };
      problems.push(problem(span, 'bad-string', 'a value put into a string is not literal'));
    }
    for (let at = content.start; at < content.end;) {
      const character = text.charAt(at);
      if (escape === 'backslash' && character === '\\') {
        const { means, length } = escapeAt(text.slice(at, Math.min(at + 12, content.end)));
        if (means === undefined) {
          const end = Math.min(at + 2, content.end);
          const message = `the escape "${text.slice(at, end)}" is not known`;
          problems.push(problem({ start: at, end }, 'bad-string', message));
        } else placed.add(means, at, at + length);
        at += length;
      } else if (
        escape === 'doubled' &&
        character === form?.close &&
        text.charAt(at + 1) === character
      ) {
        placed.add(character, at, at + 2);
        at += 2;
      } else {
        placed.add(character, at, at + 1);
        at++;
      }
    }
  }
}

/** What an escape at the start of a text means, and how long it is. */
function escapeAt(text: string): { means: string | undefined; length: number } {
  const gap = /^\\\r?\n/.exec(text)?.[0];
  if (gap !== undefined) return { means: '', length: gap.length };
  const digits = /^\\(?:x([\da-f]{1,2})|u([\da-f]{4})|u\{([\da-f]{1,6})\}|([0-7]{1,3}))/i.exec(
    text,
  );
  if (digits) {
    const [whole, byte, unit, point, octal] = digits;
    const hex = byte ?? unit ?? point;
    const value = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
    const isCharacter = value > 0 && value <= 0x10_ffff;
    return { means: isCharacter ? String.fromCodePoint(value) : undefined, length: whole.length };
  }
  const code = escapeByte(text.charAt(1));
  const means = code === undefined || code === 0 ? undefined : String.fromCharCode(code);
  return { means, length: 2 };
}
