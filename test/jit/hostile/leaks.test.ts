/** What a guest can see: nothing of the host. And what it can say: no record of its own, however wild, hurts the host. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { X64 } from '../../../src/asm/x64.ts';
import { dword, eax, ecx, edi, mem, qword, rax, rdi, rsi } from '../../../src/asm/x64.ts';
import {
  exitCodes,
  parts,
  recordKinds,
  result as resultFields,
} from '../../../src/jit/runner/layout.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import type { RunRequest } from '../../../src/model/run.ts';
import type { Type } from '../../../src/model/signature.ts';
import { protectedClient } from '../clientSetup.ts';
import {
  bool,
  constBytes,
  f32,
  f32x4,
  f64,
  i8,
  mutBytes,
  nothing,
  signature,
  str,
  u64,
} from '../functionTypes.ts';
import { childrenOf } from './fuzz.ts';
import {
  assertWorks,
  at,
  base,
  emit,
  endOf,
  inWords,
  isolatedHere,
  mapOf,
  never,
  ourCall,
  requestFor,
  startRunner,
} from './ground.ts';
import { randomFrom } from './random.ts';

/** Where this process has memory, which here is the host: first and last address of each mapping. */
function ofHost(): readonly (readonly [bigint, bigint])[] {
  return (mapOf('self') ?? []).map((line) => {
    const [from = '', to = ''] = line.split(' ')[0]?.split('-') ?? [];
    return [BigInt(`0x${from}`), BigInt(`0x${to}`)];
  });
}

/** The words of 8 bytes at any offset that are addresses of the host's. */
function addressesIn(bytes: Uint8Array): readonly string[] {
  const map = ofHost();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: string[] = [];
  for (let offset = 0; offset + 8 <= bytes.length; offset++) {
    const word = view.getBigUint64(offset, true);
    // Small numbers are addresses of programs that are not position independent, and of much else.
    if (word < 1n << 32n) continue;
    if (map.some(([from, to]) => word >= from && word < to))
      found.push(`${offset}: 0x${word.toString(16)}`);
  }
  return found;
}

/** Copies memory to the buffer that it is called with. */
function copyOut(f: X64, from: bigint, size: number): void {
  f.mov(rsi, from);
  f.mov(ecx, size);
  f.rep.movsb();
  f.mov(eax, 1);
  f.ret();
}

describe('what a guest sees', { skip: !isolatedHere }, () => {
  let runner: IsolatedRunner;
  before(async () => {
    runner = await startRunner();
    await assertWorks(runner, 'the start');
  });
  after(() => runner.dispose());

  for (const name of ['requests', 'results', 'childCode', 'alternateStack', 'stack'] as const) {
    it(`in ${name} is no address of the host`, async () => {
      // The very end of the stack is in use.
      const size = name === 'stack' ? parts.stack.size - 64 : parts[name].size;
      const code = emit((f) => copyOut(f, at(name), size));
      const result = await runner.run(
        requestFor(code, { timeoutMs: 2000, buffers: [size] }),
        never,
      );
      assert.equal(result.outcome, 'returned');
      const seen = result.buffers[0]?.after ?? new Uint8Array();
      assert.equal(seen.length, size);
      assert.deepEqual(addressesIn(seen), []);
      if (name === 'alternateStack' || name === 'stack')
        assert.ok(seen.every((byte) => byte === 0));
    });
  }

  it('around its buffer is nothing of the calls before', async () => {
    const secret: RunRequest = {
      ...requestFor(Uint8Array.of(0xc3), { buffers: [0, 0] }),
      arguments: [3 * 4096, 100].map((size) => {
        return { kind: 'buffer', bytes: new Uint8Array(size).fill(0x5a), align: 1 };
      }),
    };
    assert.equal((await runner.run(secret, never)).outcome, 'returned');
    // The rest of a page before a buffer, and after its guard page all that has room.
    const looks: readonly (readonly [from: bigint, size: number])[] = [
      [at('buffers'), 4096 - 2048],
      [at('buffers', 2 * 4096), 8 * 4096],
    ];
    for (const [from, size] of looks) {
      const code = emit((f) => {
        // All its words, put together.
        const next = f.label();
        f.mov(rsi, from);
        f.mov(ecx, size / 8);
        f.xor(eax, eax);
        f.bind(next);
        f.or(rax, qword(rsi));
        f.add(rsi, 8);
        f.loop(next);
        f.ret();
      });
      await runner.run(secret, never);
      const result = await runner.run(requestFor(code, { buffers: [2048] }), never);
      assert.equal(inWords(result), 'returned 0', `from ${from.toString(16)}`);
    }
  });

  it('in its registers is nothing but its own', async () => {
    const request: RunRequest = { ...requestFor(Uint8Array.of(0xcc)), fragment: [] };
    const result = await runner.run(request, never);
    assert.equal(result.outcome, 'returned');
    const own: readonly (string | undefined)[] = ['rip', 'rsp', 'rflags'];
    for (const [register, value] of Object.entries(result.registers ?? {})) {
      if (!own.includes(register)) assert.equal(value, 0n, register);
    }
    const { rsp = 0n, rip = 0n } = result.registers ?? {};
    assert.equal(rip, at('guest', 1));
    assert.ok(rsp > base && rsp < endOf('stack'));
  });
});

/** Types whose values are read in different ways. */
const resultTypes: readonly Type[] = [
  nothing,
  bool,
  i8,
  u64,
  f32,
  f64,
  f32x4,
  str,
  mutBytes,
  constBytes,
];
const pages = 300;

it('a record of random bytes is at worst a lie about itself', { skip: !isolatedHere }, async () => {
  using client = protectedClient();
  const { pid } = await client.ready();
  const runners = childrenOf(pid);
  const random = randomFrom(23);
  const outcomes = new Map<string, number>();
  for (let count = 0; count < pages; count++) {
    const isFault = random(2) === 0;
    // Sparse records keep some fields plausible.
    const dense = random(2) === 0;
    const record = Uint8Array.from({ length: parts.results.size }, () => {
      return dense || random(16) === 0 ? random(256) : 0;
    });
    const code = emit((f) => {
      const data = f.label();
      f.lea(rsi, mem(data));
      f.mov(rdi, at('results'));
      f.mov(ecx, record.length);
      f.rep.movsb();
      f.mov(rax, at('results'));
      f.mov(dword(rax, resultFields.kind), isFault ? recordKinds.fault : recordKinds.returned);
      const signals = [4, 5, 7, 8, 11, 14, 24, 31];
      if (random(4) > 0)
        f.mov(dword(rax, resultFields.signal), signals[random(signals.length)] ?? 0);
      f.mov(edi, isFault ? exitCodes.fault : exitCodes.returned);
      f.mov(eax, 231);
      f.mov(rsi, ourCall(231));
      f.jmp(rsi);
      f.align(16);
      f.bind(data);
      f.data(record);
    });
    const type = resultTypes[random(resultTypes.length)] ?? nothing;
    const request: RunRequest = {
      ...requestFor(code, { buffers: [32] }),
      signature: signature([mutBytes], type),
      // Without a convention to keep, what is forged is read to its end.
      fragment: random(3) === 0 ? [] : undefined,
    };
    const fragmentOnly: RunRequest = request.fragment
      ? { ...request, signature: signature([], nothing), arguments: [] }
      : request;
    const result = await client.run(fragmentOnly, never);
    const kind =
      result.outcome === 'refused' ? result.reason.replace(/ \(.*/s, '') : result.outcome;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    assert.doesNotMatch(kind, /host/, `page ${count}: ${kind}`);
  }
  console.log(
    `${pages} forged records: ${[...outcomes].map(([name, count]) => `${name} ${count}`).join(', ')}`,
  );
  await assertWorks(client, 'forged records');
  assert.equal((await client.ready()).pid, pid, 'the host is the same');
  assert.deepEqual(childrenOf(pid), runners, 'the runner is the same');
});
