/** Operands to try a form with: low and extended registers, every shape of memory, immediates at their bounds. */
import type { Form, OperandPattern } from '../../src/asm/x64/notation.ts';
import * as registers from '../../src/asm/x64/registers.ts';
import * as memory from '../../src/asm/x64.ts';
import { inSegment, type Label, type Memory, type Operand } from '../../src/asm/x64.ts';

const { rax, rbx, rcx, rbp, rsp, rsi, rdi, r8, r9, r12, r13, r14, r15, fs, gs } = registers;

const registersOf: Readonly<Record<string, readonly Operand[]>> = {
  r8: [registers.cl, registers.r9b, registers.al, registers.bh, registers.sil, registers.r15b],
  r16: [registers.cx, registers.r9w, registers.ax, registers.sp, registers.r15w],
  r32: [registers.ecx, registers.r9d, registers.eax, registers.esp, registers.r15d],
  r64: [rcx, r9, rax, rsp, rbp, r12, r13],
  xmm: [registers.xmm1, registers.xmm9, registers.xmm0, registers.xmm15],
  ymm: [registers.ymm2, registers.ymm10, registers.ymm0, registers.ymm15],
  Sreg: [registers.ds, registers.gs, registers.es],
  CR: [registers.cr0, registers.cr8, registers.cr4],
  DR: [registers.dr0, registers.dr7],
  ST: [registers.st1, registers.st7, registers.st0],
};

/** Every register by its name. */
const named: ReadonlyMap<string, Operand> = new Map(
  Object.values(registers).map((register) => [register.name, register]),
);

function memoryOf(bits: number | 'any', here: Label): readonly Operand[] {
  const sizes = [
    memory.mem,
    memory.byte,
    memory.word,
    memory.dword,
    memory.fword,
    memory.qword,
    memory.tbyte,
    memory.oword,
    memory.yword,
  ];
  const at = sizes.find((size) => size(rax).bits === (bits === 'any' ? 0 : bits));
  if (at === undefined) throw new Error(`no memory of ${bits} bits`);
  const shapes: readonly Memory[] = [
    at(rax),
    at(r9, 8),
    at(rbp),
    at(r13),
    at(rsp),
    at(r12),
    at(rsp, 0x80),
    at(rbx, 0x7f),
    at(rbx, -0x80),
    at(r14, -0x81),
    at(rdi, 0x7fffffff),
    at(rsi, rcx, 4),
    at(r8, r9, 8, 0x12345678),
    at(rbp, rax, 1),
    at(r13, r12, 2, -4),
    at(rsp, rbp, 2),
    at(undefined, rcx, 8, 0x10),
    at(undefined, r15, 2),
    at(undefined, 0x1234),
    at(undefined, -8),
    inSegment(fs, at(undefined, 0x28)),
    inSegment(gs, at(rax, r15, 8)),
    at(here),
    at(here, 0x100),
  ];
  return shapes;
}

/** Bounds by the immediate's bits and those of the operation. */
const immediates: Readonly<Record<string, readonly Operand[]>> = {
  '8': [1, 0, 0x7f, 0x80, 0xff, -1, -0x80],
  '8 to 16': [1, 0, 0x7f, -1, -0x80, 0xffff],
  '8 to 32': [1, 0, 0x7f, -1, -0x80, 0xffffffff],
  '8 to 64': [1, 0, 0x7f, -1, -0x80, 0xffffffffffffffffn],
  '16': [0x1234, 0x80, 0x7fff, 0xffff, -0x8000, -0x81, 1],
  '32': [0x12345678, 0x80, 0x7fffffff, 0x80000000, 0xffffff7f, -0x80000000, -0x81, 1],
  '32 to 64': [0x12345678, 0x80, 0x7fffffff, -0x80000000, -0x81, 0xffffffff80000000n, 1],
  '64': [
    0x1122334455667788n,
    0xffffffff,
    0x80000000,
    0x7fffffffffffffffn,
    0x8000000000000000n,
    -0x8000000000000000n,
    -0x80000001,
  ],
};

function immediatesOf(form: Form, bits: number): readonly Operand[] {
  const { mnemonic, operands } = form;
  const first = operands[0]?.register;
  const general = first === undefined ? NaN : Number(first.slice(1));
  const width = mnemonic === 'push' ? 64 : /^[ds]?imm/.test(mnemonic) ? bits : general;
  const extended = immediates[`${bits} to ${width}`];
  // Only these sign-extend; counts and the like stand for themselves.
  const extending = /^(?:add|or|adc|sbb|and|sub|xor|cmp|test|mov|imul|push)$/.test(mnemonic);
  const found = (extending ? extended : undefined) ?? immediates[String(bits)];
  if (found === undefined) throw new Error(`no immediates of ${bits} bits`);
  return found;
}

function samplesOf(form: Form, pattern: OperandPattern, here: Label): readonly Operand[] {
  if (pattern.only !== undefined) {
    const register = named.get(pattern.only);
    return register === undefined ? [] : [register];
  }
  if (pattern.literal !== undefined) return [pattern.literal];
  if (pattern.immediate !== undefined) return immediatesOf(form, pattern.immediate);
  const found: Operand[] = [];
  if (pattern.register !== undefined) found.push(...(registersOf[pattern.register] ?? []));
  if (pattern.memory !== undefined) found.push(...memoryOf(pattern.memory, here));
  return found;
}

/**
 * Operand lists for a form: every sample of every operand, beside the first and the second sample of the
 * others.
 */
export function operandLists(form: Form, here: Label): readonly (readonly Operand[])[] {
  const samples = form.operands.map((pattern) => samplesOf(form, pattern, here));
  if (samples.length === 0) return [[]];
  const lists = new Map<string, readonly Operand[]>();
  for (const [varied, choices] of samples.entries()) {
    for (const choice of choices) {
      for (const other of [0, 1]) {
        const indices: string[] = [];
        const list = samples.map((all, index) => {
          const operand = index === varied ? choice : (all[other % all.length] ?? choice);
          indices.push(String(all.indexOf(operand)));
          return operand;
        });
        lists.set(indices.join(), list);
      }
    }
  }
  return [...lists.values()];
}
