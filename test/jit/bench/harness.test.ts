/** The harness of benchmarks: how often it calls, with what, and that it is the code that was meant. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as asm from '../../../src/asm/x64.ts';
import type { X64 } from '../../../src/asm/x64.ts';
import { benchHarness, waitingOf, type BenchMode } from '../../../src/jit/bench/harness.ts';
import { benchRefusal, benchRequest, samplesOf } from '../../../src/jit/bench/request.ts';
import type { RunRequest } from '../../../src/model/run.ts';
import type { Type } from '../../../src/model/signature.ts';
import type { ArgumentValue } from '../../../src/model/value.ts';
import { disassemble } from '../../asm/gnu.ts';
import { never, protectedClient, request } from '../clientSetup.ts';
import {
  bufferValue,
  code,
  f32x4,
  f64,
  floatValue,
  i64,
  integerValue,
  mutBytes,
  nothing,
  signature,
} from '../functionTypes.ts';

const linux = process.platform === 'linux' && process.arch === 'x64';
const { qword, r8, r9, r10, r11, rax, rcx, rdi, rdx, rsi, rsp } = asm;

function bytesOf(build: (f: X64) => void): Uint8Array {
  const f = asm.x64();
  build(f);
  return f.bytes();
}

function wordsOf(bytes: Uint8Array | undefined): bigint[] {
  return [...new BigUint64Array(Uint8Array.from(bytes ?? []).buffer)];
}

const modes: readonly BenchMode[] = ['alone', 'together'];

describe('the harness', { skip: !linux, timeout: 60_000 }, () => {
  const jit = protectedClient();
  after(() => jit.dispose());

  /** Counts in its buffer {the first place it returned to, calls from there, calls from elsewhere}. */
  const counting = bytesOf((f) => {
    const [known, other] = [f.label(), f.label()];
    f.mov(rax, qword(rsp));
    f.cmp(qword(rdi), 0);
    f.jne(known);
    f.mov(qword(rdi), rax);
    f.bind(known);
    f.cmp(qword(rdi), rax);
    f.jne(other);
    f.inc(qword(rdi, 8));
    f.ret();
    f.bind(other);
    f.inc(qword(rdi, 16));
    f.ret();
  });
  const counts: readonly (readonly [copies: number, samples: number])[] = [
    [1, 1],
    [1, 7],
    [3, 1],
    [100, 10],
    [1000, 3],
  ];
  for (const [copies, samples] of counts) {
    for (const mode of modes) {
      for (const result of [nothing, i64, f64]) {
        const what = `${copies} and ${2 * copies} times in each of ${samples} samples, ${mode}, ${result.kind}`;
        it(`calls ${what}`, async () => {
          const asked: RunRequest = {
            ...request('c3'),
            bytes: counting,
            signature: signature([mutBytes], result),
            arguments: [
              bufferValue(
                Array.from({ length: 24 }, () => 0),
                8,
              ),
            ],
          };
          const settings = { mode, copies, samples, timeoutMs: 1000 };
          const bench = benchRequest(asked, settings);
          const ended = await jit.run(bench, never);
          assert.equal(ended.outcome, 'returned');
          const [, once, twice] = wordsOf(ended.buffers[0]?.after);
          assert.deepEqual([once, twice], [BigInt(copies * samples), BigInt(2 * copies * samples)]);
          const found = samplesOf(ended, bench, settings);
          assert.equal(found?.samples.length, samples);
          assert.ok(found.pinned, 'pinned');
          // Differences of two times may come out negative on a busy machine: only that they are numbers is sure.
          assert.ok(found.samples.every(({ cycle }) => Number.isFinite(cycle)));
        });
      }
    }
  }

  /** What a guest of these parameters is to find, where the manuals of the conventions say. */
  interface Passed {
    readonly abi: 'sysv' | 'win64';
    readonly parameters: readonly Type[];
    readonly values: readonly ArgumentValue[];
    /** Compares everything with what is expected; jumps to `bad` where it differs. */
    readonly check: (expect: (value: bigint) => void, f: X64) => void;
    /** The register with the address of the counters. */
    readonly counters: asm.Register<'r64'>;
    /** Stack arguments, in words above the return address. */
    readonly stackWords: number;
  }
  const half = 0x3fe0_0000_0000_0000n; // 0.5
  const lanes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  const buffer = bufferValue(
    Array.from({ length: 16 }, () => 0),
    8,
  );
  const integers = (count: number): ArgumentValue[] =>
    Array.from({ length: count }, (_, index) => integerValue(BigInt(1000 + index)));
  const table: readonly Passed[] = [
    {
      abi: 'sysv',
      parameters: [mutBytes, ...Array.from({ length: 9 }, () => i64), f64, f32x4],
      values: [buffer, ...integers(9), floatValue(0.5), { kind: 'vector', bytes: lanes }],
      counters: rdi,
      stackWords: 4,
      check: (expect, f) => {
        for (const [index, register] of [rsi, rdx, rcx, r8, r9].entries()) {
          f.mov(rax, register);
          expect(BigInt(1000 + index));
        }
        for (let index = 0; index < 4; index++) {
          f.mov(rax, qword(rsp, 8 + 8 * index));
          expect(BigInt(1005 + index));
        }
        f.movq(rax, asm.xmm0);
        expect(half);
        f.movq(rax, asm.xmm1);
        expect(0x0807_0605_0403_0201n);
      },
    },
    {
      abi: 'win64',
      parameters: [mutBytes, f64, i64, f32x4, i64, i64, f64],
      values: [
        buffer,
        floatValue(0.5),
        integerValue(1000n),
        { kind: 'vector', bytes: lanes },
        integerValue(1001n),
        integerValue(1002n),
        floatValue(0.5),
      ],
      counters: rcx,
      stackWords: 7,
      check: (expect, f) => {
        f.movq(rax, asm.xmm1);
        expect(half);
        f.mov(rax, r8);
        expect(1000n);
        f.mov(rax, qword(r9));
        expect(0x0807_0605_0403_0201n);
        for (const [index, value] of [1001n, 1002n, half].entries()) {
          f.mov(rax, qword(rsp, 40 + 8 * index));
          expect(value);
        }
      },
    },
  ];
  for (const { abi, parameters, values, check, counters, stackWords } of table) {
    for (const mode of modes) {
      it(`gives every call its arguments anew: ${abi}, ${mode}`, async () => {
        const guest = bytesOf((f) => {
          const bad = f.label();
          const expect = (value: bigint): void => {
            f.mov(r10, value);
            f.cmp(rax, r10);
            f.jne(bad);
          };
          f.mov(r11, rsp);
          f.test(r11, 15);
          f.jz(bad); // The return address makes it odd.
          check(expect, f);
          f.inc(qword(counters));
          const out = f.label();
          f.jmp(out);
          f.bind(bad);
          f.inc(qword(counters, 8));
          f.bind(out);
          // What it may destroy it does, arguments on the stack included.
          f.pxor(asm.xmm0, asm.xmm0);
          f.movaps(asm.xmm1, asm.xmm0);
          f.mov(rax, -1n);
          for (const register of [rcx, rdx, r8, r9, r10, r11]) f.mov(register, rax);
          if (abi === 'sysv') for (const register of [rdi, rsi]) f.mov(register, rax);
          for (let word = 1; word <= stackWords; word++) f.mov(qword(rsp, 8 * word), rax);
          f.ret();
        });
        const asked: RunRequest = {
          ...request('c3'),
          abi,
          bytes: guest,
          signature: signature(parameters, i64),
          arguments: values,
        };
        const plain = await jit.run(asked, never);
        assert.equal(plain.outcome, 'returned');
        assert.deepEqual(wordsOf(plain.buffers[0]?.after), [1n, 0n]);
        const settings = { mode, copies: 20, samples: 5, timeoutMs: 1000 };
        const ended = await jit.run(benchRequest(asked, settings), never);
        assert.equal(ended.outcome, 'returned');
        assert.deepEqual(wordsOf(ended.buffers[0]?.after), [300n, 0n]);
      });
    }
  }

  it('leaves the guest where it was: a fault is told of at its own offset', async () => {
    const faulting = bytesOf((f) => {
      const well = f.label();
      f.dec(qword(rdi));
      f.jnz(well);
      f.ud2();
      f.bind(well);
      f.ret();
    });
    const asked: RunRequest = {
      ...request('c3'),
      bytes: faulting,
      signature: signature([mutBytes], i64),
      arguments: [bufferValue([50, 0, 0, 0, 0, 0, 0, 0], 8)],
    };
    const settings = { mode: 'alone', copies: 10, samples: 5, timeoutMs: 1000 } as const;
    const ended = await jit.run(benchRequest(asked, settings), never);
    assert.equal(ended.outcome, 'fault');
    assert.equal(ended.fault.signal, 'SIGILL');
    assert.equal(ended.fault.offset, faulting.lastIndexOf(0x0f));
  });
});

it('is the code that was meant, by objdump', { skip: !linux }, () => {
  const guest = code('90 48 8d 47 04 c3');
  for (const mode of modes) {
    const harness = benchHarness({
      convention: 'sysv',
      signature: signature([i64], i64),
      arguments: [integerValue(4n)],
      bytes: guest,
      entry: 1,
      mode,
    });
    assert.deepEqual([...harness.bytes.subarray(0, guest.length)], [...guest]);
    const instructions = [...disassemble(harness.bytes)].filter(([at]) => at >= harness.entry);
    const texts = instructions.map(([, { text }]) => text.trim());
    assert.ok(!texts.some((text) => text.includes('(bad)')));
    const count = (pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length;
    assert.equal(count(/^rdtsc$/), 6, 'starts of the clock');
    assert.equal(count(/^rdtscp$/), 6 + 2, 'its stops, and the whole');
    assert.equal(count(/^call\s+0x1$/), 2, 'n and 2n calls of the guest');
    assert.equal(count(/^call/), 4, 'and of an empty function');
    assert.equal(count(/^ret$/), 1);
    const waits = texts.filter((text) => /^and\s+rax,QWORD PTR \[rsp/.test(text)).length;
    assert.equal(waits, mode === 'alone' ? 4 : 0);
  }
});

it('knows what can wait for what', () => {
  assert.equal(waitingOf(signature([i64], f64)), 'float');
  assert.equal(waitingOf(signature([f64], i64)), 'result');
  assert.equal(waitingOf(signature([], i64)), 'fence');
  assert.equal(waitingOf(signature([i64], nothing)), 'fence');
});

const plain = { ...request('c3'), arguments: [integerValue(0n)] };
const refusals: readonly (readonly [Partial<RunRequest>, RegExp | undefined])[] = [
  [{}, undefined],
  [{ abi: 'win64' }, undefined],
  [{ architecture: 'aarch64' }, /x86_64 only for now, and this is aarch64/],
  [{ fragment: [] }, /fragment/],
  [{ abi: 'cdecl' }, /cdecl/],
  [{ bytes: new Uint8Array(1 << 20) }, /bytes of code/],
  [
    {
      signature: signature(
        Array.from({ length: 64 }, () => i64),
        i64,
      ),
    },
    /64 parameters/,
  ],
];
for (const [change, reason] of refusals) {
  it(`${reason ? 'refuses' : 'takes'} ${Object.keys(change).join() || 'a function'}`, () => {
    const found = benchRefusal({ ...plain, ...change });
    if (reason) assert.match(found ?? '', reason);
    else assert.equal(found, undefined);
  });
}
