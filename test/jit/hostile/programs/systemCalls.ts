/** System calls by every way in; that of every number is another file. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  eax,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  mem,
  qword,
  r10d,
  r8d,
  r9d,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../../src/asm/x64.ts';
import { at, call } from '../ground.ts';
import type { Program } from '../program.ts';
import { vsyscallPage } from '../program.ts';

/** A call with up to six arguments, each a number or an address. */
function ask(f: X64, number: number, ...values: readonly (number | bigint)[]): void {
  const places = [rdi, rsi, rdx] as const;
  for (const [index, place] of places.entries()) f.mov(place, values[index] ?? 0);
  f.mov(r10d, Number(values[3] ?? 0));
  f.mov(r8d, Number(values[4] ?? 0));
  f.mov(r9d, Number(values[5] ?? 0));
  call(f, number);
}

/** Name, number (asm/unistd_64.h) and arguments of what an attacker would begin with. */
const wanted: readonly (readonly [string, number, ...(number | bigint)[]])[] = [
  ['read', 0, 3, at('stack'), 1],
  ['write', 1, 4, at('stack'), 16],
  ['open', 2, at('stack'), 0],
  ['close', 3, 3],
  ['mmap', 9, 0, 4096, 7, 0x22, -1],
  ['mprotect', 10, at('guest'), 4096, 7],
  ['rt_sigaction', 13, 14, at('stack'), 0, 8],
  ['rt_sigprocmask', 14, 0, at('stack'), 0, 8],
  ['mremap', 25, at('stack'), 4096, 8192, 1],
  ['dup2', 33, 3, 4],
  ['alarm', 37, 0],
  ['setitimer', 38, 0, at('stack'), 0],
  ['socket', 41, 2, 1, 0],
  ['clone', 56, 0x11, 0],
  ['fork', 57],
  ['vfork', 58],
  ['execve', 59, at('stack'), 0, 0],
  ['kill', 62, 1, 9],
  ['ptrace', 101, 16, 1],
  ['setresuid', 117, 0, 0, 0],
  ['sigaltstack', 131, at('stack'), 0],
  ['modify_ldt', 154, 1, at('stack'), 16],
  ['prctl', 157, 22, 0],
  ['arch_prctl', 158, 0x1002, 0],
  ['prlimit64', 302, 1, 0, at('stack')],
  ['process_vm_writev', 311, 1, at('stack'), 1],
  ['seccomp', 317, 1, 0, at('requests')],
  ['memfd_create', 319, at('stack'), 0],
  ['bpf', 321, 5, at('stack'), 64],
  ['userfaultfd', 323, 0],
  ['pkey_mprotect', 329, at('guest'), 4096, 7],
  ['rseq', 334, at('stack'), 32],
  ['pidfd_send_signal', 424, 3, 9],
  ['io_uring_setup', 425, 8, at('stack')],
  ['clone3', 435, at('stack'), 88],
];

/** The three entries of the vsyscall page. */
const vsyscalls = ['gettimeofday', 'time', 'getcpu'] as const;
const vsyscallStep = 1024n;

export const systemCallEntries: readonly Program[] = [
  ...wanted.map(([name, number, ...values]): Program => {
    return {
      name: `the system call ${name}`,
      code: (f) => ask(f, number, ...values),
      want: new RegExp(`^blocked ${name} at \\d+$`),
    };
  }),
  {
    name: 'exit',
    code: (f) => {
      f.mov(edi, 3);
      call(f, 60);
    },
    want: 'exited 3',
  },
  {
    name: 'exit_group with more bits than a status has',
    code: (f) => {
      f.mov(edi, 0x1ff);
      call(f, 231);
    },
    want: 'exited 255',
  },
  {
    name: 'sigreturn with every signal masked and its own instruction pointer',
    code: (f) => {
      // struct rt_sigframe: the context at rsp, its mask at 296 from there, rip at 168.
      f.sub(rsp, 1024);
      f.lea(rax, mem(rsp));
      f.mov(qword(rsp, 168), rax);
      f.mov(qword(rsp, 296), -1);
      call(f, 15);
      f.ret();
    },
    want: /^blocked rt_sigreturn at \d+$/,
  },
  {
    name: 'sigreturn with foreign segments',
    code: (f) => {
      f.sub(rsp, 1024);
      f.mov(qword(rsp, 184), 0x23); // cs
      call(f, 15);
      f.ret();
    },
    want: /^blocked rt_sigreturn at \d+$/,
  },
  {
    name: 'high bits in the number',
    code: (f) => {
      f.mov(rax, 0xdead_beef_0000_0027n);
      f.syscall();
    },
    want: 'blocked getpid at 10',
  },
  { name: 'the number -1', code: (f) => call(f, -1), want: 'blocked syscall 4294967295 at 5' },
  { name: 'a number in x32', code: (f) => call(f, 0x4000_0027), want: 'blocked getpid at 5' },
  {
    name: 'a number of x32 alone',
    code: (f) => call(f, 0x4000_0000 + 520),
    want: 'blocked syscall 520 at 5',
  },
  {
    name: 'int 0x80',
    needs: ['ia32'],
    code: (f) => {
      f.mov(eax, 20);
      f.int(0x80);
    },
    want: 'blocked getpid at 5',
  },
  {
    name: 'exit by int 0x80',
    needs: ['ia32'],
    code: (f) => {
      f.mov(eax, 1);
      f.mov(ebx, 5);
      f.int(0x80);
    },
    want: 'exited 5',
  },
  {
    name: 'mmap2 by int 0x80, writable and executable',
    needs: ['ia32'],
    code: (f) => {
      f.mov(eax, 192);
      f.xor(ebx, ebx);
      f.mov(ecx, 4096);
      f.mov(edx, 7);
      f.mov(esi, 0x22);
      f.mov(edi, -1);
      f.int(0x80);
    },
    want: /^blocked mmap2 at \d+$/,
  },
  {
    name: 'sysenter: AMD has none in 64-bit mode, Intel cannot read its argument from a stack above 4 GiB',
    code: (f) => {
      f.mov(eax, 20);
      f.sysenter();
    },
    want: /^(blocked getpid at outside|SIGILL illegal instruction, at 5|SIGSEGV address not mapped, .*)$/,
  },
  ...vsyscalls.map((name, index): Program => {
    return {
      name: `the vsyscall ${name}`,
      needs: ['vsyscall'],
      code: (f) => {
        f.xor(edi, edi);
        f.xor(esi, esi);
        f.xor(edx, edx);
        f.movabs(rax, vsyscallPage + BigInt(index) * vsyscallStep);
        f.call(rax);
        f.ret();
      },
      want: `blocked ${name} at 16`,
    };
  }),
  {
    name: 'the middle of the vsyscall page',
    needs: ['vsyscall'],
    code: (f) => {
      f.movabs(rax, vsyscallPage + 8n);
      f.call(rax);
      f.ret();
    },
    want: /^SIGSEGV.*, at outside$/,
  },
  {
    name: 'write to the vsyscall page',
    code: (f) => {
      f.movabs(rax, vsyscallPage);
      f.mov(qword(rax), rax);
    },
    want: /^SIGSEGV (address not mapped|protection), write 0xffffffffff600000, at 10$/,
  },
  {
    name: 'read the vsyscall page',
    code: (f) => {
      f.movabs(rax, vsyscallPage);
      f.mov(rax, qword(rax));
      f.ret();
    },
    want: /^SIGSEGV (address not mapped|protection), read 0xffffffffff600000, at 10$/,
  },
  {
    name: 'a system call with the nested task flag set',
    code: (f) => {
      f.pushfq();
      f.bts(qword(rsp), 14);
      f.popfq();
      call(f, 39);
    },
    want: /^blocked getpid at \d+$/,
  },
  {
    name: 'a system call with the alignment check on',
    code: (f) => {
      f.pushfq();
      f.bts(qword(rsp), 18);
      f.popfq();
      call(f, 39);
    },
    want: /^blocked getpid at \d+$/,
  },
  {
    name: 'a system call with the direction flag set',
    code: (f) => {
      f.std();
      call(f, 39);
    },
    want: 'blocked getpid at 6',
  },
  {
    name: 'a system call with the trap flag set',
    code: (f) => {
      f.mov(eax, 39);
      f.pushfq();
      f.bts(qword(rsp), 8);
      f.popfq();
      f.syscall();
    },
    want: /^(blocked getpid|SIGTRAP debug trap,) at \d+$/,
  },
  {
    name: 'a system call without a stack',
    code: (f) => {
      f.mov(edi, 6);
      f.mov(eax, 231);
      f.mov(rsp, 0x8000_0000_0000_0000n);
      f.syscall();
    },
    want: 'exited 6',
  },
  {
    name: 'a system call whose arguments are addresses of the kernel',
    code: (f) => {
      f.mov(rdi, 0xffff_8880_0000_0000n);
      f.mov(rsi, rdi);
      f.mov(rdx, rdi);
      call(f, 1);
    },
    want: /^blocked write at \d+$/,
  },
  {
    name: 'a system call at the last bytes of the code',
    code: (f) => {
      f.mov(ebx, 0);
      f.mov(rax, rbx);
      f.mov(rcx, rax);
      f.syscall();
    },
    want: /^blocked read at \d+$/,
  },
];
