/**
 * A grandchild's machine code on AArch64: the only code of ours that is there while a guest runs. It takes away what the
 * guest must not see, loads every register, calls the guest, stores what came back, and is the handler of its faults. It
 * needs no stack, and believes no register and no memory that a guest can write. Addresses are relative to the code, so that
 * the arena can be anywhere; pages and fields are those of `layout.ts`, with these meanings here:
 *
 * | page, field           | bytes | holds |
 * | --------------------- | ----: | ----- |
 * | requests: `entry`     |     8 | address of the first instruction, which x17 holds at the call (AAPCS64, 6.1.1: a veneer's own) |
 * | `registers`           |   256 | x0 to x30, of which x17 and x30 do not reach the guest, then the stack pointer, 16-aligned |
 * | `flags`               |     8 | FPCR; FPSR, the flags and TPIDR_EL0 are 0 at the call |
 * | `stackWords`, `stack` |       | stack arguments, copied to the stack pointer upward |
 * | `unmapped`            |       | {address, bytes}, ended by zero bytes |
 * | `copied`              |       | {from, to, bytes}, ended by zero bytes |
 * | `image`               |   512 | v0 to v31, then {@link codeExtent} |
 * | results: `kind`       |     8 | one of `recordKinds`, written last |
 * | `started`, `ended`    |  8, 8 | CNTVCT_EL0, which runs at CNTFRQ_EL0 |
 * | `registers`           |   256 | x0 to x30 and the stack pointer after the return |
 * | `flags`               |     8 | NZCV after the return |
 * | `vectorControl`       |     8 | FPCR after the return or at the fault |
 * | `x87Control`          |     8 | FPSR after the return or at the fault |
 * | `signal`              |    48 | siginfo_t |
 * | `context`             |   288 | at the fault, by {@link contextWords} |
 * | `image`               |   512 | v0 to v31 after the return or at the fault |
 */
import {
  at,
  generalRegisters,
  post,
  q0,
  q1,
  q2,
  sp,
  vectorRegisters,
  w0,
  w4,
  w5,
  x0,
  x1,
  x10,
  x11,
  x12,
  x13,
  x14,
  x16,
  x17,
  x19,
  x2,
  x3,
  x4,
  x8,
  x9,
  xzr,
  type AArch64,
  type Label,
} from '../../../asm/aarch64.ts';
import { exitCodes, recordKinds, request, result, steps } from '../layout.ts';

/** System calls: include/uapi/asm-generic/unistd.h. */
const systemCalls = { exit_group: 94, munmap: 215 } as const;

/** sa_flags of the fault handler: SA_SIGINFO | SA_ONSTACK (include/uapi/asm-generic/signal-defs.h). */
export const handlerFlags = 0x0800_0004;

const registerBytes = 8;
const vectorBytes = 16;
const vectorCount = 32;

/** Of the request: the first address of the guest's code, and the one after its last byte, 8 bytes each. */
export const codeExtent = request.image + vectorCount * vectorBytes;

/** Number of the stack pointer among the general registers. */
export const stackPointer = 31;

/** Words of `result.context`: the fault's address, x0 to x30, sp, pc, PSTATE, and ESR_EL1 where the kernel tells it (else 0). */
export const contextWords = {
  faultAddress: 0,
  x0: 1,
  sp: 32,
  pc: 33,
  pstate: 34,
  esr: 35,
} as const;

/**
 * struct ucontext in bytes: arch/arm64/include/uapi/asm/sigcontext.h. Behind the registers stand records {magic, size, …};
 * the first is struct fpsimd_context, and behind it, for memory faults, struct esr_context.
 */
const ucontext = {
  faultAddress: 176,
  fpsimdMagic: 464,
  fpsr: 472,
  fpcr: 476,
  vectors: 480,
  esrMagic: 992,
  esr: 1000,
} as const;
const FPSIMD_MAGIC = 0x46508001;
const ESR_MAGIC = 0x45535201;
const siginfoBytes = 48;

/** CTR_EL0 (Arm ARM, D17.2.34): logarithms of the smallest cache lines, in words of 4 bytes, 4 bits each. */
const cacheTypes = { dataLine: 16, instructionLine: 0, bits: 4, wordBytes: 4 } as const;

/** Labels for the fields of a page, so that code can address them. */
export class FieldLabels {
  readonly #f: AArch64;
  readonly #page: number;
  readonly #labels = new Map<number, Label>();

  /** @param page offset of the page in the arena */
  constructor(f: AArch64, page: number) {
    this.#f = f;
    this.#page = page;
  }

  /** The label of the field at this offset in the page. */
  at(offset: number): Label {
    let label = this.#labels.get(offset);
    if (!label) {
      label = this.#f.label(`page+${offset}`);
      this.#labels.set(offset, label);
    }
    return label;
  }

  /** Places the labels that were asked for. The code must not have reached the page yet. */
  bind(): void {
    const sorted = [...this.#labels].sort(([one], [other]) => one - other);
    for (const [offset, label] of sorted) {
      this.#f.org(this.#page + offset);
      this.#f.bind(label);
    }
  }
}

export interface Child {
  /** Where a grandchild goes as soon as it may run its guest. */
  readonly entry: Label;
  readonly faultHandler: Label;
  /** Behind each system call that the filter has to let pass. */
  readonly sites: readonly { readonly label: Label; readonly number: number }[];
}

/**
 * Emits the code into a runner that is being emitted, at most a page of it. `asked` and `told` are the pages of requests and of
 * results, whose labels are to be bound behind the code.
 */
export function emitChild(f: AArch64, asked: FieldLabels, told: FieldLabels): Child {
  const sites: { readonly label: Label; readonly number: number }[] = [];
  const allowed = (number: number): void => {
    f.mov(x8, number);
    f.svc(0);
    const label = f.label();
    f.bind(label);
    sites.push({ label, number });
  };
  const [entry, faultHandler, leave] = [f.label('child'), f.label('fault'), f.label('leave')];

  f.bind(entry);
  emitUnmapping(f, asked, () => allowed(systemCalls.munmap), leave);
  emitCacheMaintenance(f, asked);
  emitCall(f, asked, told);
  emitReturn(f, told);
  emitCopying(f, asked);
  emitEnd(f, told, 'returned');
  f.b(leave);
  f.bind(faultHandler);
  emitFault(f, told);
  emitEnd(f, told, 'fault');
  f.bind(leave);
  allowed(systemCalls.exit_group);
  f.udf(0);
  return { entry, faultHandler, sites };
}

/** Unmaps what the guest must not see; where that fails, leaves with the step in x0. */
function emitUnmapping(f: AArch64, asked: FieldLabels, unmap: () => void, leave: Label): void {
  const [next, done] = [f.label(), f.label()];
  f.adr(x19, asked.at(request.unmapped));
  f.bind(next);
  f.ldp(x0, x1, post(x19, 16));
  f.cbz(x1, done);
  unmap();
  f.mov(x9, x0);
  f.mov(x0, steps.childUnmap);
  f.cbnz(x9, leave);
  f.b(next);
  f.bind(done);
}

/**
 * Makes instruction fetches see the guest's code, which was written through another mapping (Arm ARM, B2.4.4): the data caches
 * are cleaned, then the instruction caches invalidated, line by line.
 */
function emitCacheMaintenance(f: AArch64, asked: FieldLabels): void {
  const [start, end, types, line, address] = [x10, x11, x12, x13, x14];
  f.adr(x9, asked.at(codeExtent));
  f.ldp(start, end, at(x9));
  f.mrs(types, 'ctr_el0');
  const sweep = (field: number, each: () => void): void => {
    const [next, done] = [f.label(), f.label()];
    f.ubfx(line, types, field, cacheTypes.bits);
    f.mov(x9, cacheTypes.wordBytes);
    f.lsl(line, x9, line);
    f.sub(address, line, 1);
    f.bic(address, start, address);
    f.bind(next);
    f.cmp(address, end);
    f.b.hs(done);
    each();
    f.add(address, address, line);
    f.b(next);
    f.bind(done);
    f.dsb('ish');
  };
  sweep(cacheTypes.dataLine, () => f.dc('cvau', address));
  sweep(cacheTypes.instructionLine, () => f.ic('ivau', address));
  f.isb();
}

/** Loads stack arguments and registers, and calls the guest. */
function emitCall(f: AArch64, asked: FieldLabels, told: FieldLabels): void {
  const [next, copied] = [f.label(), f.label()];
  f.ldr(x10, asked.at(request.registers + registerBytes * stackPointer));
  f.mov(sp, x10);
  f.adr(x9, asked.at(request.stack));
  f.ldr(x11, asked.at(request.stackWords));
  f.bind(next);
  f.cbz(x11, copied);
  f.ldr(x12, post(x9, 8));
  f.str(x12, post(x10, 8));
  f.sub(x11, x11, 1);
  f.b(next);
  f.bind(copied);

  f.ldr(x9, asked.at(request.flags));
  f.msr('fpcr', x9);
  f.msr('fpsr', xzr);
  f.msr('tpidr_el0', xzr);
  f.adr(x9, asked.at(request.image));
  for (const [index, [one, other]] of pairs(vectorRegisters).entries()) {
    f.ldp(one, other, at(x9, 2 * vectorBytes * index));
  }

  // The guest's first page and the record are there before the time is taken.
  f.ldr(x9, asked.at(request.entry));
  f.ldrb(w4, at(x9));
  f.adr(x9, told.at(result.started));
  f.str(xzr, at(x9));
  f.isb();
  f.mrs(x10, 'cntvct_el0');
  f.str(x10, at(x9));
  f.msr('nzcv', xzr);
  f.adr(x17, asked.at(request.registers));
  for (const [number, register] of generalRegisters.entries()) {
    if (register !== x17) f.ldr(register, at(x17, registerBytes * number));
  }
  f.ldr(x17, asked.at(request.entry));
  f.blr(x17);
}

/** Stores what the guest left in the registers, at places known beforehand; TPIDR_EL0 keeps x16, which addresses them. */
function emitReturn(f: AArch64, told: FieldLabels): void {
  f.msr('tpidr_el0', x16);
  f.adr(x16, told.at(result.registers));
  for (const [number, register] of generalRegisters.entries()) {
    if (register !== x16) f.str(register, at(x16, registerBytes * number));
  }
  f.mrs(x1, 'tpidr_el0');
  f.str(x1, at(x16, registerBytes * x16.number));
  f.mov(x1, sp);
  f.str(x1, at(x16, registerBytes * stackPointer));
  const store = (field: number): void => {
    f.adr(x2, told.at(field));
    f.str(x1, at(x2));
  };
  f.mrs(x1, 'nzcv');
  store(result.flags);
  f.isb();
  f.mrs(x1, 'cntvct_el0');
  store(result.ended);
  f.mrs(x1, 'fpcr');
  store(result.vectorControl);
  f.mrs(x1, 'fpsr');
  store(result.x87Control);
  f.adr(x2, told.at(result.image));
  for (const [index, [one, other]] of pairs(vectorRegisters).entries()) {
    f.stp(one, other, at(x2, 2 * vectorBytes * index));
  }
}

/** Copies buffers to where they outlive the grandchild: words, then what is left of them. */
function emitCopying(f: AArch64, asked: FieldLabels): void {
  const [next, words, bytes, done] = [f.label(), f.label(), f.label(), f.label()];
  f.adr(x19, asked.at(request.copied));
  f.bind(next);
  f.ldp(x1, x2, post(x19, 16));
  f.ldr(x3, post(x19, 8));
  f.cbz(x3, done);
  f.bind(words);
  f.subs(x3, x3, 8);
  f.b.lo(bytes);
  f.ldr(x4, post(x1, 8));
  f.str(x4, post(x2, 8));
  f.b(words);
  f.bind(bytes);
  const byte = f.label();
  f.add(x3, x3, 8);
  f.bind(byte);
  f.cbz(x3, next);
  f.ldrb(w4, post(x1, 1));
  f.strb(w4, post(x2, 1));
  f.sub(x3, x3, 1);
  f.b(byte);
  f.bind(done);
}

/** The handler: (number, siginfo_t *, struct ucontext *), on the alternate stack. */
function emitFault(f: AArch64, told: FieldLabels): void {
  f.adr(x3, told.at(result.signal));
  f.ldp(q0, q1, at(x1));
  f.ldr(q2, at(x1, siginfoBytes - vectorBytes));
  f.stp(q0, q1, at(x3));
  f.str(q2, at(x3, siginfoBytes - vectorBytes));

  const next = f.label();
  f.adr(x3, told.at(result.context));
  f.add(x1, x2, ucontext.faultAddress);
  f.mov(x9, contextWords.esr);
  f.bind(next);
  f.ldr(x4, post(x1, 8));
  f.str(x4, post(x3, 8));
  f.subs(x9, x9, 1);
  f.b.ne(next);

  const [noVectors, noSyndrome] = [f.label(), f.label()];
  f.ldr(w4, at(x2, ucontext.fpsimdMagic));
  f.movImm(w5, FPSIMD_MAGIC);
  f.cmp(w4, w5);
  f.b.ne(noVectors);
  for (const [field, offset] of [
    [result.x87Control, ucontext.fpsr],
    [result.vectorControl, ucontext.fpcr],
  ] as const) {
    f.adr(x1, told.at(field));
    f.ldr(w4, at(x2, offset));
    f.str(w4, at(x1));
  }
  f.add(x1, x2, ucontext.vectors);
  f.adr(x4, told.at(result.image));
  for (let index = 0; index < vectorCount / 2; index++) {
    f.ldp(q0, q1, at(x1, 2 * vectorBytes * index));
    f.stp(q0, q1, at(x4, 2 * vectorBytes * index));
  }
  f.ldr(w4, at(x2, ucontext.esrMagic));
  f.movImm(w5, ESR_MAGIC);
  f.cmp(w4, w5);
  f.b.ne(noSyndrome);
  f.ldr(x4, at(x2, ucontext.esr));
  f.str(x4, at(x3));
  f.bind(noSyndrome);
  f.bind(noVectors);
}

/** Says that the record is complete, and leaves the exit code in x0. */
function emitEnd(f: AArch64, told: FieldLabels, kind: keyof typeof recordKinds): void {
  f.mov(w0, recordKinds[kind]);
  f.adr(x1, told.at(result.kind));
  f.str(w0, at(x1));
  f.mov(x0, exitCodes[kind]);
}

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.flatMap((one, index) => {
    const other = list[index + 1];
    return index % 2 === 0 && other !== undefined ? [[one, other] as const] : [];
  });
}
