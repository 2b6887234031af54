/** What a fragment did, by its registers: those that are asked for, or those that it changed. */
import type { Architecture } from '../model/architecture.ts';
import type { Call } from '../model/block.ts';
import { registerPart, registerValue, x64General, type Registers } from '../model/registers.ts';
import { hexText } from './numberText.ts';
import { partInUse } from './registerTable.ts';

/** Registers that are named at most. */
const mostNamed = 6;

/** Numbers from here on are hexadecimal: addresses and patterns. */
const leastHex = 1n << 32n;

/** Not the fragment's to show: where it stands, and what every run changes. */
const unshown: ReadonlySet<string> = new Set(['rip', 'pc', 'rsp', 'sp', 'rflags', 'mxcsr', 'fcw']);

/** `rax = 12, zf = 0` */
export function fragmentText(
  architecture: Architecture,
  { expectation, registers: given }: Call,
  registers: Registers,
): string {
  const asked =
    expectation?.kind === 'registers'
      ? expectation.registers.map(({ register }) => register)
      : changedRegisters(architecture, given, registers);
  if (asked.length === 0) return 'no register changed';
  const shown = asked.slice(0, mostNamed).map((name) => {
    const value = registerValue(architecture, registers, name);
    return `${name} = ${registerText(value)}`;
  });
  const more = asked.length - shown.length;
  return [...shown, ...(more > 0 ? [`… ${more} more`] : [])].join(', ');
}

/** The content of a register: decimal while it is short. */
export function registerText(value: bigint | undefined): string {
  if (value === undefined) return 'unknown';
  return value < leastHex ? String(value) : hexText(value);
}

/** A fragment starts with zeroes but for what it is given. */
export function changedRegisters(
  architecture: Architecture,
  given: Call['registers'],
  registers: Registers,
): readonly string[] {
  const start = new Map<string, bigint>();
  for (const { register, value } of given) {
    const part = registerPart(architecture, register);
    if (!part) continue;
    const before = start.get(part.register) ?? 0n;
    start.set(part.register, before | (value << BigInt(part.shift)));
  }
  const changed = Object.entries(registers)
    .filter(([name, value]) => !unshown.has(name) && value !== (start.get(name) ?? 0n))
    .map(([name, value]) => partInUse(name, value));
  const rank = (name: string): number => {
    const at = x64General.findIndex((general) => general === name);
    return at < 0 ? x64General.length : at;
  };
  return changed.toSorted((a, b) => rank(a) - rank(b));
}
