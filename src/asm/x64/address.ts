/** A memory operand as ModRM, SIB and displacement (Intel SDM vol. 2, 2.1.5 and 2.2.1). */
import type { Memory } from './operands.ts';

export interface Address {
  /** mod and rm; the register field is zero. */
  readonly modrm: number;
  /** SIB and displacement. */
  readonly rest: readonly number[];
  /** Numbers of the registers, for REX or VEX. */
  readonly base: number;
  readonly index: number;
  readonly segment: number | undefined;
}

/** In the rm field: a SIB byte follows. In SIB's index: none. */
const RSP = 4;
/** In the rm field with mod 0: RIP-relative. In SIB's base with mod 0: no base. */
const RBP = 5;
const DISPLACEMENT_8 = 0x40;
const DISPLACEMENT_32 = 0x80;

/** The bytes of a memory operand; a RIP-relative one has four zeros for the distance. */
export function addressOf(memory: Memory): Address {
  const { base, index, displacement, label } = memory;
  const numbers = {
    base: base?.number ?? 0,
    index: index?.number ?? 0,
    segment: memory.segment?.number,
  };
  if (label !== undefined) return { ...numbers, modrm: RBP, rest: [0, 0, 0, 0] };
  const sib =
    (Math.log2(memory.scale) << 6) |
    (((index?.number ?? RSP) & 7) << 3) |
    ((base?.number ?? RBP) & 7);
  if (base === undefined) return { ...numbers, modrm: RSP, rest: [sib, ...int32(displacement)] };
  const low = base.number & 7;
  const withSib = index !== undefined || low === RSP;
  const head = withSib ? [sib] : [];
  const rm = withSib ? RSP : low;
  // With mod 0, rbp and r13 mean something else: they take a displacement of zero.
  if (displacement === 0 && low !== RBP) return { ...numbers, modrm: rm, rest: head };
  if (displacement >= -128 && displacement <= 127) {
    return { ...numbers, modrm: DISPLACEMENT_8 | rm, rest: [...head, displacement & 0xff] };
  }
  return { ...numbers, modrm: DISPLACEMENT_32 | rm, rest: [...head, ...int32(displacement)] };
}

function int32(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
}
