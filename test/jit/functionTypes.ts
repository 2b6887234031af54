/** Short names for the types of signatures in the tests of this folder. */
import type {
  FloatType,
  IntegerBits,
  IntegerType,
  PointerType,
  Signature,
  Type,
} from '../../src/model/signature.ts';
import type { ArgumentValue } from '../../src/model/value.ts';

function integer(bits: IntegerBits, signed: boolean): IntegerType {
  return { kind: 'integer', bits, signed };
}

export const i8 = integer(8, true);
export const i16 = integer(16, true);
export const i32 = integer(32, true);
export const i64 = integer(64, true);
export const u8 = integer(8, false);
export const u16 = integer(16, false);
export const u32 = integer(32, false);
export const u64 = integer(64, false);
export const f32: FloatType = { kind: 'float', bits: 32 };
export const f64: FloatType = { kind: 'float', bits: 64 };
export const bool: Type = { kind: 'bool' };
export const str: Type = { kind: 'string' };
export const nothing: Type = { kind: 'void' };
export const f32x4: Type = { kind: 'vector', lane: f32, lanes: 4 };
export const mutBytes: PointerType = { kind: 'pointer', target: u8, mutable: true };
export const constBytes: PointerType = { kind: 'pointer', target: u8, mutable: false };

/** A signature of nameless parameters. */
export function signature(parameters: readonly Type[], result: Type): Signature {
  return {
    name: undefined,
    parameters: parameters.map((type) => ({ name: undefined, type })),
    result,
  };
}

export function integerValue(value: bigint): ArgumentValue {
  return { kind: 'integer', value };
}

export function floatValue(value: number): ArgumentValue {
  return { kind: 'float', value };
}

export function bufferValue(bytes: readonly number[], align = 1): ArgumentValue {
  return { kind: 'buffer', bytes: Uint8Array.from(bytes), align };
}

/** Machine code from its bytes in hexadecimal. */
export function code(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** The code of these tests is for x86-64 and System V's convention. */
export const runsHere =
  process.arch === 'x64' && (process.platform === 'linux' || process.platform === 'darwin');
