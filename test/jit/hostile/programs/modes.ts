/** Far jumps, segments, 32-bit mode. All memory of a guest lies above 4 GiB, where 32-bit code cannot be. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  ax,
  ds,
  dword,
  eax,
  ecx,
  es,
  fs,
  fword,
  gs,
  mem,
  qword,
  r8,
  rax,
  rbx,
  rcx,
  rdi,
  rsp,
  ss,
  tbyte,
} from '../../../../src/asm/x64.ts';
import { at } from '../ground.ts';
import type { Program } from '../program.ts';

/** arch/x86/include/asm/segment.h: __USER32_CS, __USER_CS, __USER_DS, and the kernel's code. */
const user32 = 0x23;
const user64 = 0x33;
const userData = 0x2b;
const kernelCode = 0x10;

/** retf to a selector and to the code that `at` writes. */
function farTo(f: X64, selector: number, write: () => void): void {
  const there = f.label();
  f.lea(rax, mem(there));
  f.push(selector);
  f.push(rax);
  f.retfq();
  f.bind(there);
  write();
}

function loadSegment(
  segment: typeof ds | typeof es | typeof fs | typeof gs,
  selector: number,
): Program['code'] {
  return (f) => {
    f.mov(eax, selector);
    f.mov(segment, ax);
    f.mov(eax, 1);
    f.ret();
  };
}

const data = { ds, es, fs, gs } as const;

export const modes: readonly Program[] = [
  {
    name: '32-bit mode by retf, to an address that it has not',
    needs: ['ia32'],
    code: (f) => farTo(f, user32, () => (f.mov(eax, 20), f.int(0x80))),
    want: /^SIGSEGV general protection, at \d+$/,
  },
  {
    name: '32-bit mode by retf, to what is left of the address of int 0x80',
    needs: ['ia32'],
    code: (f) => {
      f.push(user32);
      f.push(Number(at('guest', 16) & 0xffff_ffffn));
      f.retfq();
      f.align(16);
      f.int(0x80);
    },
    want: 'SIGSEGV address not mapped, execute 0x100010, at outside',
  },
  {
    name: '32-bit mode by retf, to what is left of the address of the child code',
    needs: ['ia32'],
    code: (f) => {
      f.push(user32);
      f.push(Number(at('childCode') & 0xffff_ffffn));
      f.retfq();
    },
    want: 'SIGSEGV address not mapped, execute 0x2000, at outside',
  },
  {
    name: '32-bit mode by iretq',
    needs: ['ia32'],
    code: (f) => {
      f.mov(rcx, rsp);
      f.push(userData);
      f.push(rcx);
      f.pushfq();
      f.push(user32);
      f.push(0x1000);
      f.iretq();
    },
    want: 'SIGSEGV address not mapped, execute 0x1000, at outside',
  },
  {
    name: '32-bit mode by a far jump through memory',
    needs: ['ia32'],
    code: (f) => {
      f.mov(dword(rsp, -16), 0x2000);
      f.mov(dword(rsp, -12), user32);
      f.jmp(fword(rsp, -16));
    },
    want: 'SIGSEGV address not mapped, execute 0x2000, at outside',
  },
  {
    name: '32-bit mode with the alternate stack as its stack',
    needs: ['ia32'],
    code: (f) => {
      f.mov(rsp, at('alternateStack', 4096));
      f.push(user32);
      f.push(0x3000);
      f.retfq();
    },
    want: 'SIGSEGV address not mapped, execute 0x3000, at outside',
  },
  {
    name: 'a far return to where it is already',
    code: (f) => farTo(f, user64, () => (f.mov(eax, 1), f.ret())),
    want: 'returned 1',
  },
  {
    name: 'a far call to where it is already, on Intel; AMD takes 32 bits of the offset',
    code: (f) => {
      const there = f.label();
      f.lea(rax, mem(there));
      f.mov(qword(rsp, -32), rax);
      f.mov(dword(rsp, -24), user64);
      f.sub(rsp, 32);
      f.call(tbyte(rsp));
      f.bind(there);
      f.mov(eax, 2);
      f.add(rsp, 48);
      f.ret();
    },
    want: /^(returned 2|SIGSEGV general protection, at \d+)$/,
  },
  ...[0, kernelCode, userData, 0x7b, 0xffff].map((selector): Program => {
    return {
      name: `a far return to the selector 0x${selector.toString(16)}`,
      code: (f) => {
        f.mov(ecx, selector);
        f.sub(rsp, 64);
        f.lea(rax, mem(rsp, -64));
        f.push(rcx);
        f.push(rax);
        f.retfq();
      },
      want: /^SIGSEGV general protection, at \d+$/,
    };
  }),
  {
    name: 'iretq to the kernel',
    code: (f) => {
      f.push(0x18);
      f.push(rsp);
      f.pushfq();
      f.push(kernelCode);
      f.push(rax);
      f.iretq();
    },
    want: /^SIGSEGV general protection, at \d+$/,
  },
  {
    name: 'iretq with a privilege for ports in its flags, then a port',
    code: (f) => {
      const there = f.label();
      f.mov(rcx, rsp);
      f.lea(rdi, mem(there));
      f.push(userData);
      f.push(rcx);
      f.push(0x3202);
      f.push(user64);
      f.push(rdi);
      f.iretq();
      f.bind(there);
      f.cli();
    },
    want: /^SIGSEGV general protection, at \d+$/,
  },
  {
    name: 'iretq with the nested task flag',
    code: (f) => {
      f.pushfq();
      f.bts(qword(rsp), 14);
      f.popfq();
      f.iretq();
    },
    want: /^SIGSEGV general protection, at \d+$/,
  },
  ...Object.entries(data).flatMap(([name, segment]): Program[] => [
    { name: `load ${name} with nothing`, code: loadSegment(segment, 0), want: 'returned 1' },
    {
      name: `load ${name} with the user's data`,
      code: loadSegment(segment, userData),
      want: 'returned 1',
    },
    {
      name: `load ${name} with the kernel's data`,
      code: loadSegment(segment, 0x18),
      want: 'SIGSEGV general protection, at 5',
    },
  ]),
  {
    name: 'load ss with nothing',
    code: (f) => {
      f.xor(eax, eax);
      f.mov(ss, ax);
    },
    want: 'SIGSEGV general protection, at 2',
  },
  {
    name: "load ss with the user's data, and a trap in its shadow",
    code: (f) => {
      f.mov(eax, userData);
      f.mov(ss, ax);
      f.int3();
    },
    want: /^SIGTRAP breakpoint, at 7$/,
  },
  {
    name: "load ss with the user's data, and a system call in its shadow, traps on",
    code: (f) => {
      f.mov(r8, rsp);
      f.mov(ecx, userData);
      f.mov(eax, 39);
      f.pushfq();
      f.bts(qword(rsp), 8);
      f.popfq();
      f.db(0x8e, 0xd1); // mov ss, ecx
      f.syscall();
    },
    want: /^(blocked getpid|SIGTRAP debug trap,) at \d+$/,
  },
  {
    name: 'bases of fs and gs set, then return',
    needs: ['fsgsbase'],
    code: (f) => {
      f.mov(rax, at('results'));
      f.wrfsbase(rax);
      f.wrgsbase(rax);
      f.mov(eax, 1);
      f.ret();
    },
    want: 'returned 1',
  },
  {
    name: 'bases of fs and gs set, then fault',
    needs: ['fsgsbase'],
    code: (f) => {
      f.mov(rax, 0x7fff_ffff_ffffn);
      f.wrfsbase(rax);
      f.wrgsbase(rax);
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 20',
  },
  {
    name: 'bases of fs and gs: zero, not those of the call before or of the host',
    needs: ['fsgsbase'],
    code: (f) => {
      f.rdfsbase(rax);
      f.rdgsbase(rcx);
      f.or(rax, rcx);
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a base of fs that is no address',
    needs: ['fsgsbase'],
    code: (f) => {
      f.mov(rbx, 0x8000_0000_0000n);
      f.wrfsbase(rbx);
      f.ret();
    },
    want: 'SIGSEGV general protection, at 10',
  },
];
