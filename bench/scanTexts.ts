/** Texts of about one megabyte that the scanner is measured with. */

const line = (n: number): string =>
  `let value_${n} = compute("text ${n}", other[${n % 7}]); // a comment\n`;

function fill(size: number, make: (n: number) => string): string {
  const parts: string[] = [];
  for (let n = 0, length = 0; length < size; n++) {
    const part = make(n);
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}

const megabyte = 1 << 20;

function bytesText(size: number): string {
  return fill(size, (n) => (n % 16 === 15 ? '0xc3, // ret\n' : '0x90, '));
}

/** Ten thousand annotated arrays in about a megabyte. */
export function manyArrays(count = 10_000): string {
  const parts: string[] = [];
  for (let n = 0; n < count; n++) {
    parts.push(
      `// @jit f${n}(i64) -> i64\n// @call (4) => 8\nlet a${n} = [0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3];\n`,
    );
  }
  return parts.join('');
}

/** A long file with one array at its end. */
export function manyLines(count = 100_000): string {
  const parts: string[] = [];
  for (let n = 0; n < count - 4; n++) parts.push(n % 3 === 0 ? '\n' : `x${n} = ${n};\n`);
  parts.push(
    '// @jit (i64) -> i64\n// @call (4) => 8\nlet a = [0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3];\n',
  );
  return parts.join('');
}

export const scanTexts: Readonly<Record<string, string>> = {
  'no tag at all': fill(megabyte, line),
  'one tag over 1 MB of bytes': `// @jit (i64) -> i64\nlet a = [\n${bytesText(megabyte)}];\n`,
  '10,000 arrays': manyArrays(),
  'an open bracket on every 1,000th line': fill(megabyte, (n) =>
    n % 1000 === 0 ? '// @jit (i64) -> i64\nlet a = [0x48, 0x89,\n' : line(n),
  ),
  'an open string on every 1,000th line': fill(megabyte, (n) =>
    n % 1000 === 0 ? '// @jit (i64) -> i64\nlet a = "\\x48\\x89\n' : line(n),
  ),
};
