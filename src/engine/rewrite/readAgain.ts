/** The proof of every rewrite: the text after it, read again. */
import type { JitBlock } from '../../model/block.ts';
import { findJitBlocks, type ScanOptions } from '../../source/findJitBlocks.ts';
import { applyEdits, CannotRewrite, type TextEdit } from './edit.ts';

/** How the text is read. */
export interface Reading {
  readonly languageId: string;
  readonly scan?: ScanOptions;
  /** Reads bytes without an annotation around a place; by default those of the block's own annotation are read. */
  readonly literalAt?: (text: string, place: number) => JitBlock | undefined;
}

/**
 * The block as it reads after edits that add and remove no annotation.
 * @throws {CannotRewrite} where it cannot be read any more
 */
export function readAgain(
  text: string,
  block: JitBlock,
  edits: readonly TextEdit[],
  { languageId, scan = {}, literalAt }: Reading,
): JitBlock {
  const after = applyEdits(text, edits);
  const place = block.tag.start;
  // Annotations keep their order, also one that stands among the bytes and moves with them.
  const scanned = (whole: string) => findJitBlocks(whole, languageId, scan).blocks;
  const found = literalAt
    ? literalAt(after, movedBy(edits, block.byteSpans.at(0).end))
    : scanned(after)[scanned(text).findIndex(({ tag }) => tag.start === place)];
  if (!found || found.broken) {
    throw new CannotRewrite('the bytes would not read the same afterwards');
  }
  return found;
}

/** Where a place that no edit touches stands after the edits. */
export function movedBy(edits: readonly TextEdit[], place: number): number {
  return edits
    .filter(({ span }) => span.end <= place)
    .reduce((sum, { span, text }) => sum + text.length - (span.end - span.start), place);
}
