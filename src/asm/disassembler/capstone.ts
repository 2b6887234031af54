/**
 * The back end for everything but x86: Capstone 5, compiled to WebAssembly. Its own JavaScript misreads
 * the details of instructions, so Capstone's C functions and structures (include/capstone/capstone.h) are
 * used as they are. Every handle and every allocation is given back before a function here returns.
 */
import type { Architecture } from '../../model/architecture.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { DecodeOptions, Disassembler } from '../disassembler.ts';
import { type Family, detailOf } from './capstoneDetail.ts';
import { LazyInstruction, type Reader, type Texts } from './lazyInstruction.ts';
import { loadBackEnd } from './locate.ts';
import { undecodable } from './undecodable.ts';

/** The C functions that are used, and the means to reach their memory; pointers are numbers. */
export interface Capstone {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _cs_open(architecture: number, mode: number, handle: number): number;
  _cs_close(handle: number): number;
  _cs_option(handle: number, option: number, value: number): number;
  _cs_malloc(handle: number): number;
  _cs_free(instruction: number, count: number): void;
  _cs_disasm_iter(
    handle: number,
    code: number,
    size: number,
    address: number,
    instruction: number,
  ): number;
  _cs_regs_access(
    handle: number,
    instruction: number,
    read: number,
    readCount: number,
    written: number,
    writtenCount: number,
  ): number;
  _cs_reg_name(handle: number, register: number): number;
  _cs_insn_name(handle: number, instruction: number): number;
  _cs_group_name(handle: number, group: number): number;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: 'i8' | 'i16' | 'i32'): number;
  setValue(pointer: number, value: number, type: 'i32'): void;
  writeArrayToMemory(bytes: Uint8Array, pointer: number): void;
}

/** How Capstone is asked for an architecture. */
interface Target {
  readonly family: Family;
  readonly architecture: number;
  readonly mode: number;
  /** Bytes in the smallest instruction. */
  readonly unit: 2 | 4;
}

const bigEndian = 0x8000_0000;

function target(family: Family, architecture: number, mode: number, unit: 2 | 4): Target {
  return { family, architecture, mode, unit };
}

/** `cs_arch` and `cs_mode` of capstone.h. */
const targets: Partial<Record<Architecture, Target>> = {
  aarch64: target('aarch64', 1, 0, 4),
  arm: target('arm', 0, 0, 4),
  thumb: target('arm', 0, 1 << 4, 2),
  mips: target('mips', 2, (1 << 2) | bigEndian, 4),
  mipsel: target('mips', 2, 1 << 2, 4),
  mips64: target('mips', 2, (1 << 3) | bigEndian, 4),
  mips64el: target('mips', 2, 1 << 3, 4),
  ppc: target('ppc', 4, (1 << 2) | bigEndian, 4),
  ppc64: target('ppc', 4, (1 << 3) | bigEndian, 4),
  ppc64le: target('ppc', 4, 1 << 3, 4),
  sparc: target('sparc', 5, bigEndian, 4),
  sparc64: target('sparc', 5, (1 << 4) | bigEndian, 4),
  s390x: target('s390x', 6, bigEndian, 2),
  m68k: target('m68k', 8, (1 << 5) | bigEndian, 2),
  riscv32: target('riscv', 15, (1 << 0) | (1 << 2), 2),
  riscv64: target('riscv', 15, (1 << 1) | (1 << 2), 2),
  sh4: target('sh4', 16, (1 << 5) | (1 << 6), 2),
};

/** Whether Capstone, as built for JavaScript, knows the architecture. */
export function capstoneSupports(architecture: Architecture): boolean {
  return targets[architecture] !== undefined;
}

let loaded: Promise<Capstone> | undefined;

/** The disassembler for an architecture that Capstone knows. Rejects where it cannot be loaded. */
export async function capstoneDisassembler(architecture: Architecture): Promise<Disassembler> {
  const known = targets[architecture];
  if (!known) throw new Error(`Capstone does not know ${architecture}`);
  const start = loadBackEnd('capstone.js', '@alexaltea/capstone-js') as () => Promise<Capstone>;
  loaded ??= start();
  const capstone = await loaded;
  const read = reader(capstone, known);
  let mnemonics: ReadonlySet<string> | undefined;
  return {
    architecture,
    get mnemonics() {
      mnemonics ??= mnemonicsOf(capstone, known);
      return mnemonics;
    },
    decode: (bytes, options = {}) => decode(capstone, known, read, bytes, options),
  };
}

/** `CS_OPT_DETAIL` and `CS_OPT_ON`. */
const optionDetail = 2;
const optionOn = 3;

/** Offsets in `cs_insn`, in bytes. */
const insnSize = 16;
const insnMnemonic = 42;
const insnOperands = 74;

/** The three values that `cs_disasm_iter` moves on, and the handle, in 32 bytes. */
const cursorBytes = 32;
const cursorSize = 4;
const cursorAddress = 8;
const cursorHandle = 16;

function decode(
  capstone: Capstone,
  known: Target,
  read: Reader,
  given: Uint8Array,
  { offset = 0, address = 0n, count = Infinity }: DecodeOptions,
): Instruction[] {
  const start = Math.min(Math.max(0, Math.trunc(offset)), given.length);
  const bytes = given.slice(start, start + count * longest);
  const result: Instruction[] = [];
  const first = address + BigInt(start);
  withDecoder(capstone, known, bytes, 0, (next) => {
    for (let at = 0; at < bytes.length && result.length < count;) {
      const here = first + BigInt(at);
      const instruction = next(at, here);
      if (instruction === undefined) {
        const end = Math.min(bytes.length, at + known.unit);
        result.push(undecodable(bytes.subarray(at, end), start + at, here));
        at = end;
      } else {
        const end = at + (capstone.getValue(instruction + insnSize, 'i16') & 0xffff);
        const texts = textsOf(capstone, instruction);
        result.push(new LazyInstruction(read, bytes.subarray(at, end), start + at, here, texts));
        at = end;
      }
    }
  });
  return result;
}

/** Bytes of the longest instruction of all architectures, the 68000's. */
const longest = 22;

/** More than any architecture has; the names end before. */
const mostMnemonics = 10_000;

function mnemonicsOf(capstone: Capstone, known: Target): ReadonlySet<string> {
  const names = new Set<string>();
  withDecoder(capstone, known, new Uint8Array(0), 0, (_, handle) => {
    for (let id = 1; id < mostMnemonics; id++) {
      const name = capstone._cs_insn_name(handle, id);
      if (name === 0) break;
      names.add(capstone.UTF8ToString(name).toLowerCase());
    }
  });
  return names;
}

/**
 * Decodes at one offset after the other: the pointer to the instruction, overwritten by the next, or
 * undefined. A handle of its own keeps Thumb's `it` from reaching into other bytes.
 */
function withDecoder(
  capstone: Capstone,
  known: Target,
  bytes: Uint8Array,
  detail: 0 | typeof optionOn,
  use: (next: (at: number, address: bigint) => number | undefined, handle: number) => void,
): void {
  const cursor = capstone._malloc(cursorBytes);
  const code = capstone._malloc(Math.max(1, bytes.length));
  if (cursor === 0 || code === 0) throw new Error(`no memory to decode ${bytes.length} bytes`);
  capstone.writeArrayToMemory(bytes, code);
  const opened = capstone._cs_open(known.architecture, known.mode, cursor + cursorHandle);
  if (opened !== 0) throw new Error(`Capstone cannot be opened: error ${opened}`);
  const handle = capstone.getValue(cursor + cursorHandle, 'i32');
  capstone._cs_option(handle, optionDetail, detail);
  const instruction = capstone._cs_malloc(handle);
  try {
    use((at, address) => {
      capstone.setValue(cursor, code + at, 'i32');
      capstone.setValue(cursor + cursorSize, bytes.length - at, 'i32');
      capstone.setValue(cursor + cursorAddress, Number(BigInt.asIntN(32, address)), 'i32');
      capstone.setValue(
        cursor + cursorAddress + 4,
        Number(BigInt.asIntN(32, address >> 32n)),
        'i32',
      );
      const found = capstone._cs_disasm_iter(
        handle,
        cursor,
        cursor + cursorSize,
        cursor + cursorAddress,
        instruction,
      );
      return (found & 0xff) === 0 ? undefined : instruction;
    }, handle);
  } finally {
    capstone._cs_free(instruction, 1);
    capstone._cs_close(cursor + cursorHandle);
    capstone._free(code);
    capstone._free(cursor);
  }
}

function textsOf(capstone: Capstone, instruction: number): Texts {
  const mnemonic = capstone.UTF8ToString(instruction + insnMnemonic);
  const operands = capstone.UTF8ToString(instruction + insnOperands);
  const text = operands === '' ? mnemonic : `${mnemonic} ${operands}`;
  return { mnemonic, intel: text, att: text };
}

function reader(capstone: Capstone, known: Target): Reader {
  return {
    texts(bytes, address) {
      let texts: Texts | undefined;
      withDecoder(capstone, known, bytes, 0, (next) => {
        const instruction = next(0, address);
        if (instruction !== undefined) texts = textsOf(capstone, instruction);
      });
      return texts ?? undecodable(bytes, 0, address);
    },
    detail(bytes, address) {
      let detail = detailOf(known.family, address, {
        ...undecodable(bytes, 0, address),
        groups: [],
      });
      withDecoder(capstone, known, bytes, optionOn, (next, handle) => {
        const instruction = next(0, address);
        if (instruction === undefined) return;
        const raw = { ...textsOf(capstone, instruction), ...rawOf(capstone, handle, instruction) };
        detail = detailOf(known.family, address, raw);
      });
      return detail;
    },
  };
}

interface Raw {
  readonly registersRead: readonly string[];
  readonly registersWritten: readonly string[];
  readonly groups: readonly string[];
}

/** Offsets in `cs_insn` and `cs_detail`, and the most registers that `cs_regs_access` tells. */
const insnDetail = 236;
const detailGroups = 83;
const detailGroupCount = 91;
const mostRegisters = 64;

function rawOf(capstone: Capstone, handle: number, instruction: number): Raw {
  const detail = capstone.getValue(instruction + insnDetail, 'i32');
  const groups: string[] = [];
  const groupCount = capstone.getValue(detail + detailGroupCount, 'i8') & 0xff;
  for (let index = 0; index < groupCount; index++) {
    const group = capstone.getValue(detail + detailGroups + index, 'i8') & 0xff;
    groups.push(capstone.UTF8ToString(capstone._cs_group_name(handle, group)));
  }
  const read = capstone._malloc(4 * mostRegisters + 2);
  const written = read + 2 * mostRegisters;
  const counts = written + 2 * mostRegisters;
  const names = (list: number, count: number): string[] =>
    Array.from({ length: capstone.getValue(count, 'i8') & 0xff }, (_, index) => {
      const register = capstone.getValue(list + 2 * index, 'i16') & 0xffff;
      return capstone.UTF8ToString(capstone._cs_reg_name(handle, register)).toLowerCase();
    });
  try {
    const failed = capstone._cs_regs_access(handle, instruction, read, counts, written, counts + 1);
    return {
      groups,
      registersRead: failed === 0 ? [...new Set(names(read, counts))] : [],
      registersWritten: failed === 0 ? [...new Set(names(written, counts + 1))] : [],
    };
  } finally {
    capstone._free(read);
  }
}
