/** A hostile program as its tables have it, and what it needs of the machine. */
import type { X64 } from '../../../src/asm/x64.ts';
import type { ProcessorFeature } from '../../../src/jit/runner/x64/cpu.ts';
import { processorFeatures } from '../../../src/jit/runner/x64/cpu.ts';
import { emit, inWords, mapOf, never, requestFor, startRunner } from './ground.ts';

/** What not every machine has: of its processor, or of its system. */
export type Need =
  | ProcessorFeature
  /** System calls by `int 0x80`, and 32-bit code. */
  | 'ia32'
  /** The page at {@link vsyscallPage}. */
  | 'vsyscall';

/** Name, what it does, and its right outcome as `inWords` puts it. */
export interface Program {
  readonly name: string;
  readonly code: (f: X64) => void;
  readonly want: string | RegExp;
  readonly needs?: readonly Need[];
  /** Sizes of the writable buffers that it is called with, in bytes. */
  readonly buffers?: readonly number[];
  /** Milliseconds; for programs that are to run into it, a few. */
  readonly timeoutMs?: number;
}

/** include/uapi/asm/vsyscall.h, VSYSCALL_ADDR; its three entries lie 1024 bytes apart. */
export const vsyscallPage = 0xffff_ffff_ff60_0000n;

/** The i386 number of getpid. */
const getpid32 = 20;

/** What this machine has of all that programs can need. */
export async function needsMet(): Promise<ReadonlySet<Need>> {
  const met = new Set<Need>(processorFeatures());
  if (mapOf('self')?.some((line) => line.endsWith('[vsyscall]'))) met.add('vsyscall');
  const unfiltered = await startRunner({ sandbox: 'off' });
  const ask = emit((f) => {
    f.db(0xb8, getpid32, 0, 0, 0); // mov eax, 20
    f.int(0x80);
    f.ret();
  });
  const answer = inWords(await unfiltered.run(requestFor(ask), never));
  if (answer.startsWith('returned')) met.add('ia32');
  unfiltered.dispose();
  return met;
}

/** What of a program's needs is missing; none, and it can run. */
export function missing({ needs = [] }: Program, met: ReadonlySet<Need>): readonly Need[] {
  return needs.filter((need) => !met.has(need));
}
