/** The block that a place in a text means. */
import { type JitBlock, spanOfBlock } from '../model/block.ts';
import type { DocumentScan } from './scanCache.ts';

/** The block that holds a place, from its annotation to the end of its literal. */
export function blockAround({ blocks }: DocumentScan, place: number): JitBlock | undefined {
  return blocks.find((block) => {
    const { start, end } = spanOfBlock(block);
    return start <= place && place <= end;
  });
}

/** The block on whose lines a place is; where two share the line, the one that holds the place. */
export function blockOnLine({ blocks, text }: DocumentScan, place: number): JitBlock | undefined {
  const lineStart = text.lastIndexOf('\n', place - 1) + 1;
  const newline = text.indexOf('\n', place);
  const lineEnd = newline < 0 ? text.length : newline;
  const near = blocks.filter((block) => {
    const { start, end } = spanOfBlock(block);
    return start <= lineEnd && end >= lineStart;
  });
  return (
    near.find(({ annotation, literal }) => annotation.start <= place && place <= literal.end) ??
    near[0]
  );
}
