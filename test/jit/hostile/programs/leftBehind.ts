/** Registers and modes that a guest leaves set: none may reach the code of ours, nor the next guest. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  dword,
  eax,
  ecx,
  edx,
  mem,
  qword,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rsp,
  st0,
  st1,
  word,
  xmm0,
  xmm1,
  xmm15,
  ymm1,
  ymm15,
} from '../../../../src/asm/x64.ts';
import { parts } from '../../../../src/jit/runner/layout.ts';
import { at } from '../ground.ts';
import type { Program } from '../program.ts';

/** Sets a bit of RFLAGS. */
function setFlag(f: X64, bit: number): void {
  f.pushfq();
  f.bts(qword(rsp), bit);
  f.popfq();
}

function one(f: X64): void {
  f.mov(eax, 1);
  f.ret();
}

/** Loads MXCSR or the x87 control word from below the stack pointer. */
function control(f: X64, mxcsr: number | undefined, x87: number | undefined): void {
  if (mxcsr !== undefined) {
    f.mov(dword(rsp, -8), mxcsr);
    f.ldmxcsr(dword(rsp, -8));
  }
  if (x87 !== undefined) {
    f.mov(word(rsp, -8), x87);
    f.fldcw(word(rsp, -8));
  }
}

const kept = { rbx, rbp, r12, r13, r14, r15 } as const;

export const leftBehind: readonly Program[] = [
  ...Object.entries(kept).map(([name, register]): Program => {
    return {
      name: `${name} changed`,
      code: (f) => {
        f.mov(register, 0);
        f.ret();
      },
      want: `abi ${name}`,
    };
  }),
  {
    name: 'a stack pointer 8 bytes off',
    code: (f) => {
      f.pop(rax);
      f.push(rax);
      f.push(rax);
      f.ret();
    },
    want: 'abi rsp',
  },
  {
    name: 'a stack pointer into the results, our code running on it',
    code: (f) => {
      f.pop(rax);
      f.mov(rsp, at('results', 2048));
      f.jmp(rax);
    },
    want: 'abi rsp',
  },
  {
    name: 'a stack pointer that is none',
    code: (f) => {
      f.pop(rax);
      f.mov(rsp, 0x8000_0000_0000n);
      f.jmp(rax);
    },
    want: 'abi rsp',
  },
  { name: 'the direction flag', code: (f) => (f.std(), one(f)), want: 'abi df' },
  {
    name: 'the direction flag, with a buffer to copy',
    buffers: [4096],
    code: (f) => {
      f.std();
      one(f);
    },
    want: 'abi df',
  },
  { name: 'the alignment check', code: (f) => (setFlag(f, 18), one(f)), want: 'abi ac' },
  {
    name: 'the trap flag',
    code: (f) => (setFlag(f, 8), one(f)),
    want: /^SIGTRAP debug trap, at \d+$/,
  },
  { name: 'the nested task flag', code: (f) => (setFlag(f, 14), one(f)), want: 'returned 1' },
  { name: 'the identification flag', code: (f) => (setFlag(f, 21), one(f)), want: 'returned 1' },
  {
    name: 'the resume flag, which popf ignores',
    code: (f) => (setFlag(f, 16), one(f)),
    want: 'returned 1',
  },
  {
    name: 'the direction flag, and a fault',
    code: (f) => {
      f.std();
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 1',
  },
  {
    name: 'every exception of SSE unmasked',
    code: (f) => (control(f, 0, undefined), one(f)),
    want: 'abi mxcsr',
  },
  {
    name: 'rounding of SSE changed',
    code: (f) => (control(f, 0x7f80, undefined), one(f)),
    want: 'abi mxcsr',
  },
  {
    name: "exception flags of SSE, which are the function's",
    code: (f) => (control(f, 0x1fbf, undefined), one(f)),
    want: 'returned 1',
  },
  {
    name: 'reserved bits of MXCSR',
    code: (f) => control(f, 0x8000_0000, undefined),
    want: /^SIGSEGV general protection, at \d+$/,
  },
  {
    name: 'the precision of the x87 unit changed',
    code: (f) => (control(f, undefined, 0x7f), one(f)),
    want: 'abi fcw',
  },
  {
    name: 'every exception of the x87 unit unmasked',
    code: (f) => (control(f, undefined, 0x340), one(f)),
    want: 'abi fcw',
  },
  {
    name: 'an x87 exception pending, then return',
    code: (f) => {
      control(f, undefined, 0x340);
      f.fldz();
      f.fld1();
      f.fdivp(st1, st0);
      one(f);
    },
    want: /^(abi fcw|SIGFPE float divide by zero, at (outside|\d+))$/,
  },
  {
    name: 'an x87 exception pending, then wait for it',
    code: (f) => {
      control(f, undefined, 0x340);
      f.fld1();
      f.fldz();
      f.fdivp(st1, st0);
      f.fwait();
      one(f);
    },
    want: /^SIGFPE float divide by zero, at \d+$/,
  },
  {
    name: 'a division by zero of SSE, unmasked',
    code: (f) => {
      control(f, 0x1f80 & ~0x200, undefined);
      f.mov(eax, 1);
      f.cvtsi2sd(xmm0, eax);
      f.db(0x66, 0x0f, 0xef, 0xc9); // pxor xmm1, xmm1
      f.divsd(xmm0, xmm1);
    },
    want: /^SIGFPE float divide by zero, at \d+$/,
  },
  {
    name: 'the x87 stack full',
    code: (f) => {
      for (let count = 0; count < 9; count++) f.fld1();
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'MMX in use',
    code: (f) => {
      f.db(0x0f, 0x76, 0xc0); // pcmpeqd mm0, mm0
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'upper halves of AVX registers',
    needs: ['avx'],
    code: (f) => {
      f.vpcmpeqd(ymm15, ymm1, ymm1);
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'upper halves of AVX registers: not those of the call before',
    needs: ['avx'],
    code: (f) => {
      f.vextracti128(xmm0, ymm15, 1);
      f.movq(rax, xmm0);
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a vector register: not that of the call before, nor of the host',
    code: (f) => {
      f.movq(rax, xmm15);
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'AVX-512 registers and masks',
    needs: ['avx512f'],
    code: (f) => {
      f.db(0x62, 0x03, 0x0d, 0x40, 0x25, 0xf6, 0xff); // vpternlogd zmm30, zmm30, zmm14, 255
      f.db(0xc5, 0xfc, 0x46, 0xc8); // kxnorw k1, k0, k0
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'AVX-512 masks: not those of the call before',
    needs: ['avx512f'],
    code: (f) => {
      f.db(0xc5, 0xf8, 0x93, 0xc1); // kmovw eax, k1
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'AVX-512 registers and masks, and a fault',
    needs: ['avx512f'],
    code: (f) => {
      f.db(0x62, 0x03, 0x0d, 0x40, 0x25, 0xf6, 0xff); // vpternlogd zmm30, zmm30, zmm14, 255
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 7',
  },
  {
    name: 'AMX tiles, which the system has not granted',
    needs: ['amxTile'],
    code: (f) => {
      f.db(0xc4, 0xe2, 0x7b, 0x49, 0xc0); // tilezero tmm0
      one(f);
    },
    want: /^SIGILL illegal instruction, at 0$/,
  },
  {
    name: 'every memory key denied, then return',
    needs: ['protectionKeys'],
    code: (f) => {
      f.mov(eax, -4);
      f.xor(ecx, ecx);
      f.xor(edx, edx);
      f.wrpkru();
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'memory of key 0 denied',
    needs: ['protectionKeys'],
    code: (f) => {
      f.mov(eax, -1);
      f.xor(ecx, ecx);
      f.xor(edx, edx);
      f.wrpkru();
      one(f);
    },
    want: /^SIGSEGV/,
  },
  {
    name: 'the alignment check, and a misaligned access',
    code: (f) => {
      setFlag(f, 18);
      f.mov(eax, dword(rsp, -7));
    },
    want: /^SIGBUS misaligned address.*, at \d+$/,
  },
  {
    name: 'the alignment check, and a fault',
    code: (f) => {
      setFlag(f, 18);
      f.ud2();
    },
    want: /^SIGILL illegal instruction, at \d+$/,
  },
  {
    name: 'the whole stack: not what the call before has left',
    code: (f) => {
      const next = f.label();
      const found = f.label();
      f.mov(rcx, at('stack'));
      f.xor(eax, eax);
      f.bind(next);
      f.or(rax, qword(rcx));
      f.add(rcx, 8);
      f.cmp(rcx, rsp);
      f.jb(next);
      f.bind(found);
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a mark on the stack, for the next one to find',
    code: (f) => {
      f.mov(rcx, at('stack', parts.stack.size / 2));
      f.mov(qword(rcx), -1);
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'a mark on the stack: not found',
    code: (f) => {
      f.mov(rcx, at('stack', parts.stack.size / 2));
      f.mov(rax, qword(rcx));
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a mark in the results, for the next one to find',
    code: (f) => {
      f.mov(rcx, at('results', parts.results.size - 8));
      f.mov(qword(rcx), -1);
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'a mark in the results: not found',
    code: (f) => {
      f.mov(rcx, at('results', parts.results.size - 8));
      f.mov(rax, qword(rcx));
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a mark in the outgoing buffer, for the next one to find',
    buffers: [4096],
    code: (f) => {
      f.mov(rcx, at('outgoing'));
      f.mov(qword(rcx), -1);
      f.ud2();
    },
    want: /^SIGILL/,
  },
  {
    name: 'a mark in the outgoing buffer: not found',
    buffers: [4096],
    code: (f) => {
      f.mov(rcx, at('outgoing'));
      f.mov(rax, qword(rcx));
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'a mark in the gap before a buffer, for the next one to find',
    buffers: [100],
    code: (f) => {
      f.mov(rcx, at('buffers'));
      f.mov(qword(rcx), -1);
      one(f);
    },
    want: 'returned 1',
  },
  {
    name: 'a mark in the gap before a buffer: not found',
    buffers: [100],
    code: (f) => {
      f.mov(rcx, at('buffers'));
      f.mov(rax, qword(rcx));
      f.ret();
    },
    want: 'returned 0',
  },
  {
    name: 'code after the code: traps, not the code of the call before',
    code: (f) => {
      f.mov(rcx, at('guest', 512));
      f.mov(rax, qword(rcx));
      f.ret();
    },
    want: `returned ${BigInt.asIntN(64, 0xcccc_cccc_cccc_ccccn)}`,
  },
  {
    name: 'xrstor of an image of its own',
    code: (f) => {
      f.sub(rsp, 4096);
      f.db(0x48, 0x83, 0xe4, 0xc0); // and rsp, -64
      f.mov(eax, -1);
      f.mov(edx, -1);
      f.xrstor64(mem(rsp));
      f.ud2();
    },
    want: /^SIGILL illegal instruction, at \d+$/,
  },
];
