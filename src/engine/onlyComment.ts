/** What may stand between bytes and the comment of their calls. */

/** Ends of the literal's statement, then lines that begin with a sign, as those of comments do. */
const signedLines = /^[\s;,)\]}]*(?:[^\w\s][^\n]*(?:\n\s*|$))*$/;

/**
 * Whether a text after a literal is the rest of its statement and comments. Takes time in proportion to the text's length,
 * or to its square where it is nothing but closing signs.
 */
export function isOnlyComment(text: string): boolean {
  return signedLines.test(text);
}
