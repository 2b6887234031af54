/** Register files: the full registers of an architecture, and where the parts that have names lie in them. */
import type { Architecture } from './architecture.ts';

/** Full registers by name, without sign; vector registers are as wide as the machine's widest. */
export type Registers = Readonly<Record<string, bigint>>;

/** Bits of a full register that have a name of their own. */
export interface RegisterPart {
  /** Name of the full register, such as `rax` for `al`. */
  readonly register: string;
  /** Of its lowest bit. */
  readonly shift: number;
  readonly bits: number;
}

/** x86-64's general registers by the numbers that instructions give them. */
export const x64General = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;

/** Bits of RFLAGS (Intel SDM volume 1, section 3.4.3). */
export const x64Flags: Readonly<Record<string, number>> = {
  cf: 0,
  pf: 2,
  af: 4,
  zf: 6,
  sf: 7,
  tf: 8,
  if: 9,
  df: 10,
  of: 11,
  ac: 18,
};

/** Bits of PSTATE as a signal frame holds it (Arm ARM, C5.2.18 SPSR). */
const aarch64Flags: Readonly<Record<string, number>> = { n: 31, z: 30, c: 29, v: 28 };

/** Where the register, part of a register or flag of that name lies, in any case; undefined if there is none. */
export function registerPart(architecture: Architecture, name: string): RegisterPart | undefined {
  const lower = name.toLowerCase();
  if (architecture === 'x86_64') return x64Parts.get(lower);
  if (architecture === 'aarch64') return aarch64Part(lower);
  return undefined;
}

/** The value of a register, part of one or flag, or undefined if it is not among these. */
export function registerValue(
  architecture: Architecture,
  registers: Registers,
  name: string,
): bigint | undefined {
  const part = registerPart(architecture, name);
  const full = part && registers[part.register];
  if (!part || full === undefined) return undefined;
  return BigInt.asUintN(part.bits, full >> BigInt(part.shift));
}

const x64Parts = new Map<string, RegisterPart>();
function addX64(name: string, register: string, bits: number, shift = 0): void {
  x64Parts.set(name, { register, shift, bits });
}
for (const [number, full] of x64General.entries()) {
  addX64(full, full, 64);
  if (number >= 8) {
    addX64(`${full}d`, full, 32);
    addX64(`${full}w`, full, 16);
    addX64(`${full}b`, full, 8);
    continue;
  }
  const short = full.slice(1);
  addX64(`e${short}`, full, 32);
  addX64(short, full, 16);
  if (short.endsWith('x')) {
    addX64(`${short.charAt(0)}l`, full, 8);
    addX64(`${short.charAt(0)}h`, full, 8, 8);
  } else {
    addX64(`${short}l`, full, 8);
  }
}
for (let number = 0; number < 32; number++) {
  addX64(`xmm${number}`, `zmm${number}`, 128);
  addX64(`ymm${number}`, `zmm${number}`, 256);
  addX64(`zmm${number}`, `zmm${number}`, 512);
}
for (let number = 0; number < 8; number++) {
  addX64(`st${number}`, `st${number}`, 80);
  addX64(`k${number}`, `k${number}`, 64);
}
for (const [flag, bit] of Object.entries(x64Flags)) addX64(flag, 'rflags', 1, bit);
addX64('rip', 'rip', 64);
addX64('eip', 'rip', 32);
addX64('rflags', 'rflags', 64);
addX64('eflags', 'rflags', 32);
addX64('flags', 'rflags', 16);
addX64('mxcsr', 'mxcsr', 32);

function aarch64Part(name: string): RegisterPart | undefined {
  const flag = aarch64Flags[name];
  if (flag !== undefined) return { register: 'pstate', shift: flag, bits: 1 };
  switch (name) {
    case 'sp':
    case 'pc':
      return { register: name, shift: 0, bits: 64 };
    case 'wsp':
      return { register: 'sp', shift: 0, bits: 32 };
    case 'lr':
      return { register: 'x30', shift: 0, bits: 64 };
    case 'fp':
      return { register: 'x29', shift: 0, bits: 64 };
    case 'fpcr':
    case 'fpsr':
      return { register: name, shift: 0, bits: 64 };
    case 'nzcv':
      return { register: 'pstate', shift: 28, bits: 4 };
  }
  const match = /^([xwvqdshb])(\d|[12]\d|3[01])$/.exec(name);
  const [, letter = '', number = ''] = match ?? [];
  const general = letter === 'x' || letter === 'w';
  if (!match || (general && number === '31')) return undefined;
  if (general) return { register: `x${number}`, shift: 0, bits: letter === 'x' ? 64 : 32 };
  const widths: Readonly<Record<string, number>> = { v: 128, q: 128, d: 64, s: 32, h: 16, b: 8 };
  return { register: `v${number}`, shift: 0, bits: widths[letter] ?? 128 };
}
