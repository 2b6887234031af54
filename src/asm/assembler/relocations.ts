/**
 * Relocations that need no linker: what RISC-V's assembler leaves open inside one section, although it is known
 * (RISC-V ELF psABI, "Relocations"; the fields are those of the ISA manual's formats B, J, CB, CJ, U and I).
 */
import type { ElfText, Relocation } from './elfText.ts';

const riscV = 243;
const arm = 40;

/** `R_ARM_V4BX` marks a `bx` for processors without it, `R_*_NONE` nothing: there is nothing left to do. */
const armV4Bx = 40;
const none = 0;

/** Fills in what can be, and tells the rest. */
export function resolve(bytes: Uint8Array, { machine, relocations }: ElfText): Relocation[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return relocations.filter((relocation) => {
    const { type, offset, symbol, addend } = relocation;
    if (type === none || (machine === arm && type === armV4Bx)) return false;
    const field = machine === riscV ? riscVFields[type] : undefined;
    if (!field || symbol?.offset === undefined || offset + field.size > bytes.length) return true;
    const place = field.isRelative ? BigInt(offset) : 0n;
    return !field.write(view, offset, BigInt(symbol.offset) + addend - place);
  });
}

interface Field {
  /** In bytes. */
  readonly size: number;
  /** Whether the value is the distance from the field. */
  readonly isRelative: boolean;
  /** Writes a value; false if it does not fit. */
  write(view: DataView, at: number, value: bigint): boolean;
}

/** Some bits of a value, moved to another place. */
function bits(value: number, high: number, low: number, to: number): number {
  return (((value >> low) & ((1 << (high - low + 1)) - 1)) << to) >>> 0;
}

/** A branch: the distance in the bits of its instruction. */
function branch(size: 2 | 4, reach: number, place: (distance: number) => number): Field {
  return {
    size,
    isRelative: true,
    write(view, at, value) {
      const limit = 1n << BigInt(reach - 1);
      if (value < -limit || value >= limit || (value & 1n) !== 0n) return false;
      const placed = place(Number(value));
      if (size === 2) view.setUint16(at, view.getUint16(at, true) | placed, true);
      else view.setUint32(at, (view.getUint32(at, true) | placed) >>> 0, true);
      return true;
    },
  };
}

/** `auipc` and `jalr`. */
const call: Field = {
  size: 8,
  isRelative: true,
  write(view, at, value) {
    const distance = Number(BigInt.asIntN(32, value));
    if (BigInt(distance) !== value || distance > 0x7fff_f7ff || distance % 2 !== 0) return false;
    view.setUint32(at, (view.getUint32(at, true) | ((distance + 0x800) & ~0xfff)) >>> 0, true);
    view.setUint32(at + 4, (view.getUint32(at + 4, true) | (distance << 20)) >>> 0, true);
    return true;
  },
};

/** A sum with what stands there, in so many bytes. */
function sum(size: 1 | 2 | 4 | 8, sign: 1n | -1n): Field {
  return {
    size,
    isRelative: false,
    write(view, at, value) {
      let before = 0n;
      for (let n = 0; n < size; n++) before |= BigInt(view.getUint8(at + n)) << BigInt(8 * n);
      const after = before + sign * value;
      for (let n = 0; n < size; n++) {
        view.setUint8(at + n, Number((after >> BigInt(8 * n)) & 0xffn));
      }
      return true;
    },
  };
}

const riscVFields: Readonly<Record<number, Field>> = {
  // R_RISCV_BRANCH
  16: branch(
    4,
    13,
    (d) => bits(d, 12, 12, 31) + bits(d, 10, 5, 25) + bits(d, 4, 1, 8) + bits(d, 11, 11, 7),
  ),
  // R_RISCV_JAL
  17: branch(
    4,
    21,
    (d) => bits(d, 20, 20, 31) + bits(d, 10, 1, 21) + bits(d, 11, 11, 20) + bits(d, 19, 12, 12),
  ),
  // R_RISCV_CALL and R_RISCV_CALL_PLT
  18: call,
  19: call,
  // R_RISCV_ADD8 to ADD64, R_RISCV_SUB8 to SUB64
  33: sum(1, 1n),
  34: sum(2, 1n),
  35: sum(4, 1n),
  36: sum(8, 1n),
  37: sum(1, -1n),
  38: sum(2, -1n),
  39: sum(4, -1n),
  40: sum(8, -1n),
  // R_RISCV_RVC_BRANCH
  44: branch(
    2,
    9,
    (d) =>
      bits(d, 8, 8, 12) +
      bits(d, 4, 3, 10) +
      bits(d, 7, 6, 5) +
      bits(d, 2, 1, 3) +
      bits(d, 5, 5, 2),
  ),
  // R_RISCV_RVC_JUMP
  45: branch(
    2,
    12,
    (d) =>
      bits(d, 11, 11, 12) +
      bits(d, 4, 4, 11) +
      bits(d, 9, 8, 9) +
      bits(d, 10, 10, 8) +
      bits(d, 6, 6, 7) +
      bits(d, 7, 7, 6) +
      bits(d, 3, 1, 3) +
      bits(d, 5, 5, 2),
  ),
};
