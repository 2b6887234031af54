/** Arguments and results as JavaScript's own values, for calling from JavaScript. */
import type { IntegerType, Parameter, Signature, Type } from '../model/signature.ts';
import { formatType, parameterName, sizeOf, wrapInteger } from '../model/signature.ts';
import type { ArgumentValue, ReturnValue } from '../model/value.ts';

/** What a parameter can be given, and what a function gives back. */
export type JsValue = bigint | number | boolean | string | Uint8Array | null | undefined;

/** Alignment that suits data of any C type: alignof(max_align_t) on 64-bit systems. */
const maxAlign = 16;

/** Bits of an address, where buffers hold addresses. */
const pointerBits = 64;

/**
 * The values as the signature's arguments. Throws an error that names the parameter: a TypeError for a value of the wrong
 * kind, a RangeError for an integer that the type holds neither with nor without sign.
 */
export function toArguments(
  signature: Signature,
  values: readonly JsValue[],
): readonly ArgumentValue[] {
  checkCount(signature, values.length);
  return signature.parameters.map((parameter, index) => {
    const value = values[index];
    const argument = toArgument(parameter.type, value);
    if (argument) return argument;
    const expected = expectations[parameter.type.kind];
    throw new TypeError(
      `${where(signature, index, parameter)} takes ${expected}, not ${show(value)}`,
    );
  });
}

/** Throws a TypeError if a call has too few or too many arguments. */
export function checkCount(signature: Signature, count: number): void {
  const wanted = signature.parameters.length;
  if (count === wanted) return;
  const name = signature.name ?? 'the function';
  throw new TypeError(`${name} takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${count}`);
}

/** A parameter in words, such as `argument 1 (n: i64)`. */
export function where(signature: Signature, index: number, { type }: Parameter): string {
  return `argument ${index + 1} (${parameterName(signature, index)}: ${formatType(type)})`;
}

/**
 * A result as JavaScript has it: an integer is a bigint; a float a number; a bool a boolean; an address a
 * bigint, or null for 0; a string that lies in a buffer that was passed, the text up to its NUL.
 */
export function fromReturned(result: ReturnValue, type: Type): JsValue {
  switch (result.kind) {
    case 'void':
      return undefined;
    case 'integer':
      return type.kind === 'bool' ? result.value !== 0n : result.value;
    case 'float':
      return result.value;
    case 'vector':
      return result.bytes;
    case 'address':
      if (result.value === 0n) return null;
      return type.kind === 'string' && result.target ? text(result.target.bytes) : result.value;
  }
}

const expectations: Readonly<Record<Type['kind'], string>> = {
  integer: 'an integer',
  float: 'a number',
  bool: 'a boolean, 0 or 1',
  pointer: 'bytes, a string, an address or null',
  string: 'a string, bytes, an address or null',
  vector: 'a SIMD value, which is not supported yet',
  void: 'nothing',
};

function toArgument(type: Type, value: JsValue): ArgumentValue | undefined {
  switch (type.kind) {
    case 'integer': {
      const integer = toInteger(value);
      return integer === undefined ? undefined : { kind: 'integer', value: fit(integer, type) };
    }
    case 'float':
      if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
      return { kind: 'float', value: Number(value) };
    case 'bool': {
      const integer = toInteger(value);
      return integer === 0n || integer === 1n ? { kind: 'integer', value: integer } : undefined;
    }
    case 'pointer':
    case 'string':
      return toAddressArgument(type, value);
    case 'vector':
    case 'void':
      return undefined;
  }
}

function toAddressArgument(type: Type, value: JsValue): ArgumentValue | undefined {
  if (value === null) return { kind: 'integer', value: 0n };
  const align = type.kind === 'pointer' ? Math.max(maxAlign, sizeOf(type.target, pointerBits)) : 1;
  if (typeof value === 'string') {
    return { kind: 'buffer', bytes: new TextEncoder().encode(`${value}\0`), align };
  }
  if (value instanceof Uint8Array) return { kind: 'buffer', bytes: value, align };
  const address = typeof value === 'boolean' ? undefined : toInteger(value);
  if (address === undefined) return undefined;
  return { kind: 'integer', value: fit(address, { kind: 'integer', bits: 64, signed: false }) };
}

function toInteger(value: JsValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** As in C, either reading of the bits will do: -1 and 0xff are the same `u8`. */
function fit(value: bigint, type: IntegerType): bigint {
  const bits = BigInt(type.bits);
  if (value < -(1n << (bits - 1n)) || value >= 1n << bits) {
    throw new RangeError(`${value} does not fit into ${type.bits} bits`);
  }
  return wrapInteger(value, type);
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function show(value: JsValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return String(value);
}
