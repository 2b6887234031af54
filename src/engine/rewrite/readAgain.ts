/** The proof of every rewrite: the text after it, scanned again. */
import type { JitBlock } from '../../model/block.ts';
import { findJitBlocks, type ScanOptions } from '../../source/findJitBlocks.ts';
import { applyEdits, CannotRewrite, type TextEdit } from './edit.ts';

/**
 * The block as it reads after edits that add and remove no annotation.
 * @throws {CannotRewrite} where it cannot be read any more
 */
export function readAgain(
  text: string,
  block: JitBlock,
  edits: readonly TextEdit[],
  { languageId, scan = {} }: { readonly languageId: string; readonly scan?: ScanOptions },
): JitBlock {
  const moved = edits
    .filter(({ span }) => span.end <= block.tag.start)
    .reduce((sum, { span, text: now }) => sum + now.length - (span.end - span.start), 0);
  const { blocks } = findJitBlocks(applyEdits(text, edits), languageId, scan);
  const found = blocks.find(({ tag }) => tag.start === block.tag.start + moved);
  if (!found || found.broken)
    throw new CannotRewrite('the bytes would not read the same afterwards');
  return found;
}
