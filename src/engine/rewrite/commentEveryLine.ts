/** A literal laid out anew: one instruction a line, each with a comment that says it. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { AssemblySyntax } from '../../model/assembly.ts';
import type { JitBlock } from '../../model/block.ts';
import type { Span } from '../../model/text.ts';
import { BlockInstructions } from '../blockInstructions.ts';
import { attempt, CannotRewrite, type Rewrite, type TextEdit } from './edit.ts';
import { commentsIn, lineEnd, linesOf } from './gaps.ts';
import { type Layout, layoutOf } from './layout.ts';
import { literalStyle, type LiteralStyle } from './literalStyle.ts';
import { type Above, type Row, RowComments } from './rows.ts';
import { readAgain, type Reading } from './readAgain.ts';

export interface RewriteOptions extends Reading {
  /** The disassembler of the block's architecture. */
  readonly disassembler: Disassembler;
  /** Where the comments themselves do not tell. */
  readonly syntax: AssemblySyntax;
  /** One step of indentation; by default as the text has it. */
  readonly step?: string | undefined;
}

/** Bytes on a line of data that had all stood on one line. */
const dataPerLine = 16;

/** Elements wider than this do not move the comments of all the others to the right, in characters. */
const widestAligned = 64;

/** Blanks between the elements and the comments of the widest line. */
const blanksBefore = 2;

/**
 * Lays a block's literals out with one instruction a line and a comment that says it. Elements stay as they are
 * written; comments that say what their bytes are stay, and so does prose: beside its instruction, or above where
 * it was about several. Applying it twice changes nothing.
 */
export function commentEveryLine(text: string, block: JitBlock, options: RewriteOptions): Rewrite {
  return attempt(() => {
    if (block.broken) throw new CannotRewrite('the bytes cannot be read whole');
    const style = literalStyle(text, block, options.languageId, options.step);
    const layouts = style.segments.map((segment) => layoutOf(style, segment));
    const whole = withLastComment(block, style, layouts);
    const comments = new RowComments(whole, text, options.disassembler, options.syntax);
    const code = new BlockInstructions(block, options.disassembler);
    const edits = layouts.flatMap((layout) =>
      segmentEdits(style, layout, rowsOf(style, layout, code, comments), comments),
    );
    const changed = edits.filter(({ span, text: now }) => text.slice(span.start, span.end) !== now);
    const { bytes } = readAgain(text, block, changed, options);
    if (!sameBytes(bytes, block.bytes))
      throw new CannotRewrite('the bytes would not read the same afterwards');
    return changed;
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The block with the comments after its strings' last lines, which stand outside the literal. */
function withLastComment(
  block: JitBlock,
  { part }: LiteralStyle,
  layouts: readonly Layout[],
): JitBlock {
  const known = new Set(block.comments.map(({ start }) => start));
  const more = layouts
    .flatMap(({ tail }) => commentsIn(part, tail))
    .filter(({ start }) => !known.has(start));
  return more.length === 0 ? block : { ...block, comments: [...block.comments, ...more] };
}

/** The comments of a gap: beside the line before, above the line after, beside the line after. */
interface GapComments {
  readonly before: readonly Span[];
  readonly above: readonly Above[];
  readonly after: readonly Span[];
}

function commentsOf({ part }: LiteralStyle, gap: Span): GapComments {
  const lines = linesOf(part, gap);
  const [first, last] = [lines[0], lines.at(-1)];
  if (lines.length === 1 || !first || !last)
    return { before: first?.comments ?? [], above: [], after: [] };
  const above: Above[] = [];
  for (const { code, comments } of lines.slice(1, -1)) {
    above.push(...comments);
    // One blank line stays one, several become one.
    if (comments.length === 0 && code === '' && above.at(-1) !== '') above.push('');
  }
  return { before: first.comments, above, after: last.comments };
}

function rowsOf(
  style: LiteralStyle,
  layout: Layout,
  code: BlockInstructions,
  comments: RowComments,
): readonly Row[] {
  const { elements } = style;
  const { from, to } = layout.segment;
  const ends = new Set(code.instructions.map(({ offset, length }) => offset + length));
  const starts = new Map(code.instructions.map((instruction) => [instruction.offset, instruction]));
  const dataFrom = code.instructions.reduce(
    (end, { offset, length }) => Math.max(end, offset + length),
    0,
  );
  const rows: Row[] = [];
  let rowFrom = from;
  let above: Above[] = [];
  let beside: Span[] = [];
  const head = commentsOf(style, layout.head);
  if (linesOf(style.part, layout.head).length > 1) {
    above.push(...head.above);
    beside.push(...head.after);
  } else beside.push(...head.before.filter((comment) => comments.isBeside(comment)));
  if (above[0] === '') above.shift();
  for (let index = from; index < to; index++) {
    const element = elements[index];
    const next = elements[index + 1];
    if (!element) break;
    const end = element.first + element.count;
    const isLast = index + 1 === to || !next;
    const gap = isLast ? layout.tail : { start: element.span.end, end: next.span.start };
    const between = commentsOf(style, gap);
    beside.push(...between.before);
    const first = elements[rowFrom]?.first ?? end;
    const wanted =
      end > dataFrom
        ? layout.segment.isSpread
          ? linesOf(style.part, gap).length > 1
          : end - first >= dataPerLine
        : ends.has(end);
    const breaks = isLast || layout.mustBreak(index) || (wanted && layout.mayBreak(index));
    if (!breaks) {
      above.push(...between.above.filter((one) => one !== ''));
      beside.push(...between.after);
      continue;
    }
    const bytes = { start: first, end };
    const said = [];
    for (let at = first; at < end; at++) {
      const instruction = starts.get(at);
      if (instruction) said.push(instruction);
    }
    const { above: moved, comment } = comments.of(bytes, beside, said);
    rows.push({ from: rowFrom, to: index + 1, bytes, above: [...above, ...moved], comment });
    rowFrom = index + 1;
    // A break that stays as it is keeps what stands in it.
    above = layout.keepsBreak(index) ? [] : [...between.above];
    beside = isLast ? [] : [...between.after];
  }
  return rows;
}

function segmentEdits(
  style: LiteralStyle,
  layout: Layout,
  rows: readonly Row[],
  comments: RowComments,
): TextEdit[] {
  const { part, elements, lineEnd: newline, sign } = style;
  const { text } = part;
  const content = (row: Row): string => {
    let line = layout.rowStart(row.from);
    for (let index = row.from; index < row.to; index++) {
      const span = elements[index]?.span;
      if (span) line += text.slice(span.start, span.end);
      if (index + 1 < row.to) line += layout.inner(index);
    }
    return line + layout.rowEnd(row.to - 1);
  };
  const widths = rows.map((row) => content(row).length);
  const narrow = widths.filter(
    (width, index) => width <= widestAligned && rows[index]?.comment !== undefined,
  );
  const column = Math.max(0, ...narrow) + blanksBefore;
  const written = (comment: string | Span): string =>
    typeof comment === 'string'
      ? `${sign.open}${comment}${sign.close}`
      : text.slice(comment.start, comment.end);
  const beside = (row: Row, width: number): string =>
    row.comment === undefined
      ? ''
      : ' '.repeat(Math.max(column - width, blanksBefore)) + written(row.comment);
  const above = (lines: readonly Above[], indent: string): string =>
    lines.map((line) => (line === '' ? newline : indent + written(line) + newline)).join('');

  const edits: TextEdit[] = [];
  const edit = (start: number, end: number, now: string): void => {
    edits.push({ span: { start, end }, text: now });
  };
  rows.forEach((row, index) => {
    const first = elements[row.from];
    const last = elements[row.to - 1];
    if (!first || !last) return;
    const { indent } = layout.segment;
    if (index === 0) {
      const lead = layout.head;
      const open = layout.headText(headComments(style, lead, comments));
      if (open !== undefined) {
        edit(
          lead.start,
          lead.end,
          open + newline + above(row.above, indent) + layout.rowStart(row.from),
        );
      } else if (row.above.length > 0) {
        const at = lead.end - layout.rowStart(row.from).length;
        edit(at, at, above(row.above, indent));
      }
    }
    for (let inner = row.from; inner + 1 < row.to; inner++) {
      edit(
        elements[inner]?.span.end ?? 0,
        elements[inner + 1]?.span.start ?? 0,
        layout.inner(inner),
      );
    }
    const ending = layout.rowEnd(row.to - 1) + beside(row, widths[index] ?? 0);
    const next = rows[index + 1];
    const nextFirst = next && elements[next.from];
    if (!next || !nextFirst) {
      const foot = commentsOf(style, layout.tail);
      const footing = [...foot.above, ...foot.after];
      while (footing.at(-1) === '') footing.pop();
      edit(
        layout.tail.start,
        layout.tail.end,
        ending + layout.tailText(newline, above(footing, indent)),
      );
    } else if (layout.keepsBreak(row.to - 1)) {
      const stop = lineEnd(text, last.span.end);
      edit(last.span.end, stop, ending);
      if (next.above.length > 0) {
        const at = nextFirst.span.start - layout.rowStart(next.from).length;
        edit(at, at, above(next.above, indent));
      }
    } else {
      edit(
        last.span.end,
        nextFirst.span.start,
        ending + newline + above(next.above, indent) + layout.rowStart(next.from),
      );
    }
  });
  return edits;
}

/** The comments right after an opening bracket, about no bytes, as they are written. */
function headComments(style: LiteralStyle, head: Span, comments: RowComments): string {
  const [first] = linesOf(style.part, head);
  return (first?.comments ?? [])
    .filter((comment) => !comments.isBeside(comment))
    .map(({ start, end }) => ` ${style.part.text.slice(start, end)}`)
    .join('');
}
