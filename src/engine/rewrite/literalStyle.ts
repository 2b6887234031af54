/** How a block's literals are laid out and what a new line of theirs would look like. */
import type { JitBlock } from '../../model/block.ts';
import type { Span } from '../../model/text.ts';
import { Mark } from '../../source/lexer.ts';
import { stringAt, type StringToken } from '../../source/strings.ts';
import { type CommentSign, commentSignOf } from './commentSign.ts';
import { codeOf, indentationAt, lineEnd, lineStart } from './gaps.ts';
import {
  bracketAround,
  elementsOf,
  type LiteralElement,
  partAround,
  type TextPart,
} from './literalElements.ts';

export interface LiteralStyle {
  readonly part: TextPart;
  readonly elements: readonly LiteralElement[];
  /** Runs of elements that are laid out alike: a bracketed list, adjacent strings, a run of directives. */
  readonly segments: readonly Segment[];
  readonly lineEnd: string;
  /** One step of indentation. */
  readonly step: string;
  readonly sign: CommentSign;
}

/** Elements `from` to `to` (exclusive) of a literal, with what stands around them. */
export interface Segment {
  readonly form: 'list' | 'strings' | 'directives';
  readonly from: number;
  readonly to: number;
  /** From after the opening bracket to the first element; of strings and directives empty. */
  readonly head: Span;
  /** From the last element to before the closing bracket, or to the end of the string. */
  readonly tail: Span;
  /** Indentation of the line that the segment begins on. */
  readonly base: string;
  /** Indentation of its lines of elements. */
  readonly indent: string;
  /** Between two elements on a line, with its blanks. */
  readonly separator: string;
  /** Whether its elements stand on several lines. */
  readonly isSpread: boolean;
  /** Why its lines cannot be laid out anew, though its bytes can be replaced; or undefined. */
  readonly fixed: string | undefined;
}

/**
 * Reads the style of a block's literals in the text that it was found in.
 * @param step one step of indentation where the text itself does not tell
 * @throws {CannotRewrite} for literals that have no lines to speak of (base64, repetitions)
 */
export function literalStyle(
  text: string,
  block: JitBlock,
  languageId: string,
  step?: string,
): LiteralStyle {
  const part = partAround(text, languageId, block.literal.start);
  const elements = elementsOf(block, part);
  const steps = step ?? stepOf(part.text);
  return {
    part,
    elements,
    segments: segmentsOf(block, part, elements, steps),
    lineEnd: lineEndOf(text, block.literal.start),
    step: steps,
    sign: commentSignOf(block, part),
  };
}

function lineEndOf(text: string, place: number): string {
  const after = /\r\n|\n|\r/.exec(text.slice(place))?.[0];
  return after ?? /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

/** One step of indentation as the text has it: a tab, or its most common smallest number of blanks. */
function stepOf(text: string): string {
  const sample = text.slice(0, 20_000);
  const tabs = sample.match(/^\t/gm)?.length ?? 0;
  const blanks = sample.match(/^ {2,}(?=\S)/gm) ?? [];
  if (tabs > blanks.length) return '\t';
  const isTwo =
    blanks.some((lead) => lead.length === 2) && !blanks.every((lead) => lead.length % 4 === 0);
  return isTwo ? '  ' : '    ';
}

function segmentsOf(
  block: JitBlock,
  part: TextPart,
  elements: readonly LiteralElement[],
  step: string,
): readonly Segment[] {
  const segments: Segment[] = [];
  for (let from = 0; from < elements.length;) {
    const first = elements[from];
    if (!first) break;
    const bracket = listBracket(block, part, first);
    const form =
      first.string >= 0 && !isDirective(part, first)
        ? 'strings'
        : bracket >= 0
          ? 'list'
          : 'directives';
    const belongs = (element: LiteralElement): boolean => {
      if (form === 'list')
        return element.string < 0 && listBracket(block, part, element) === bracket;
      if (form === 'strings')
        return element.string >= 0 && joinsUp(part, first.string, element.string);
      return (
        listBracket(block, part, element) < 0 && (element.string < 0 || isDirective(part, element))
      );
    };
    let to = from + 1;
    for (let next = elements[to]; next && belongs(next); next = elements[to]) to++;
    const last = elements[to - 1] ?? first;
    const fixed = fixedReason(part, form, bracket, [first, last, elements[to]]);
    const run = { form, from, to, fixed } as const;
    if (form === 'list')
      segments.push({ ...run, ...listAround(part, elements.slice(from, to), bracket, step) });
    else if (form === 'strings')
      segments.push({ ...run, ...stringsAround(part, first, last, step) });
    else segments.push({ ...run, ...directivesAround(part, elements.slice(from, to)) });
    from = to;
  }
  return segments;
}

/** Why the lines of a segment cannot be laid out anew, from its elements and the one after it. */
function fixedReason(
  part: TextPart,
  form: Segment['form'],
  bracket: number,
  [first, last, next]: readonly [LiteralElement, LiteralElement, LiteralElement | undefined],
): string | undefined {
  const { text } = part;
  if (form === 'directives') {
    const before = text.slice(lineStart(text, first.span.start), first.span.start).trimEnd();
    const isBare = before === '' || before.endsWith('=');
    return isBare ? 'a list without brackets has no lines that could be commented' : undefined;
  }
  if (!next) return undefined;
  if (form === 'list' && isNested(part, bracket, next)) {
    return 'the bytes stand in lists inside a list';
  }
  if (form === 'strings' && next.string >= 0 && inSameBracket(part, last, next)) {
    return 'the bytes stand in several strings that are not joined';
  }
  return undefined;
}

/** Whether the next element stands in another list of the list around this one. */
function isNested({ marks }: TextPart, bracket: number, next: LiteralElement): boolean {
  const around = marks.inside[bracket] ?? -1;
  const other = next.string >= 0 ? next.string : bracketAround(marks, next.span.end);
  return around >= 0 && (other === around || marks.inside[other] === around);
}

function inSameBracket({ marks }: TextPart, a: LiteralElement, b: LiteralElement): boolean {
  const around = marks.inside[a.string] ?? -1;
  return around >= 0 && around === marks.inside[b.string];
}

/** The bracket of the list that an element stands in, or -1. */
function listBracket(
  block: JitBlock,
  { marks }: TextPart,
  { span, string }: LiteralElement,
): number {
  const bracket = string >= 0 ? (marks.inside[string] ?? -1) : bracketAround(marks, span.end);
  const at = marks.start[bracket] ?? -1;
  const { literal } = block;
  const isFirst = literal.start <= span.start && span.end <= literal.end;
  return bracket >= 0 && (!isFirst || at >= literal.start) ? bracket : -1;
}

/** Whether nothing but strings and comments stands between two strings. */
function joinsUp({ text, marks }: TextPart, from: number, to: number): boolean {
  for (let mark = from + 1; mark <= to; mark++) {
    if (marks.kind[mark] !== Mark.string && marks.kind[mark] !== Mark.comment) return false;
    const gap = text.slice(marks.end[mark - 1], marks.start[mark]);
    if (!/^(?:\s|\\\r?\n)*\w{0,3}$/.test(gap)) return false;
  }
  return true;
}

const directiveWord = /(?:^|[\s;:])\.?(?:ascii|asciz|string|byte|d[bwdq]|dc\.[bwl])[ \t]+[^"'`]*$/i;

function isDirective({ text, marks, language }: TextPart, { string }: LiteralElement): boolean {
  const at = marks.start[string] ?? 0;
  return language.assembly && directiveWord.test(text.slice(lineStart(text, at), at));
}

/** What separates two elements of a list on a line. */
function separatorOf(part: TextPart, elements: readonly LiteralElement[]): string {
  const counts = new Map<string, number>();
  let sign = '';
  elements.forEach(({ span }, index) => {
    const next = elements[index + 1];
    if (!next) return;
    const gap = codeOf(part, { start: span.end, end: next.span.start });
    sign ||= gap.trim();
    if (!gap.includes('\n')) counts.set(gap, (counts.get(gap) ?? 0) + 1);
  });
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? (sign === '' ? ' ' : `${sign} `);
}

function isSpreadOver(text: string, elements: readonly LiteralElement[]): boolean {
  const [first, last] = [elements[0], elements.at(-1)];
  return (
    first !== undefined &&
    last !== undefined &&
    text.slice(first.span.start, last.span.end).includes('\n')
  );
}

type Around = Omit<Segment, 'form' | 'from' | 'to' | 'fixed'>;

function listAround(
  part: TextPart,
  elements: readonly LiteralElement[],
  bracket: number,
  step: string,
): Around {
  const { text, marks } = part;
  const [first, last] = [elements[0], elements.at(-1)];
  if (!first || !last) throw new RangeError('an empty segment');
  const open = marks.end[bracket] ?? 0;
  const close = marks.start[marks.link[bracket] ?? -1] ?? last.span.end;
  const base = indentationAt(text, open - 1);
  const isFirstOnLine =
    text.slice(lineStart(text, first.span.start), first.span.start).trim() === '';
  return {
    head: { start: open, end: first.span.start },
    tail: { start: last.span.end, end: close },
    base,
    indent: isFirstOnLine ? indentationAt(text, first.span.start) : base + step,
    separator: separatorOf(part, elements),
    isSpread: isSpreadOver(text, elements),
  };
}

/** The string of a mark, with its prefix and quotes. */
export function tokenOf({ text, marks, language }: TextPart, mark: number): StringToken {
  return stringAt(text, marks, mark, language);
}

function stringsAround(
  part: TextPart,
  first: LiteralElement,
  last: LiteralElement,
  step: string,
): Around {
  const { text } = part;
  const open = tokenOf(part, first.string).span.start;
  const close = tokenOf(part, last.string).span.end;
  const base = indentationAt(text, open);
  const isFirstOnLine = text.slice(lineStart(text, open), open).trim() === '';
  return {
    head: { start: first.span.start, end: first.span.start },
    tail: { start: last.span.end, end: close },
    base,
    indent: isFirstOnLine ? base : base + step,
    separator: separatorOf(part, [first, last]) === '' ? '' : stringSeparator(part, first, last),
    isSpread: first.string !== last.string,
  };
}

/** What stands between two pairs of digits of hexadecimal text. */
function stringSeparator({ text }: TextPart, first: LiteralElement, last: LiteralElement): string {
  const inside = text.slice(first.span.end, last.span.start);
  return first.form === 'hex' ? (/^[\s:,_-](?=[0-9a-fA-F]{2})/.exec(inside)?.[0] ?? '') : '';
}

function directivesAround(part: TextPart, elements: readonly LiteralElement[]): Around {
  const { text } = part;
  const [first, last] = [elements[0], elements.at(-1)];
  if (!first || !last) throw new RangeError('an empty segment');
  return {
    head: { start: first.span.start, end: first.span.start },
    tail: { start: last.span.end, end: lineEnd(text, last.span.end) },
    base: indentationAt(text, first.span.start),
    indent: indentationAt(text, first.span.start),
    separator: separatorOf(part, elements),
    isSpread: isSpreadOver(text, elements),
  };
}
