/** What an instruction can be given: registers, memory, immediates, labels; and their text. */
import type { Register } from './registers.ts';

/** A place in the code: made by `label`, placed by `bind`. */
export interface Label {
  readonly kind: 'label';
  readonly name: string;
}

/** A whole number; a bigint where it is beyond 2^53. Signed or unsigned within its width. */
export type Immediate = number | bigint;

/** Width of a memory operand in bits; 0 where the instruction alone decides (`mem`). */
export type MemoryBits = 0 | 8 | 16 | 32 | 48 | 64 | 80 | 128 | 256;

/** The number that an index register is multiplied by. */
export type Scale = 1 | 2 | 4 | 8;

/** A memory operand: `[base + index * scale + displacement]` or `[rip + label + displacement]`. */
export interface Memory<Bits extends MemoryBits = MemoryBits> {
  readonly kind: 'memory';
  readonly bits: Bits;
  readonly base: Register<'r64'> | undefined;
  readonly index: Register<'r64'> | undefined;
  readonly scale: Scale;
  /** Signed, 32 bits; the processor extends it to 64. */
  readonly displacement: number;
  readonly label: Label | undefined;
  readonly segment: Register<'Sreg'> | undefined;
}

export type Operand = Register | Memory | Immediate | Label;

/** Makes memory operands of one width. A displacement is in bytes, -2^31 to 2^31-1. */
export interface MemoryOf<Bits extends MemoryBits> {
  /** RIP-relative: what stands at a label, or so many bytes after it. */
  (label: Label, displacement?: number): Memory<Bits>;
  (base: Register<'r64'> | undefined, displacement?: number): Memory<Bits>;
  /** Without a base the index stands alone. The index cannot be rsp. */
  (
    base: Register<'r64'> | undefined,
    index: Register<'r64'>,
    scale?: Scale,
    displacement?: number,
  ): Memory<Bits>;
}

const scales: ReadonlySet<number> = new Set([1, 2, 4, 8]);
const RSP = 4;

function memoryOf<Bits extends MemoryBits>(bits: Bits): MemoryOf<Bits> {
  // The overloads' parameters together; each of the fields below takes its own.
  return (
    base: Register<'r64'> | Label | undefined,
    second: Register<'r64'> | number = 0,
    scale: Scale = 1,
    last: number = 0,
  ): Memory<Bits> => {
    const index = typeof second === 'object' ? second : undefined;
    const displacement = typeof second === 'object' ? last : second;
    const label = base?.kind === 'label' ? base : undefined;
    const memory: Memory<Bits> = {
      kind: 'memory',
      bits,
      base: base?.kind === 'register' ? base : undefined,
      index,
      scale,
      displacement,
      label,
      segment: undefined,
    };
    const wrong = whyNotAddress(memory);
    if (wrong !== undefined) throw new RangeError(`${operandText(memory)}: ${wrong}`);
    return memory;
  };
}

function whyNotAddress({ base, index, scale, displacement, label }: Memory): string | undefined {
  if (base !== undefined && base.class !== 'r64')
    return `${base.name} cannot be a base; a 64-bit register can`;
  if (index !== undefined && index.class !== 'r64')
    return `${index.name} cannot be an index; a 64-bit register can`;
  if (index?.number === RSP) return 'rsp cannot be an index';
  if (index !== undefined && label !== undefined)
    return 'a label takes no index; its address is RIP-relative';
  if (!scales.has(scale)) return `the scale is ${scale}, not 1, 2, 4 or 8`;
  if (!Number.isInteger(displacement)) return 'the displacement is no whole number';
  if (displacement !== (displacement | 0))
    return `the displacement ${displacement} does not fit 32 bits with sign`;
  return undefined;
}

/** Memory of no width of its own: lea, xrstor64, fxsave64 and others whose instruction says how much. */
export const mem = memoryOf(0);
export const byte = memoryOf(8);
export const word = memoryOf(16);
export const dword = memoryOf(32);
/** A far pointer of 16 + 32 bits. */
export const fword = memoryOf(48);
export const qword = memoryOf(64);
/** 80 bits: an x87 number, or a far pointer of 16 + 64 bits. */
export const tbyte = memoryOf(80);
export const oword = memoryOf(128);
export const yword = memoryOf(256);

/** The same memory in a segment other than the default one: `inSegment(fs, qword(undefined, 0x28))`. */
export function inSegment<Bits extends MemoryBits>(
  segment: Register<'Sreg'>,
  memory: Memory<Bits>,
): Memory<Bits> {
  return { ...memory, segment };
}

const widthNames: Readonly<Record<MemoryBits, string>> = {
  0: '',
  8: 'byte ptr ',
  16: 'word ptr ',
  32: 'dword ptr ',
  48: 'fword ptr ',
  64: 'qword ptr ',
  80: 'tbyte ptr ',
  128: 'xmmword ptr ',
  256: 'ymmword ptr ',
};

/** The operand in Intel's syntax as GNU as reads it. */
export function operandText(operand: Operand): string {
  if (typeof operand === 'number' || typeof operand === 'bigint') return integerText(operand);
  if (operand.kind === 'label') return operand.name;
  if (operand.kind === 'register') return operand.name.replace(/^st(\d)$/, 'st($1)');
  if (operand.kind === 'memory') return memoryText(operand);
  // Only a caller without types comes here.
  return String(operand);
}

function memoryText(memory: Memory): string {
  const { base, index, scale, displacement, label, segment } = memory;
  const parts: string[] = [];
  if (label !== undefined) parts.push('rip', label.name);
  if (base !== undefined) parts.push(base.name);
  if (index !== undefined) parts.push(`${index.name}*${scale}`);
  if (displacement !== 0 || parts.length === 0) parts.push(integerText(displacement));
  const prefix = segment === undefined ? '' : `${segment.name}:`;
  return `${widthNames[memory.bits]}${prefix}[${parts.join('+').replaceAll('+-', '-')}]`;
}

function integerText(value: Immediate): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
