/** Names of registers and flags that a fragment may start with and be asked for. */
import type { Architecture } from '../model/architecture.ts';

const x86 =
  /^(?:[re]?(?:ax|bx|cx|dx|si|di|bp|sp|ip)|[abcd][lh]|(?:si|di|bp|sp)l|r(?:8|9|1[0-5])[dwb]?|[xyz]mm(?:[12]?\d|3[01])|st[0-7]?|mm[0-7]|k[0-7]|[cdefgs]s|[re]?flags|mxcsr|[cpazsdoit]f)$/i;
const aarch64 = /^(?:[xwvqdshb](?:[12]?\d|3[01])|w?sp|pc|lr|fp|[xw]zr|nzcv|[nzcv]|fpcr|fpsr)$/i;

/** Whether an architecture has a register or flag of that name; of those not listed here every name is taken. */
export function isRegister(name: string, architecture: Architecture): boolean {
  if (architecture.startsWith('x86')) return x86.test(name);
  if (architecture === 'aarch64') return aarch64.test(name);
  return true;
}
