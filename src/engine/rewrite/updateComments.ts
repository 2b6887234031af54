/** Comments that say another instruction than their bytes are, mended from the bytes. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { JitBlock } from '../../model/block.ts';
import { LineIndex, type Span } from '../../model/text.ts';
import { checkComments, type CommentMismatch } from '../commentCheck/checkComments.ts';
import { inStyleOf } from '../commentCheck/style.ts';
import type { TextEdit } from './edit.ts';

/**
 * The edits that make every comment of a block say what its bytes are, in the comment's own style; none where all do.
 * @param only a place in the text: only the comment beside the bytes or around it
 */
export function updateComments(
  text: string,
  block: JitBlock,
  disassembler: Disassembler,
  only?: number,
): readonly TextEdit[] {
  const lines = new LineIndex(text);
  return checkComments(block, text, lines, disassembler)
    .filter(
      ({ commentSpan }) =>
        only === undefined || lines.lineAt(commentSpan.start) === lines.lineAt(only),
    )
    .map((mismatch) => ({
      span: wordsOf(text, mismatch),
      text: inStyleOf(mismatch.comment, mismatch.decoded),
    }))
    .sort((a, b) => a.span.start - b.span.start);
}

/** The words of a comment in the text, without its signs. */
export function wordsOf(
  text: string,
  { commentSpan, comment }: Pick<CommentMismatch, 'commentSpan' | 'comment'>,
): Span {
  const at = text.slice(commentSpan.start, commentSpan.end).indexOf(comment);
  if (at < 0) return commentSpan;
  const start = commentSpan.start + at;
  return { start, end: start + comment.length };
}
