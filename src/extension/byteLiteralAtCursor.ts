/**
 * Bytes without an annotation: the selected ones, or the innermost literal around the cursor. They are read by the
 * scanner itself, from a text that has an annotation of the user's words before them.
 */
import type { JitBlock, Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import { findJitBlocks, type ScanOptions } from '../source/findJitBlocks.ts';
import { languageOf, type Language } from '../source/languages.ts';
import { lex, Mark, type Marks } from '../source/lexer.ts';
import { isMarkdown, markdownFences } from '../source/markdown.ts';

/** Bytes in a text, and how to have them read. */
export interface ByteLiteral {
  readonly span: Span;
  /** What the scanner reads: the literal, and what stands before and after it and says how it is meant. */
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly languageId: string;
  /** Whether nothing but the literal may stand in `text`; around a selected one there may be more. */
  readonly exact: boolean;
}

/** A literal read with the user's words: a block whose spans are those of the text it stands in. */
export type LiteralReading =
  | { readonly block: JitBlock }
  | { readonly block: undefined; readonly problem: Problem | undefined };

/** Longer texts are searched only around the cursor, so that the search takes no time. */
const searched = 60_000;

/** Characters of the line that may say how a literal is meant, such as its element type. */
const longestLead = 200;

const directiveLine =
  /^\s*(?:[\w.$@]+:\s*|[\w.$@?]+\s+(?=d[bwdq]\s))?(?:\.?(?:byte|[248]byte|word|hword|short|long|int|quad|octa|inst|dc\.[bwl]|d[bwdq]|BYTE|WORD|LONG|QUAD)|data\.a|_emit)\b/i;

/**
 * The selected bytes, or those around the cursor, or undefined where there are none.
 * @param selection in offsets; empty for a cursor
 */
export function byteLiteralAt(
  text: string,
  languageId: string,
  selection: Span,
  options: ScanOptions,
): ByteLiteral | undefined {
  for (const candidate of candidates(text, languageId, selection)) {
    const { block } = readLiteral(candidate, '() -> i64', '()', options);
    if (block) return candidate;
    const broken = scanLiteral(candidate, '() -> i64', '()', options);
    if (broken && broken.block.bytes.length > 1) return candidate;
  }
  return undefined;
}

/**
 * Reads a literal as if an annotation stood before it.
 * @param signature as after `@jit`
 * @param call as after `@call`, in brackets, or with an expectation
 */
export function readLiteral(
  literal: ByteLiteral,
  signature: string,
  call: string,
  options: ScanOptions,
): LiteralReading {
  const scanned = scanLiteral(literal, signature, call, options);
  const problem =
    scanned?.problems.find(({ severity }) => severity === 'error') ?? scanned?.problems[0];
  if (!scanned || problem || scanned.block.broken) return { block: undefined, problem };
  const { block, offset } = scanned;
  const end = { start: literal.span.end, end: literal.span.end };
  const here = (span: Span): Span => ({ start: span.start + offset, end: span.end + offset });
  return {
    block: {
      ...block,
      tag: { start: literal.span.start, end: literal.span.start },
      annotation: { start: literal.span.start, end: literal.span.start },
      architectureSpan: literal.span,
      literal: literal.span,
      byteSpans: { length: block.byteSpans.length, at: (index) => here(block.byteSpans.at(index)) },
      comments: block.comments.map(here),
      calls: block.calls.map((one) => ({ ...one, tag: end, span: end })),
    },
  };
}

interface Scanned {
  readonly block: JitBlock;
  readonly problems: readonly Problem[];
  /** From a place in what was scanned to the same place in the user's text. */
  readonly offset: number;
}

function scanLiteral(
  literal: ByteLiteral,
  signature: string,
  call: string,
  options: ScanOptions,
): Scanned | undefined {
  const { line, block: pairs } = languageOf(literal.languageId);
  const sign = line[0];
  const pair = pairs[0];
  const oneLine = (words: string): string => words.replace(/[\r\n]+/g, ' ');
  const tags = [`@jit ${oneLine(signature)}`, `@call ${oneLine(call)}`];
  const annotation =
    sign !== undefined
      ? tags.map((tag) => `${sign} ${tag}\n`).join('')
      : `${pair?.open ?? '/*'} ${tags.join('\n')}\n${pair?.close ?? '*/'}\n`;
  const lead = annotation + literal.before;
  const text = `${lead}${literal.text}${literal.after}`;
  const { blocks, problems } = findJitBlocks(text, literal.languageId, options);
  const block = blocks[0];
  if (!block) return undefined;
  // A literal before or after ours is not the one that was meant.
  const end = lead.length + literal.text.length;
  const { start, end: stop } = block.literal;
  const misses = literal.exact
    ? start > lead.length || stop < end
    : start >= end || stop <= lead.length;
  if (block.bytes.length > 0 && misses) return undefined;
  return { block, problems, offset: literal.span.start - lead.length };
}

function* candidates(text: string, languageId: string, selection: Span): Generator<ByteLiteral> {
  const part = partAround(text, languageId, selection.start);
  const { language } = part;
  const id = language.ids[0] ?? languageId;
  const make = (span: Span, lead = leadOf(text, span.start)): ByteLiteral => ({
    span,
    before: lead,
    text: text.slice(span.start, span.end),
    after: '',
    languageId: id,
    exact: selection.end === selection.start,
  });
  if (selection.end > selection.start) {
    const trimmed = trim(text, selection);
    if (trimmed.end === trimmed.start) return;
    yield make(trimmed);
    yield make(trimmed, '');
    yield { ...make(trimmed, '['), after: ']' };
    return;
  }
  const marks = lex(text.slice(0, part.end), language, part.start);
  for (const span of enclosing(text, marks, selection.start)) {
    yield make(span);
    yield make(span, '');
  }
  const lines = directiveLines(text, selection.start);
  if (lines) yield make(lines, '');
}

interface Part extends Span {
  readonly language: Language;
}

/** The part of a text that is searched: around the cursor, and in Markdown the fence that it stands in. */
function partAround(text: string, languageId: string, cursor: number): Part {
  if (isMarkdown(languageId)) {
    const fence = markdownFences(text).find(
      ({ span }) => span.start <= cursor && cursor <= span.end,
    );
    return fence
      ? { ...fence.span, language: fence.language }
      : { start: 0, end: 0, language: languageOf('') };
  }
  const language = languageOf(languageId);
  if (text.length <= searched) return { start: 0, end: text.length, language };
  const from = text.lastIndexOf('\n', Math.max(0, cursor - searched / 2)) + 1;
  return { start: from, end: Math.min(text.length, cursor + searched / 2), language };
}

/** Strings, with those joined to them, and closed bracket pairs around a place, innermost first. */
function* enclosing(text: string, marks: Marks, cursor: number): Generator<Span> {
  const { kind, start, end, link } = marks;
  const found: Span[] = [];
  for (let mark = 0; (start[mark] ?? Infinity) <= cursor; mark++) {
    const from = start[mark] ?? 0;
    if (kind[mark] === Mark.string && (end[mark] ?? 0) >= cursor) {
      found.push(joinedStrings(text, marks, mark));
    } else if (kind[mark] === Mark.open) {
      const stop = end[link[mark] ?? -1];
      if (stop !== undefined && stop >= cursor) found.push({ start: from, end: stop });
    }
  }
  yield* found.reverse();
}

/** The run of strings, comments between them, that a string stands in. */
function joinedStrings(text: string, { kind, start, end }: Marks, mark: number): Span {
  const isJoined = (a: number, b: number): boolean =>
    /^(?:\s|\\\r?\n)*\w{0,2}$/.test(text.slice(end[a], start[b])) &&
    (kind[b] === Mark.string || kind[b] === Mark.comment) &&
    (kind[a] === Mark.string || kind[a] === Mark.comment);
  let first = mark;
  for (let at = mark; at > 0 && isJoined(at - 1, at); at--)
    if (kind[at - 1] === Mark.string) first = at - 1;
  let last = mark;
  for (let at = mark; isJoined(at, at + 1); at++) if (kind[at + 1] === Mark.string) last = at + 1;
  return { start: start[first] ?? 0, end: end[last] ?? 0 };
}

/** The line of the cursor, where it is one of `.byte` or its like, and the ones before and after that continue it. */
function directiveLines(text: string, cursor: number): Span | undefined {
  const lineAt = (offset: number): Span => {
    const start = text.lastIndexOf('\n', offset - 1) + 1;
    const stop = text.indexOf('\n', start);
    return { start, end: stop < 0 ? text.length : stop };
  };
  const isDirective = ({ start, end }: Span): boolean =>
    directiveLine.test(text.slice(start, Math.min(end, start + 200)));
  const line = lineAt(cursor);
  if (!isDirective(line)) return undefined;
  let { start, end } = line;
  for (let before = start; before > 0;) {
    const above = lineAt(before - 1);
    if (!isDirective(above)) break;
    start = before = above.start;
  }
  for (let after = end; after < text.length;) {
    const below = lineAt(after + 1);
    if (!isDirective(below)) break;
    end = after = below.end;
  }
  return trim(text, { start, end });
}

/** What stands before a literal on its line: a declaration may say how wide its elements are. */
function leadOf(text: string, start: number): string {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(Math.max(line, start - longestLead), start);
}

function trim(text: string, { start, end }: Span): Span {
  const slice = text.slice(start, end);
  const leading = slice.length - slice.trimStart().length;
  return { start: start + leading, end: Math.max(start + leading, start + slice.trimEnd().length) };
}
