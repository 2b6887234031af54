/** Instructions in the way in which an author writes them. */

/** Numbers from here on are clearer in hexadecimal, whatever the author's habit. */
const longNumber = 0x1_0000;

/**
 * A decoded instruction with the habits of a comment beside it: its numbers in decimal where the comment has none in hexadecimal,
 * its blank after a comma, its capitals.
 */
export function inStyleOf(comment: string, decoded: string): string {
  let text = decoded;
  const isHexadecimal = /0x|\$[a-f]|\b[0-9][0-9a-f]*h\b/i.test(comment);
  if (!isHexadecimal) {
    text = text.replace(/0x([0-9a-f]+)\b/g, (whole, digits: string) => {
      const value = Number.parseInt(digits, 16);
      return value < longNumber ? String(value) : whole;
    });
  }
  const tight = /,\S/.test(comment) && !/,\s/.test(comment);
  text = text.replace(/,\s*/g, tight ? ',' : ', ');
  const letters = comment.replace(/0x[0-9a-f]+/gi, '');
  if (/[A-Z]/.test(letters) && !/[a-z]/.test(letters)) {
    text = text.toUpperCase().replace(/0X/g, '0x');
  }
  return text;
}
