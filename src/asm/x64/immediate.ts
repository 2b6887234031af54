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
  const wrong = whyNotInteger(operand);
  if (wrong !== undefined) return wrong;
  const value = BigInt(operand);
  const width = operationBits(form, bits);
  if (value < -(1n << BigInt(width - 1)) || value >= 1n << BigInt(width)) {
    return `the immediate ${operandText(operand)} does not fit ${width} bits, neither with sign nor without`;
  }
  const signed = BigInt.asIntN(width, value);
  if (BigInt.asIntN(bits, signed) !== signed && bits < width) {
    return `the immediate ${operandText(operand)} does not fit ${bits} bits, which are sign-extended to ${width}`;
  }
  return { bytes: littleEndian(value, bits / 8), label: undefined };
}

/** Why a value is not a whole number that can be trusted, or undefined. */
export function whyNotInteger(value: Immediate): string | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return undefined;
  if (Number.isInteger(value))
    return `${value} is beyond 2^53, where numbers are not exact; use a bigint`;
  return `${value} is no whole number`;
}

/** The low bytes of a value, lowest first. */
export function littleEndian(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, index) =>
    Number(BigInt.asUintN(8, value >> BigInt(8 * index))),
  );
}
