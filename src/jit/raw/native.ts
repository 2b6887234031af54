/** Functions of the system's libraries. Only the files of this folder declare any. */
import { koffi } from '../koffi.ts';

/** What a native function takes: an integer, or bytes whose address is passed for the call's time. */
export type NativeArgument = bigint | number | Uint8Array;

/** A native function; integers come back as a number where that is exact, and as a bigint otherwise. */
export type NativeFunction = (...values: readonly NativeArgument[]) => unknown;

/** C types in koffi's spelling. Addresses are passed as integers, as `uintptr`. */
export type NativeType =
  'void' | 'int' | 'uint' | 'int64' | 'size_t' | 'uintptr' | 'void *' | 'str';

/**
 * Declares a function of a library, which is named as the system finds it; null is what the process
 * has loaded already, among it the C library. It is looked up once, at its first call, which throws
 * an error naming both if it does not exist.
 */
export function declareFunction(
  library: string | null,
  name: string,
  result: NativeType,
  parameters: readonly NativeType[],
): NativeFunction {
  let found: NativeFunction | undefined;
  return (...values) => {
    found ??= lookUp(library, name, result, parameters);
    return found(...values);
  };
}

function lookUp(
  library: string | null,
  name: string,
  result: NativeType,
  parameters: readonly NativeType[],
): NativeFunction {
  try {
    return koffi()
      .load(library)
      .func(name, result, [...parameters]) as NativeFunction;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} was not found in ${library ?? 'this process'}: ${reason}`, { cause });
  }
}

/** An integer result as a bigint, without sign. */
export function toUnsigned(result: unknown): bigint {
  return BigInt.asUintN(64, toBigInt(result));
}

/** An integer result of at most 32 bits. */
export function toInteger(result: unknown): number {
  return Number(toBigInt(result));
}

function toBigInt(result: unknown): bigint {
  if (typeof result === 'bigint' || typeof result === 'number') return BigInt(result);
  throw new TypeError(`a native function returned ${typeof result} where an integer was declared`);
}
