/** The JIT host on AArch64, under QEMU, asked by a client on this machine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aarch64, at, d0, d1, x0, xzr, type AArch64 } from '../../src/asm/aarch64.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { RunRequest, RunResult } from '../../src/model/run.ts';
import { floatValue, f64, i64, integerValue, signature } from '../jit/functionTypes.ts';
import { hostPath, never, returned } from '../jit/clientSetup.ts';
import { arm64Node, skip } from './qemu.ts';

/** QEMU translates all of Node.js at every start. */
const startTimeoutMs = 60_000;

function request(emit: (f: AArch64) => void, more: Partial<RunRequest> = {}): RunRequest {
  const f = aarch64();
  emit(f);
  return {
    architecture: 'aarch64',
    abi: undefined,
    fragment: undefined,
    signature: signature([i64], i64),
    bytes: f.bytes(),
    entry: 0,
    arguments: [integerValue(4n)],
    recordRegisters: false,
    timeoutMs: 5000,
    ...more,
  };
}

describe('a host on AArch64', { skip, timeout: 15 * 60_000 }, () => {
  let client: JitClient | undefined;
  before(() => {
    client = new JitClient({ hostPath, execPath: arm64Node(), startTimeoutMs });
  });
  after(() => client?.dispose());
  const run = async (asked: RunRequest): Promise<RunResult> => {
    assert.ok(client);
    return client.run(asked, never);
  };

  it('adds four to four', async (t) => {
    const add = request((f) => {
      f.add(x0, x0, 4);
      f.ret();
    });
    const started = performance.now();
    assert.ok(returned(8n, await run(add)));
    t.diagnostic(`first call after ${(performance.now() - started).toFixed(0)} ms`);
    const again = performance.now();
    assert.ok(returned(8n, await run(add)));
    t.diagnostic(`second after ${(performance.now() - again).toFixed(1)} ms`);
  });

  it('passes floating-point numbers', async () => {
    const result = await run(
      request(
        (f) => {
          f.fadd(d0, d0, d1);
          f.ret();
        },
        { signature: signature([f64, f64], f64), arguments: [floatValue(1.5), floatValue(2)] },
      ),
    );
    assert.equal(result.outcome, 'returned');
    assert.ok(result.value.kind === 'float' && result.value.value === 3.5);
  });

  it('a crash is reported, and the next call is answered', async () => {
    const crash = await run(
      request((f) => {
        f.mov(x0, xzr);
        f.ldr(x0, at(x0));
        f.ret();
      }),
    );
    assert.equal(crash.outcome, 'fault');
    const next = await run(
      request((f) => {
        f.movImm(x0, 0x123456789an);
        f.ret();
      }),
    );
    assert.ok(returned(0x123456789an, next));
  });
});
