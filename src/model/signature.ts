/** The C types that a call can carry, and their text. */

export type IntegerBits = 8 | 16 | 32 | 64;
export type FloatBits = 32 | 64;

export interface IntegerType {
  readonly kind: 'integer';
  readonly bits: IntegerBits;
  readonly signed: boolean;
}

export interface FloatType {
  readonly kind: 'float';
  readonly bits: FloatBits;
}

/** A 128-bit SIMD value, passed by value. */
export interface VectorType {
  readonly kind: 'vector';
  readonly lane: IntegerType | FloatType;
  readonly lanes: number;
}

export interface PointerType {
  readonly kind: 'pointer';
  /** What it points to; `void` for an untyped pointer, which arrays fill with bytes. */
  readonly target: Type;
  /** Whether the callee may write through it, so that what it points to is shown after the call. */
  readonly mutable: boolean;
}

export interface BoolType {
  readonly kind: 'bool';
}

/** A pointer to constant characters that end at a NUL. */
export interface StringType {
  readonly kind: 'string';
}

export interface VoidType {
  readonly kind: 'void';
}

export type Type =
  IntegerType | FloatType | VectorType | PointerType | BoolType | StringType | VoidType;

export interface Parameter {
  readonly name: string | undefined;
  readonly type: Type;
}

export interface Signature {
  readonly name: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly result: Type;
}

/** More parameters than any calling convention is asked to carry. */
export const maxParameters = 64;

/** The type in the Rust-like spelling, such as `i64`, `*const u8`, `f32x4`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'integer':
      return `${type.signed ? 'i' : 'u'}${type.bits}`;
    case 'float':
      return `f${type.bits}`;
    case 'vector':
      return `${formatType(type.lane)}x${type.lanes}`;
    case 'pointer':
      return `*${type.mutable ? 'mut' : 'const'} ${formatType(type.target)}`;
    case 'bool':
      return 'bool';
    case 'string':
      return 'str';
    case 'void':
      return 'void';
  }
}

/** The whole signature in the Rust-like spelling, such as `add_four(n: i64) -> i64`. */
export function formatSignature(signature: Signature): string {
  const parameters = signature.parameters.map(({ name, type }) =>
    name === undefined ? formatType(type) : `${name}: ${formatType(type)}`,
  );
  return `${signature.name ?? ''}(${parameters.join(', ')}) -> ${formatType(signature.result)}`;
}

/** The name of a parameter as results and expectations use it: its own, or its 0-based number. */
export function parameterName(signature: Signature, index: number): string {
  return signature.parameters[index]?.name ?? `#${index}`;
}

/** Bytes that one value of the type takes in memory; a pointer to `void` has elements of one byte. */
export function sizeOf(type: Type, pointerBits: number): number {
  switch (type.kind) {
    case 'integer':
    case 'float':
      return type.bits / 8;
    case 'vector':
      return (type.lane.bits / 8) * type.lanes;
    case 'pointer':
    case 'string':
      return pointerBits / 8;
    case 'bool':
    case 'void':
      return 1;
  }
}

/** Whether values of the type are addresses. */
export function isAddress(type: Type): type is PointerType | StringType {
  return type.kind === 'pointer' || type.kind === 'string';
}

/** The integer wrapped to what the type can hold: its low bits, read with its sign. */
export function wrapInteger(value: bigint, type: IntegerType): bigint {
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}
