/** How a signature is told to koffi, and what koffi gives back as values. */
import { formatSignature, formatType, maxParameters } from '../model/signature.ts';
import type { FloatBits, FloatType, Signature, Type } from '../model/signature.ts';
import type { Koffi } from './koffi.ts';
import { koffi } from './koffi.ts';

type Prototype = ReturnType<Koffi['proto']>;
type Struct = ReturnType<Koffi['struct']>;

/** koffi keeps every prototype for good, so there is one for each shape, however many functions share it. */
const prototypes = new Map<string, Prototype>();

/** koffi's prototype of a signature. Throws if the signature holds something that cannot be passed. */
export function prototypeOf(signature: Signature): Prototype {
  const parameters = signature.parameters.map(({ type }) => nameOf(type, signature));
  if (parameters.length > maxParameters || parameters.includes('void')) {
    const limit = `a function has at most ${maxParameters} parameters, none of them void`;
    throw new RangeError(`${limit}: ${formatSignature(signature)}`);
  }
  const result = nameOf(signature.result, signature);
  const shape = `${result}(${parameters.join()})`;
  const known = prototypes.get(shape);
  if (known) return known;
  const { result: type } = signature;
  const made = koffi().proto(type.kind === 'float' ? floatResult(type) : result, parameters);
  prototypes.set(shape, made);
  return made;
}

/**
 * koffi's name of a type. It extends integers to the whole register or stack slot, as their sign says. A bool
 * is a byte, for koffi looks at its lowest bit only; an address is an integer, for koffi would follow it.
 */
function nameOf(type: Type, signature: Signature): string {
  switch (type.kind) {
    case 'integer':
      return `${type.signed ? 'int' : 'uint'}${type.bits}`;
    case 'float':
      return `float${type.bits}`;
    case 'bool':
      return 'uint8';
    case 'pointer':
    case 'string':
      return 'uintptr';
    case 'void':
      return 'void';
    case 'vector':
      throw new Error(
        `SIMD values are not supported yet: ${formatType(type)} in ${formatSignature(signature)}`,
      );
  }
}

const floatStructs = new Map<FloatBits, Struct>();

/**
 * A float as koffi is to return it. As a number a NaN would lose its payload on the way, so it is asked for
 * as a structure of one float, which these conventions return in the same register (System V psABI
 * for x86-64, section 3.2.3; AAPCS64, section 6.9, homogeneous aggregates) and koffi copies bit by bit.
 * Windows on x64 returns such a structure in rax instead: there a NaN comes back as a plain one.
 */
function floatResult({ bits }: FloatType): Struct | string {
  if (process.platform === 'win32') return `float${bits}`;
  const known = floatStructs.get(bits);
  if (known) return known;
  const made = koffi().struct({ value: koffi().array(`float${bits}`, 1, 'Typed') });
  floatStructs.set(bits, made);
  return made;
}

/** An integer or address that koffi returned: a number where that is exact, otherwise a bigint. */
export function integerFrom(returned: unknown): bigint {
  if (typeof returned === 'bigint' || typeof returned === 'number') return BigInt(returned);
  throw new TypeError(`koffi returned ${typeof returned} where an integer was declared`);
}

/** A float that koffi returned, with its IEEE 754 pattern. */
export function floatFrom(
  returned: unknown,
  type: FloatType,
): { readonly value: number; readonly bits: bigint } {
  if (typeof returned === 'number') {
    const view = new DataView(new ArrayBuffer(8));
    if (type.bits === 64) view.setFloat64(0, returned);
    else view.setFloat32(0, returned);
    const bits = type.bits === 64 ? view.getBigUint64(0) : BigInt(view.getUint32(0));
    return { value: returned, bits };
  }
  const array = returnedArray(returned);
  if (array instanceof Float64Array) {
    const [bits] = new BigUint64Array(array.buffer, array.byteOffset, 1);
    return { value: array[0] ?? Number.NaN, bits: bits ?? 0n };
  }
  if (array instanceof Float32Array) {
    const [bits] = new Uint32Array(array.buffer, array.byteOffset, 1);
    return { value: array[0] ?? Number.NaN, bits: BigInt(bits ?? 0) };
  }
  throw new TypeError(`koffi returned ${typeof returned} where ${formatType(type)} was declared`);
}

function returnedArray(returned: unknown): unknown {
  const isStruct = typeof returned === 'object' && returned !== null && 'value' in returned;
  return isStruct ? returned.value : undefined;
}
