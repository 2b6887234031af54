/** What the compiler refuses: every line marked so is an error, or this file does not compile. */
import {
  al,
  ax,
  byte,
  cl,
  dword,
  eax,
  ecx,
  mem,
  qword,
  rax,
  rdi,
  x64,
  xmm0,
  ymm0,
} from '../../src/asm/x64.ts';

/** Never run; the compiler alone reads it. */
export function wrongOperands(): void {
  const f = x64();
  const label = f.label();
  f.add(rax, 4);
  f.mov(rax, label);
  f.lea(rax, mem(rdi, 8));
  f.lea(rax, qword(label));
  f.shl(rax, cl);
  f.lock.add(dword(rdi), eax);
  // @ts-expect-error add takes no xmm register
  f.add(rax, xmm0);
  // @ts-expect-error widths differ
  f.mov(al, rdi);
  // @ts-expect-error widths differ
  f.mov(rax, dword(rdi));
  // @ts-expect-error memory to memory
  f.mov(qword(rax), qword(rdi));
  // @ts-expect-error memory without a width
  f.mov(mem(rax), 1);
  // @ts-expect-error a count is in cl
  f.shl(rax, ecx);
  // @ts-expect-error no 8-bit pop
  f.pop(al);
  // @ts-expect-error a base has 64 bits
  dword(eax);
  // @ts-expect-error the scale is 1, 2, 4 or 8
  dword(rax, rdi, 3);
  // @ts-expect-error an operand too many
  f.ret(1, 2);
  // @ts-expect-error an operand too few
  f.mov(rax);
  // @ts-expect-error a jump to a number
  f.jmp(5);
  // @ts-expect-error an index beside a label
  dword(label, rax);
  // @ts-expect-error no text
  f.mov(rax, '5');
  // @ts-expect-error no such instruction
  f.mvo(rax, 5);
  // @ts-expect-error lock takes no mov
  f.lock.mov(dword(rax), eax);
  // @ts-expect-error ymm where xmm is
  f.movaps(xmm0, ymm0);
  // @ts-expect-error a setcc has 8 bits
  f.setz(ax);
  // @ts-expect-error movzx of a byte gives no byte
  f.movzx(al, byte(rax));
}
