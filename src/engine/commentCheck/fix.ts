/** The edit that makes a comment say what its bytes are. */
import type { Span } from '../../model/text.ts';
import type { CommentMismatch } from './checkComments.ts';
import { inStyleOf } from './style.ts';

/** A part of the text, and what is to stand there. */
export interface CommentFix {
  readonly span: Span;
  readonly text: string;
}

/**
 * What the bytes are, in the way in which the author writes, in place of the instruction that the comment names; its signs stay.
 * @param comment the comment as it stands in the text, with its signs
 */
export function commentFix(comment: string, mismatch: CommentMismatch): CommentFix {
  const { commentSpan, comment: said, decoded } = mismatch;
  const text = inStyleOf(said, decoded);
  const at = comment.indexOf(said);
  if (at < 0) return { span: commentSpan, text };
  const start = commentSpan.start + at;
  return { span: { start, end: start + said.length }, text };
}
