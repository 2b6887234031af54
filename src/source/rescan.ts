/** Reading a text again after an edit: only the annotations around it, the others are moved. */
import {
  type Argument,
  type ByteSpans,
  type Call,
  type JitBlock,
  type Problem,
  spanOfBlock,
} from '../model/block.ts';
import { lastAtMost } from '../model/search.ts';
import type { Span } from '../model/text.ts';
import { scanSegment, type ScanOptions } from './findJitBlocks.ts';
import { Mark, type Marks } from './lexer.ts';
import { isMarkdown } from './markdown.ts';

/** A text and what was found in it. */
export interface Scanned {
  readonly text: string;
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  readonly seams: readonly number[];
}

/** UTF-16 code units between two seams that are read again; a longer part is no less work than the whole text. */
const longestPart = 48_000;

/** With one of these what an annotation means does not stand between it and the next. */
const reachingTags = /@(?:more|asm)\b/;

/**
 * What a text holds, from what an earlier state of it held. The same as a scan of the whole text, or undefined where only
 * that can tell: where the edit reaches over many annotations, or opens something that does not end near it.
 * @param languageId and `options` must be those of the earlier scan
 */
export function rescan(
  before: Scanned,
  text: string,
  languageId: string,
  options: ScanOptions,
): Scanned | undefined {
  if (before.seams.length === 0 || isMarkdown(languageId) || reachingTags.test(text))
    return undefined;
  const edit = editBetween(before.text, text);
  const moved = edit.newEnd - edit.oldEnd;
  const { seams } = before;
  // An edit right at a seam may take it away, so both lie strictly outside.
  const first = lastAtMost(seams, edit.start - 1);
  const start = seams[first] ?? 0;
  const next = seams.findIndex((seam) => seam > edit.oldEnd);
  const oldEnd = next < 0 ? before.text.length : (seams[next] ?? 0);
  const end = oldEnd + moved;
  // What follows a literal is looked at too, so the next annotation is read with it.
  const oldStop = next < 0 ? oldEnd : (seams[next + 1] ?? before.text.length);
  const stop = oldStop + moved;
  if (stop - start > longestPart) return undefined;
  const part = scanSegment(text, { start, end: stop }, languageId, options);
  if (first >= 0 && part.seams[0] !== start) return undefined;
  if (next >= 0) {
    if (!part.seams.includes(end)) return undefined;
    if (part.marks.cut && stop < text.length) return undefined;
    const old = scanSegment(before.text, { start, end: oldStop }, languageId, options);
    if (unpaired(before.text, old.marks) !== unpaired(text, part.marks)) return undefined;
  }
  // What is wrong with a literal may stand beside the next annotation.
  const besideNext = (list: readonly Problem[], from: number, to: number, by: number): string =>
    list
      .filter(({ span }) => span.start >= from && span.start < to)
      .map(({ span, message }) => `${span.start + by} ${message}`)
      .join('\n');
  if (
    besideNext(part.problems, end, stop, 0) !== besideNext(before.problems, oldEnd, oldStop, moved)
  ) {
    return undefined;
  }
  const joined = <T>(old: readonly T[], found: readonly T[], placeOf: Place<T>): readonly T[] => [
    ...old.filter((one) => placeOf.startOf(one) < start),
    ...found.filter((one) => placeOf.startOf(one) < end),
    ...old
      .filter((one) => placeOf.startOf(one) >= oldEnd)
      .map((one) => (moved === 0 ? one : placeOf.moved(one, moved))),
  ];
  return {
    text,
    blocks: joined(before.blocks, part.blocks, placeOfBlock),
    problems: joined(before.problems, part.problems, placeOfProblem),
    seams: joined(seams, part.seams, placeOfSeam),
  };
}

/** How a list is cut in pieces and put together again. */
interface Place<T> {
  readonly startOf: (one: T) => number;
  readonly moved: (one: T, by: number) => T;
}

const placeOfBlock: Place<JitBlock> = {
  startOf: (block) => spanOfBlock(block).start,
  moved: movedBlock,
};

const placeOfProblem: Place<Problem> = {
  startOf: ({ span }) => span.start,
  moved: (one, by) => ({ ...one, span: movedSpan(one.span, by) }),
};

const placeOfSeam: Place<number> = { startOf: (seam) => seam, moved: (seam, by) => seam + by };

/** Where two texts differ. */
interface Edit {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

function editBetween(before: string, after: string): Edit {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shortest - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/** The brackets of a part that have no partner in it, in their order. */
function unpaired(text: string, { kind, start, link }: Marks): string {
  let signs = '';
  for (let mark = 0; mark < kind.length; mark++) {
    if (kind[mark] !== Mark.open && kind[mark] !== Mark.close) continue;
    if ((link[mark] ?? -1) < 0) signs += text.charAt(start[mark] ?? 0);
  }
  return signs;
}

function movedSpan({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}

function movedBlock(block: JitBlock, by: number): JitBlock {
  const span = (one: Span): Span => movedSpan(one, by);
  const withSpan = <T extends { readonly span: Span }>(one: T): T => ({
    ...one,
    span: span(one.span),
  });
  const movedCall = (call: Call): Call => ({
    ...call,
    span: span(call.span),
    tag: span(call.tag),
    arguments: call.arguments.map((one: Argument) => withSpan(one)),
    expectation: call.expectation && withSpan(call.expectation),
  });
  return {
    ...block,
    tag: span(block.tag),
    annotation: span(block.annotation),
    architectureSpan: span(block.architectureSpan),
    abiSpan: block.abiSpan && span(block.abiSpan),
    byteSpans: movedByteSpans(block.byteSpans, by),
    literal: span(block.literal),
    patches: block.patches.map(withSpan),
    calls: block.calls.map(movedCall),
    refused: block.refused && withSpan(block.refused),
    comments: block.comments.map(span),
  };
}

/** Byte spans that stand elsewhere than when they were read. */
class MovedByteSpans implements ByteSpans {
  readonly original: ByteSpans;
  readonly by: number;

  constructor(original: ByteSpans, by: number) {
    this.original = original;
    this.by = by;
  }

  get length(): number {
    return this.original.length;
  }

  at(index: number): Span {
    return movedSpan(this.original.at(index), this.by);
  }
}

function movedByteSpans(spans: ByteSpans, by: number): ByteSpans {
  return spans instanceof MovedByteSpans
    ? new MovedByteSpans(spans.original, spans.by + by)
    : new MovedByteSpans(spans, by);
}
