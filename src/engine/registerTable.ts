/** All registers of a call in an aligned table. */
import type { Architecture } from '../model/architecture.ts';
import { x64Flags, x64General, type Registers } from '../model/registers.ts';

const registersInLine = 4;
const digitsOfWord = 16;

/** In the order that debuggers show them. */
const x64Order: readonly string[] = [
  'rax rbx rcx rdx rsi rdi rbp rsp'.split(' '),
  x64General.slice(8),
  'rip',
].flat();

/** What control registers hold in a fresh process: System V psABI for x86-64, section 3.4.1. Not worth a line. */
const usual: Readonly<Record<string, bigint>> = { mxcsr: 0x1f80n, fcw: 0x37fn };

/** Lines without indentation: general registers, flags by name, and of the others those that are not zero. */
export function registerTable(architecture: Architecture, registers: Registers): string[] {
  const isGeneral = (name: string): boolean =>
    architecture === 'x86_64' ? x64Order.includes(name) : /^(?:x\d+|sp|pc)$/.test(name);
  const names = Object.keys(registers);
  const general =
    architecture === 'x86_64'
      ? x64Order.filter((name) => name in registers)
      : names.filter(isGeneral);
  const others = names.filter((name) => !isGeneral(name));
  const width = Math.max(...general.map((name) => name.length), 0);
  const cells = general.map((name) => `${name.padEnd(width)} ${word(registers[name] ?? 0n)}`);
  const lines: string[] = [];
  for (let from = 0; from < cells.length; from += registersInLine) {
    lines.push(cells.slice(from, from + registersInLine).join('  '));
  }
  const flags = registers['rflags'];
  if (flags !== undefined) {
    const last = lines.pop();
    const text = `rflags ${flags.toString(16)} ${flagsText(flags)}`;
    lines.push(last === undefined ? text : `${last}  ${text}`);
  }
  for (const name of others) {
    const value = registers[name] ?? 0n;
    if (name === 'rflags') continue;
    if (value !== 0n && value !== usual[name]) lines.push(vectorText(name, value));
  }
  return lines;
}

/** `[zf pf]`: the flags that are set, but for the one of interrupts, which always is. */
export function flagsText(flags: bigint): string {
  const set = Object.entries(x64Flags)
    .filter(([name, bit]) => name !== 'if' && ((flags >> BigInt(bit)) & 1n) === 1n)
    .map(([name]) => name);
  return `[${set.join(' ')}]`;
}

/** The name of a vector register's narrowest part that holds all of its value: `xmm0` for `zmm0`. */
export function partInUse(name: string, value: bigint): string {
  const number = /^zmm(\d+)$/.exec(name)?.[1];
  if (number === undefined) return name;
  const [kind] = vectorParts.find(([, bits]) => value >> BigInt(bits) === 0n) ?? ['zmm'];
  return `${kind}${number}`;
}

const vectorParts = [
  ['xmm', 128],
  ['ymm', 256],
  ['zmm', 512],
] as const;

function vectorText(name: string, value: bigint): string {
  const shown = partInUse(name, value);
  const bits = vectorParts.find(([kind]) => shown.startsWith(kind))?.[1] ?? 0;
  return `${shown.padEnd(5)} ${value.toString(16).padStart(bits / 4, '0')}`;
}

function word(value: bigint): string {
  return value.toString(16).padStart(digitsOfWord, '0');
}
