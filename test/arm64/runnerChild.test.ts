/** A grandchild's code on AArch64: what it does to registers, memory and faults. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  at,
  d8,
  lr,
  lsl,
  pre,
  s0,
  sp,
  v31,
  w0,
  x0,
  x1,
  x16,
  x17,
  x19,
  x2,
  x9,
  type AArch64,
} from '../../src/asm/aarch64.ts';
import { keptGeneral } from '../../src/jit/abi.ts';
import { contextWords, stackPointer } from '../../src/jit/runner/aarch64/childCode.ts';
import * as layout from '../../src/jit/runner/layout.ts';
import { Arena, signals, vectorHalf, type Outcome, type Setting } from './arena.ts';
import { runUnderQemu } from './qemu.ts';

const { parts, result } = layout;

function register(record: DataView, number: number): bigint {
  return record.getBigUint64(result.registers + 8 * number, true);
}

function word(record: DataView, offset: number): bigint {
  return record.getBigUint64(offset, true);
}

function context(record: DataView, index: number): bigint {
  return word(record, result.context + 8 * index);
}

/** A test of one run of a guest. */
interface Case {
  readonly name: string;
  readonly guest: (f: AArch64) => void;
  readonly setting?: (arena: Arena) => Setting;
  readonly check: (outcome: Outcome, arena: Arena) => void;
}

const address = (arena: Arena, part: keyof typeof parts, offset = 0): bigint =>
  arena.base + BigInt(parts[part].offset + offset);

function checkFault(
  { exitCode, record }: Outcome,
  arena: Arena,
  signal: number,
  code: number | readonly number[],
  fault: bigint,
  pcOffset: number,
): void {
  assert.equal(exitCode, layout.exitCodes.fault);
  assert.equal(record.getInt32(result.kind, true), layout.recordKinds.fault);
  assert.equal(record.getInt32(result.signal, true), signal);
  assert.ok([code].flat().includes(record.getInt32(result.signal + 8, true)), 'si_code');
  assert.equal(word(record, result.signal + 16), fault, 'si_addr');
  assert.equal(context(record, contextWords.pc), address(arena, 'guest', pcOffset), 'pc');
}

const copySizes = [0, 1, 7, 8, 9, 64, 4097];

const cases: readonly Case[] = [
  {
    name: 'every register reaches the guest and comes back',
    guest: (f) => f.ret(),
    setting: () => ({ fpcr: 0x0040_0000n }),
    check({ exitCode, record }, arena) {
      assert.equal(exitCode, layout.exitCodes.returned);
      assert.equal(record.getInt32(result.kind, true), layout.recordKinds.returned);
      for (let number = 0; number < 30; number++) {
        const expected = number === 17 ? address(arena, 'guest') : keptGeneral(number);
        assert.equal(register(record, number), expected, `x${number}`);
      }
      const back = register(record, 30) - address(arena, 'childCode');
      assert.ok(back > 0n && back < BigInt(arena.codeBytes), `x30 is ${back} into the child code`);
      assert.equal(register(record, stackPointer), arena.stackPointer(0));
      for (let number = 0; number < 32; number++) {
        for (let half = 0; half < 2; half++) {
          const found = word(record, result.image + 16 * number + 8 * half);
          assert.equal(found, vectorHalf(number, half), `v${number}, half ${half}`);
        }
      }
      assert.equal(word(record, result.flags), 0n);
      assert.equal(word(record, result.vectorControl), 0x0040_0000n);
      assert.equal(word(record, result.x87Control), 0n);
      assert.ok(word(record, result.started) > 0n);
      assert.ok(word(record, result.ended) >= word(record, result.started));
    },
  },
  {
    name: 'what the guest changes is seen: registers, stack pointer, flags, control',
    guest(f) {
      f.movImm(x16, 0x1616);
      f.movImm(x17, 0x1717);
      f.movImm(x19, 0x1919);
      f.fmov(d8, 1);
      f.movi(v31.b16, 7);
      f.movImm(x0, 0x0100_0000);
      f.msr('fpcr', x0);
      f.fmov(s0, 1);
      f.sub(sp, sp, 16);
      f.mov(x0, 0);
      f.cmp(x0, 1);
      f.mov(x0, 5);
      f.ret();
    },
    check({ exitCode, record }, arena) {
      assert.equal(exitCode, layout.exitCodes.returned);
      assert.equal(register(record, 0), 5n);
      assert.equal(register(record, 16), 0x1616n);
      assert.equal(register(record, 17), 0x1717n);
      assert.equal(register(record, 19), 0x1919n);
      assert.equal(register(record, stackPointer), arena.stackPointer(0) - 16n);
      assert.equal(word(record, result.flags), 0x8000_0000n); // N
      assert.equal(word(record, result.vectorControl), 0x0100_0000n); // FZ
      assert.equal(word(record, result.image + 16 * 8), 0x3ff0_0000_0000_0000n);
      assert.equal(word(record, result.image + 16 * 8 + 8), 0n);
      assert.equal(word(record, result.image + 16 * 31 + 8), 0x0707_0707_0707_0707n);
    },
  },
  {
    name: 'stack arguments lie at the stack pointer',
    guest(f) {
      f.ldp(x0, x1, at(sp));
      f.ldr(x2, at(sp, 16));
      f.add(x0, x0, x1, lsl(8));
      f.add(x0, x0, x2, lsl(16));
      f.ret();
    },
    setting: () => ({ stack: [1n, 2n, 3n] }),
    check: ({ record }) => assert.equal(register(record, 0), 0x03_02_01n),
  },
  {
    name: 'buffers are copied out',
    guest(f) {
      f.movz(w0, 0xaa);
      f.strb(w0, at(x1));
      f.ret();
    },
    setting: (arena) => ({
      registers: { 1: address(arena, 'buffers') },
      buffers: Uint8Array.from({ length: 8192 }, (_, index) => index % 251),
      // One of no bytes ends the list: it comes last.
      copied: [...copySizes.slice(1), 0].map((size, index) => [
        address(arena, 'buffers'),
        address(arena, 'outgoing', 8192 * index),
        size,
      ]),
    }),
    check({ exitCode, read }) {
      assert.equal(exitCode, layout.exitCodes.returned);
      for (const [index, size] of copySizes.slice(1).entries()) {
        const expected = Uint8Array.from({ length: size }, (_, i) => (i === 0 ? 0xaa : i % 251));
        const found = read(parts.outgoing.offset + 8192 * index, size + 8);
        assert.deepEqual(found.subarray(0, size), expected, `${size} bytes`);
        assert.deepEqual(found.subarray(size), new Uint8Array(8), `after ${size} bytes`);
      }
    },
  },
  {
    name: 'a load from nowhere',
    guest(f) {
      f.mov(x1, 16);
      f.ldr(x0, at(x1));
      f.ret();
    },
    check(outcome, arena) {
      checkFault(outcome, arena, signals.segv, 1, 16n, 4);
      const { record } = outcome;
      assert.equal(context(record, contextWords.faultAddress), 16n);
      assert.equal(context(record, contextWords.x0 + 1), 16n);
      for (let number = 2; number < 30; number++) {
        const expected = number === 17 ? address(arena, 'guest') : keptGeneral(number);
        assert.equal(context(record, contextWords.x0 + number), expected, `x${number}`);
      }
      assert.equal(context(record, contextWords.sp), arena.stackPointer(0));
      for (let number = 0; number < 32; number++) {
        assert.equal(word(record, result.image + 16 * number), vectorHalf(number, 0), `v${number}`);
      }
      const esr = context(record, contextWords.esr);
      // 0x24 is a data abort from a lower exception level; kernels from 4.17 on and newer QEMUs tell it.
      if (esr !== 0n) assert.equal(esr >> 26n, 0x24n);
    },
  },
  {
    name: 'a store to the code',
    guest(f) {
      f.str(x0, at(x17));
      f.ret();
    },
    check: (outcome, arena) =>
      checkFault(outcome, arena, signals.segv, 2, address(arena, 'guest'), 0),
  },
  {
    name: 'a breakpoint',
    guest(f) {
      f.nop();
      f.brk(7);
    },
    check: (outcome, arena) =>
      checkFault(outcome, arena, signals.trap, 1, address(arena, 'guest', 4), 4),
  },
  {
    name: 'an undefined instruction',
    guest: (f) => f.udf(3),
    // ILL_ILLOPC, and from QEMU ILL_ILLOPN.
    check: (outcome, arena) =>
      checkFault(outcome, arena, signals.ill, [1, 2], address(arena, 'guest'), 0),
  },
  {
    name: 'a jump to nowhere',
    guest(f) {
      f.mov(x9, 0x1000);
      f.br(x9);
    },
    check({ exitCode, record }) {
      assert.equal(exitCode, layout.exitCodes.fault);
      assert.equal(record.getInt32(result.signal, true), signals.segv);
      assert.equal(context(record, contextWords.pc), 0x1000n);
    },
  },
  {
    name: 'recursion without end, on the alternate stack',
    guest(f) {
      const again = f.label();
      f.bind(again);
      f.stp(lr, x0, pre(sp, -4096 + 3584));
      f.bl(again);
    },
    check({ exitCode, record }, arena) {
      assert.equal(exitCode, layout.exitCodes.fault);
      assert.equal(record.getInt32(result.signal, true), signals.segv);
      const below = address(arena, 'stack') - word(record, result.signal + 16);
      assert.ok(below > 0n && below <= 512n, `${below} bytes below the stack`);
    },
  },
  {
    name: 'a stack pointer gone astray does not keep the record from being written',
    guest(f) {
      f.mov(x0, 16);
      f.mov(sp, x0);
      f.ret();
    },
    check({ exitCode, record }) {
      assert.equal(exitCode, layout.exitCodes.returned);
      assert.equal(register(record, stackPointer), 16n);
    },
  },
  {
    name: 'what is to be unmapped is gone when the guest runs',
    guest(f) {
      f.ldr(x0, at(x1));
      f.ret();
    },
    setting: (arena) => ({
      registers: { 1: address(arena, 'outgoing') },
      unmapped: [
        [address(arena, 'runnerCode'), parts.runnerCode.size],
        [address(arena, 'outgoing'), parts.outgoing.size],
      ],
    }),
    check: (outcome, arena) =>
      checkFault(outcome, arena, signals.segv, 1, address(arena, 'outgoing'), 0),
  },
  {
    name: 'where that fails, the guest does not run',
    guest: (f) => f.ret(),
    setting: (arena) => ({ unmapped: [[address(arena, 'outgoing', 1), 4096]] }),
    check({ exitCode, record }) {
      assert.equal(exitCode, layout.steps.childUnmap);
      assert.equal(record.getInt32(result.kind, true), 0);
    },
  },
];

if (process.arch === 'arm64') {
  describe("a grandchild's code", () => {
    const arena = new Arena();
    it('fits its page', () => assert.ok(arena.codeBytes <= parts.childCode.size));
    for (const { name, guest, setting, check } of cases) {
      it(name, () => check(arena.run(guest, setting?.(arena)), arena));
    }
    it('twenty different guests in the same place', (t) => {
      const started = performance.now();
      for (let n = 0; n < 20; n++) {
        const { record } = arena.run((f) => {
          f.movImm(x0, n * 1_000_003);
          f.ret();
        });
        assert.equal(register(record, 0), BigInt(n * 1_000_003));
      }
      t.diagnostic(`${((performance.now() - started) / 20).toFixed(2)} ms each`);
      t.diagnostic(`${arena.codeBytes} bytes of child code`);
    });
  });
} else {
  runUnderQemu("a grandchild's code, under QEMU", __filename, cases.length + 2);
}
