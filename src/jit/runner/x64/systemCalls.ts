/** System calls as an x86-64 guest can make them: by `syscall`, by `int 0x80` and its kin, and in x32's numbering. */
import type { Registers } from '../../../model/registers.ts';
import type { SystemCalls } from '../port.ts';
import { i386Names, x64Names } from '../systemCallNames.ts';
import * as linux from './linux.ts';

/** include/uapi/linux/audit.h, AUDIT_ARCH_I386 */
const i386 = 0x4000_0003;
/** arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT */
const x32Bit = 0x4000_0000;

const exits: Readonly<Record<'x64' | 'i386', readonly number[]>> = {
  x64: [60, 231],
  i386: [1, 252],
};

/** Registers that carry the arguments, in order. */
const x64Arguments = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'];
const i386Arguments = ['rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp'];

function argumentsOf(registers: Registers, architecture: number): readonly bigint[] {
  const short = architecture === i386;
  return (short ? i386Arguments : x64Arguments).map((name) => {
    const value = registers[name] ?? 0n;
    return short ? BigInt.asUintN(32, value) : value;
  });
}

export const systemCalls: SystemCalls = {
  instructionBytes: 2,
  write: linux.call.write,
  name(number, architecture) {
    if (architecture === i386) return i386Names[number] ?? `syscall ${number >>> 0}`;
    // x32 numbers beyond 511 are its own, the others those of x86-64.
    const plain = number < 0 || (number & x32Bit) === 0 ? number >>> 0 : number & ~x32Bit;
    return x64Names[plain] ?? `syscall ${plain}`;
  },
  arguments: argumentsOf,
  exitStatus({ systemCall, callArchitecture, registers }) {
    const known = exits[callArchitecture === i386 ? 'i386' : 'x64'];
    if (!known.includes(systemCall)) return undefined;
    const [status = 0n] = argumentsOf(registers, callArchitecture);
    return Number(status & 0xffn);
  },
};
