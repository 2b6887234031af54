/**
 * Calling conventions: where each argument of a call goes, where its result is found, and what a function must leave as it
 * was. System V psABI for x86-64, section 3.2; Microsoft's x64 calling convention; AAPCS64, section 6.
 */
import type { Abi } from '../model/architecture.ts';
import type { Signature, Type } from '../model/signature.ts';
import { formatType, isAddress, wrapInteger } from '../model/signature.ts';
import type { ArgumentValue } from '../model/value.ts';

/** The conventions that a runner can call by. */
export type CallingConvention = Extract<Abi, 'sysv' | 'win64' | 'aapcs64'>;

/** How a convention passes values. Registers are by their numbers in instructions. */
interface Convention {
  readonly general: readonly number[];
  /** How many vector registers carry arguments, from the first on. */
  readonly vectors: number;
  /** Whether an argument takes the register of its position in both files (Windows). */
  readonly positional: boolean;
  /** Bytes of the stack that belong to the callee, below the stack arguments. */
  readonly shadowBytes: number;
  /** Whether SIMD values are passed by the address of a copy. */
  readonly vectorsByReference: boolean;
  readonly savedGeneral: readonly number[];
  readonly savedVectors: readonly number[];
  /** Bits of a saved vector register that count. */
  readonly savedVectorBits: 64 | 128;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export const conventions: Readonly<Record<CallingConvention, Convention>> = {
  sysv: {
    general: [7, 6, 2, 1, 8, 9], // rdi, rsi, rdx, rcx, r8, r9
    vectors: 8,
    positional: false,
    shadowBytes: 0,
    vectorsByReference: false,
    savedGeneral: [3, 5, 12, 13, 14, 15], // rbx, rbp, r12 to r15
    savedVectors: [],
    savedVectorBits: 128,
  },
  win64: {
    general: [1, 2, 8, 9], // rcx, rdx, r8, r9
    vectors: 4,
    positional: true,
    shadowBytes: 32,
    vectorsByReference: true,
    savedGeneral: [3, 5, 6, 7, 12, 13, 14, 15], // rbx, rbp, rsi, rdi, r12 to r15
    savedVectors: range(6, 15),
    savedVectorBits: 128,
  },
  aapcs64: {
    general: range(0, 7),
    vectors: 8,
    positional: false,
    shadowBytes: 0,
    vectorsByReference: false,
    savedGeneral: range(19, 29),
    savedVectors: range(8, 15),
    savedVectorBits: 64,
  },
};

/** What the callee-saved general register of this number holds at a call: no address of anything, and easily recognized. */
export function keptGeneral(number: number): bigint {
  return 0x5afe_0000_5afe_0000n + BigInt(number);
}

/** What the callee-saved vector register of this number holds at a call, in so many bits. */
export function keptVector(number: number, bits: 64 | 128): bigint {
  const half = 0x5afe_0000_5afe_0100n + BigInt(number);
  return bits === 64 ? half : (half << 64n) | half;
}

/** A call's arguments where the callee expects them. */
export interface CallFrame {
  /** General registers that carry something, by number. */
  readonly general: ReadonlyMap<number, bigint>;
  /** Vector registers that carry something, by number, 16 bytes each. */
  readonly vectors: ReadonlyMap<number, Uint8Array>;
  /** From the stack pointer at the call upward; its length is a multiple of 16. */
  readonly stack: Uint8Array;
}

/** Bytes of a general register and of a stack slot. */
const slot = 8;
const vectorBytes = 16;

/** Where a callee finds an argument. */
export type ArgumentPlace =
  | { readonly file: 'general' | 'vector'; readonly register: number }
  /** `offset` in bytes from the stack pointer at the call, before a return address is pushed. */
  | { readonly file: 'stack'; readonly offset: number };

/** Which register file an argument goes to, and its bytes. */
interface Passing {
  readonly file: 'general' | 'vector';
  readonly size: number;
}

function passingOf(type: Type, { vectorsByReference }: Convention): Passing {
  if (type.kind === 'float') return { file: 'vector', size: slot };
  if (type.kind !== 'vector') return { file: 'general', size: slot };
  return vectorsByReference
    ? { file: 'general', size: slot }
    : { file: 'vector', size: vectorBytes };
}

/** Whether a parameter of the type is passed by the address of a copy. */
export function isByReference(convention: CallingConvention, type: Type): boolean {
  return type.kind === 'vector' && conventions[convention].vectorsByReference;
}

/** Where each parameter is found, and how many bytes of the stack belong to them and to the callee. */
export function argumentPlaces(
  convention: CallingConvention,
  signature: Signature,
): { readonly places: readonly ArgumentPlace[]; readonly stackBytes: number } {
  const rules = conventions[convention];
  let generalUsed = 0;
  let vectorsUsed = 0;
  let stackUsed = rules.shadowBytes;
  const places = signature.parameters.map(({ type }, parameter): ArgumentPlace => {
    const { file, size } = passingOf(type, rules);
    const used = rules.positional ? parameter : file === 'general' ? generalUsed : vectorsUsed;
    const register =
      file === 'general' ? rules.general[used] : used < rules.vectors ? used : undefined;
    if (register !== undefined) {
      if (file === 'general') generalUsed++;
      else vectorsUsed++;
      return { file, register };
    }
    const offset = Math.ceil(stackUsed / size) * size;
    stackUsed = offset + size;
    return { file: 'stack', offset };
  });
  return { places, stackBytes: stackUsed };
}

/**
 * Places the arguments. `addressOf` tells where a parameter's buffer lies, `stackTop` is the address above the frame, 16-aligned.
 * Throws a TypeError if an argument does not suit its parameter.
 */
export function placeArguments(
  convention: CallingConvention,
  signature: Signature,
  values: readonly ArgumentValue[],
  addressOf: (parameter: number) => bigint | undefined,
  stackTop: bigint,
): CallFrame {
  const general = new Map<number, bigint>();
  const vectors = new Map<number, Uint8Array>();
  const passed = signature.parameters.map(({ type }, parameter) =>
    bytesOf(type, values[parameter], parameter, addressOf),
  );
  // Copies of what is passed by reference lie above the arguments, whose extent is not known yet: top down.
  const copies: Uint8Array[] = [];
  for (const [parameter, { type }] of signature.parameters.entries()) {
    const copy = passed[parameter];
    if (!copy || !isByReference(convention, type)) continue;
    copies.push(copy);
    passed[parameter] = words(stackTop - BigInt(copies.length * vectorBytes));
  }
  const { places, stackBytes } = argumentPlaces(convention, signature);
  const size = Math.ceil(stackBytes / vectorBytes) * vectorBytes + copies.length * vectorBytes;
  const stack = new Uint8Array(size);
  for (const [parameter, place] of places.entries()) {
    const bytes = passed[parameter] ?? new Uint8Array(slot);
    if (place.file === 'stack') stack.set(bytes, place.offset);
    else if (place.file === 'general') {
      general.set(place.register, new DataView(bytes.buffer).getBigUint64(0, true));
    } else {
      const whole = new Uint8Array(vectorBytes);
      whole.set(bytes);
      vectors.set(place.register, whole);
    }
  }
  for (const [index, bytes] of copies.entries()) {
    stack.set(bytes, size - vectorBytes * (index + 1));
  }
  return { general, vectors, stack };
}

/** 8 bytes, or a SIMD value's 16; a 32-bit float has zeroes above it. */
function bytesOf(
  type: Type,
  value: ArgumentValue | undefined,
  parameter: number,
  addressOf: (parameter: number) => bigint | undefined,
): Uint8Array {
  if (value?.kind === 'integer') {
    if (type.kind === 'integer') {
      return words(wrapInteger(value.value, type));
    }
    if (type.kind === 'bool') return words(value.value === 0n ? 0n : 1n);
    if (isAddress(type)) return words(value.value);
  }
  if (value?.kind === 'buffer' && isAddress(type)) {
    const address = addressOf(parameter);
    if (address !== undefined) return words(address);
  }
  if (value?.kind === 'float' && type.kind === 'float') {
    const bytes = new Uint8Array(slot);
    const view = new DataView(bytes.buffer);
    if (type.bits === 64) view.setFloat64(0, value.value, true);
    else view.setFloat32(0, value.value, true);
    return bytes;
  }
  if (value?.kind === 'vector' && type.kind === 'vector' && value.bytes.length === vectorBytes) {
    return value.bytes;
  }
  const given = value === undefined ? 'nothing' : value.kind;
  throw new TypeError(`parameter ${parameter}, ${formatType(type)}, cannot be given as ${given}`);
}

function words(value: bigint): Uint8Array {
  const bytes = new Uint8Array(slot);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes;
}
