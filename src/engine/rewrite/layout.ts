/** How the lines of a segment begin, go on and end, by its form. */
import type { Span } from '../../model/text.ts';
import { directivesLayout } from './directivesLayout.ts';
import { CannotRewrite } from './edit.ts';
import { listLayout } from './listLayout.ts';
import type { LiteralStyle, Segment } from './literalStyle.ts';
import { stringsLayout } from './stringsLayout.ts';

/** Indexes are those of elements; a gap has the index of the element before it. */
export interface Layout {
  readonly segment: Segment;
  /** What is rewritten before the first element. */
  readonly head: Span;
  /** What is rewritten after the last element. */
  readonly tail: Span;
  /** What stands before an element that begins a line, from the line's start. */
  rowStart(index: number): string;
  /** What stands between two elements on one line. */
  inner(gap: number): string;
  /** What stands after the last element of a line, before its comment. */
  rowEnd(index: number): string;
  mayBreak(gap: number): boolean;
  mustBreak(gap: number): boolean;
  /** Whether the line end of a gap, and what follows it, stays as it is. */
  keepsBreak(gap: number): boolean;
  /** What stands before the first line's start, without its line end; undefined: all stays as it is. */
  headText(comments: string): string | undefined;
  /** What follows the comment of the last line. `footing`: comments on lines of their own. */
  tailText(newline: string, footing: string): string;
}

/**
 * The layout of a segment.
 * @throws {CannotRewrite} where its lines cannot be laid out anew
 */
export function layoutOf(style: LiteralStyle, segment: Segment): Layout {
  if (segment.fixed !== undefined) throw new CannotRewrite(segment.fixed);
  if (segment.form === 'list') return listLayout(style, segment);
  return segment.form === 'strings'
    ? stringsLayout(style, segment)
    : directivesLayout(style, segment);
}
