/**
 * What the compiler takes and refuses: every line marked so is an error, or this file does not compile. The emitter itself refuses
 * the same.
 */
import {
  at,
  d0,
  d1,
  lsl,
  post,
  pre,
  q0,
  q1,
  ror,
  s0,
  sp,
  sxtw,
  uxtw,
  v0,
  v1,
  v2,
  w0,
  w1,
  wzr,
  x0,
  x1,
  x2,
  x29,
  x30,
  xzr,
  type AArch64,
  type Label,
} from '../../src/asm/aarch64.ts';

type Emit = (f: AArch64, label: Label) => unknown;

/** Operands that some line of the table takes. */
export const taken: readonly Emit[] = [
  (f) => f.add(x0, x1, 4),
  (f) => f.add(sp, sp, 16),
  (f) => f.add(x0, x1, x2, lsl(3)),
  (f) => f.add(x0, sp, w1, uxtw(2)),
  (f, label) => f.ldr(x0, label),
  (f) => f.ldr(x0, at(x1, w1, sxtw(3))),
  (f) => f.stp(x29, x30, pre(sp, -16)),
  (f, label) => f.b.eq(label),
  (f) => f.fmov(d0, x1),
  (f) => f.add(v0.s4, v1.s4, v2.s4),
  (f) => f.msr('fpcr', xzr),
];

/** Operands that none does. */
export const refused: readonly Emit[] = [
  // @ts-expect-error widths differ
  (f) => f.add(x0, w1, 4),
  // @ts-expect-error widths differ
  (f) => f.add(w0, w1, x2),
  // @ts-expect-error widths differ
  (f) => f.mov(w0, x1),
  // @ts-expect-error add takes no floating-point register
  (f) => f.add(x0, x1, d0),
  // @ts-expect-error sizes differ
  (f) => f.fadd(d0, d1, s0),
  // @ts-expect-error fmov moves as many bits as there are
  (f) => f.fmov(d0, w1),
  // @ts-expect-error arrangements differ
  (f) => f.add(v0.s4, v1.s4, v2.d2),
  // @ts-expect-error no multiplication of doublewords
  (f) => f.mul(v0.d2, v1.d2, v2.d2),
  // @ts-expect-error a vector register without an arrangement
  (f) => f.add(v0, v1, v2),
  // @ts-expect-error and takes no stack pointer as a source
  (f) => f.and(x0, sp, 1),
  // @ts-expect-error zero is no base
  (f) => f.ldr(x0, at(xzr, 8)),
  // @ts-expect-error a base has 64 bits
  (f) => f.ldr(x0, at(w0, 8)),
  // @ts-expect-error a 32-bit index says how it is extended
  (f) => f.ldr(x0, at(x0, w1)),
  // @ts-expect-error a 32-bit index is extended from 32 bits
  (f) => f.ldr(x0, at(x0, w1, lsl(3))),
  // @ts-expect-error pairs have no index register
  (f) => f.ldp(x0, x1, at(x2, x1)),
  // @ts-expect-error a pair is of one size
  (f) => f.ldp(q0, d1, at(x2)),
  // @ts-expect-error exclusive accesses have no write-back
  (f) => f.ldxr(x0, post(x1, 8)),
  // @ts-expect-error add shifts, but does not rotate
  (f) => f.add(x0, x1, x2, ror(3)),
  // @ts-expect-error a branch to a number
  (f) => f.b(5),
  // @ts-expect-error no such condition
  (f, label) => f.b.foo(label),
  // @ts-expect-error no such condition
  (f) => f.cset(x0, 'zero'),
  // @ts-expect-error always has no opposite
  (f) => f.cset(x0, 'al'),
  // @ts-expect-error no such system register
  (f) => f.mrs(x0, 'sctlr_el1'),
  // @ts-expect-error user code cannot write it
  (f) => f.msr('cntvct_el0', x0),
  // @ts-expect-error no such cache operation
  (f) => f.dc('ivau', x0),
  // @ts-expect-error an operand too many
  (f) => f.ret(x0, x1),
  // @ts-expect-error an operand too few
  (f) => f.add(x0),
  // @ts-expect-error text
  (f) => f.mov(x0, '5'),
  // @ts-expect-error no such instruction
  (f) => f.mvo(x0, 5),
  // @ts-expect-error the stack pointer takes what movImm makes by way of another register only
  (f) => f.movImm(sp, 5),
  // @ts-expect-error a 32-bit load has no 128-bit register
  (f) => f.ldrsw(q1, at(x0)),
  // @ts-expect-error smull widens
  (f) => f.smull(x0, x1, x2),
  // @ts-expect-error no store of a literal
  (f, label) => f.str(wzr, label),
];
