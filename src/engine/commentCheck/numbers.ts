/** Numbers and simple sums of them, as assemblers write them. */

/** A number read, every value it may mean, and where it ends. */
export interface NumberRead {
  readonly values: readonly bigint[];
  readonly end: number;
}

const number =
  /(?:0x([0-9a-f_]+)|0b([01_]+)|0o([0-7_]+)|([0-9][0-9a-f_]*)h|([01][01_]*)b|([0-9][0-9_]*))(?![\w.])/y;
/** What follows a backslash in C's characters. */
const escapes: Readonly<Record<string, bigint>> = {
  '0': 0n,
  a: 7n,
  b: 8n,
  t: 9n,
  n: 10n,
  v: 11n,
  f: 12n,
  r: 13n,
  e: 27n,
};
const character = /'(\\?.)'|"(\\?.)"/y;

/** The number at a place in lower-case text, or undefined. */
function readLiteral(text: string, at: number): NumberRead | undefined {
  character.lastIndex = at;
  const quoted = character.exec(text);
  if (quoted) {
    const letter = quoted[1] ?? quoted[2] ?? '';
    const escaped = letter.length > 1 ? escapes[letter.slice(1)] : undefined;
    if (escaped !== undefined) return { values: [escaped], end: character.lastIndex };
    const code = letter.codePointAt(letter.length - 1) ?? 0;
    // The text was made lower case before; a capital letter may have stood there.
    const values = [BigInt(code), ...(/^[a-z]$/.test(letter) ? [BigInt(code - 32)] : [])];
    return { values, end: character.lastIndex };
  }
  number.lastIndex = at;
  const match = number.exec(text);
  if (!match) return undefined;
  const end = number.lastIndex;
  const [, hex, binary, octal, suffixed, binarySuffixed, decimal] = match;
  const big = (prefix: string, digits: string): bigint | undefined => {
    const plain = digits.replaceAll('_', '');
    return plain === '' ? undefined : BigInt(prefix + plain);
  };
  const values: (bigint | undefined)[] = [];
  if (hex !== undefined) values.push(big('0x', hex));
  if (binary !== undefined) values.push(big('0b', binary));
  if (octal !== undefined) values.push(big('0o', octal));
  if (suffixed !== undefined) values.push(big('0x', suffixed));
  if (binarySuffixed !== undefined) values.push(big('0b', binarySuffixed));
  if (decimal !== undefined) {
    values.push(big('', decimal));
    // GNU as reads a leading zero as octal, NASM as nothing.
    if (/^0[0-7_]+$/.test(decimal)) values.push(big('0o', decimal));
  }
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : { values: known, end };
}

/** Longest sum that is read, so that no comment can take long. */
const mostTerms = 16;

/**
 * The number or sum at a place in lower-case text: `-8`, `~0`, `4*8+1`, `1<<3`. Products and shifts bind
 * before sums, from left to right.
 */
export function readNumber(text: string, at: number): NumberRead | undefined {
  let sum = readProduct(text, at);
  for (let terms = 0; sum && terms < mostTerms; terms++) {
    const sign = /\s*([+-])\s*/y;
    sign.lastIndex = sum.end;
    const match = sign.exec(text);
    if (!match) break;
    const next = readProduct(text, sign.lastIndex);
    if (!next) break;
    const minus = match[1] === '-';
    sum = {
      values: combine(sum.values, next.values, (a, b) => (minus ? a - b : a + b)),
      end: next.end,
    };
  }
  return sum;
}

function readProduct(text: string, at: number): NumberRead | undefined {
  let product = readFactor(text, at);
  for (let factors = 0; product && factors < mostTerms; factors++) {
    const sign = /\s*(\*|<<)\s*/y;
    sign.lastIndex = product.end;
    const match = sign.exec(text);
    if (!match) break;
    const next = readFactor(text, sign.lastIndex);
    if (!next || next.values.some((value) => value > 64n)) break;
    const shift = match[1] === '<<';
    if (shift && next.values.some((value) => value < 0n)) break;
    product = {
      values: combine(product.values, next.values, (a, b) => (shift ? a << b : a * b)),
      end: next.end,
    };
  }
  return product;
}

function readFactor(text: string, at: number): NumberRead | undefined {
  const signs = /[\s+~-]*/y;
  signs.lastIndex = at;
  const before = (signs.exec(text)?.[0] ?? '').replaceAll(/\s/g, '');
  if (before.length > 2) return undefined;
  let read = readLiteral(text, at + (signs.lastIndex - at));
  if (!read && text[signs.lastIndex] === '(' && before.length === 0) {
    const inner = /\(\s*(-?\s*[0-9a-fx]+)\s*\)/y;
    inner.lastIndex = signs.lastIndex;
    const match = inner.exec(text);
    const value = match?.[1] === undefined ? undefined : readFactor(match[1], 0);
    if (match && value?.end === match[1]?.length) {
      read = { values: value?.values ?? [], end: inner.lastIndex };
    }
  }
  if (!read) return undefined;
  let { values } = read;
  for (const sign of [...before].reverse()) {
    if (sign === '-') values = values.map((value) => -value);
    if (sign === '~') values = values.map((value) => ~value);
  }
  return { values, end: read.end };
}

function combine(
  left: readonly bigint[],
  right: readonly bigint[],
  operate: (a: bigint, b: bigint) => bigint,
): bigint[] {
  return left.flatMap((a) => right.map((b) => operate(a, b))).slice(0, 4);
}
