/** Immediates: what each of the notation's holds, and why a value is none of them. */
import type { Fields } from './form.ts';

/** Fills the fields, or says why the value cannot be held. */
type Put = (value: bigint, fields: Fields, bits: 32 | 64) => string | undefined;

function notIn(value: bigint, low: number | bigint, high: number | bigint): string | undefined {
  if (value >= BigInt(low) && value <= BigInt(high)) return undefined;
  return `${value} is not from ${low} to ${high}`;
}

/** An unsigned field, and the greatest value that it may have. */
function unsigned(field: string, greatest: number | ((bits: 32 | 64) => number)): Put {
  return (value, fields, bits) => {
    const high = typeof greatest === 'number' ? greatest : greatest(bits);
    fields.set(field, Number(value));
    return notIn(value, 0, high);
  };
}

const lessThanWidth = (bits: 32 | 64): number => bits - 1;

/** The value's bits in a register, where it fits one with or without sign. */
function inRegister(value: bigint, bits: 32 | 64): bigint | undefined {
  const half = 1n << BigInt(bits - 1);
  return value >= -half && value < 2n * half ? BigInt.asUintN(bits, value) : undefined;
}

const HALFWORD = 0xffffn;

/** A value with one of its 16-bit parts not zero: `movz` with a shift. */
function putMove(value: bigint, fields: Fields, bits: 32 | 64): string | undefined {
  for (let hw = 0; hw < bits / 16; hw++) {
    const shift = BigInt(16 * hw);
    if ((value & ~(HALFWORD << shift)) !== 0n) continue;
    fields.set('hw', hw);
    fields.set('imm16', Number(value >> shift));
    return undefined;
  }
  return 'no single instruction makes that value; movImm makes any';
}

/** Whole numbers in place of the 12 bits that add and its like hold, and their shift by 12. */
function putImm12(value: bigint, fields: Fields): string | undefined {
  const isShifted = value > 0xfffn && (value & 0xfffn) === 0n;
  fields.set('sh', isShifted ? 1 : 0);
  fields.set('imm12', Number(isShifted ? value >> 12n : value));
  if (value >= 0n && value <= (isShifted ? 0xfff000n : 0xfffn)) return undefined;
  return `${value} is neither from 0 to 4095 nor such a number times 4096`;
}

/** A bit position `lsb` and the field's width behind it, as ubfx and bfi give them. */
const putWidth =
  (imms: (fields: Fields, width: number) => number): Put =>
  (value, fields, bits) => {
    const lsb = fields.get('lsb') ?? 0;
    fields.set('imms', imms(fields, Number(value)));
    return notIn(value, 1, bits - lsb);
  };

export const immediates: Readonly<Record<string, Put>> = {
  '#imm12': putImm12,
  '#imm16': unsigned('imm16', 0xffff),
  '#imm5': unsigned('imm5', 31),
  '#imm7': unsigned('imm7', 127),
  '#nzcv': unsigned('nzcv', 15),
  '#immr': unsigned('immr', lessThanWidth),
  '#imms': unsigned('imms', lessThanWidth),
  '#lsl': (value, fields, bits) => {
    fields.set('immr', Number(BigInt.asUintN(bits === 64 ? 6 : 5, -value)));
    fields.set('imms', bits - 1 - Number(value));
    return notIn(value, 0, bits - 1);
  },
  '#lsb': (value, fields, bits) => {
    fields.set('lsb', Number(value));
    fields.set('immr', Number(value));
    return notIn(value, 0, bits - 1);
  },
  '#xwidth': putWidth((fields, width) => (fields.get('lsb') ?? 0) + width - 1),
  '#to': (value, fields, bits) => {
    fields.set('lsb', Number(value));
    fields.set('immr', Number(BigInt.asUintN(bits === 64 ? 6 : 5, -value)));
    return notIn(value, 0, bits - 1);
  },
  '#zwidth': putWidth((_, width) => width - 1),
  '#bit': (value, fields, bits) => {
    fields.set('b5', Number(value >> 5n));
    fields.set('b40', Number(value & 31n));
    return notIn(value, 0, bits - 1);
  },
  '#movz': (value, fields, bits) => {
    const exact = inRegister(value, bits);
    return exact === undefined
      ? `${value} does not fit ${bits} bits`
      : putMove(exact, fields, bits);
  },
  '#movn': (value, fields, bits) => {
    const exact = inRegister(value, bits);
    if (exact === undefined) return `${value} does not fit ${bits} bits`;
    return putMove(BigInt.asUintN(bits, ~exact), fields, bits);
  },
  '#bitmask': (value, fields, bits) => {
    const exact = inRegister(value, bits);
    if (exact === undefined) return `${value} does not fit ${bits} bits`;
    const found = bitmaskOf(exact, bits);
    if (found === undefined) return `${value} is no bitmask: a rotated run of ones, repeated`;
    fields.set('N', found.n);
    fields.set('immr', found.immr);
    fields.set('imms', found.imms);
    return undefined;
  },
  '#imm8': (value, fields) => {
    fields.set('abc', Number(value >> 5n));
    fields.set('defgh', Number(value & 31n));
    return notIn(value, 0, 255);
  },
  '#bytemask': (value, fields) => {
    const bytes = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
    if (value < 0n || value >> 64n !== 0n || bytes.some((byte) => byte !== 0 && byte !== 0xff)) {
      return `${value} is not eight bytes of 0 or 255`;
    }
    const mask = bytes.reduce((sum, byte, index) => sum | ((byte & 1) << index), 0);
    fields.set('abc', mask >> 5);
    fields.set('defgh', mask & 31);
    return undefined;
  },
};

/** N, immr and imms of a bitmask immediate (Arm ARM, DecodeBitMasks), undefined if the value is none. */
export function bitmaskOf(
  value: bigint,
  bits: 32 | 64,
): { readonly n: number; readonly immr: number; readonly imms: number } | undefined {
  for (let size = 2; size <= bits; size *= 2) {
    const element = BigInt.asUintN(size, value);
    if (repeat(element, size, bits) !== value) continue;
    const ones = countOnes(element);
    if (ones === 0 || ones === size) return undefined;
    const run = (1n << BigInt(ones)) - 1n;
    for (let immr = 0; immr < size; immr++) {
      if (rotateRight(run, immr, size) !== element) continue;
      // The high bits of imms say how large an element is: 0xxxxx 32, 10xxxx 16, 110xxx 8 and so on.
      return { n: size === 64 ? 1 : 0, immr, imms: (~(2 * size - 1) & 0x3f) | (ones - 1) };
    }
    return undefined;
  }
  return undefined;
}

function repeat(element: bigint, size: number, bits: number): bigint {
  let value = element;
  for (let width = size; width < bits; width *= 2) value |= value << BigInt(width);
  return value;
}

function countOnes(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

function rotateRight(value: bigint, by: number, size: number): bigint {
  return BigInt.asUintN(size, (value >> BigInt(by)) | (value << BigInt(size - by)));
}

/** The 256 numbers that fmov holds, by value (Arm ARM, VFPExpandImm): ±(16 to 31)/16 × 2^(-3 to 4). */
const floatImmediates: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 256 }, (_, imm8) => {
    const exponent = (((imm8 >> 4) & 7) ^ 4) - 3;
    const magnitude = ((16 + (imm8 & 15)) / 16) * 2 ** exponent;
    return [imm8 & 0x80 ? -magnitude : magnitude, imm8] as const;
  }),
);

/** imm8 of a floating-point immediate, undefined if there is none. */
export function floatImmediateOf(value: number): number | undefined {
  return floatImmediates.get(value);
}
