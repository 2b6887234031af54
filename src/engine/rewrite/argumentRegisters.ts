/** Where the calling conventions pass arguments and results in registers. */
import type { Abi, Architecture } from '../../model/architecture.ts';

/** A convention's registers by their widest names, in the order of the parameters. */
export interface ArgumentRegisters {
  readonly integers: readonly string[];
  readonly floats: readonly string[];
  readonly integerResult: string;
  readonly floatResult: string;
  /** Whether an integer and a float in the same place share it (Win64). */
  readonly shared: boolean;
  /** Width of an integer register, in bits. */
  readonly bits: 32 | 64;
}

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index}`);

/** System V AMD64 ABI, 3.2.3. */
const sysv: ArgumentRegisters = {
  integers: ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'],
  floats: numbered('xmm', 8),
  integerResult: 'rax',
  floatResult: 'xmm0',
  shared: false,
  bits: 64,
};

/** Microsoft's x64 calling convention. */
const win64: ArgumentRegisters = {
  ...sysv,
  integers: ['rcx', 'rdx', 'r8', 'r9'],
  floats: numbered('xmm', 4),
  shared: true,
};

/** Procedure Call Standard for the Arm 64-bit Architecture, 6.4. */
const aapcs64: ArgumentRegisters = {
  integers: numbered('x', 8),
  floats: numbered('v', 8),
  integerResult: 'x0',
  floatResult: 'v0',
  shared: false,
  bits: 64,
};

/** Procedure Call Standard for the Arm Architecture, 6.1: without floating-point registers. */
const aapcs: ArgumentRegisters = {
  integers: numbered('r', 4),
  floats: [],
  integerResult: 'r0',
  floatResult: '',
  shared: false,
  bits: 32,
};

/** RISC-V psABI, chapter 2. */
const riscv: ArgumentRegisters = {
  integers: numbered('a', 8),
  floats: numbered('fa', 8),
  integerResult: 'a0',
  floatResult: 'fa0',
  shared: false,
  bits: 64,
};

/** The registers of a convention, or undefined where it passes arguments otherwise or is not known here. */
export function argumentRegisters(
  architecture: Architecture,
  abi: Abi,
): ArgumentRegisters | undefined {
  switch (architecture) {
    case 'x86_64':
      return abi === 'win64' ? win64 : sysv;
    case 'aarch64':
      return aapcs64;
    case 'arm':
    case 'thumb':
      return aapcs;
    case 'riscv64':
      return riscv;
    default:
      return undefined;
  }
}

/** A register by its widest name, and how many bits of it a name means. */
export interface NamedRegister {
  readonly whole: string;
  readonly bits: number;
}

const x86Letters =
  /^(?:r|e)?([abcd])x$|^([abcd])[lh]$|^(?:r|e)?([sd]i|[sb]p)l?$|^r(\d+)([dwb]?)$|^[xyz]mm(\d+)$/;

/** Takes a name apart. Names of other registers are their own widest ones. */
export function registerOf(architecture: Architecture, name: string): NamedRegister {
  if (architecture === 'aarch64') {
    const found = /^([wxbhsdqv])(\d+)/.exec(name);
    const [, letter = '', number = ''] = found ?? [];
    if (!found) return { whole: name, bits: 64 };
    const bits = { w: 32, x: 64, b: 8, h: 16, s: 32, d: 64, q: 128, v: 128 }[letter] ?? 64;
    return { whole: (letter === 'w' || letter === 'x' ? 'x' : 'v') + number, bits };
  }
  if (architecture !== 'x86_64') return { whole: name, bits: architecture === 'riscv64' ? 64 : 32 };
  const found = x86Letters.exec(name);
  if (!found) return { whole: name, bits: 64 };
  const [, word, byte, pointer, number, width, vector] = found;
  if (vector !== undefined) return { whole: `xmm${vector}`, bits: 128 };
  if (number !== undefined)
    return { whole: `r${number}`, bits: { d: 32, w: 16, b: 8 }[width ?? ''] ?? 64 };
  const bits = name.startsWith('r') ? 64 : name.startsWith('e') ? 32 : 16;
  if (byte !== undefined) return { whole: `r${byte}x`, bits: 8 };
  if (word !== undefined) return { whole: `r${word}x`, bits };
  return { whole: `r${pointer ?? ''}`, bits: name.endsWith('l') ? 8 : bits };
}
