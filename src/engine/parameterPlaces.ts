/** In which registers and stack slots a function finds its parameters and leaves its result. */
import type { Abi, Architecture } from '../model/architecture.ts';
import { x64General } from '../model/registers.ts';
import {
  formatType,
  isAddress,
  parameterName,
  type Signature,
  type Type,
} from '../model/signature.ts';
import { argumentPlaces, isByReference, type CallingConvention } from '../jit/abi.ts';

/** Where one parameter arrives, or the result is left. */
export interface ValuePlace {
  /** As results name it; `undefined` for the result. */
  readonly name: string | undefined;
  /** In the Rust-like spelling. */
  readonly type: string;
  /** A register such as `edi`, or a place on the stack at the first instruction such as `[rsp + 0x8]`. */
  readonly place: string;
  /** Whether what is there is the address of the value. */
  readonly byReference: boolean;
}

export interface SignaturePlaces {
  readonly convention: CallingConvention;
  readonly parameters: readonly ValuePlace[];
  /** Undefined for `void`. */
  readonly result: ValuePlace | undefined;
}

/**
 * The places under the block's convention, or the platform's where it names none; undefined where that convention is
 * not one that calls are made by.
 */
export function signaturePlaces(
  signature: Signature,
  architecture: Architecture,
  abi: Abi | undefined,
  windows: boolean,
): SignaturePlaces | undefined {
  const convention = conventionOf(architecture, abi, windows);
  if (!convention) return undefined;
  const { places } = argumentPlaces(convention, signature);
  const parameters = signature.parameters.map(({ type }, index): ValuePlace => {
    const byReference = isByReference(convention, type);
    const place = places[index];
    return {
      name: parameterName(signature, index),
      type: formatType(type),
      place:
        place === undefined
          ? ''
          : place.file === 'stack'
            ? stackPlace(convention, place.offset)
            : place.file === 'vector'
              ? vectorRegister(convention, place.register, type)
              : generalRegister(convention, place.register, byReference ? 64 : bitsOf(type)),
      byReference,
    };
  });
  return { convention, parameters, result: resultPlace(convention, signature.result) };
}

function conventionOf(
  architecture: Architecture,
  abi: Abi | undefined,
  windows: boolean,
): CallingConvention | undefined {
  if (architecture === 'aarch64') {
    return abi === undefined || abi === 'aapcs64' ? 'aapcs64' : undefined;
  }
  if (architecture !== 'x86_64') return undefined;
  if (abi === undefined) return windows ? 'win64' : 'sysv';
  return abi === 'sysv' || abi === 'win64' ? abi : undefined;
}

function resultPlace(convention: CallingConvention, type: Type): ValuePlace | undefined {
  if (type.kind === 'void') return undefined;
  const place =
    type.kind === 'float' || type.kind === 'vector'
      ? vectorRegister(convention, 0, type)
      : generalRegister(convention, 0, bitsOf(type));
  return { name: undefined, type: formatType(type), place, byReference: false };
}

/** Bits of a general register that a value of the type fills. */
function bitsOf(type: Type): number {
  if (isAddress(type)) return 64;
  return type.kind === 'integer' ? type.bits : type.kind === 'bool' ? 8 : 64;
}

function generalRegister(convention: CallingConvention, number: number, bits: number): string {
  if (convention === 'aapcs64') return `${bits === 64 ? 'x' : 'w'}${number}`;
  const full = x64General[number] ?? '';
  if (bits === 64) return full;
  if (number >= 8) return `${full}${{ 32: 'd', 16: 'w' }[bits] ?? 'b'}`;
  const short = full.slice(1);
  if (bits === 32) return `e${short}`;
  if (bits === 16) return short;
  return short.endsWith('x') ? `${short.charAt(0)}l` : `${short}l`;
}

function vectorRegister(convention: CallingConvention, number: number, type: Type): string {
  if (convention !== 'aapcs64') return `xmm${number}`;
  if (type.kind !== 'float') return `v${number}`;
  return `${type.bits === 32 ? 's' : 'd'}${number}`;
}

/** The return address that `call` pushes, in bytes. */
const returnAddressBytes = 8;

function stackPlace(convention: CallingConvention, offset: number): string {
  if (convention === 'aapcs64') return offset === 0 ? '[sp]' : `[sp, #${offset}]`;
  return `[rsp + 0x${(offset + returnAddressBytes).toString(16)}]`;
}
