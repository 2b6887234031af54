/** A value written as the elements around it are. */
import type { Language } from '../../source/languages.ts';
import { readNumber } from '../../source/numbers.ts';
import { CannotRewrite } from './edit.ts';
import type { LiteralElement, TextPart } from './literalElements.ts';

/** How the numbers of a literal are written. */
interface Habits {
  /** Whether hexadecimal letters are capitals; lower case where there are none. */
  readonly capitals: boolean;
  /** Hexadecimal digits of the smallest number. */
  readonly digits: number;
  /** Whether bytes past 127 are negative. */
  readonly negative: boolean;
}

/** The numbers of one width, in their order. */
interface Kinds {
  /** Bytes up to 127, and words. */
  readonly small: readonly LiteralElement[];
  readonly large: readonly LiteralElement[];
  /** Written as characters. */
  readonly letters: readonly LiteralElement[];
}

/** Past this a byte is negative in a type with a sign. */
const largestSigned = 0x7fn;

const hexDigit =
  /0[xX]_?[0-9a-fA-F]+|[0-9][0-9a-fA-F]*[hH]\b|(?:&[hH]|#[xX]|16[#r]|\$|#|\\[xu]|[xXh]["'])[0-9a-fA-F]+/g;

/** Writes elements like those of a literal. */
export class ElementWriter {
  readonly #part: TextPart;
  readonly #elements: readonly LiteralElement[];
  readonly #habits = new Map<number, Habits>();
  readonly #kinds = new Map<number, Kinds>();

  constructor(part: TextPart, elements: readonly LiteralElement[]) {
    this.#part = part;
    this.#elements = elements;
  }

  /**
   * A value in the place of an element, or after it.
   * @param value without a sign, as wide as the element
   */
  write(value: bigint, like: LiteralElement): string {
    if (like.form === 'hex') {
      const habits = this.#habitsOf(like);
      return cased(value.toString(16).padStart(2, '0'), habits.capitals);
    }
    if (like.form === 'escape') return this.#escape(value, like);
    const bits = 8 * like.count;
    for (const model of this.#models(value, like)) {
      const written = this.#number(value, bits, model, this.#habitsOf(like));
      if (written !== undefined) return written;
    }
    throw new CannotRewrite(`no number is known to be written like ${this.#textOf(like)}`);
  }

  #textOf({ span }: LiteralElement): string {
    return this.#part.text.slice(span.start, span.end);
  }

  /** Numbers to write like, the best first: the nearest of a value as large, then of another, then a character. */
  #models(value: bigint, like: LiteralElement): readonly string[] {
    const { language } = this.#part;
    const isLarge = like.count === 1 && value > largestSigned;
    const { small, large, letters } = this.#kindsOf(like.count);
    const near = (kind: readonly LiteralElement[]): string[] => {
      const after = kind.findIndex(({ first }) => first >= like.first);
      const found = after < 0 ? kind.at(-1) : kind[after];
      return found ? [this.#textOf(found)] : [];
    };
    const usual = language.ids.includes('java')
      ? ['(byte) 0x80']
      : language.ids.includes('kotlin')
        ? ['0x80.toByte()']
        : [];
    return [
      ...(isLarge && large.length === 0 ? usual : []),
      ...(isLarge ? near(large) : near(small)),
      ...(isLarge ? near(small) : near(large)),
      ...near(letters),
      '0x00',
      '0',
    ];
  }

  /** The numbers of a width, sorted once. */
  #kindsOf(count: number): Kinds {
    const known = this.#kinds.get(count);
    if (known) return known;
    const kinds = { small: [], large: [], letters: [] } as Record<keyof Kinds, LiteralElement[]>;
    for (const element of this.#elements) {
      if (element.count !== count || element.form !== 'number') continue;
      const text = this.#textOf(element);
      const number = readNumber(text, this.#part.language);
      if (!number) continue;
      const value = BigInt.asUintN(8 * count, number.value);
      const isLetter = /['?\\]/.test(text) && !/x["']/i.test(text) && !/'[ui]/.test(text);
      const isLarge = count === 1 && value > largestSigned;
      kinds[isLetter ? 'letters' : isLarge ? 'large' : 'small'].push(element);
    }
    this.#kinds.set(count, kinds);
    return kinds;
  }

  #habitsOf(like: LiteralElement): Habits {
    const known = this.#habits.get(like.count);
    if (known) return known;
    let capitals = 0;
    let small = 0;
    let digits = like.count * 2;
    let negative = false;
    for (const element of this.#elements) {
      if (element.count !== like.count) continue;
      const text = this.#textOf(element);
      const hex =
        element.form === 'hex'
          ? text
          : (text.match(hexDigit)?.join('') ?? '').replaceAll(/0[xX]|&[hH]|[xX#h$\\u"']/g, '');
      if (/[A-F]/.test(hex)) capitals++;
      else if (/[a-f]/.test(hex)) small++;
      if (/(?:^|[(\s])-\s*\d|\s-\s256\b/.test(text)) negative = true;
      if (element.form === 'number' && /0x/i.test(text) && hex !== '')
        digits = Math.min(digits, hex.length);
    }
    const habits = { capitals: capitals > small, digits, negative };
    this.#habits.set(like.count, habits);
    return habits;
  }

  #number(value: bigint, bits: number, model: string, habits: Habits): string | undefined {
    for (const written of numbersLike(value, bits, model, habits)) {
      const read = readNumber(written, this.#part.language);
      if (read && BigInt.asUintN(bits, read.value) === value && !read.ambiguousZero) return written;
    }
    return undefined;
  }

  #escape(value: bigint, like: LiteralElement): string {
    const { language } = this.#part;
    const isNumeric = (element: LiteralElement): boolean =>
      element.form === 'escape' && /^\\(?:x|u|\d)/.test(this.#textOf(element));
    const model = isNumeric(like) ? like : this.#elements.find(isNumeric);
    const usual = language.digitEscape === 10 ? '\\000' : '\\x00';
    const written = model ? this.#textOf(model) : usual;
    return escapeLike(Number(value), written, this.#habitsOf(like), language);
  }
}

function cased(hex: string, capitals: boolean): string {
  return capitals ? hex.toUpperCase() : hex;
}

/** Ways to write a value as a model is written; some may be no numbers. */
function* numbersLike(
  value: bigint,
  bits: number,
  model: string,
  habits: Habits,
): Generator<string> {
  const hex = cased(value.toString(16).padStart(habits.digits, '0'), habits.capitals);
  const signed = BigInt.asIntN(bits, value);
  const around = (found: RegExpExecArray, core: string): string =>
    model.slice(0, found.index) + core + model.slice(found.index + found[0].length);
  const prefixed = /(0[xX]_?)[0-9a-fA-F_']+(?![0-9a-zA-Z"]*h\b)/.exec(model);
  if (prefixed) {
    // A suffix of digits (`0x48u8`) ends where the hexadecimal digits do.
    const suffix = /(?:'?u8|'u8|_u8|u8|uy|u?i8|y)$/.exec(prefixed[0])?.[0] ?? '';
    yield around(prefixed, (prefixed[1] ?? '') + hex + suffix);
  }
  const trailing = /\b[0-9][0-9a-fA-F_]*([hH])\b/.exec(model);
  if (trailing) {
    const padded = value.toString(16).padStart(2, '0');
    const isPadded = /^0[0-9a-f]{2}h$/i.test(model) && !/^0[a-f]/i.test(model);
    const lead = /^[a-f]/i.test(padded) || isPadded ? '0' : '';
    yield around(trailing, lead + cased(padded, habits.capitals) + (trailing[1] ?? 'h'));
  }
  const signs = /(&[hH]|#[xX]|16[#r]|\$0x|\$|#)[0-9a-fA-F]+/.exec(model);
  if (signs && !prefixed) yield around(signs, (signs[1] ?? '') + hex);
  const quoted = /([xXh](["']))[0-9a-fA-F]+/.exec(model);
  if (quoted) yield around(quoted, (quoted[1] ?? '') + hex);
  const binary = /(0[bB]|#b|&b)([01_]+)/.exec(model);
  if (binary) {
    const digits = value.toString(2).padStart(bits, '0');
    const grouped = (binary[2] ?? '').includes('_')
      ? digits.replaceAll(/(?=(?:\d{4})+$)(?!^)/g, '_')
      : digits;
    yield around(binary, (binary[1] ?? '') + grouped);
  }
  const octal = /(0[oO]|#o|&o)[0-7]+/.exec(model) ?? /(\b0)[0-7]+\b/.exec(model);
  if (octal && !prefixed) yield around(octal, (octal[1] ?? '') + value.toString(8));
  const difference = /^\d+(\s+-\s+256)$/.exec(model);
  if (difference) yield signed < 0n ? value.toString() + (difference[1] ?? '') : value.toString();
  const decimal = /-?\s*\b\d+/.exec(model);
  if (decimal && !prefixed) yield around(decimal, (habits.negative ? signed : value).toString());
}

function escapeLike(
  value: number,
  model: string,
  { capitals }: Habits,
  language: Language,
): string {
  const hex = cased(value.toString(16).padStart(2, '0'), capitals);
  if (model.startsWith('\\x{')) return `\\x{${hex}}`;
  if (model.startsWith('\\x')) return `\\x${hex}`;
  if (model.startsWith('\\u{')) return `\\u{${hex}}`;
  if (/^\\u/i.test(model)) return `\\${model.charAt(1)}${hex.padStart(model.length - 2, '0')}`;
  return `\\${value.toString(language.digitEscape).padStart(3, '0')}`;
}
