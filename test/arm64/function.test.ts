/**
 * The AArch64 emitter's code, run: on such a machine directly, elsewhere in a Node.js for AArch64 under QEMU, where this
 * file starts itself.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  aarch64,
  at,
  d0,
  d1,
  lr,
  lsl,
  post,
  pre,
  q0,
  q1,
  sp,
  v0,
  v1,
  w2,
  w3,
  x0,
  x1,
  x2,
  x29,
  x8,
  xzr,
  type AArch64,
} from '../../src/asm/aarch64.ts';
import { jitFunction, type JsValue } from '../../src/jit/function.ts';
import type { Type } from '../../src/model/signature.ts';
import { f64, i64, mutBytes, signature } from '../jit/functionTypes.ts';
import { runUnderQemu } from './qemu.ts';

/** A function: its types, its code, calls of it and what they give. */
interface Case {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  readonly emit: (f: AArch64) => void;
  readonly calls: readonly (readonly [values: readonly JsValue[], result: JsValue])[];
}

const cases: readonly Case[] = [
  {
    name: 'adds four',
    parameters: [i64],
    result: i64,
    emit(f) {
      f.add(x0, x0, 4);
      f.ret();
    },
    calls: [
      [[4n], 8n],
      [[-5n], -1n],
    ],
  },
  {
    name: 'counts in a loop',
    parameters: [i64],
    result: i64,
    emit(f) {
      const [loop, done] = [f.label(), f.label()];
      f.mov(x1, xzr);
      f.bind(loop);
      f.cbz(x0, done);
      f.add(x1, x1, x0);
      f.sub(x0, x0, 1);
      f.b(loop);
      f.bind(done);
      f.mov(x0, x1);
      f.ret();
    },
    calls: [
      [[10n], 55n],
      [[0n], 0n],
    ],
  },
  {
    name: 'calls itself, with a frame',
    parameters: [i64],
    result: i64,
    emit(f) {
      const [factorial, more] = [f.label(), f.label()];
      f.bind(factorial);
      f.cmp(x0, 1);
      f.b.gt(more);
      f.mov(x0, 1);
      f.ret();
      f.bind(more);
      f.stp(x29, lr, pre(sp, -32));
      f.mov(x29, sp);
      f.str(x0, at(sp, 16));
      f.sub(x0, x0, 1);
      f.bl(factorial);
      f.ldr(x1, at(sp, 16));
      f.mul(x0, x0, x1);
      f.ldp(x29, lr, post(sp, 32));
      f.ret();
    },
    calls: [[[10n], 3628800n]],
  },
  {
    name: 'makes values with movImm, literals and bitmasks',
    parameters: [i64],
    result: i64,
    emit(f) {
      const literal = f.label();
      f.movImm(x1, 0x1122334455667788n);
      f.ldr(x2, literal);
      f.eor(x1, x1, x2);
      f.orr(x1, x1, 0xff00ff00ff00ff00n);
      f.add(x0, x1, x0, lsl(1));
      f.ret();
      f.align(8);
      f.bind(literal);
      f.dq(0x1122334455667700n);
    },
    calls: [[[1n], BigInt.asIntN(64, 0xff00ff00ff00ff8an)]],
  },
  {
    name: 'selects',
    parameters: [i64, i64],
    result: i64,
    emit(f) {
      f.cmp(x0, x1);
      f.csel(x0, x0, x1, 'gt');
      f.cset(x2, 'lt');
      f.add(x0, x0, x2, lsl(8));
      f.ret();
    },
    calls: [
      [[3n, 2n], 3n],
      [[2n, 3n], 259n],
    ],
  },
  {
    name: 'computes in floating point',
    parameters: [f64, f64],
    result: f64,
    emit(f) {
      f.fmul(d0, d0, d0);
      f.fmul(d1, d1, d1);
      f.fadd(d0, d0, d1);
      f.fsqrt(d0, d0);
      f.fmov(d1, 0.5);
      f.fadd(d0, d0, d1);
      f.ret();
    },
    calls: [[[3, 4], 5.5]],
  },
  {
    name: 'adds vectors in memory',
    parameters: [mutBytes],
    result: i64,
    emit(f) {
      f.ldp(q0, q1, at(x0));
      f.add(v0.s4, v0.s4, v1.s4);
      f.str(q0, at(x0));
      f.ldr(w2, at(x0, 12));
      f.ldrb(w3, at(x0, x2));
      f.mov(x0, x2);
      f.ret();
    },
    calls: [[[Uint8Array.from({ length: 32 }, (_, index) => (index % 4 === 0 ? index : 0))], 40n]],
  },
  {
    name: 'stores exclusively',
    parameters: [mutBytes],
    result: i64,
    emit(f) {
      const again = f.label();
      f.bind(again);
      f.ldaxr(x1, at(x0));
      f.add(x8, x1, 1);
      f.stlxr(w2, x8, at(x0));
      f.cbnz(w2, again);
      f.ldr(x0, at(x0));
      f.ret();
    },
    calls: [[[Uint8Array.of(41, 0, 0, 0, 0, 0, 0, 0)], 42n]],
  },
];

if (process.arch === 'arm64') {
  describe('emitted code', () => {
    for (const { name, parameters, result, emit, calls } of cases) {
      it(name, () => {
        const f = aarch64();
        emit(f);
        using callable = jitFunction(signature(parameters, result), f.bytes());
        for (const [values, expected] of calls) assert.equal(callable(...values), expected);
      });
    }

    it('new code where other code was is what runs', () => {
      for (let n = 0; n < 100; n++) {
        const f = aarch64();
        f.movImm(x0, n * 1_000_003);
        f.ret();
        using callable = jitFunction(signature([], i64), f.bytes());
        assert.equal(callable(), BigInt(n * 1_000_003));
      }
    });
  });
} else {
  runUnderQemu('emitted code, under QEMU', __filename, cases.length + 1);
}
