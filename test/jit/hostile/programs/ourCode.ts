/** Jumps into the code of ours that is there, and to where the rest of it was; and what its one call can be made to do. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  byte,
  dword,
  eax,
  ecx,
  edi,
  edx,
  esi,
  mem,
  qword,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../../src/asm/x64.ts';
import { parts } from '../../../../src/jit/runner/layout.ts';
import { at, call, endOf, ourCall, ours } from '../ground.ts';
import type { Program } from '../program.ts';

const munmap = 11;
const exitGroup = 231;

/**
 * Unmaps memory by the child code's own `munmap`, and goes on with `then`. The child code takes the next extents from a table of
 * the guest's, which is empty, and enters the guest anew: it knows by a word at the bottom of its stack.
 */
function unmapThen(f: X64, address: bigint, size: bigint, then: () => void): void {
  const again = f.label('again');
  f.mov(rax, at('stack'));
  f.cmp(dword(rax), 0);
  f.jne(again);
  f.mov(dword(rax), 1);
  f.lea(rbx, mem(rax, 64)); // An empty table.
  f.mov(rdi, address);
  f.mov(rsi, size);
  f.mov(eax, munmap);
  f.mov(rcx, ourCall(munmap));
  f.jmp(rcx);
  f.bind(again);
  then();
}

function unmapPart(f: X64, part: keyof typeof parts, then: () => void): void {
  unmapThen(f, at(part), BigInt(parts[part].size), then);
}

function jumpTo(f: X64, address: bigint): void {
  f.mov(rax, address);
  f.jmp(rax);
}

/** Offsets of the system calls in the runner's code, which is not there any more. */
const gone = [
  0,
  ours.start,
  ...ours.sites.map(({ after }) => after - 2).filter((offset) => offset < parts.runnerCode.size),
];

export const ourCode: readonly Program[] = [
  ...[...new Set(gone)].map((offset): Program => {
    return {
      name: `jump to where the runner's code was, 0x${offset.toString(16)}`,
      code: (f) => jumpTo(f, at(offset)),
      want: `SIGSEGV address not mapped, execute runnerCode+0x${offset.toString(16)}, at outside`,
    };
  }),
  {
    name: "read the runner's code",
    code: (f) => {
      f.mov(rax, at('runnerCode'));
      f.mov(eax, dword(rax));
      f.ret();
    },
    want: 'SIGSEGV address not mapped, read runnerCode+0x0, at 10',
  },
  {
    name: 'write to the child code',
    code: (f) => {
      f.mov(rax, at('childCode'));
      f.mov(byte(rax), 0x90);
      f.ret();
    },
    want: 'SIGSEGV protection, write childCode+0x0, at 10',
  },
  {
    name: 'another call where munmap is made',
    code: (f) => {
      f.mov(eax, 39);
      f.mov(rcx, ourCall(munmap));
      f.jmp(rcx);
    },
    want: 'blocked getpid at outside',
  },
  {
    name: 'mmap where munmap is made, with high bits in the number',
    code: (f) => {
      f.mov(rax, (1n << 32n) | 9n);
      f.mov(rcx, ourCall(munmap));
      f.jmp(rcx);
    },
    want: 'blocked mmap at outside',
  },
  {
    name: 'munmap in x32 numbering where munmap is made',
    code: (f) => {
      f.mov(eax, 0x4000_0000 + munmap);
      f.mov(rcx, ourCall(munmap));
      f.jmp(rcx);
    },
    want: 'blocked munmap at outside',
  },
  {
    name: 'munmap where exit_group is made',
    code: (f) => {
      f.mov(eax, munmap);
      f.mov(rcx, ourCall(exitGroup));
      f.jmp(rcx);
    },
    want: 'blocked munmap at outside',
  },
  {
    name: 'exit where exit_group is made',
    code: (f) => {
      f.mov(edi, 4);
      f.mov(eax, 60);
      f.mov(rcx, ourCall(exitGroup));
      f.jmp(rcx);
    },
    want: 'exited 4',
  },
  {
    name: 'munmap from the guest itself',
    code: (f) => {
      f.mov(rdi, at('results'));
      f.mov(esi, 4096);
      call(f, munmap);
    },
    want: 'blocked munmap at 20',
  },
  {
    name: 'munmap of nothing, then go on',
    code: (f) => unmapThen(f, at('guest', parts.guest.size), 4096n, () => (f.mov(eax, 9), f.ret())),
    want: 'returned 9',
  },
  {
    name: 'munmap of the stack while standing on it',
    code: (f) => unmapThen(f, endOf('stack') - 4096n, 4096n, () => f.ret()),
    want: /^SIGSEGV address not mapped, write stack\+0xff[0-9a-f]{3}, at outside$/,
  },
  {
    name: 'munmap of the results, then return',
    code: (f) => unmapPart(f, 'results', () => f.ret()),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'munmap of the requests',
    code: (f) => unmapPart(f, 'requests', () => f.ret()),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'munmap of the alternate stack, then fault',
    code: (f) => unmapPart(f, 'alternateStack', () => f.ud2()),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'munmap of the alternate stack, then make a system call',
    code: (f) => unmapPart(f, 'alternateStack', () => call(f, 39)),
    want: /^SIG(SEGV|SYS), not recorded$/,
  },
  {
    name: 'munmap of the alternate stack, then loop: the timer cannot be met',
    timeoutMs: 20,
    code: (f) =>
      unmapPart(f, 'alternateStack', () => {
        const self = f.label();
        f.bind(self);
        f.jmp(self);
      }),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: "munmap of the guest's own code",
    code: (f) => unmapPart(f, 'guest', () => f.ret()),
    want: 'SIGSEGV address not mapped, read guest+0x0, at outside',
  },
  {
    name: 'munmap of the child code',
    code: (f) => unmapPart(f, 'childCode', () => f.ret()),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'munmap of the whole address space',
    code: (f) => unmapThen(f, 0n, 0x7fff_ffff_f000n, () => f.ret()),
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'munmap of an address that is none',
    code: (f) => unmapThen(f, 1n, 1n, () => f.ret()),
    want: 'refused: the process for the call failed at the step childUnmap',
  },
  {
    name: 'enter the child code anew',
    timeoutMs: 20,
    code: (f) => jumpTo(f, at('childCode')),
    want: /^timeout at (0|10|outside)$/,
  },
  {
    name: 'jump into the fault handler with nothing',
    code: (f) => {
      f.xor(edi, edi);
      f.xor(esi, esi);
      f.xor(edx, edx);
      jumpTo(f, at(ours.faultHandler));
    },
    want: 'SIGSEGV address not mapped, read 0x0, at outside',
  },
  {
    name: 'jump into the fault handler with a pointer to nowhere as context',
    code: (f) => {
      f.mov(rsi, at('stack'));
      f.mov(rdx, 0x7fff_0000_0000n);
      jumpTo(f, at(ours.faultHandler));
    },
    want: 'SIGSEGV address not mapped, read 0x7fff00000028, at outside',
  },
  {
    name: 'jump into the fault handler with a record of its own: a lie about itself alone',
    code: (f) => {
      f.mov(rsi, at('stack'));
      f.mov(dword(rsi), 8); // SIGFPE
      f.lea(rdx, mem(rsi, 256));
      f.mov(rax, at('stack', 4096));
      f.mov(qword(rdx, 224), rax); // The image
      jumpTo(f, at(ours.faultHandler));
    },
    want: 'SIGFPE, at outside',
  },
  {
    name: 'jump into the fault handler with traps after every instruction',
    code: (f) => {
      f.mov(rsi, at('stack'));
      f.mov(rdx, rsi);
      f.pushfq();
      f.bts(qword(rsp), 8);
      f.mov(rax, at(ours.faultHandler));
      f.popfq();
      f.jmp(rax);
    },
    want: /^SIGTRAP debug trap, at \d+|^SIGTRAP debug trap, at outside/,
  },
  {
    name: 'the trap flag at the end of our code',
    code: (f) => {
      f.pushfq();
      f.bts(qword(rsp), 8);
      f.mov(rcx, ourCall(exitGroup));
      f.mov(eax, exitGroup);
      f.popfq();
      f.jmp(rcx);
    },
    want: /^SIGTRAP debug trap, at /,
  },
  {
    name: 'a table of extents that never ends',
    timeoutMs: 20,
    code: (f) => {
      // The table is the stack, all of it the same extent.
      f.mov(rdi, at('stack'));
      f.mov(eax, 4096);
      f.mov(ecx, 4096);
      f.rep.stosq();
      f.mov(rbx, at('stack'));
      f.mov(rdi, rbx);
      f.mov(esi, 4096);
      jumpTo(f, at('childCode'));
    },
    want: /^timeout at (outside|\d+)$/,
  },
];
