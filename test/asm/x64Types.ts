/**
 * What the compiler refuses, and the builder too where a caller has no types. Every line marked so is an error, or
 * this file does not compile.
 */
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
  xmm1,
  ymm0,
} from '../../src/asm/x64.ts';

const f = x64();
const label = f.label();

/** Calls that both compiler and builder take. */
export const taken: Readonly<Record<string, () => void>> = {
  'an immediate': () => f.add(rax, 4),
  'an address': () => f.mov(rax, label),
  'memory of no width': () => f.lea(rax, mem(rdi, 8)),
  'memory of any width': () => f.lea(rax, qword(label)),
  'a count in cl': () => f.shl(rax, cl),
  'a count of one': () => f.shl(rax, 1),
  'a lock': () => f.lock.add(dword(rdi), eax),
  'two instructions of one name': () => {
    f.movsd();
    f.movsd(xmm0, xmm1);
  },
};

/** Calls that neither takes. */
export const refused: Readonly<Record<string, () => void>> = {
  // @ts-expect-error add takes no xmm register
  'xmm in an integer instruction': () => f.add(rax, xmm0),
  // @ts-expect-error widths differ
  'registers of two widths': () => f.mov(al, rdi),
  // @ts-expect-error widths differ
  'memory of another width': () => f.mov(rax, dword(rdi)),
  // @ts-expect-error two memory operands
  'memory to memory': () => f.mov(qword(rax), qword(rdi)),
  // @ts-expect-error a store of unknown width
  'memory without a width': () => f.mov(mem(rax), 1),
  // @ts-expect-error a count is in cl
  'a count in ecx': () => f.shl(rax, ecx),
  // @ts-expect-error there is no 8-bit pop
  'pop al': () => f.pop(al),
  // @ts-expect-error a base has 64 bits
  'a 32-bit base': () => dword(eax),
  // @ts-expect-error the scale is 1, 2, 4 or 8
  'a scale of 3': () => dword(rax, rdi, 3),
  // @ts-expect-error an address with a label is RIP-relative
  'an index beside a label': () => dword(label, rdi),
  // @ts-expect-error one operand at most
  'an operand too many': () => f.ret(1, 2),
  // @ts-expect-error mov takes two
  'an operand too few': () => f.mov(rax),
  // @ts-expect-error a jump goes to a label
  'a jump to a number': () => f.jmp(5),
  // @ts-expect-error a jump that is short goes to a label
  'a short jump to a register': () => f.short.jmp(rax),
  // @ts-expect-error a call is near
  'a short call': () => f.short.call(label),
  // @ts-expect-error text is no immediate
  'a text': () => f.mov(rax, '5'),
  // @ts-expect-error there is no such instruction
  'a misspelt mnemonic': () => f.mvo(rax, 5),
  // @ts-expect-error mov cannot be locked
  'a locked mov': () => f.lock.mov(dword(rax), eax),
  // @ts-expect-error this movsd is not the string instruction
  'a repeated SSE move': () => f.rep.movsd(xmm0, xmm1),
  // @ts-expect-error ymm where xmm belongs
  'ymm in an SSE instruction': () => f.movaps(xmm0, ymm0),
  // @ts-expect-error setcc sets a byte
  'setcc of 16 bits': () => f.setz(ax),
  // @ts-expect-error movzx makes something wider
  'movzx to a byte': () => f.movzx(al, byte(rax)),
  // @ts-expect-error a label's address has 64 bits
  'an address in 32 bits': () => f.mov(eax, label),
};
