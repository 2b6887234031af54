/** Numbers as reports of crashes show them. */
import type { Architecture } from '../model/architecture.ts';
import { registerValue, type Registers } from '../model/registers.ts';

/** An address or the content of a register: hexadecimal, but digits as they are. */
export function wordText(value: bigint): string {
  return value < 10n && value >= 0n ? String(value) : hexText(value);
}

/** `0x1f` */
export function hexText(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** `rax = 0, rcx = 0x40`: what is not known is left out. */
export function registersText(
  architecture: Architecture,
  registers: Registers | undefined,
  names: readonly string[],
): string {
  if (!registers) return '';
  const shown = [...new Set(names)].flatMap((name) => {
    const value = registerValue(architecture, registers, name);
    return value === undefined ? [] : [`${name} = ${wordText(value)}`];
  });
  return shown.join(', ');
}

/** `1 byte`, `2 bytes`. */
export function bytesText(count: number): string {
  return `${count} byte${count === 1 ? '' : 's'}`;
}
