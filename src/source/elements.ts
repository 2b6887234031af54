/** Numbers read from a literal, before it is known how wide they are, and the bytes they become. */
import type { ArchitectureFacts } from '../model/architecture.ts';
import type { ByteSpans, Problem, ProblemCode } from '../model/block.ts';
import { limits } from '../model/run.ts';
import type { Span } from '../model/text.ts';

/** Elements in their order, as parallel arrays: a literal can have a million of them. */
export class Elements {
  readonly values: (number | bigint)[] = [];
  /** Hexadecimal digits as written; -1 for other bases; 0 for a byte of a string, of no other width. */
  readonly digits: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Width in bits that the element itself states (negative: big-endian), or 0. */
  readonly bits: number[] = [];

  get length(): number {
    return this.values.length;
  }

  push(value: number | bigint, digits: number, start: number, end: number, bits = 0): void {
    this.values.push(value);
    this.digits.push(digits);
    this.starts.push(start);
    this.ends.push(end);
    this.bits.push(bits);
  }

  append(other: Elements, times = 1): void {
    for (let n = 0; n < times; n++) {
      for (let i = 0; i < other.length; i++) {
        // One more than may be is enough to say that there are too many.
        if (this.length > limits.codeBytes) return;
        this.push(
          other.values[i] ?? 0,
          other.digits[i] ?? 0,
          other.starts[i] ?? 0,
          other.ends[i] ?? 0,
          other.bits[i] ?? 0,
        );
      }
    }
  }
}

/** A literal as read from the text. */
export interface Literal {
  readonly span: Span;
  readonly elements: Elements;
  readonly problems: readonly Problem[];
  readonly comments: readonly Span[];
  /** Width in bits that the declaration gives to all elements, or 0. Asked only where it matters. */
  readonly declaredBits: () => number;
}

export function problem(span: Span, code: ProblemCode, message: string): Problem {
  return { span, severity: 'error', code, message };
}

/** Problems past this number in one literal say nothing new. */
export const maxProblems = 20;

export interface LiteralBytes {
  readonly bytes: Uint8Array;
  readonly spans: ByteSpans;
  readonly problems: readonly Problem[];
}

class PackedSpans implements ByteSpans {
  readonly #starts: ArrayLike<number>;
  readonly #ends: ArrayLike<number>;

  constructor(starts: ArrayLike<number>, ends: ArrayLike<number>) {
    this.#starts = starts;
    this.#ends = ends;
  }

  get length(): number {
    return this.#starts.length;
  }

  at(index: number): Span {
    const start = this.#starts[index];
    const end = this.#ends[index];
    if (start === undefined || end === undefined) {
      throw new RangeError(`byte ${index} of ${this.length}`);
    }
    return { start, end };
  }
}

/** The bytes of literals that stand one after another, words in the byte order of the architecture. */
export function toBytes(
  literals: readonly Literal[],
  architecture: ArchitectureFacts,
): LiteralBytes {
  const problems: Problem[] = [];
  const report = (start: number, end: number, code: ProblemCode, message: string): void => {
    if (problems.length < maxProblems) problems.push(problem({ start, end }, code, message));
  };
  const plain = literals.map(({ elements }) => areBytes(elements));
  const widths = literals.map(({ declaredBits }, index) =>
    plain[index] ? 8 : Math.max(declaredBits(), 8),
  );
  const only = literals.length === 1 && plain[0] ? literals[0] : undefined;
  if (only && inRange(only.elements)) {
    const { values, starts, ends } = only.elements;
    const bytes = new Uint8Array(values.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number(values[i]);
    if (bytes.length <= limits.codeBytes)
      return { bytes, spans: new PackedSpans(starts, ends), problems };
  }
  let size = 0;
  literals.forEach(({ elements }, index) => {
    size += (elements.length * (widths[index] ?? 8)) / 8;
    for (const own of elements.bits) if (own !== 0) size += 8;
  });
  const bytes = new Uint8Array(size);
  const starts = new Uint32Array(size);
  const ends = new Uint32Array(size);
  const bigEndianCode = architecture.bigEndian && architecture.littleEndianCode !== true;
  let at = 0;
  literals.forEach(({ elements }, index) => {
    const common = widths[index] ?? 8;
    for (let i = 0; i < elements.length; i++) {
      const start = elements.starts[i] ?? 0;
      const end = elements.ends[i] ?? 0;
      const value = elements.values[i] ?? 0;
      const own = elements.bits[i] ?? 0;
      const digits = elements.digits[i] ?? 0;
      const width = digits === 0 ? 8 : own === 0 ? common : Math.abs(own);
      if (width === 8) {
        if (value < -128 || value > 255) {
          report(start, end, 'byte-range', `${value} is outside the range of a byte, -128 to 255`);
        } else if (digits > 2) {
          report(
            start,
            end,
            'byte-range',
            `a byte has at most two hexadecimal digits, this has ${digits}`,
          );
        }
        bytes[at] = Number(value) & 0xff;
        starts[at] = start;
        ends[at] = end;
        at++;
        continue;
      }
      const wide = BigInt(value);
      if (wide < -(1n << BigInt(width - 1)) || wide >= 1n << BigInt(width)) {
        report(start, end, 'byte-range', `${value} does not fit into ${width} bits`);
      }
      const big = own === 0 ? bigEndianCode : own < 0;
      const unsigned = BigInt.asUintN(width, wide);
      for (let n = 0; n < width / 8; n++) {
        const shift = BigInt(8 * (big ? width / 8 - 1 - n : n));
        bytes[at] = Number((unsigned >> shift) & 0xffn);
        starts[at] = start;
        ends[at] = end;
        at++;
      }
    }
  });
  if (at > limits.codeBytes) {
    const span = literals[0]?.span ?? { start: 0, end: 0 };
    report(
      span.start,
      span.end,
      'too-many-bytes',
      `more than ${limits.codeBytes} bytes in one block`,
    );
  }
  return {
    bytes: bytes.subarray(0, at),
    spans: new PackedSpans(starts.subarray(0, at), ends.subarray(0, at)),
    problems,
  };
}

function inRange(elements: Elements): boolean {
  for (const value of elements.values) if (value < -128 || value > 255) return false;
  return true;
}

/** Whether all elements of a list declared wide are bytes all the same, as people write them. */
function areBytes(elements: Elements): boolean {
  for (let i = 0; i < elements.length; i++) {
    const digits = elements.digits[i] ?? 0;
    if (digits > 2 || (elements.bits[i] ?? 0) !== 0) return false;
    const value = elements.values[i] ?? 0;
    if (digits < 0 && (value > 255 || value < -128)) return false;
  }
  return true;
}
