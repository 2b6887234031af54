/** Machine code as a function that JavaScript can call, in this process: for code that is trusted. */
import type { Parameter, Signature } from '../model/signature.ts';
import { isAddress, wrapInteger } from '../model/signature.ts';
import type { ArgumentValue, BufferState, ReturnValue } from '../model/value.ts';
import { BufferMemory } from './functionBuffers.ts';
import { floatFrom, integerFrom, prototypeOf } from './functionPrototype.ts';
import type { JsValue } from './functionValues.ts';
import { checkCount, fromReturned, toArguments, where } from './functionValues.ts';
import { koffi } from './koffi.ts';
import type { Memory } from './raw.ts';
import { systemMemory, toAddress } from './raw.ts';
import type { ExecutableRegion } from './region.ts';
import { MappedRegion } from './region.ts';

export type { JsValue } from './functionValues.ts';

/** How a call ended. */
export interface CallOutcome {
  readonly value: ReturnValue;
  /** For every argument that is a buffer and whose parameter points to mutable memory, in their order. */
  readonly buffers: readonly BufferState[];
  /** Time around the bare native call, in nanoseconds, with some hundred of koffi's and the clock's own. */
  readonly durationNs: bigint;
}

/** Code in memory of its own, which lives until {@link JitFunction.dispose}. */
export interface JitFunction {
  /**
   * Calls the code with JavaScript's own values: `add(4n)` is `8n`. Bytes passed for a pointer to mutable memory hold
   * afterwards what the code left there. Throws a TypeError or RangeError for values that do not suit.
   */
  (...values: readonly JsValue[]): JsValue;
  readonly signature: Signature;
  /**
   * Calls the code with values fitted to the signature. Buffers are copied into memory of their own
   * for the call's time. Throws a TypeError if the arguments do not suit the signature. A crash
   * ends the process, and what the code does to the process' memory is done.
   */
  call(values: readonly ArgumentValue[]): CallOutcome;
  /** Gives the memory back; more than once does nothing. Calling the function then throws. */
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface JitFunctionOptions {
  /** Offset of the first instruction to run, 0 if not given. */
  readonly entry?: number;
  /** Where code and buffers live: the system's memory, or in tests another. */
  readonly memory?: Memory;
}

/**
 * Copies machine code for this processor into executable memory. It is called by the platform's own
 * convention.
 *
 * Throws an error if the signature holds SIMD values or too many parameters, a RangeError if there are no bytes or the
 * entry does not lie in them, and a SystemCallError if the system refuses the memory.
 */
export function jitFunction(
  signature: Signature,
  bytes: Uint8Array,
  options: JitFunctionOptions = {},
): JitFunction {
  const { entry = 0, memory = systemMemory() } = options;
  if (!Number.isInteger(entry) || entry < 0 || entry >= bytes.length) {
    throw new RangeError(
      `the entry, offset ${entry}, does not lie in ${bytes.length} bytes of code`,
    );
  }
  const prototype = prototypeOf(signature);
  const region = loadCode(bytes, memory);

  const call = (values: readonly ArgumentValue[]): CallOutcome => {
    const address = toAddress(region.address + BigInt(entry));
    checkCount(signature, values.length);
    const buffers = BufferMemory.of(values, memory);
    try {
      const passed = signature.parameters.map((parameter, index) =>
        toNative(signature, parameter, index, values[index], buffers),
      );
      const start = process.hrtime.bigint();
      const returned: unknown = koffi().call(address, prototype, ...passed);
      const durationNs = process.hrtime.bigint() - start;
      return {
        value: toReturned(signature, returned, buffers),
        buffers: mutableBuffers(signature, buffers),
        durationNs,
      };
    } finally {
      buffers.dispose();
    }
  };
  const callWithOwn = (...values: readonly JsValue[]): JsValue => {
    const { value, buffers } = call(toArguments(signature, values));
    for (const { parameter, after } of buffers) {
      const given = values[parameter];
      if (given instanceof Uint8Array) given.set(after);
    }
    return fromReturned(value, signature.result);
  };
  const dispose = (): void => region.dispose();
  return Object.assign(callWithOwn, { signature, call, dispose, [Symbol.dispose]: dispose });
}

/** What an emitter has emitted so far, as `x64()` and `aarch64()` give it. */
export interface Emitted {
  /** The code; throws an error where it is not whole. */
  bytes(): Uint8Array;
}

/**
 * The code of an emitter as a function: `getFunction(f, signature)`, as {@link jitFunction} does with its bytes. Throws what
 * that and the emitter's `bytes` throw.
 */
export function getFunction(
  emitter: Emitted,
  signature: Signature,
  options: JitFunctionOptions = {},
): JitFunction {
  return jitFunction(signature, emitter.bytes(), options);
}

/** x86's int3. Zeroes, which AArch64 has after the code, are an undefined instruction there (UDF). */
const INT3 = 0xcc;

/** Code in executable pages whose rest traps, so that running off its end is noticed. */
function loadCode(bytes: Uint8Array, memory: Memory): ExecutableRegion {
  const writable = MappedRegion.allocate(bytes.length, memory);
  try {
    if (process.arch === 'x64' || process.arch === 'ia32') {
      const whole = new Uint8Array(writable.size).fill(INT3);
      whole.set(bytes);
      writable.write(whole);
    } else {
      writable.write(bytes);
    }
    return writable.makeExecutable();
  } catch (error) {
    writable.dispose();
    throw error;
  }
}

/** An argument as koffi takes it. */
function toNative(
  signature: Signature,
  parameter: Parameter,
  index: number,
  value: ArgumentValue | undefined,
  buffers: BufferMemory,
): bigint | number {
  const { type } = parameter;
  if (value?.kind === 'integer') {
    if (type.kind === 'integer') return wrapInteger(value.value, type);
    if (type.kind === 'bool') return value.value === 0n ? 0 : 1;
    if (isAddress(type)) return toAddress(value.value);
  }
  if (value?.kind === 'float' && type.kind === 'float') return value.value;
  const address = isAddress(type) ? buffers.addressOf(index) : undefined;
  if (address !== undefined) return address;
  const given = value?.kind ?? 'nothing';
  throw new TypeError(`${where(signature, index, parameter)} cannot be given as ${given}`);
}

function toReturned(signature: Signature, returned: unknown, buffers: BufferMemory): ReturnValue {
  const type = signature.result;
  switch (type.kind) {
    case 'integer':
      return { kind: 'integer', value: wrapInteger(integerFrom(returned), type) };
    case 'bool':
      return { kind: 'integer', value: integerFrom(returned) === 0n ? 0n : 1n };
    case 'float':
      return { kind: 'float', ...floatFrom(returned, type) };
    case 'pointer':
    case 'string': {
      const value = toAddress(integerFrom(returned));
      return { kind: 'address', value, target: buffers.targetOf(value) };
    }
    case 'vector':
    case 'void':
      return { kind: 'void' };
  }
}

function mutableBuffers(signature: Signature, buffers: BufferMemory): readonly BufferState[] {
  return signature.parameters.flatMap(({ type }, index) => {
    const state = type.kind === 'pointer' && type.mutable ? buffers.stateOf(index) : undefined;
    return state ? [state] : [];
  });
}
