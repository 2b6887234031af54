/** The same call gives the same addresses and the same result, byte for byte, unless it asks for time or chance. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { disassembler } from '../../../src/asm/disassembler.ts';
import { mem, rax, rdi, rsp, x64 } from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import type { RunRequest, RunResult } from '../../../src/model/run.ts';
import { bufferValue, i64, mutBytes, signature } from '../functionTypes.ts';
import { never, request } from '../clientSetup.ts';
import { isolatedHere, startRunner } from './setup.ts';

function withBuffer(bytes: Uint8Array): RunRequest {
  return {
    ...request('c3'),
    signature: signature([mutBytes], i64),
    arguments: [bufferValue(Array.from({ length: 64 }, (_, index) => index))],
    bytes,
    recordRegisters: true,
    timeoutMs: 20,
  };
}

/** All of a result but the time it took. */
function lasting(result: RunResult): unknown {
  return result.outcome === 'returned' ? { ...result, durationNs: 0n } : result;
}

describe('the same call', { skip: !isolatedHere, timeout: 60_000 }, () => {
  let runner: IsolatedRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner.dispose());

  it('has the same addresses, in this runner and in another', async () => {
    const f = x64();
    const here = f.label();
    f.bind(here);
    f.lea(rax, mem(here));
    f.xor(rax, rsp);
    f.xor(rax, rdi);
    f.ret();
    const first = await runner.run(withBuffer(f.bytes()), never);
    const other = await startRunner();
    assert.deepEqual(lasting(await other.run(withBuffer(f.bytes()), never)), lasting(first));
    other.dispose();
  });

  it('has the same result: 500 random programs, registers, buffers and faults', async () => {
    const { decode } = await disassembler('x86_64');
    let state = 42;
    const below = (most: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % most;
    };
    let compared = 0;
    for (let n = 0; n < 500; n++) {
      const bytes = Uint8Array.from({ length: 1 + below(24) }, () => below(256));
      const asked = withBuffer(bytes);
      const first = await runner.run(asked, never);
      // Where it was stuck when its time was up is a matter of time.
      if (first.outcome === 'timeout') continue;
      const isFlagged = decode(bytes).some(({ unpredictable }) => unpredictable !== undefined);
      const second = await runner.run(asked, never);
      if (isFlagged) continue;
      compared++;
      assert.deepEqual(lasting(second), lasting(first), Buffer.from(bytes).toString('hex'));
    }
    assert.ok(compared > 400, String(compared));
  });

  it('is flagged if it reads time, chance or the processor', async () => {
    const { decode } = await disassembler('x86_64');
    const flagged: readonly (readonly [string, string])[] = [
      ['rdtsc', '0f31'],
      ['rdtscp', '0f01f9'],
      ['rdrand eax', '0fc7f0'],
      ['rdseed eax', '0fc7f8'],
      ['rdpid rax', 'f30fc7f8'],
      ['cpuid', '0fa2'],
    ];
    for (const [name, hex] of flagged) {
      const [instruction] = decode(Buffer.from(hex, 'hex'));
      assert.ok(instruction?.unpredictable, name);
    }
    assert.equal(decode(Buffer.from('4889f8', 'hex'))[0]?.unpredictable, undefined);
  });
});
