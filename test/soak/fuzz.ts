/**
 * `npm run fuzz -- [--count N] [--seed S]`: random byte strings, one after another, through the real host. After each hundred
 * add-four must give 8. Prints what became of them, the longest call, and whether host and runner are still the same.
 */
import { parseArgs } from 'node:util';
import {
  x64,
  al,
  byte,
  eax,
  ecx,
  edi,
  mem,
  qword,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  xmm0,
} from '../../src/asm/x64.ts';
import type { X64 } from '../../src/asm/x64.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { RunRequest } from '../../src/model/run.ts';

const limitMs = 5;
const hostPath = 'out/host/main.js';

/** Pseudo-random numbers that a seed repeats: xorshift32. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** Beginnings that mean something, so that what follows is met in more places. */
const beginnings: readonly ((f: X64, below: (n: number) => number) => void)[] = [
  (f, below) => f.mov(eax, below(480)),
  (f, below) => {
    f.mov(eax, below(480));
    f.mov(edi, below(8));
    f.syscall();
  },
  (f) => f.lea(rdi, mem(rsp, -4096)),
  (f, below) => f.mov(rdi, 0x1000_0000_0000n + BigInt(below(0x2000) * 4096)),
  (f, below) => {
    f.mov(rax, 0x1000_0000_2000n + BigInt(below(4096)));
    f.jmp(rax);
  },
  (f) => {
    f.mov(rsi, rsp);
    f.mov(rcx, 512);
    f.rep.movsb();
  },
  (f, below) => f.sub(rsp, below(1 << 20)),
  (f) => f.push(rax),
  (f) => f.pushfq(),
  (f) => f.movq(xmm0, rax),
  (f) => f.mov(qword(rsp, -8), rax),
  (f) => f.xor(ecx, ecx),
  (f) => f.mov(al, byte(rip(f), 0)),
  (f, below) => f.add([rbx, rbp, r15, rdx][below(4)] ?? rbx, 1),
];

function rip(f: X64): ReturnType<X64['label']> {
  const here = f.label();
  f.bind(here);
  return here;
}

function randomBytes(below: (n: number) => number): Uint8Array {
  const bytes = Uint8Array.from({ length: 1 + below(64) }, () => below(256));
  if (below(2) === 0) return bytes;
  const f = x64();
  beginnings[below(beginnings.length)]?.(f, below);
  return Uint8Array.from([...f.bytes(), ...bytes]);
}

function requestOf(bytes: Uint8Array): RunRequest {
  const i64 = { kind: 'integer', bits: 64, signed: true } as const;
  return {
    architecture: 'x86_64',
    abi: undefined,
    signature: { name: undefined, parameters: [{ name: undefined, type: i64 }], result: i64 },
    fragment: undefined,
    bytes,
    entry: 0,
    arguments: [{ kind: 'integer', value: 4n }],
    recordRegisters: false,
    timeoutMs: limitMs,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const below = random(Number(values.seed));
  const addFour = requestOf(Uint8Array.of(0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 4, 0xc3));
  using client = new JitClient({ hostPath });
  const { signal } = new AbortController();
  const first = await client.ready();
  const outcomes = new Map<string, number>();
  let longest = 0;
  let wrong = 0;
  let garbled = 0;
  const began = performance.now();
  for (let n = 1; n <= Number(values.count); n++) {
    const bytes = randomBytes(below);
    const start = performance.now();
    const result = await client.run(requestOf(bytes), signal);
    longest = Math.max(longest, performance.now() - start);
    outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
    if (result.outcome === 'refused') {
      garbled++;
      if (garbled <= 20) console.log(`${Buffer.from(bytes).toString('hex')}: ${result.reason}`);
    }
    if (n % 100 !== 0) continue;
    const check = await client.run(addFour, signal);
    const isEight =
      check.outcome === 'returned' && check.value.kind === 'integer' && check.value.value === 8n;
    if (!isEight) wrong++;
  }
  const last = await client.ready();
  const seconds = (performance.now() - began) / 1000;
  console.log([...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', '));
  console.log(`longest call ${longest.toFixed(1)} ms at a limit of ${limitMs} ms`);
  console.log(`add-four wrong ${wrong} times`);
  const same =
    first.pid === last.pid && first.protection.runner?.pid === last.protection.runner?.pid;
  console.log(`host and runner ${same ? 'are the same' : 'have changed'}`);
  console.log(`${values.count} in ${seconds.toFixed(0)} s, seed ${values.seed}`);
  if (wrong > 0 || !same) process.exitCode = 1;
}

void main();
