/**
 * The code around a guest that measures it, for x86-64: a function of the guest's own parameters and one more, the samples'
 * buffer (`samples.ts`). It runs where the guest does and may do no more than that.
 *
 * Between two calls it keeps nothing in registers: its state lies in its frame, so that it depends on nothing of the guest but a
 * return with the stack pointer as it was.
 */
import { x64, type Label, type X64 } from '../../asm/x64.ts';
import * as asm from '../../asm/x64.ts';
import type { Signature } from '../../model/signature.ts';
import type { ArgumentValue } from '../../model/value.ts';
import type { CallingConvention } from '../abi.ts';
import { conventions, placeArguments } from '../abi.ts';
import { chainAdds, header, headerBytes, record, recordBytes } from './samples.ts';

const { mem, oword, qword } = asm;
const { eax, ecx, r10, r11, rax, rcx, rdx, rsp, xmm0 } = asm;

/**
 * How calls follow each other: `alone`, each waits for the one before (what a call takes until its result is there);
 * `together`, the processor may work on several at a time (what a call takes among others).
 */
export type BenchMode = 'alone' | 'together';

/**
 * What makes a call wait for the one before: its arguments are loaded from addresses to which that one's `result`, or `float` or SIMD
 * result, is added, with all its bits cleared; or, where there is no result or no argument, a `fence`, behind which nothing begins
 * before all has ended.
 */
export type Waiting = 'result' | 'float' | 'fence';

/** How the calls of a signature wait for each other where they are measured alone. */
export function waitingOf({ parameters, result }: Signature): Waiting {
  if (parameters.length === 0 || result.kind === 'void') return 'fence';
  return result.kind === 'float' || result.kind === 'vector' ? 'float' : 'result';
}

export interface HarnessOptions {
  readonly convention: Extract<CallingConvention, 'sysv' | 'win64'>;
  /** The guest's. */
  readonly signature: Signature;
  readonly arguments: readonly ArgumentValue[];
  /** The guest's code and where it begins. */
  readonly bytes: Uint8Array;
  readonly entry: number;
  readonly mode: BenchMode;
}

/** The guest's code, unmoved, and the harness behind it. */
export interface Harness {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offset of the harness. */
  readonly entry: number;
  /** The parameters of the harness: the guest's and the samples' buffer; no result. */
  readonly signature: Signature;
}

/** A line of the instruction cache, and bytes of traps between guest and harness. */
const lineBytes = 64;
const trap = 0xcc;

/** Additions that are written out in the loop of the chain. */
const unrolledAdds = 64;

const slotBytes = 8;
const vectorBytes = 16;

/** The harness for a guest. Throws a TypeError if the arguments do not suit the signature. */
export function benchHarness(options: HarnessOptions): Harness {
  const { bytes, entry } = options;
  const f = x64();
  const guest = f.label('guest');
  f.data(bytes.subarray(0, entry));
  f.bind(guest);
  f.data(bytes.subarray(entry));
  f.db(...Array.from({ length: lineBytes }, () => trap));
  f.align(lineBytes, trap);
  const empty = f.label('empty');
  f.bind(empty);
  f.ret();
  f.align(lineBytes, trap);
  const harness = f.label('harness');
  f.bind(harness);
  const places = placesOf(options);
  const waiting = options.mode === 'alone' ? waitingOf(options.signature) : undefined;
  emitHarness(f, places, waiting, guest, empty);
  return { bytes: f.bytes(), entry: f.offsetOf(harness), signature: places.signature };
}

/** Where the harness finds its arguments, and what of them the guest is given. */
interface Places {
  readonly signature: Signature;
  /** Numbers of the registers that carry arguments of the guest. */
  readonly general: readonly number[];
  readonly vectors: readonly number[];
  /** Bytes of the guest's stack arguments, a multiple of 16, and how many of them from the first on carry none. */
  readonly stackBytes: number;
  readonly shadowBytes: number;
  /** Where the address of the samples' buffer is passed: a register by its number, or an offset from the stack arguments' start. */
  readonly samples: { readonly register: number } | { readonly stackOffset: number };
}

const samplesParameter = {
  name: 'samples',
  type: {
    kind: 'pointer',
    target: { kind: 'integer', bits: 64, signed: false },
    mutable: true,
  },
} as const;

function placesOf({ convention, signature, arguments: values }: HarnessOptions): Places {
  // No argument's value: what is looked for is where this address goes.
  const marker = 0x7a3d_5e91_c248_b60fn;
  const last = signature.parameters.length;
  const extended: Signature = {
    name: undefined,
    parameters: [...signature.parameters, samplesParameter],
    result: { kind: 'void' },
  };
  const neutral = values.map((value): ArgumentValue =>
    value.kind === 'integer' ? { kind: 'integer', value: 0n } : value,
  );
  const buffer: ArgumentValue = { kind: 'buffer', bytes: new Uint8Array(), align: slotBytes };
  const addressOf = (parameter: number): bigint => (parameter === last ? marker : 0n);
  const own = placeArguments(convention, signature, neutral, addressOf, 0n);
  const all = placeArguments(convention, extended, [...neutral, buffer], addressOf, 0n);
  const register = [...all.general].find(([, value]) => value === marker)?.[0];
  const stack = new DataView(all.stack.buffer, all.stack.byteOffset, all.stack.byteLength);
  const offsets = Array.from({ length: all.stack.length / slotBytes }, (_, index) => 8 * index);
  const stackOffset = offsets.findLast((at) => stack.getBigUint64(at, true) === marker) ?? 0;
  return {
    signature: extended,
    general: [...own.general.keys()],
    vectors: [...own.vectors.keys()],
    stackBytes: own.stack.length,
    shadowBytes: conventions[convention].shadowBytes,
    samples: register === undefined ? { stackOffset } : { register },
  };
}

function emitHarness(
  f: X64,
  places: Places,
  waiting: Waiting | undefined,
  guest: Label,
  empty: Label,
): void {
  const general = places.general.map(generalRegister);
  const vectors = places.vectors.map(vectorRegister);

  // The frame, from the stack pointer upward: the guest's stack arguments, its register arguments, then our own words.
  let used = places.stackBytes;
  const room = (bytes: number): number => (used += bytes) - bytes;
  const vectorSlots = vectors.map(() => room(vectorBytes));
  const generalSlots = general.map(() => room(slotBytes));
  const slot = {
    began: 0,
    start: 0,
    counter: 0,
    left: 0,
    copies: 0,
    samples: 0,
    cursor: 0,
    on: 0,
    zero: 0,
  };
  for (const name of Object.keys(slot) as (keyof typeof slot)[]) slot[name] = room(slotBytes);
  // The return address makes the rest of 16.
  const frameBytes = Math.ceil((used + slotBytes) / vectorBytes) * vectorBytes - slotBytes;
  const own = (name: keyof typeof slot) => qword(rsp, slot[name]);
  const passedOnStack = (offset: number) => qword(rsp, frameBytes + slotBytes + offset);
  const byResult = waiting === 'result' || waiting === 'float';
  // Here rax is 0, which the processor does not know before the call before has its result.
  const load = (offset: number) => (byResult ? qword(rsp, rax, 1, offset) : qword(rsp, offset));
  const loadVector = (offset: number) =>
    byResult ? oword(rsp, rax, 1, offset) : oword(rsp, offset);
  const samplesWord = (index: number) => qword(r10, index * slotBytes);

  f.sub(rsp, frameBytes);
  for (const [index, register] of vectors.entries()) {
    f.movups(oword(rsp, vectorSlots[index] ?? 0), register);
  }
  for (const [index, register] of general.entries()) {
    f.mov(qword(rsp, generalSlots[index] ?? 0), register);
  }
  if ('register' in places.samples) f.mov(r10, generalRegister(places.samples.register));
  else f.mov(r10, passedOnStack(places.samples.stackOffset));
  f.mov(own('samples'), r10);
  f.mov(rax, samplesWord(header.samples));
  f.mov(own('left'), rax);
  f.mov(rax, samplesWord(header.copies));
  f.mov(own('copies'), rax);
  f.lea(rax, mem(r10, headerBytes));
  f.mov(own('cursor'), rax);
  f.rdtscp();
  joinStamp(f);
  f.mov(own('began'), rax);
  f.mov(ecx, ecx);
  f.mov(own('on'), rcx);
  f.mov(samplesWord(header.processor), rcx);
  f.xor(eax, eax);
  f.mov(own('zero'), rax);

  /** Starts the clock when everything before has ended, and nothing after has begun (Intel SDM volume 2, RDTSC; AMD APM volume 3, LFENCE). */
  const start = (): void => {
    f.lfence();
    f.rdtsc();
    f.lfence();
    joinStamp(f);
    f.mov(own('start'), rax);
  };
  /** Stops the clock and stores what it shows. */
  const stop = (word: number): void => {
    f.rdtscp();
    f.lfence();
    joinStamp(f);
    f.sub(rax, own('start'));
    f.mov(r10, own('cursor'));
    f.mov(samplesWord(word), rax);
    f.mov(ecx, ecx);
    f.xor(rcx, own('on'));
    f.mov(r10, own('samples'));
    f.or(samplesWord(header.moved), rcx);
  };
  const calls = (target: Label, times: 1 | 2, word: number): void => {
    const again = f.label('call');
    f.mov(rax, own('copies'));
    if (times === 2) f.add(rax, rax);
    f.mov(own('counter'), rax);
    start();
    f.xor(eax, eax);
    f.align(lineBytes, 0x90);
    f.bind(again);
    if (byResult) {
      if (waiting === 'float') f.movq(rax, xmm0);
      f.and(rax, own('zero'));
    }
    for (let at = places.shadowBytes; at < places.stackBytes; at += slotBytes) {
      f.mov(r11, load(frameBytes + slotBytes + at));
      f.mov(qword(rsp, at), r11);
    }
    for (const [index, register] of vectors.entries()) {
      f.movups(register, loadVector(vectorSlots[index] ?? 0));
    }
    for (const [index, register] of general.entries()) {
      f.mov(register, load(generalSlots[index] ?? 0));
    }
    if (waiting === 'fence') f.lfence();
    f.call(target);
    f.dec(own('counter'));
    f.jnz(again);
    stop(word);
  };
  const chain = (times: 1 | 2, word: number): void => {
    const again = f.label('chain');
    f.mov(ecx, (times * chainAdds) / unrolledAdds);
    f.mov(r11, 1);
    start();
    f.align(lineBytes, 0x90);
    f.bind(again);
    // Of two registers: some processors add a constant without taking any time.
    for (let count = 0; count < unrolledAdds; count++) f.add(rax, r11);
    f.dec(ecx);
    f.jnz(again);
    stop(word);
  };

  const nextSample = f.label('sample');
  f.bind(nextSample);
  calls(guest, 1, record.guest);
  calls(empty, 1, record.empty);
  calls(guest, 2, record.guestTwice);
  calls(empty, 2, record.emptyTwice);
  chain(1, record.chain);
  chain(2, record.chainTwice);
  f.add(own('cursor'), recordBytes);
  f.dec(own('left'));
  f.jnz(nextSample);

  f.rdtscp();
  joinStamp(f);
  f.sub(rax, own('began'));
  f.mov(r10, own('samples'));
  f.mov(samplesWord(header.ticks), rax);
  f.add(rsp, frameBytes);
  f.ret();
}

/** The time stamp's halves, in edx and eax, as one number in rax. */
function joinStamp(f: X64): void {
  f.shl(rdx, 32);
  f.or(rax, rdx);
}

const generalRegisters = [
  asm.rax,
  asm.rcx,
  asm.rdx,
  asm.rbx,
  asm.rsp,
  asm.rbp,
  asm.rsi,
  asm.rdi,
  asm.r8,
  asm.r9,
] as const;
const vectorRegisters = [
  asm.xmm0,
  asm.xmm1,
  asm.xmm2,
  asm.xmm3,
  asm.xmm4,
  asm.xmm5,
  asm.xmm6,
  asm.xmm7,
] as const;

function generalRegister(number: number): (typeof generalRegisters)[number] {
  const found = generalRegisters[number];
  if (found) return found;
  throw new RangeError(`no argument is passed in general register ${number}`);
}

function vectorRegister(number: number): (typeof vectorRegisters)[number] {
  const found = vectorRegisters[number];
  if (found) return found;
  throw new RangeError(`no argument is passed in vector register ${number}`);
}
