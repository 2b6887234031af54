/**
 * The manuals' notation of instruction forms, read: operands (Intel SDM vol. 2, 3.1.1.3) and opcodes
 * (3.1.1.1). Two things are spelled out that the manual leaves to a sentence: the prefix 66 of 16-bit forms, and
 * `+cc`, the condition's number added to an opcode.
 */
import type { Immediate, Label, Memory } from './operands.ts';
import type { Register, RegisterClass } from './registers.ts';

/** A line of the table: mnemonic, operands, opcode. */
export type Row = readonly [mnemonic: string, operands: string, opcode: string];

/** The operands' notation, and what may stand there in a call. */
export interface OperandTypes {
  r8: Register<'r8'>;
  r16: Register<'r16'>;
  r32: Register<'r32'>;
  r64: Register<'r64'>;
  'r/m8': Register<'r8'> | Memory<8>;
  'r/m16': Register<'r16'> | Memory<16>;
  'r/m32': Register<'r32'> | Memory<32>;
  'r/m64': Register<'r64'> | Memory<64>;
  'r32/m8': Register<'r32'> | Memory<8>;
  'r32/m16': Register<'r32'> | Memory<16>;
  al: Register<'r8', 'al'>;
  ax: Register<'r16', 'ax'>;
  eax: Register<'r32', 'eax'>;
  rax: Register<'r64', 'rax'>;
  cl: Register<'r8', 'cl'>;
  dx: Register<'r16', 'dx'>;
  fs: Register<'Sreg', 'fs'>;
  gs: Register<'Sreg', 'gs'>;
  Sreg: Register<'Sreg'>;
  CR: Register<'CR'>;
  DR: Register<'DR'>;
  'ST(0)': Register<'ST', 'st0'>;
  'ST(i)': Register<'ST'>;
  '1': 1 | 1n;
  imm8: Immediate;
  imm16: Immediate;
  imm32: Immediate;
  /** A label gives its absolute address. */
  imm64: Immediate | Label;
  rel8: Label;
  rel32: Label;
  m: Memory;
  m8: Memory<8>;
  m16: Memory<16>;
  m32: Memory<32>;
  m64: Memory<64>;
  m80: Memory<80>;
  m128: Memory<128>;
  m256: Memory<256>;
  'm16:16': Memory<32>;
  'm16:32': Memory<48>;
  'm16:64': Memory<80>;
  xmm: Register<'xmm'>;
  'xmm/m8': Register<'xmm'> | Memory<8>;
  'xmm/m16': Register<'xmm'> | Memory<16>;
  'xmm/m32': Register<'xmm'> | Memory<32>;
  'xmm/m64': Register<'xmm'> | Memory<64>;
  'xmm/m128': Register<'xmm'> | Memory<128>;
  ymm: Register<'ymm'>;
  'ymm/m256': Register<'ymm'> | Memory<256>;
}

/** `'r/m64, imm8'` as a tuple of parameter types. */
export type OperandsOf<Text extends string> = Text extends ''
  ? []
  : Text extends `${infer First}, ${infer Rest}`
    ? [OperandType<First>, ...OperandsOf<Rest>]
    : [OperandType<Text>];
type OperandType<Text> = Text extends keyof OperandTypes ? OperandTypes[Text] : never;

/** The conditions by their encoding (SDM vol. 1, appendix B). */
export const conditions = {
  o: 0x0,
  no: 0x1,
  b: 0x2,
  c: 0x2,
  nae: 0x2,
  ae: 0x3,
  nb: 0x3,
  nc: 0x3,
  e: 0x4,
  z: 0x4,
  ne: 0x5,
  nz: 0x5,
  be: 0x6,
  na: 0x6,
  a: 0x7,
  nbe: 0x7,
  s: 0x8,
  ns: 0x9,
  p: 0xa,
  pe: 0xa,
  np: 0xb,
  po: 0xb,
  l: 0xc,
  nge: 0xc,
  ge: 0xd,
  nl: 0xd,
  le: 0xe,
  ng: 0xe,
  g: 0xf,
  nle: 0xf,
} as const;
type Condition = keyof typeof conditions;

/** A table's mnemonic as method names: `setcc` is thirty of them. */
export type MnemonicsOf<Mnemonic> = Mnemonic extends `${infer Stem}cc`
  ? `${Stem}${Condition}`
  : Mnemonic;

/** What an operand's notation lets in. */
export interface OperandPattern {
  readonly text: string;
  readonly register?: RegisterClass;
  /** The one register that it means, which the opcode implies. */
  readonly only?: string;
  readonly memory?: number | 'any';
  readonly immediate?: 8 | 16 | 32 | 64;
  readonly relative?: 8 | 32;
  /** The one number that it means, which the opcode implies. */
  readonly literal?: number;
}

export interface Vex {
  readonly wide: 0 | 1;
  readonly length: 0 | 1;
  /** Which of no prefix, 66, F3, F2 the opcode would have. */
  readonly prefix: number;
  /** 1: 0F, 2: 0F 38, 3: 0F 3A. */
  readonly map: number;
}

export interface Form {
  readonly row: Row;
  readonly mnemonic: string;
  readonly operands: readonly OperandPattern[];
  /** Mandatory or operand-size prefixes, before REX. */
  readonly prefixes: readonly number[];
  readonly wide: boolean;
  readonly vex: Vex | undefined;
  readonly opcode: readonly number[];
  /** `/r`: the ModRM byte holds a register; `/0` to `/7`: a digit. */
  readonly modrm: 'r' | number | undefined;
  /** Whether a register's number is added to the last opcode byte. */
  readonly opcodeRegister: boolean;
}

const REGISTER_CLASS = /^(?:r8|r16|r32|r64|xmm|ymm|Sreg|CR|DR)$/;
const FIXED: Readonly<Record<string, readonly [RegisterClass, string]>> = {
  al: ['r8', 'al'],
  ax: ['r16', 'ax'],
  eax: ['r32', 'eax'],
  rax: ['r64', 'rax'],
  cl: ['r8', 'cl'],
  dx: ['r16', 'dx'],
  fs: ['Sreg', 'fs'],
  gs: ['Sreg', 'gs'],
  'ST(0)': ['ST', 'st0'],
};

function memoryBits(text: string): number | 'any' {
  if (text === 'm') return 'any';
  return text
    .slice(1)
    .split(':')
    .reduce((sum, part) => sum + Number(part), 0);
}

/** Reads one operand's notation. */
export function operandPattern(text: string): OperandPattern {
  const fixed = FIXED[text];
  if (fixed !== undefined) return { text, register: fixed[0], only: fixed[1] };
  if (text === 'ST(i)') return { text, register: 'ST' };
  if (/^\d$/.test(text)) return { text, literal: Number(text) };
  const immediate = /^imm(\d+)$/.exec(text);
  if (immediate !== null) return { text, immediate: Number(immediate[1]) as 8 | 16 | 32 | 64 };
  const relative = /^rel(\d+)$/.exec(text);
  if (relative !== null) return { text, relative: Number(relative[1]) as 8 | 32 };
  if (REGISTER_CLASS.test(text)) return { text, register: text as RegisterClass };
  if (/^m[\d:]*$/.test(text)) return { text, memory: memoryBits(text) };
  const [left = '', right = ''] = text.split('/');
  // r/m64 is r64/m64 in short.
  const register = left === 'r' ? `r${right.slice(1)}` : left;
  if (!REGISTER_CLASS.test(register) || !/^m\d+$/.test(right))
    throw new Error(`no operand: ${text}`);
  return { text, register: register as RegisterClass, memory: memoryBits(right) };
}

const VEX_PREFIXES: Readonly<Record<string, number>> = { '66': 1, F3: 2, F2: 3 };
const VEX_MAPS: Readonly<Record<string, number>> = { '0F': 1, '0F38': 2, '0F3A': 3 };

function vexOf(text: string): Vex {
  const parts = text.split('.').slice(1);
  let vex: Vex = { wide: 0, length: 0, prefix: 0, map: 1 };
  for (const part of parts) {
    if (part === '256') vex = { ...vex, length: 1 };
    else if (part === 'W1') vex = { ...vex, wide: 1 };
    else if (part in VEX_PREFIXES) vex = { ...vex, prefix: VEX_PREFIXES[part] ?? 0 };
    else if (part in VEX_MAPS) vex = { ...vex, map: VEX_MAPS[part] ?? 0 };
    else if (!/^(?:128|LZ|LIG|WIG|W0)$/.test(part))
      throw new Error(`no part of VEX: ${part} in ${text}`);
  }
  return vex;
}

const LEGACY_PREFIXES: ReadonlySet<number> = new Set([0x66, 0xf2, 0xf3]);

/**
 * Reads a line of the table.
 * @param mnemonic the method's name: that of the row, or one of a condition's
 * @throws Error where the line is not in the notation
 */
export function formOf(row: Row, mnemonic: string, condition: number): Form {
  const [, operands, opcodeText] = row;
  const prefixes: number[] = [];
  const opcode: number[] = [];
  let wide = false;
  let vex: Vex | undefined;
  let modrm: 'r' | number | undefined;
  let opcodeRegister = false;
  for (const token of opcodeText.split(' ')) {
    const byte = /^([0-9A-F]{2})(\+cc|\+r[bwdo]|\+i)?$/.exec(token);
    if (byte !== null) {
      opcode.push(Number.parseInt(byte[1] ?? '', 16) + (byte[2] === '+cc' ? condition : 0));
      opcodeRegister ||= byte[2] !== undefined && byte[2] !== '+cc';
    } else if (token === 'REX.W') wide = true;
    else if (token.startsWith('VEX.')) vex = vexOf(token);
    else if (token === '/r') modrm = 'r';
    else if (/^\/[0-7]$/.test(token)) modrm = Number(token.slice(1));
    else if (!/^(?:\+|NP|i[bwdo]|c[bd])$/.test(token)) {
      throw new Error(`no part of an opcode: ${token} in ${row.join(' | ')}`);
    }
  }
  // No opcode under VEX begins with one of these.
  while (opcode.length > 1 && LEGACY_PREFIXES.has(opcode[0] ?? 0)) {
    prefixes.push(...opcode.splice(0, 1));
  }
  return {
    row,
    mnemonic,
    operands: operands === '' ? [] : operands.split(', ').map(operandPattern),
    prefixes,
    wide,
    vex,
    opcode,
    modrm,
    opcodeRegister,
  };
}
