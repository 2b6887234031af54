/** Loops and waits: the limit ends them. Loops of faults: the first one ends them. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  al,
  cl,
  dword,
  eax,
  ecx,
  edx,
  mem,
  qword,
  rax,
  rcx,
  rdi,
  rsi,
  rsp,
} from '../../../../src/asm/x64.ts';
import { at, call } from '../ground.ts';
import type { Need, Program } from '../program.ts';

/** A loop over what is written, for ever. */
function forever(write: (f: X64) => void): Program['code'] {
  return (f) => {
    const again = f.label();
    f.bind(again);
    write(f);
    f.jmp(again);
  };
}

interface Loop {
  readonly name: string;
  readonly write: (f: X64) => void;
  readonly needs?: readonly Need[];
}

const loops: readonly Loop[] = [
  { name: 'nothing', write: () => undefined },
  { name: 'pauses', write: (f) => f.pause() },
  { name: 'locked additions', write: (f) => f.lock.add(dword(rsp, -64), 1) },
  { name: 'split locks', write: (f) => f.lock.add(dword(rsp, -66), 1) },
  {
    name: 'writes to the results',
    write: (f) => (f.mov(rax, at('results')), f.mov(qword(rax), -1)),
  },
  {
    name: 'wiping the results',
    write: (f) => (f.mov(rdi, at('results')), f.mov(ecx, 8192), f.xor(eax, eax), f.rep.stosb()),
  },
  { name: 'cpuid', write: (f) => f.cpuid() },
  { name: 'rdtsc', write: (f) => f.rdtsc() },
  { name: 'rdrand', needs: ['rdrand'], write: (f) => f.rdrand(rax) },
  { name: 'cache flushes', needs: ['clflushopt'], write: (f) => f.clflushopt(mem(rsp)) },
  { name: 'fences', write: (f) => f.mfence() },
  { name: 'x87 sines', write: (f) => (f.fld1(), f.fsin()) },
  {
    name: 'waits of user mode',
    needs: ['waitpkg'],
    write: (f) => (f.mov(eax, -1), f.mov(edx, -1), f.tpause(ecx)),
  },
  {
    name: 'monitored waits of user mode',
    needs: ['waitpkg'],
    write: (f) => (f.umonitor(rsp), f.mov(eax, -1), f.mov(edx, -1), f.umwait(ecx)),
  },
  {
    name: 'monitored waits of AMD',
    needs: ['monitorx'],
    write: (f) => {
      f.lea(rax, mem(rsp));
      f.xor(ecx, ecx);
      f.xor(edx, edx);
      f.monitorx();
      f.xor(eax, eax);
      f.mwaitx();
    },
  },
  {
    name: 'transactions',
    needs: ['rtm'],
    write: (f) => f.db(0xc7, 0xf8, 0, 0, 0, 0, 0x0f, 0x01, 0xd5),
  }, // xbegin; xend
  { name: 'segment loads', write: (f) => f.db(0x8e, 0xe0) }, // mov fs, eax
  {
    name: 'copies of a megabyte',
    write: (f) => (
      f.mov(rsi, at('guest')),
      f.mov(rdi, at('stack')),
      f.mov(ecx, 0xf0000),
      f.rep.movsb()
    ),
  },
];

export const waits: readonly Program[] = [
  ...loops.map(({ name, write, needs = [] }): Program => {
    return {
      name: `a loop of ${name}`,
      needs,
      timeoutMs: 80,
      code: forever(write),
      want: /^timeout at \d+$/,
    };
  }),
  {
    name: 'a loop of blocked system calls ends with the first',
    code: forever((f) => call(f, 39)),
    want: 'blocked getpid at 5',
  },
  {
    name: 'a loop of breakpoints ends with the first',
    code: forever((f) => f.int3()),
    want: 'SIGTRAP breakpoint, at 0',
  },
  {
    name: 'a loop of illegal instructions ends with the first',
    code: forever((f) => f.ud2()),
    want: 'SIGILL illegal instruction, at 0',
  },
  {
    name: 'a loop of halts ends with the first',
    code: forever((f) => f.hlt()),
    want: 'SIGSEGV general protection, at 0',
  },
  {
    name: 'a loop of a shift by its own count',
    timeoutMs: 80,
    code: forever((f) => f.shl(eax, cl)),
    want: /^timeout at [02]$/,
  },
  {
    name: 'a spin on a word of the results that nobody will write',
    timeoutMs: 80,
    code: (f) => {
      f.mov(rax, at('results', 4096));
      const again = f.label();
      f.bind(again);
      f.cmp(dword(rax), 1);
      f.jne(again);
      f.ret();
    },
    want: /^timeout at \d+$/,
  },
  {
    name: 'a loop with the stack pointer nowhere',
    timeoutMs: 80,
    code: (f) => {
      f.mov(rsp, 0x8000_0000_0000_0000n);
      const again = f.label();
      f.bind(again);
      f.jmp(again);
    },
    want: 'timeout at 10',
  },
  {
    name: 'a loop with the stack pointer at the end of the alternate stack: no room for the timer',
    timeoutMs: 80,
    code: (f) => {
      f.mov(rsp, at('alternateStack', 512));
      const again = f.label();
      f.bind(again);
      f.jmp(again);
    },
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'a repeated instruction over the whole address space',
    code: (f) => {
      f.xor(eax, eax);
      f.mov(rcx, -1);
      f.mov(rdi, at('stack'));
      f.mov(al, 1);
      f.rep.stosb();
    },
    want: 'SIGSEGV address not mapped, write 0x100000500000, at 21',
  },
  {
    name: 'a repeated instruction without end: no memory, all counts',
    timeoutMs: 80,
    code: (f) => {
      f.mov(rcx, -1);
      f.mov(rsi, at('stack'));
      const again = f.label();
      f.bind(again);
      f.loop(again);
    },
    want: /^timeout at \d+$/,
  },
];
