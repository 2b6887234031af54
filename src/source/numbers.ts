/** One element of a byte list: a number in any of the spellings that languages have. */
import type { Language } from './languages.ts';

/** A number as written. */
export interface NumberElement {
  readonly value: bigint;
  /** Hexadecimal digits given, or undefined for another base. */
  readonly hexDigits: number | undefined;
  /** Width and order that a wrapper such as `cpu_to_be32(…)` states. */
  readonly bits?: number;
  readonly bigEndian?: boolean;
  /** A leading zero that means octal elsewhere than in this language, with both readings different. */
  readonly ambiguousZero?: true;
}

const wrapper =
  /^(?:[\w.:]*(?:::|\.))?(byte|ubyte|sbyte|char|uchar|schar|octet|word8|word16|word32|word64|u?int(?:8|16|32|64)?(?:_t|_c)?|[ui](?:8|16|32|64)|c?s?byte|chr|char\.chr|to_?u?(?:int)?8|gu?int(?:8|16|32|64)|word|dword|qword|cpu_to_(?:le|be)(?:16|32|64)|hto(?:le|be)(?:16|32|64)|(?:le|be)(?:16|32|64)_to_cpu|unsigned-byte|fromintegral|@as)!?$/i;

const type =
  '(?:(?:const|unsigned|signed|std::|System\\.)\\s*)*(?:byte|sbyte|ubyte|char|uchar|short|int|long|word|dword|qword|u?int(?:8|16|32|64)(?:_t)?|[ui](?:8|16|32|64)|uint|ushort|ulong|usize|Word(?:8|16|32|64)|UInt(?:8|16|32|64)|Byte|BYTE|WORD|DWORD|UCHAR|undefined1|Number)';
const cast = new RegExp(`^\\(\\s*${type}\\s*\\)\\s*`, 'i');
const typeBefore = new RegExp(`^(?:${type})\\s+(?=['\\w&$#-])`, 'i');
const typeAfter = new RegExp(`\\s*(?:\\s+as|::|:)\\s*${type}\\s*$`);
const methodAfter =
  /\s*\.\s*(?:to_?u?(?:byte|int|short|long|char|i8|u8)|u?int8|chr|(?:to|into)_?u8|into|asInstanceOf\[Byte\])\s*(?:\(\s*\))?\s*$/i;
const suffix =
  /(?:'?[iuf](?:8|16|32|64|128|size)|_[iu](?:8|16|32|64|size)|u?y|u?s|u?l{1,2}|l{1,2}u|u|un|uL|ui8|ui16|ui32|ui64|n)$/i;

const escapes: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  0: 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  '"': 34,
  "'": 39,
};

/** The byte of a one-letter escape such as `\n`, or undefined. */
export function escapeByte(letter: string): number | undefined {
  return escapes[letter];
}

/**
 * Reads an element's text (trimmed, comments blanked). Undefined: it is no number.
 * Takes time linear in the text.
 */
export function readNumber(text: string, language: Language): NumberElement | undefined {
  if (text.length > longestElement) return undefined;
  return readDifference(text, language) ?? readWrapped(text, language, 0);
}

/** An element longer than this is no number; it also bounds the work of the patterns here. */
const longestElement = 200;

/** `144 - 256`: a byte written as a difference. */
function readDifference(text: string, language: Language): NumberElement | undefined {
  const parts = /^(\S.*?)\s+-\s+(\S+)$/.exec(text);
  if (!parts) return undefined;
  const left = readPlain(parts[1] ?? '', language);
  const right = readPlain(parts[2] ?? '', language);
  if (!left || !right) return undefined;
  return { value: left.value - right.value, hexDigits: undefined };
}

function readWrapped(text: string, language: Language, depth: number): NumberElement | undefined {
  const plain = readPlain(text, language);
  if (plain || depth > 6) return plain;
  const inner = (rest: string): NumberElement | undefined =>
    rest === text ? undefined : readWrapped(rest.trim(), language, depth + 1);

  const casting = cast.exec(text);
  if (casting) return inner(text.slice(casting[0].length));
  if (/^[([].*[)\]]$/s.test(text)) return inner(text.slice(1, -1));
  const calling = /^(@?[\w.:!]+)\s*\(([^()]*|.*)\)$/s.exec(text);
  if (calling && wrapper.test(calling[1] ?? '')) {
    const name = (calling[1] ?? '').toLowerCase();
    const asZig = /^@as\b/.test(name);
    const found = inner(asZig ? (calling[2] ?? '').replace(/^[^,]*,/, '') : (calling[2] ?? ''));
    const order = /(le|be)(16|32|64)/.exec(name);
    if (!found || !order) return found;
    return { ...found, bits: Number(order[2]), bigEndian: order[1] === 'be' };
  }
  const after = typeAfter.exec(text) ?? methodAfter.exec(text);
  if (after) return inner(text.slice(0, after.index));
  const before = typeBefore.exec(text);
  if (before) return inner(text.slice(before[0].length));
  return undefined;
}

function readPlain(text: string, language: Language): NumberElement | undefined {
  const first = text.charCodeAt(0);
  if (first === 45 || first === 43) {
    // A sign.
    const unsigned = readUnsigned(text.slice(1).trimStart(), language);
    if (!unsigned || first === 43) return unsigned;
    return { ...unsigned, value: -unsigned.value };
  }
  return readUnsigned(text, language);
}

function hex(digits: string): NumberElement {
  const plain = digits.replace(/[_']/g, '');
  return { value: BigInt(`0x${plain}`), hexDigits: plain.length };
}

function inBase(digits: string, base: number): NumberElement | undefined {
  const plain = digits.replace(/[_']/g, '');
  if (base < 2 || base > 36 || plain === '') return undefined;
  if (base === 16) return /^[0-9a-f]+$/i.test(plain) ? hex(plain) : undefined;
  let value = 0n;
  for (const digit of plain) {
    const d = Number.parseInt(digit, 36);
    if (Number.isNaN(d) || d >= base) return undefined;
    value = value * BigInt(base) + BigInt(d);
  }
  return { value, hexDigits: undefined };
}

const hexDigits = "[0-9a-f](?:[0-9a-f_']*[0-9a-f])?";
const trailingH = /^[0-9][0-9a-f_]*h$/i;
const hexPrefix = new RegExp(
  `^(?:[$#]?0x|&h|#x|#\\$|\\$|#|16r|16#|\\\\x)_?(${hexDigits})(#?)&?(\\w*|'\\w+)$`,
  'i',
);
const quotedHex = /^[xh](["'])([0-9a-f]+)\1$/i;
const otherBase =
  /^(0b|0o|&o|&b|#b|#o|\d+r|\d+#)([0-9a-z_']+?)(#?)(_?'?(?:[iu](?:8|16|32|64|size)|u?y|ul{0,2})?)$/i;
const decimal = /^([0-9](?:[0-9_']*[0-9])?)('?\w*)$/;
const character =
  /^(?:b|L|u8|u|U|c)?'(?:\\x([0-9a-f]{1,2})|\\u\{?00([0-9a-f]{2})\}?|\\([0-7]{1,3})|\\([nrt0abfve\\"'])|([\x20-\x5b\x5d-\x7e]))'(?:u8|c)?$/i;
const lispCharacter = /^(?:#\\|\?|\\)([\x21-\x7e])$/;

function hasNumberSuffix(text: string): boolean {
  return text === '' || suffix.exec(text)?.index === 0;
}

function readUnsigned(text: string, language: Language): NumberElement | undefined {
  if (trailingH.test(text)) {
    const digits = text.slice(0, -1).replace(/_/g, '');
    // Assemblers want a decimal digit first, so one zero in front is no digit of the value.
    return hex(digits.length === 3 && digits.startsWith('0') ? digits.slice(1) : digits);
  }
  const prefixed = hexPrefix.exec(text);
  if (prefixed) {
    const sign = /^(?:[$#]?0x|&h|#x|#\$|\$|#|16r|16#|\\x)/i.exec(text)?.[0] ?? '';
    if (sign === '$' && !/^\$[0-9a-f]{1,16}$/i.test(text)) return undefined;
    const rest = prefixed[3] ?? '';
    if (hasNumberSuffix(rest)) return hex(prefixed[1] ?? '');
    return undefined;
  }
  const quoted = quotedHex.exec(text);
  if (quoted) return hex(quoted[2] ?? '');
  const based = otherBase.exec(text);
  if (based) {
    const sign = (based[1] ?? '').toLowerCase();
    const base = sign.endsWith('b') ? 2 : sign.endsWith('o') ? 8 : Number.parseInt(sign, 10);
    return inBase(based[2] ?? '', base);
  }
  const plain = decimal.exec(text);
  if (plain && hasNumberSuffix(plain[2] ?? '')) return readDecimal(plain[1] ?? '', language);
  const letter = character.exec(text);
  if (letter) {
    const [, byHex, byUnicode, byOctal, byLetter, itself] = letter;
    const code =
      byHex !== undefined
        ? Number.parseInt(byHex, 16)
        : byUnicode !== undefined
          ? Number.parseInt(byUnicode, 16)
          : byOctal !== undefined
            ? Number.parseInt(byOctal, 8)
            : byLetter !== undefined
              ? (escapeByte(byLetter) ?? 0)
              : (itself ?? '').charCodeAt(0);
    return { value: BigInt(code), hexDigits: undefined };
  }
  const lisp = lispCharacter.exec(text);
  if (lisp) return { value: BigInt((lisp[1] ?? '').charCodeAt(0)), hexDigits: undefined };
  return undefined;
}

function readDecimal(digits: string, language: Language): NumberElement | undefined {
  const plain = digits.replace(/[_']/g, '');
  if (!/^0\d/.test(plain)) return { value: BigInt(plain), hexDigits: undefined };
  const asDecimal = BigInt(plain);
  const asOctal = /^[0-7]+$/.test(plain) ? BigInt(`0o${plain}`) : undefined;
  if (language.leadingZeroIsOctal) {
    return asOctal === undefined ? undefined : { value: asOctal, hexDigits: undefined };
  }
  if (asOctal === asDecimal) return { value: asDecimal, hexDigits: undefined };
  return { value: asDecimal, hexDigits: undefined, ambiguousZero: true };
}
