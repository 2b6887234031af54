/** Random programs that a seed repeats. */
import type { X64 } from '../../../src/asm/x64.ts';
import {
  dword,
  eax,
  qword,
  r10,
  r11,
  r8,
  r9,
  xmm0,
  xmm1,
  xmm15,
  xmm2,
  xmm7,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../src/asm/x64.ts';
import type { Random } from '../../randomNumbers.ts';
import { at, emit, endOf, ourCall, ours } from './ground.ts';

export { randomFrom } from '../../randomNumbers.ts';

/** Bytes in one random program. */
const mostBytes = 64;

const munmap = 11;

/** Beginnings that bring the random rest to where it can do most. */
function beginnings(): readonly Uint8Array[] {
  const writers: readonly ((f: X64) => void)[] = [
    (f) => f.mov(rdi, at('results')),
    (f) => (f.mov(rdi, at('outgoing')), f.mov(rcx, -1)),
    (f) => (f.mov(rsi, at('requests')), f.mov(rdi, at('results'))),
    (f) => f.mov(rsp, endOf('results')),
    (f) => f.mov(rsp, endOf('alternateStack')),
    (f) => f.mov(rbx, at('childCode')),
    (f) => (f.mov(rax, at('childCode')), f.jmp(rax)),
    (f) => (f.mov(rcx, ourCall(munmap)), f.mov(eax, munmap)),
    (f) => (f.mov(rdi, at('results')), f.mov(rax, ourCall(munmap)), f.call(rax)),
    (f) => (f.mov(rdx, at('stack')), f.mov(rax, at(ours.faultHandler)), f.push(rax)),
    (f) => (f.mov(eax, 59), f.syscall()),
    (f) => (f.mov(eax, 15), f.syscall()),
    (f) => f.int(0x80),
    (f) => (f.pushfq(), f.pop(rax), f.push(rax)),
    (f) => (f.push(0x23), f.push(0x1000), f.retfq()),
    (f) => f.std(),
    (f) => f.rep.movsb(),
    (f) => f.rep.stosq(),
    (f) => f.lock.add(dword(rsp, -66), 1),
    (f) => f.popfq(),
  ];
  return writers.map((write) => emit(write));
}

/** An endless supply of programs of 1 to 64 bytes: random ones, and of every two one that begins as valid code. */
export function programsFrom(random: Random): () => Uint8Array {
  const starts = beginnings();
  return () => {
    const bytes = Uint8Array.from({ length: 1 + random(mostBytes) }, () => random(256));
    if (random(2) === 0) return bytes;
    const start = starts[random(starts.length)] ?? new Uint8Array();
    return Uint8Array.from([...start, ...bytes]).slice(0, mostBytes);
  };
}

/** Instructions in one random computation. */
const steps = 20;

/** A function that computes something from its registers, writes to the buffer at rdi, and returns. */
export function computation(random: Random): Uint8Array {
  const registers = [rax, rcx, rdx, rsi, r8, r9, r10, r11] as const;
  const vectors = [xmm0, xmm1, xmm2, xmm7, xmm15] as const;
  const from = <T>(list: readonly T[]): T => {
    const found = list[random(list.length)];
    if (found === undefined) throw new Error('an empty list');
    return found;
  };
  return emit((f) => {
    for (let step = 0; step < steps; step++) {
      const [one, other] = [from(registers), from(registers)];
      const [vector, second] = [from(vectors), from(vectors)];
      from<() => void>([
        () => f.add(one, other),
        () => f.sub(one, random(1 << 30)),
        () => f.imul(one, other),
        () => f.xor(one, other),
        () => f.mov(one, random(1 << 30)),
        () => f.ror(one, random(64)),
        () => f.bswap(one),
        () => f.adc(one, other),
        () => f.mov(qword(rdi, random(80)), one),
        () => f.mov(one, qword(rdi, random(80))),
        () => f.movq(vector, one),
        () => f.movq(one, vector),
        () => f.addpd(vector, second),
        () => f.mulsd(vector, second),
        () => f.cvtsi2sd(vector, one),
        () => f.xorps(vector, second),
      ])();
    }
    f.ret();
  });
}
