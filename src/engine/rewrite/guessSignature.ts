/** The signature that code seems to have: the registers it reads before it writes them, and what it leaves in the result's. */
import type { Abi, Architecture } from '../../model/architecture.ts';
import type { Instruction, MemoryOperand, Operand } from '../../model/instruction.ts';
import { argumentRegisters, type ArgumentRegisters, registerOf } from './argumentRegisters.ts';

/** Types in the annotation language's Rust-like spelling. */
export interface GuessedSignature {
  readonly parameters: readonly string[];
  readonly result: string;
  /** Stated only where the code is clearly of another convention than the platform's. */
  readonly abi: Abi | undefined;
}

/** What is known of a parameter register. */
interface Use {
  bits: number;
  pointer: { element: string; isWritten: boolean } | undefined;
  type: string | undefined;
}

/**
 * Guesses from a straight reading of the code, branches or not.
 * @param platform the convention that is meant where none is stated
 */
export function guessSignature(
  architecture: Architecture,
  instructions: readonly Instruction[],
  platform: Abi,
): GuessedSignature {
  const usual = argumentRegisters(architecture, platform);
  if (!usual) return architecture === 'x86' ? stackSignature(instructions) : plain;
  const found = read(architecture, instructions, usual);
  // Of some architectures the disassembler does not know what is read.
  if (
    instructions.every(({ registersRead }) => registersRead.length === 0) &&
    instructions.length > 1
  ) {
    if (!architecture.startsWith('x86') && architecture !== 'aarch64') return plain;
  }
  if (architecture !== 'x86_64') return { ...found.signature, abi: undefined };
  const other: Abi = platform === 'win64' ? 'sysv' : 'win64';
  const own = platform === 'win64' ? ['rcx', 'rdx'] : ['rdi', 'rsi'];
  const foreign = platform === 'win64' ? 'rdi' : 'rcx';
  const isForeign = found.readFirst.has(foreign) && own.every((name) => !found.readFirst.has(name));
  const registers = argumentRegisters(architecture, other);
  if (!isForeign || !registers) return { ...found.signature, abi: undefined };
  return { ...read(architecture, instructions, registers).signature, abi: other };
}

const plain: GuessedSignature = { parameters: [], result: 'i64', abi: undefined };

interface Found {
  readonly signature: Omit<GuessedSignature, 'abi'>;
  /** Registers that are read before they are written, by their widest names. */
  readonly readFirst: ReadonlySet<string>;
}

function read(
  architecture: Architecture,
  instructions: readonly Instruction[],
  registers: ArgumentRegisters,
): Found {
  const parameters = new Set([...registers.integers, ...registers.floats]);
  const uses = new Map<string, Use>();
  const written = new Set<string>();
  const readFirst = new Set<string>();
  const usual = usualFloat(instructions);
  let result: string | undefined;
  let isWide = false;
  const use = (name: string): Use => {
    const known = uses.get(name) ?? { bits: 0, pointer: undefined, type: undefined };
    uses.set(name, known);
    return known;
  };
  for (const instruction of instructions) {
    if (!instruction.valid) break;
    if (!isZeroing(instruction)) {
      for (const name of instruction.registersRead) {
        const { whole, bits } = registerOf(architecture, name);
        if (written.has(whole) || isKeptHigh(instruction, name)) continue;
        readFirst.add(whole);
        if (!parameters.has(whole) || isSaved(instruction)) continue;
        const of = use(whole);
        of.bits = Math.max(of.bits, bits);
        if (registers.floats.includes(whole)) of.type ??= floatOf(instruction, architecture, bits);
        else if (instruction.mnemonic.startsWith('movz') && names(instruction, name))
          of.type ??= `u${bits}`;
      }
      for (const memory of instruction.memory) {
        const base =
          memory.base === undefined ? undefined : registerOf(architecture, memory.base).whole;
        if (base === undefined || written.has(base) || !parameters.has(base)) continue;
        notePointer(use(base), memory, instruction, usual);
      }
    }
    for (const name of instruction.registersWritten) {
      const { whole, bits: most } = registerOf(architecture, name);
      written.add(whole);
      // A write to `eax` clears the rest of `rax`, and counts as a write to all of it.
      const bits = writtenBits(instruction, architecture, whole) ?? most;
      if (whole === registers.integerResult) {
        isWide ||= bits === 64;
        result =
          bits >= 32
            ? integer(isWide ? 64 : 32)
            : instruction.mnemonic.startsWith('set')
              ? 'bool'
              : `u${bits}`;
      } else if (whole === registers.floatResult) {
        result = floatOf(instruction, architecture, bits) ?? usual;
      }
    }
    if (instruction.category === 'call' || instruction.category === 'indirect call') {
      for (const name of parameters) written.add(name);
      written.add(registers.integerResult);
      isWide = true;
      result = integer(registers.bits);
    }
  }
  return {
    signature: { parameters: listed(registers, uses, usual), result: result ?? 'void' },
    readFirst,
  };
}

const integer = (bits: number): string => `i${bits}`;

/** `xor eax, eax` depends on nothing. */
function isZeroing({ mnemonic, operands }: Instruction): boolean {
  const [a, b, c] = operands.map((operand) =>
    operand.kind === 'register' ? operand.register : '',
  );
  if (!/^v?(?:p?xor[dqbw]?|xorp[sd]|sub|psub[bwdq])$/.test(mnemonic)) return false;
  return a !== '' && (c === undefined ? a === b : b === c && b !== '');
}

function names({ operands }: Instruction, register: string): boolean {
  return operands.some((operand) => operand.kind === 'register' && operand.register === register);
}

/** The width of the register that an instruction names as written, or undefined for one that is implied. */
function writtenBits(
  { operands }: Instruction,
  architecture: Architecture,
  whole: string,
): number | undefined {
  for (const operand of operands) {
    if (operand.kind !== 'register' || !operand.access.includes('write')) continue;
    const named = registerOf(architecture, operand.register);
    if (named.whole === whole) return named.bits;
  }
  return undefined;
}

/** Whether a vector register is only read to keep its upper part: `cvtsi2sd xmm0, rdi`, `sqrtsd xmm0, xmm1`. */
function isKeptHigh({ mnemonic, operands }: Instruction, name: string): boolean {
  if (!/^(?:cvt\w+2s[sd]|sqrts[sd]|movs[sd]|movlp[sd]|movhp[sd])$/.test(mnemonic)) return false;
  const [destination, ...sources] = operands;
  const isName = (operand: Operand | undefined): boolean =>
    operand?.kind === 'register' && operand.register === name;
  return isName(destination) && !sources.some(isName);
}

/** `push rcx` keeps a register, or makes room. */
function isSaved({ mnemonic }: Instruction): boolean {
  return mnemonic === 'push';
}

/** The type that an instruction's name gives a float register. */
function floatOf(
  { mnemonic, operands }: Instruction,
  architecture: Architecture,
  bits: number,
): string | undefined {
  if (architecture === 'aarch64') return bits === 32 ? 'f32' : bits === 64 ? 'f64' : undefined;
  if (architecture !== 'x86_64') return /[._]s\b/.test(mnemonic) ? 'f32' : 'f64';
  if (/^(?:v?cvt.*2)?.*ss(?:2\w+)?$/.test(mnemonic) && !/^v?cvt\w+2ss$/.test(mnemonic))
    return 'f32';
  if (/sd(?:2\w+)?$/.test(mnemonic) && !/^v?cvt\w+2sd$/.test(mnemonic)) return 'f64';
  if (/^v?cvt\w*2ss$/.test(mnemonic)) return operands[0]?.kind === 'register' ? 'f32' : undefined;
  if (/^v?cvt\w*2sd$/.test(mnemonic)) return operands[0]?.kind === 'register' ? 'f64' : undefined;
  if (/^v?(?:add|sub|mul|div|min|max|sqrt|hadd|shuf|rcp|rsqrt)ps$/.test(mnemonic)) return 'f32x4';
  if (/^v?(?:add|sub|mul|div|min|max|sqrt|hadd|shuf)pd$/.test(mnemonic)) return 'f64x2';
  if (/^v?p(?:add|sub|mull|cmpeq|max[su]|min[su])[bwdq]/.test(mnemonic)) return 'i32x4';
  return undefined;
}

/** The scalar float type that most instructions use. */
function usualFloat(instructions: readonly Instruction[]): string {
  const single = instructions.filter(({ mnemonic }) => mnemonic.endsWith('ss')).length;
  const double = instructions.filter(({ mnemonic }) => mnemonic.endsWith('sd')).length;
  return single > double ? 'f32' : 'f64';
}

function notePointer(
  use: Use,
  memory: MemoryOperand,
  instruction: Instruction,
  usual: string,
): void {
  if (memory.access === 'none') return;
  const isWritten = memory.access !== 'read';
  const element = use.pointer?.element ?? elementOf(memory, instruction, usual);
  use.pointer = { element, isWritten: isWritten || (use.pointer?.isWritten ?? false) };
}

function elementOf(
  { size }: MemoryOperand,
  { mnemonic, operands }: Instruction,
  usual: string,
): string {
  const isFloat = operands.some(
    (operand) => operand.kind === 'register' && /^(?:[xyz]mm|[sdqv]\d)/.test(operand.register),
  );
  if (isFloat) {
    if (/s[s]$|ps$/.test(mnemonic)) return 'f32';
    if (/s[d]$|pd$/.test(mnemonic)) return 'f64';
    return size === 4
      ? 'f32'
      : size === 8
        ? 'f64'
        : size > 8 && /dq[ua]/.test(mnemonic)
          ? 'u8'
          : usual;
  }
  if (size === 1) return /^movsx|^ldrsb/.test(mnemonic) ? 'i8' : 'u8';
  if (size === 2) return /^movzx|^ldrh/.test(mnemonic) ? 'u16' : 'i16';
  return size === 4 ? 'i32' : size === 8 ? 'i64' : 'u8';
}

function listed(
  registers: ArgumentRegisters,
  uses: ReadonlyMap<string, Use>,
  usual: string,
): string[] {
  const { integers, floats, shared } = registers;
  const typeOf = (name: string | undefined): string | undefined => {
    const use = name === undefined ? undefined : uses.get(name);
    if (!use || name === undefined) return undefined;
    if (floats.includes(name)) return use.type ?? usual;
    if (use.pointer) return `*${use.pointer.isWritten ? 'mut' : 'const'} ${use.pointer.element}`;
    return use.type ?? integer(Math.min(use.bits, registers.bits));
  };
  const upTo = (names: readonly string[]): number =>
    names.findLastIndex((name) => uses.has(name)) + 1;
  if (shared) {
    return Array.from(
      { length: Math.max(upTo(integers), upTo(floats)) },
      (_, index) => typeOf(integers[index]) ?? typeOf(floats[index]) ?? integer(64),
    );
  }
  return [
    ...integers.slice(0, upTo(integers)).map((name) => typeOf(name) ?? integer(registers.bits)),
    ...floats.slice(0, upTo(floats)).map((name) => typeOf(name) ?? usual),
  ];
}

/** Bytes of a stack slot of 32-bit x86. */
const slot = 4n;

/** The arguments that 32-bit code takes from the stack, as cdecl passes them. */
function stackSignature(instructions: readonly Instruction[]): GuessedSignature {
  let deepest = 0n;
  let pushed = 0n;
  let result = 'void';
  for (const { memory, mnemonic, registersWritten } of instructions) {
    for (const { base, index, displacement } of memory) {
      if (index !== undefined) continue;
      const first = base === 'ebp' ? 2n * slot : base === 'esp' ? slot + pushed : undefined;
      if (first === undefined || displacement < first) continue;
      const count = (displacement - first) / slot + 1n;
      if (count > deepest && count <= 64n) deepest = count;
    }
    if (mnemonic === 'push') pushed += slot;
    if (mnemonic === 'pop') pushed -= slot;
    if (registersWritten.includes('eax')) result = 'i32';
  }
  return {
    parameters: Array.from({ length: Number(deepest) }, () => 'i32'),
    result,
    abi: undefined,
  };
}
