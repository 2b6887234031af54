/** The JIT host on AArch64, under QEMU, asked by a client on this machine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  aarch64,
  at,
  d0,
  d1,
  sp,
  v0,
  v1,
  w1,
  x0,
  x1,
  x19,
  x8,
  xzr,
  type AArch64,
} from '../../src/asm/aarch64.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { RunRequest, RunResult } from '../../src/model/run.ts';
import type { ArgumentValue } from '../../src/model/value.ts';
import {
  bufferValue,
  f32x4,
  floatValue,
  f64,
  i64,
  integerValue,
  mutBytes,
  signature,
} from '../jit/functionTypes.ts';
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

  it('gives every call a process of its own, and says why system calls are not filtered', async () => {
    assert.ok(client);
    const { protection } = await client.ready();
    assert.equal(protection.level, 'process');
    assert.match(protection.reason, /system calls are not filtered \(.*filter: error 38/); // ENOSYS
  });

  const ends: readonly (readonly [string, (f: AArch64) => void, RegExp])[] = [
    ['udf', (f) => f.udf(1), /^fault SIGILL illegal instruction at 0$/],
    [
      'brk',
      (f) => {
        f.nop();
        f.brk(1);
        f.ret();
      },
      /^fault SIGTRAP breakpoint at 4$/,
    ],
    [
      'a read of address 0',
      (f) => {
        f.mov(x0, xzr);
        f.ldr(x0, at(x0));
      },
      /^fault SIGSEGV address not mapped at 4$/,
    ],
    [
      'an endless loop',
      (f) => {
        const again = f.label();
        f.bind(again);
        f.b(again);
      },
      /^timeout at 0$/,
    ],
    ['the end of its bytes', (f) => f.nop(), /^end$/],
    [
      'a register that was to be kept',
      (f) => {
        f.mov(x19, xzr);
        f.ret();
      },
      /^abi x19$/,
    ],
    [
      'an exit',
      (f) => {
        f.mov(x0, 7);
        f.mov(x8, 94); // exit_group
        f.svc(0);
      },
      /^exited 7$/,
    ],
  ];
  for (const [what, emit, expected] of ends) {
    it(`tells of ${what}, and the runner goes on`, async () => {
      const before = await client?.ready();
      const result = await run(request(emit, { timeoutMs: 1500 }));
      assert.match(inWords(result), expected);
      assert.deepEqual(await client?.ready(), before);
    });
  }

  it('passes what the registers do not hold on the stack, and SIMD values', async () => {
    const ten = Array.from({ length: 10 }, (_, index) => integerValue(BigInt(index + 1)));
    const sum = request(
      (f) => {
        f.ldr(x1, at(sp));
        f.ldr(x8, at(sp, 8));
        f.add(x0, x1, x8);
        f.ret();
      },
      {
        signature: signature(
          ten.map(() => i64),
          i64,
        ),
        arguments: ten,
      },
    );
    assert.ok(returned(19n, await run(sum)));
    const lanes = (...values: readonly number[]): ArgumentValue => ({
      kind: 'vector',
      bytes: new Uint8Array(Float32Array.from(values).buffer),
    });
    const added = await run(
      request(
        (f) => {
          f.fadd(v0.s4, v0.s4, v1.s4);
          f.ret();
        },
        {
          signature: signature([f32x4, f32x4], f32x4),
          arguments: [lanes(1, 2, 3, 4), lanes(10, 20, 30, 40)],
        },
      ),
    );
    assert.ok(added.outcome === 'returned' && added.value.kind === 'vector');
    assert.deepEqual([...new Float32Array(added.value.bytes.buffer)], [11, 22, 33, 44]);
  });

  it('copies buffers back, and ends them at a page that nobody may touch', async () => {
    const withBuffer = {
      signature: signature([mutBytes], i64),
      arguments: [bufferValue([1, 2, 3])],
    };
    const written = await run(
      request((f) => {
        f.mov(w1, 9);
        f.strb(w1, at(x0, 2));
        f.ret();
      }, withBuffer),
    );
    assert.ok(written.outcome === 'returned');
    assert.deepEqual(written.buffers[0]?.after, Uint8Array.of(1, 2, 9));
    const past = await run(
      request((f) => {
        f.ldrb(w1, at(x0, 3));
        f.ret();
      }, withBuffer),
    );
    assert.match(inWords(past), /^fault SIGSEGV address not mapped at 0$/);
  });
});

function inWords(result: RunResult): string {
  switch (result.outcome) {
    case 'fault':
      return `fault ${result.fault.signal} ${result.fault.code} at ${result.fault.offset}`;
    case 'timeout':
      return `timeout at ${result.stuck?.offset}`;
    case 'abi':
      return `abi ${result.register}`;
    case 'exited':
      return `exited ${result.status}`;
    default:
      return result.outcome;
  }
}
