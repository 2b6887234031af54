/** Immediates: their ranges, their sign extension, their bytes. */
import type { Form, OperandPattern } from './notation.ts';
import { operandText, type Immediate, type Label, type Operand } from './operands.ts';

export interface ImmediateBytes {
  readonly bytes: readonly number[];
  /** Where the bytes are a label's address, not known yet. */
  readonly label: Label | undefined;
}

/**
 * Instructions whose immediate the processor extends to the operand's width. In all others it stands for itself: a
 * count, a bit's number, a port, a selection.
 */
const EXTENDING: ReadonlySet<string> = new Set(
  'add or adc sbb and sub xor cmp test mov imul push'.split(' '),
);
const GENERAL_BITS: Readonly<Record<string, number>> = { r8: 8, r16: 16, r32: 32, r64: 64 };

/** The width to which the processor extends an immediate, in bits. */
function operationBits(form: Form, bits: number): number {
  if (!EXTENDING.has(form.mnemonic)) return bits;
  const first: OperandPattern | undefined = form.operands[0];
  // push imm: the stack's width.
  if (first?.register === undefined) return 64;
  return GENERAL_BITS[first.register] ?? bits;
}

/**
 * An immediate's bytes, little-endian, or why it cannot be in this form.
 * @param bits of the form's immediate
 */
export function immediateOf(form: Form, bits: number, operand: Operand): ImmediateBytes | string {
  if (typeof operand === 'object') {
    if (operand.kind !== 'label') return `${operandText(operand)} is no immediate`;
    return { bytes: Array.from({ length: bits / 8 }, () => 0), label: operand };
  }
  const width = operationBits(form, bits);
  const wrong = whyNotWord(operand, width);
  if (wrong !== undefined) return `the immediate ${wrong}`;
  const value = BigInt(operand);
  const signed = BigInt.asIntN(width, value);
  if (BigInt.asIntN(bits, signed) !== signed && bits < width) {
    return `the immediate ${operandText(operand)} does not fit ${bits} bits, which are sign-extended to ${width}`;
  }
  return { bytes: littleEndian(value, bits / 8), label: undefined };
}

/** Why a value is no whole number of so many bits, with sign or without; undefined where it is one. */
export function whyNotWord(value: Immediate, bits: number): string | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    return Number.isInteger(value)
      ? `${value} is beyond 2^53, where numbers are not exact; give a bigint`
      : `${value} is no whole number`;
  }
  const exact = BigInt(value);
  if (exact >= -(1n << BigInt(bits - 1)) && exact < 1n << BigInt(bits)) return undefined;
  return `${operandText(value)} does not fit ${bits} bits, neither with sign nor without`;
}

/** The low bytes of a value, lowest first. */
export function littleEndian(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, index) =>
    Number(BigInt.asUintN(8, value >> BigInt(8 * index))),
  );
}
