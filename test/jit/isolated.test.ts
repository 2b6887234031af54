/** Calls in a process of their own, through the client: what comes back, and what stays unharmed. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, describe, it } from 'node:test';
import * as asm from '../../src/asm/x64.ts';
import type { X64 } from '../../src/asm/x64.ts';
import type { RunRequest, RunResult } from '../../src/model/run.ts';
import { registerValue } from '../../src/model/registers.ts';
import {
  bool,
  bufferValue,
  constBytes,
  f32x4,
  floatValue,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  integerValue,
  mutBytes,
  nothing,
  signature,
  str,
  u8,
} from './functionTypes.ts';
import {
  eventually,
  guests,
  never,
  protectedClient,
  request,
  returned,
  runs,
} from './clientSetup.ts';

const linux = process.platform === 'linux' && process.arch === 'x64';
const { al, byte, dword, eax, ecx, mem, qword, r10, r11, r9, rax, rbp, rbx, rcx, rdi } = asm;
const { rdx, rsi, rsp, oword, xmm0, xmm1, xmm2, xmm3, xmm6 } = asm;

function bytesOf(build: (f: X64) => void): Uint8Array {
  const f = asm.x64();
  build(f);
  return f.bytes();
}

function asked(build: (f: X64) => void, more: Partial<RunRequest> = {}): RunRequest {
  return {
    ...request('c3'),
    signature: signature([], i64),
    arguments: [],
    timeoutMs: 200,
    bytes: bytesOf(build),
    ...more,
  };
}

/** A result without what differs from call to call or fills pages. */
function brief(result: RunResult): unknown {
  switch (result.outcome) {
    case 'returned':
      return result.value;
    case 'fault': {
      const { registers: _registers, ...fault } = result.fault;
      return fault;
    }
    case 'timeout':
      return { outcome: 'timeout', offset: result.stuck?.offset };
    case 'blocked':
      return { blocked: result.systemCall, offset: result.at?.offset, first: result.arguments[0] };
    default:
      return result;
  }
}

describe('a call in a process of its own', { skip: !linux, timeout: 60_000 }, () => {
  const jit = protectedClient();
  after(() => jit.dispose());
  const run = (wanted: RunRequest): Promise<RunResult> => jit.run(wanted, never);

  it('is protected in full here', async () => {
    const { protection } = await jit.ready();
    assert.equal(protection.level, 'isolated', protection.reason);
    assert.equal(protection.sandbox, 'strict');
    assert.ok(protection.runner && runs(protection.runner.pid));
  });

  const unmapped = { signal: 'SIGSEGV', code: 'address not mapped' };
  const outcomes: readonly (readonly [string, (f: X64) => void, unknown])[] = [
    [
      'a read of address 0',
      (f) => {
        f.xor(eax, eax);
        f.mov(rax, qword(rax));
      },
      { ...unmapped, access: 'read', address: 0n, offset: 2 },
    ],
    [
      'a write to address 8',
      (f) => {
        f.xor(eax, eax);
        f.mov(qword(rax, 8), rax);
      },
      { ...unmapped, access: 'write', address: 8n, offset: 2 },
    ],
    [
      'a jump to address 0',
      (f) => {
        f.xor(eax, eax);
        f.jmp(rax);
      },
      { ...unmapped, access: 'execute', address: 0n, offset: undefined },
    ],
    [
      'a write to its own code',
      (f) => {
        const here = f.label();
        f.bind(here);
        f.mov(byte(here), al);
      },
      {
        signal: 'SIGSEGV',
        code: 'protection',
        access: 'write',
        address: 0x1000_0010_0000n,
        offset: 0,
      },
    ],
    [
      'a privileged instruction',
      (f) => f.hlt(),
      {
        signal: 'SIGSEGV',
        code: 'general protection',
        access: undefined,
        address: undefined,
        offset: 0,
      },
    ],
    [
      'an undefined instruction',
      (f) => {
        f.nop();
        f.ud2();
      },
      {
        signal: 'SIGILL',
        code: 'illegal instruction',
        access: undefined,
        address: undefined,
        offset: 1,
      },
    ],
    [
      'a division by zero',
      (f) => {
        f.xor(ecx, ecx);
        f.div(ecx);
      },
      {
        signal: 'SIGFPE',
        code: 'integer divide error',
        access: undefined,
        address: undefined,
        offset: 2,
      },
    ],
    [
      'a breakpoint of its own, told at its first byte',
      (f) => {
        f.nop();
        f.int3();
        f.ret();
      },
      { signal: 'SIGTRAP', code: 'breakpoint', access: undefined, address: undefined, offset: 1 },
    ],
    [
      'the same in its long form',
      (f) => {
        f.nop();
        f.db(0xcd, 3);
        f.ret();
      },
      { signal: 'SIGTRAP', code: 'breakpoint', access: undefined, address: undefined, offset: 1 },
    ],
    [
      'an endless loop',
      (f) => {
        const again = f.label();
        f.nop();
        f.bind(again);
        f.jmp(again);
      },
      { outcome: 'timeout', offset: 1 },
    ],
    [
      'a system call',
      (f) => {
        f.mov(edi(), 7);
        f.mov(eax, 59);
        f.syscall();
      },
      { blocked: 'execve', offset: 10, first: 7n },
    ],
    [
      'a system call of 32-bit code',
      (f) => {
        f.mov(asm.ebx, 3);
        f.mov(eax, 11);
        f.int(0x80);
      },
      { blocked: 'execve', offset: 10, first: 3n },
    ],
    [
      'an unnamed system call',
      (f) => {
        f.mov(eax, 469);
        f.syscall();
      },
      { blocked: 'syscall 469', offset: 5, first: 0n },
    ],
    [
      'an exit',
      (f) => {
        f.mov(edi(), 3);
        f.mov(eax, 60);
        f.syscall();
      },
      { outcome: 'exited', status: 3 },
    ],
    ['the end of its bytes', (f) => f.nop(), { outcome: 'end' }],
    [
      'a register that was to be kept',
      (f) => {
        f.mov(rbx, 5);
        f.ret();
      },
      { outcome: 'abi', register: 'rbx', expected: 0x5afe_0000_5afe_0003n, found: 5n },
    ],
    [
      'a stack pointer that was to be kept',
      (f) => f.ret(16),
      { outcome: 'abi', register: 'rsp', expected: 0x1000_0050_0000n, found: 0x1000_0050_0010n },
    ],
    [
      'the direction flag left set',
      (f) => {
        f.std();
        f.ret();
      },
      { outcome: 'abi', register: 'df', expected: 0n, found: 0x400n },
    ],
  ];
  function edi(): typeof asm.edi {
    return asm.edi;
  }
  for (const [what, build, expected] of outcomes) {
    it(`tells of ${what}, and the next call is made by the same processes`, async () => {
      const before = await jit.ready();
      assert.deepEqual(brief(await run(asked(build))), expected);
      assert.ok(returned(8n, await run(request(guests.addFour, 4n))));
      assert.deepEqual(await jit.ready(), before);
    });
  }

  it('records every register at a fault', async () => {
    const result = await run(
      asked((f) => {
        for (const [index, register] of [rax, rcx, rdx, rbx, rbp, rsi, rdi, r9, r11].entries()) {
          f.mov(register, 0x1111 * (index + 1));
        }
        f.movq(xmm3, rax);
        f.ud2();
      }),
    );
    assert.ok(result.outcome === 'fault' && result.fault.registers);
    const { registers } = result.fault;
    for (const [index, name] of 'rax rcx rdx rbx rbp rsi rdi r9 r11'.split(' ').entries()) {
      assert.equal(registers[name], BigInt(0x1111 * (index + 1)), name);
    }
    assert.equal(registerValue('x86_64', registers, 'xmm3'), 0x1111n);
    assert.equal(registers['rip'], 0x1000_0010_0000n + BigInt(result.fault.offset ?? 0));
  });

  it('starts with clean registers, whatever the call before has left', async () => {
    const dirty = (f: X64): void => {
      for (const register of [rax, rcx, rdx, rsi, rdi, r9, r10, r11]) f.mov(register, -1);
      f.pcmpeqd(xmm0, xmm0);
      f.pcmpeqd(xmm2, xmm2);
      f.fld1();
      f.std();
      f.cld();
      f.ret();
    };
    await run(asked(dirty));
    const result = await run(asked((f) => f.ud2()));
    assert.ok(result.outcome === 'fault' && result.fault.registers);
    const kept = /^(?:rbx|rbp|r1[2-5])$/;
    for (const [name, value] of Object.entries(result.fault.registers)) {
      if (name === 'rsp' || name === 'rip' || name === 'rflags' || kept.test(name)) continue;
      assert.equal(value, 0n, name);
    }
  });

  it('runs at 1 MiB of stack, and not below', async () => {
    const touch = (below: number): ((f: X64) => void) => {
      return (f) => {
        f.mov(eax, dword(rsp, -below));
        f.ret();
      };
    };
    const most = (1 << 20) - 8;
    assert.equal((await run(asked(touch(most)))).outcome, 'returned');
    assert.deepEqual(brief(await run(asked(touch(most + 4)))), {
      ...unmapped,
      access: 'read',
      address: 0x1000_003f_fffcn,
      offset: 0,
    });
  });

  it('gives back floats bit by bit, bools by their low byte, integers by their width', async () => {
    const cases: readonly (readonly [(f: X64) => void, Partial<RunRequest>, unknown])[] = [
      [
        (f) => f.addsd(xmm0, xmm1),
        { signature: signature([f64, f64], f64), arguments: [floatValue(1.5), floatValue(2.25)] },
        { kind: 'float', value: 3.75, bits: 0x400e_0000_0000_0000n },
      ],
      [
        (f) => f.addss(xmm0, xmm1),
        { signature: signature([f32, f32], f32), arguments: [floatValue(0.1), floatValue(-0.1)] },
        { kind: 'float', value: 0, bits: 0n },
      ],
      [
        (f) => {
          f.mov(eax, 0x7fa0_0001);
          f.movd(xmm0, eax);
        },
        { signature: signature([], f32) },
        { kind: 'float', value: NaN, bits: 0x7fa0_0001n },
      ],
      [
        (f) => f.mov(eax, 0x100),
        { signature: signature([], bool) },
        { kind: 'integer', value: 0n },
      ],
      [
        (f) => f.mov(eax, 0xff80),
        { signature: signature([], i8) },
        { kind: 'integer', value: -128n },
      ],
      [
        (f) => f.mov(rax, rdi),
        { signature: signature([i16], i64), arguments: [integerValue(-2n)] },
        { kind: 'integer', value: -2n },
      ],
      [
        (f) => f.addps(xmm0, xmm1),
        {
          signature: signature([f32x4, f32x4], f32x4),
          arguments: [1, 2].map((lane) => ({
            kind: 'vector' as const,
            bytes: new Uint8Array(Float32Array.of(lane, lane * 2, lane * 3, lane * 4).buffer),
          })),
        },
        { kind: 'vector', bytes: new Uint8Array(Float32Array.of(3, 6, 9, 12).buffer) },
      ],
    ];
    for (const [build, more, expected] of cases) {
      const result = await run(
        asked((f) => {
          build(f);
          f.ret();
        }, more),
      );
      assert.deepEqual(brief(result), expected);
    }
  });

  it('reports buffers that can have changed, and follows a returned address into one', async () => {
    const result = await run(
      asked(
        (f) => {
          f.mov(byte(rdi, 1), 9);
          f.lea(rax, mem(rsi, 2));
          f.ret();
        },
        {
          signature: signature([mutBytes, constBytes], str),
          arguments: [bufferValue([1, 2, 3]), bufferValue([104, 105, 106, 0])],
        },
      ),
    );
    assert.ok(result.outcome === 'returned' && result.value.kind === 'address');
    assert.deepEqual(result.buffers, [
      { parameter: 0, before: Uint8Array.of(1, 2, 3), after: Uint8Array.of(1, 9, 3) },
    ]);
    assert.deepEqual(result.value.target, {
      parameter: 1,
      offset: 2,
      bytes: Uint8Array.of(106, 0),
    });
  });

  it('ends every buffer at a page that nobody may touch, and starts it where its alignment wants', async () => {
    const sizes = [1, 3, 16, 4095, 4096, 0];
    for (const [index, size] of sizes.entries()) {
      const register = [rdi, rsi, rdx, rcx, asm.r8, r9][index] ?? rdi;
      const past = (offset: number): RunRequest =>
        asked(
          (f) => {
            f.mov(al, byte(register, offset));
            f.ret();
          },
          {
            signature: signature(
              sizes.map(() => constBytes),
              u8,
            ),
            arguments: sizes.map((count) => bufferValue(Array.from({ length: count }, () => 7))),
          },
        );
      if (size > 0) assert.ok(returned(7n, await run(past(size - 1))), `the last of ${size}`);
      assert.equal((await run(past(size))).outcome, 'fault', `past ${size}`);
    }
    for (const align of [1, 8, 16, 64, 4096, 65_536]) {
      const result = await run(
        asked(
          (f) => {
            f.mov(rax, rdi);
            f.ret();
          },
          { signature: signature([constBytes], i64), arguments: [bufferValue([1, 2, 3], align)] },
        ),
      );
      assert.ok(result.outcome === 'returned' && result.value.kind === 'integer');
      assert.equal(result.value.value % BigInt(align), 0n, String(align));
    }
  });

  it('keeps nothing of a call: neither memory nor stack nor buffers', async () => {
    const spill = asked(
      (f) => {
        f.mov(rax, -1);
        f.mov(rcx, 512);
        f.rep.stosq();
        f.mov(qword(rsp, -512), rax);
        f.ret();
      },
      {
        signature: signature([mutBytes], nothing),
        arguments: [bufferValue(Array.from({ length: 4096 }, () => 1))],
      },
    );
    assert.equal((await run(spill)).outcome, 'returned');
    const look = asked(
      (f) => {
        f.mov(rax, qword(rsp, -512));
        f.or(rax, qword(rdi, -8));
        f.ret();
      },
      { signature: signature([constBytes], i64), arguments: [bufferValue([0, 0, 0, 0])] },
    );
    assert.deepEqual(brief(await run(look)), { kind: 'integer', value: 0n });
  });

  it('gives a fragment its registers and takes them at a return, a trap, or the end', async () => {
    for (const end of ['ret', 'trap', 'end'] as const) {
      const result = await run(
        asked(
          (f) => {
            f.add(rax, rbx);
            f.cmp(rax, 12);
            f.addps(xmm6, xmm6);
            if (end === 'ret') f.ret();
            if (end === 'trap') f.int3();
          },
          {
            signature: signature([], nothing),
            fragment: [
              { register: 'rax', value: 5n },
              { register: 'bl', value: 7n },
              { register: 'cf', value: 1n },
              { register: 'xmm6', value: 0x3f80_0000n },
            ],
          },
        ),
      );
      assert.ok(result.outcome === 'returned' && result.registers, end);
      const value = (name: string): bigint | undefined =>
        registerValue('x86_64', result.registers ?? {}, name);
      assert.deepEqual([value('rax'), value('ebx'), value('zf'), value('cf')], [12n, 7n, 1n, 0n]);
      assert.equal(value('xmm6'), 0x4000_0000n);
      assert.deepEqual([value('rbp'), value('r15')], [0n, 0n]);
    }
    const impossible = { fragment: [{ register: 'rip', value: 0n }] };
    assert.match(
      JSON.stringify(await run(asked((f) => f.ret(), impossible))),
      /cannot start with rip/,
    );
  });

  it('calls by the convention of Windows on request', async () => {
    const values = [1n, 2n, 3n, 4n, 5n, 6n].map(integerValue);
    const six = signature(
      Array.from({ length: 6 }, () => i64),
      i64,
    );
    const weighted = (f: X64): void => {
      // a + 2b + 3c + 4d + 5e + 6f, from rcx, rdx, r8, r9, and the stack above 32 bytes of the callee's own.
      f.mov(rax, rcx);
      for (const [index, from] of [rdx, asm.r8, r9, qword(rsp, 40), qword(rsp, 48)].entries()) {
        f.imul(r10, from, index + 2);
        f.add(rax, r10);
      }
      f.mov(qword(rsp, 32), rax);
      f.ret();
    };
    const windows = { abi: 'win64', signature: six, arguments: values } as const;
    assert.ok(returned(91n, await run(asked(weighted, windows))));
    const mixed = asked(
      (f) => {
        f.cvttsd2si(rax, xmm1); // The second argument, by its position.
        f.add(rax, rcx);
        f.add(rax, asm.r8);
        f.ret();
      },
      {
        abi: 'win64',
        signature: signature([i32, f64, i32], i64),
        arguments: [integerValue(1n), floatValue(20), integerValue(300n)],
      },
    );
    assert.ok(returned(321n, await run(mixed)));
    const byReference = asked(
      (f) => {
        f.movaps(xmm0, oword(rcx));
        f.addps(xmm0, oword(rdx));
        f.ret();
      },
      {
        abi: 'win64',
        signature: signature([f32x4, f32x4], f32x4),
        arguments: [1, 2].map((lane) => ({
          kind: 'vector' as const,
          bytes: new Uint8Array(Float32Array.of(lane, 0, 0, lane).buffer),
        })),
      },
    );
    assert.deepEqual(brief(await run(byReference)), {
      kind: 'vector',
      bytes: new Uint8Array(Float32Array.of(3, 0, 0, 3).buffer),
    });
    for (const [name, spoil] of [
      ['rdi', (f: X64) => f.mov(rdi, 1)],
      ['xmm6', (f: X64) => f.pcmpeqd(xmm6, xmm6)],
    ] as const) {
      const spoilt = (f: X64): void => {
        spoil(f);
        f.ret();
      };
      const result = await run(asked(spoilt, { abi: 'win64' }));
      assert.ok(result.outcome === 'abi' && result.register === name, name);
      assert.equal((await run(asked(spoilt))).outcome, 'returned', `${name} in System V`);
    }
  });

  it('is ended within 50 ms when it is not wanted any more, and the next one is made', async () => {
    const loop = asked(
      (f) => {
        const again = f.label();
        f.bind(again);
        f.jmp(again);
      },
      { timeoutMs: 10_000 },
    );
    const hosts = jit.hostPids;
    for (let count = 0; count < 5; count++) {
      const controller = new AbortController();
      const call = jit.run(loop, controller.signal);
      await new Promise((resolve) => setTimeout(resolve, 30));
      controller.abort(new Error('superseded'));
      await assert.rejects(call, /superseded/);
      assert.ok(returned(8n, await run(request(guests.addFour, 4n))));
    }
    assert.deepEqual(jit.hostPids, hosts, 'the host went on');
  });

  it('leaves no process when the client is disposed of', async () => {
    const mine = protectedClient();
    const { pid, protection } = await mine.ready();
    mine.dispose();
    for (const one of [pid, protection.runner?.pid ?? 0]) {
      assert.ok(await eventually(() => !runs(one)), String(one));
    }
  });
});

describe('what a guest may do', { skip: !linux, timeout: 60_000 }, () => {
  const hello = 'Grüße 👋\n';
  const say = (descriptor: number): RunRequest =>
    asked((f) => {
      const text = f.label();
      f.lea(rsi, mem(text));
      f.mov(asm.edx, Buffer.byteLength(hello));
      f.mov(asm.edi, descriptor);
      f.mov(eax, 1);
      f.syscall();
      f.ret();
      f.bind(text);
      f.data(Buffer.from(hello));
    });

  it('strict: nothing', async () => {
    using jit = protectedClient();
    const result = await jit.run(say(1), never);
    assert.equal(result.outcome, 'blocked');
    assert.equal(result.output, undefined);
  });

  it('output: write to standard output and error, which is captured, and to nothing else', async () => {
    using jit = protectedClient({ sandbox: 'output' });
    assert.equal((await jit.ready()).protection.level, 'isolated');
    for (const descriptor of [1, 2]) {
      const result = await jit.run(say(descriptor), never);
      assert.ok(returned(BigInt(Buffer.byteLength(hello)), result));
      assert.equal(Buffer.from(result.output ?? []).toString(), hello);
    }
    for (const descriptor of [0, 3, 4, 5]) {
      const result = await jit.run(say(descriptor), never);
      assert.equal(result.outcome, 'blocked');
    }
  });

  it('output: no more than its bound is kept, and the guest is not held up', async () => {
    using jit = protectedClient({ sandbox: 'output' });
    const flood = asked(
      (f) => {
        const again = f.label();
        f.bind(again);
        f.mov(rsi, rsp);
        f.and(rsi, -4096);
        f.sub(rsi, 4096);
        f.mov(asm.edx, 4096);
        f.mov(asm.edi, 1);
        f.mov(eax, 1);
        f.syscall();
        f.test(rax, rax);
        f.jns(again);
        f.ret();
      },
      { timeoutMs: 2000 },
    );
    const result = await jit.run(flood, never);
    assert.ok(returned(-11n, result)); // EAGAIN
    assert.equal(result.output?.length, 64 * 1024);
    assert.equal((await jit.run(say(1), never)).output?.length, Buffer.byteLength(hello));
  });

  it('off: whatever the user may, in a process of its own', async () => {
    using jit = protectedClient({ sandbox: 'off' });
    const { protection } = await jit.ready();
    assert.equal(protection.level, 'process');
    const getuid = asked((f) => {
      f.mov(eax, 102);
      f.syscall();
      f.ret();
    });
    assert.ok(returned(BigInt(process.getuid?.() ?? -1), await jit.run(getuid, never)));
    const exit = asked((f) => {
      f.mov(asm.edi, 3);
      f.mov(eax, 231);
      f.syscall();
    });
    assert.deepEqual(brief(await jit.run(exit, never)), {
      outcome: 'exited',
      status: 3,
      output: new Uint8Array(),
    });
    assert.ok(returned(8n, await jit.run(request(guests.addFour, 4n), never)));
    assert.equal(fs.existsSync(`/proc/${protection.runner?.pid}`), true);
  });
});
