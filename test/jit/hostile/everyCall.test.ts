/** Every system call by every way in: blocked under its name, or an exit. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { X64 } from '../../../src/asm/x64.ts';
import { eax, ebx, edi, rax } from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { i386Names, x64Names } from '../../../src/jit/runner/systemCallNames.ts';
import {
  assertWorks,
  emit,
  inWords,
  isolatedHere,
  marker,
  never,
  patched,
  requestFor,
  startRunner,
} from './ground.ts';
import type { Need } from './program.ts';
import { needsMet } from './program.ts';

/** Past the last call of Linux 6.18 there are a few without a name; x32 has its own from 512 to 547. */
const numbers = [...range(0, 470), ...range(512, 547)];
/** The status that an exit is asked for. */
const status = 7;

interface Entry {
  readonly name: string;
  readonly needs?: Need;
  /** Added to each number. */
  readonly bit?: number;
  /** Makes the system call {@link marker}. */
  readonly write: (f: X64) => void;
  readonly want: (number: number) => string | RegExp;
}

/** arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT */
const x32Bit = 0x4000_0000;

function blocked(names: readonly (string | undefined)[], number: number, at: number): string {
  return `blocked ${names[number] ?? `syscall ${number}`} at ${at}`;
}

/**
 * The calls that Linux lets pass without asking any filter (kernel/seccomp.c, since 6.14): they are for the kernel's own
 * trampoline, and from everywhere else uretprobe ends in SIGILL and uprobe in ENXIO (arch/x86/kernel/uprobes.c).
 */
const unfiltered: Readonly<Record<number, string>> = {
  335: 'SIGILL illegal instruction, at outside',
  336: 'end',
};

const entries: readonly Entry[] = [
  {
    name: 'syscall',
    write: (f) => (f.mov(edi, status), f.mov(eax, marker), f.syscall()),
    want: (number) =>
      number === 60 || number === 231 ? `exited ${status}` : blocked(x64Names, number, 10),
  },
  {
    name: 'syscall with high bits in the number',
    write: (f) => (f.movabs(rax, (0xdead_beefn << 32n) | BigInt(marker)), f.syscall()),
    want: (number) =>
      number === 60 || number === 231 ? 'exited 0' : blocked(x64Names, number, 10),
  },
  {
    // Not everywhere is it an exit: most systems have no such calls.
    name: "syscall in x32's numbering",
    bit: x32Bit,
    write: (f) => (f.mov(eax, marker), f.syscall()),
    want: (number) => blocked(x64Names, number, 5),
  },
  {
    name: 'int 0x80',
    needs: 'ia32',
    write: (f) => (f.mov(ebx, status), f.mov(eax, marker), f.int(0x80)),
    want: (number) =>
      number === 1 || number === 252 ? `exited ${status}` : blocked(i386Names, number, 10),
  },
  {
    // On AMD no instruction at all in 64-bit mode; Intel's entry reads an argument from a stack below 4 GiB, where nothing is.
    name: 'sysenter',
    write: (f) => (f.mov(eax, marker), f.sysenter()),
    want: () => /^(SIGILL illegal instruction, at 5|SIGSEGV .*|blocked .* at outside)$/,
  },
];

describe('every system call', { skip: !isolatedHere }, () => {
  let runner: IsolatedRunner;
  let pid = 0;
  let met: ReadonlySet<Need> = new Set();
  before(async () => {
    runner = await startRunner();
    pid = runner.pid;
    met = await needsMet();
  });
  after(() => runner.dispose());

  for (const { name, needs, bit = 0, write, want } of entries) {
    it(`by ${name}`, async (context) => {
      if (needs && !met.has(needs)) {
        console.log(`not covered here: system calls by ${name} (this machine has no ${needs})`);
        context.skip(`this machine has no ${needs}`);
        return;
      }
      const program = emit(write);
      for (const number of numbers) {
        const request = requestFor(patched(program, BigInt(bit + number), 4));
        const words = inWords(await runner.run(request, never));
        const wanted = want(number);
        if (!needs && words === unfiltered[number]) continue;
        if (typeof wanted === 'string') assert.equal(words, wanted, `${name}, number ${number}`);
        else assert.match(words, wanted, `${name}, number ${number}`);
      }
      assert.equal(runner.pid, pid);
      await assertWorks(runner, name);
    });
  }
});

/** The kernel's own lists, which come with a C compiler (linux-libc-dev). */
const headers = [
  ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', x64Names],
  ['/usr/include/x86_64-linux-gnu/asm/unistd_32.h', i386Names],
] as const;

describe('names of system calls', { skip: !isolatedHere }, () => {
  for (const [file, names] of headers) {
    it(`are those of ${file}`, (context) => {
      if (!fs.existsSync(file)) {
        console.log(
          `not covered here: names of system calls (${file} is missing; install linux-libc-dev)`,
        );
        context.skip(`${file} is missing; install linux-libc-dev`);
        return;
      }
      const defined = [...fs.readFileSync(file, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
      assert.ok(defined.length > 300, `${file} defines ${defined.length} calls`);
      for (const [, name, number] of defined) assert.equal(names[Number(number)], name);
      // Names that the header lacks are of calls that have come since.
      const last = Math.max(...defined.map(([, , number]) => Number(number)));
      const known = new Set(defined.map(([, , number]) => Number(number)));
      const extra = range(0, last).filter(
        (number) => names[number] !== undefined && !known.has(number),
      );
      assert.deepEqual(
        extra.map((number) => names[number]),
        extra.length === 0 ? [] : extraNames,
      );
    });
  }
});

/** Numbers below the header's last one that it leaves out, on some versions. */
const extraNames: readonly string[] = ['uretprobe', 'uprobe'];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
