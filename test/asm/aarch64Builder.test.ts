/** Labels, data, padding, addresses, and what the AArch64 emitter refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  aarch64,
  at,
  lsl,
  post,
  pre,
  sp,
  sxtw,
  uxtw,
  w0,
  w1,
  x0,
  x1,
  x2,
  d0,
  s0,
  v0,
  wzr,
  type AArch64,
} from '../../src/asm/aarch64.ts';
import { bitmaskOf } from '../../src/asm/aarch64/immediate.ts';
import { assemble } from './aarch64Gnu.ts';
import * as types from './aarch64Types.ts';
import { skipComparison } from '../tools.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a program emits, and the same in GNU as' language. */
const programs: readonly (readonly [string, (f: AArch64) => void, readonly string[]])[] = [
  [
    'a loop with forward and backward branches',
    (f) => {
      const [loop, done] = [f.label('loop'), f.label('done')];
      f.bind(loop);
      f.cbz(x1, done);
      f.sub(x1, x1, 1);
      f.b(loop);
      f.bind(done);
      f.ret();
    },
    ['loop: cbz x1, done', 'sub x1, x1, #1', 'b loop', 'done: ret'],
  ],
  [
    'literals and addresses of data',
    (f) => {
      const [value, address] = [f.label('value'), f.label('address')];
      f.ldr(x0, value);
      f.adr(x1, address);
      f.adrp(x2, value);
      f.ret();
      f.align(8);
      f.bind(value);
      f.dq(0x1122334455667788n);
      f.bind(address);
      f.dd(-1, 0x80000000);
      f.dh(0xffff);
      f.db(1, -1);
    },
    [
      'ldr x0, value',
      'adr x1, address',
      '.inst 0x90000002',
      'ret',
      '.balign 8',
      'value: .xword 0x1122334455667788',
      'address: .word -1, 0x80000000',
      '.hword 0xffff',
      '.byte 1, -1',
    ],
  ],
  [
    'padding with words, also from the middle of one',
    (f) => {
      f.db(1);
      f.align(16, 0xd4200000);
      f.nop();
      f.org(24, 0xd4200000);
    },
    ['.byte 1, 0, 0x20, 0xd4', '.rept 3', 'brk #0', '.endr', 'nop', 'brk #0'],
  ],
];

describe('programs', { skip: skipComparison }, () => {
  for (const [name, emit, lines] of programs) {
    it(name, () => {
      const f = aarch64();
      emit(f);
      assert.equal(hex(f.bytes()), hex(assemble(lines)));
    });
  }
});

describe('labels', () => {
  it('addresses count from the base', () => {
    const f = aarch64({ base: 0x12345678000n });
    const label = f.label();
    f.adrp(x0, label);
    f.dd(0);
    f.org(0x3008);
    f.bind(label);
    f.dq(label);
    const view = new DataView(f.bytes().buffer);
    assert.equal(view.getBigUint64(0x3008, true), 0x1234567b008n);
    // immlo 3, immhi 0: three pages on.
    assert.equal(view.getUint32(0, true), 0xf0000000);
  });

  it('adrp counts pages from the page of the instruction', () => {
    const f = aarch64({ base: 0x10000ffcn });
    const label = f.label();
    f.adrp(x0, label);
    f.bind(label);
    assert.equal(hex(f.bytes()), '000000b0');
  });

  it('symbols are numbered where a name comes twice', () => {
    const f = aarch64();
    for (const name of ['a', 'b', 'a']) {
      f.bind(f.label(name));
      f.nop();
    }
    assert.deepEqual(Object.fromEntries(f.symbols()), { a: 0, b: 4, 'a.2': 8 });
  });
});

/** What is refused, and the message. JavaScript has no types to refuse it before. */
const refused: readonly (readonly [(f: AArch64) => void, RegExp])[] = [
  [(f) => f.add(x0, x1, 4097), /^RangeError: add x0, x1, #4097: 4097 is neither from 0 to 4095/],
  [(f) => f.add(x0, x1, -1), /-1 is neither from 0 to 4095/],
  [(f) => f.add(x0, x1, 0x1000, 12), /beyond 4095 takes no shift/],
  [(f) => f.add(x0, x1, 1.5), /1\.5 is no whole number/],
  [(f) => f.add(x0, x1, 1, 3), /the shift is 0 or 12, not 3/],
  [(f) => f.add(w0, w0, w1, lsl(32)), /the shift is from 0 to 31, not 32/],
  [(f) => f.add(x0, sp, w1, uxtw(5)), /the shift after an extension is from 0 to 4, not 5/],
  [(f) => f.and(x0, x1, 5), /5 is no bitmask/],
  [(f) => f.and(x0, x1, 0), /0 is no bitmask/],
  [(f) => f.and(w0, w1, 0x1_0000_0000), /4294967296 does not fit 32 bits/],
  [(f) => f.mov(x0, 0x12345678), /movImm makes any/],
  [(f) => f.mov(x0, 2 ** 60), /beyond 2\^53.*give a bigint/],
  [(f) => f.movz(x0, 0x10000), /65536 is not from 0 to 65535/],
  [(f) => f.movz(w0, 1, 32), /the shift is 0, 16, not 32/],
  [(f) => f.lsl(w0, w1, 32), /32 is not from 0 to 31/],
  [(f) => f.ubfx(x0, x1, 60, 5), /5 is not from 1 to 4/],
  [(f) => f.ldr(x0, at(x1, 32768)), /the offset 32768 is not from 0 to 32760 in steps of 8; and/],
  [(f) => f.ldr(x0, at(x1, 257)), /the offset 257 .*; and the offset 257 is not from -256 to 255/],
  [(f) => f.ldr(x0, at(x1, x2, 2)), /the index is shifted by 0 or 3, not by 2/],
  [(f) => f.ldr(x0, pre(x1, 256)), /the offset 256 is not from -256 to 255/],
  [(f) => f.ldp(x0, x1, post(sp, 4)), /the offset 4 is not from -512 to 504 in steps of 8/],
  [(f) => f.ldrb(w0, at(x1, w1, sxtw(1))), /the index is shifted by 0, not by 1/],
  [(f) => f.tbz(w0, 32, f.label()), /32 is not from 0 to 31/],
  [(f) => f.fmov(d0, 0.1), /0\.1 is not ±/],
  [(f) => f.fcmp(s0, 1), /1 is not 0/],
  [(f) => f.movi(v0.d2, 0x0fn), /15 is not eight bytes of 0 or 255/],
  [(f) => f.svc(-1), /-1 is not from 0 to 65535/],
  [(f) => f.movImm(w0, 2 ** 32), /movImm w0: 4294967296 does not fit 32 bits/],
  [
    // @ts-expect-error on purpose: what JavaScript gets
    (f) => f.add(x0, w1, 4),
    /^TypeError: add x0, w1, #4: add takes Rd\|SP, Rn\|SP, #imm12, lsl12\?/,
  ],
  [(f) => f.b(aarch64().label('far')), /the label far is another builder's/],
  [(f) => f.org(8.5), /org 8\.5: no offset/],
  [(f) => f.align(24), /align 24: not a power of two/],
  [(f) => (f.nop(), f.org(0)), /org 0: the code is already at offset 4/],
  [(f) => (f.db(0), f.nop()), /nop: offset 1 is no multiple of 4; align first/],
  [(f) => (f.b(f.label('l')), f.bytes()), /b l: the label l is not bound/],
  [
    (f) => {
      const label = f.label('far');
      f.tbz(x0, 1, label);
      f.org(32768);
      f.bind(label);
      f.bytes();
    },
    /tbz x0, #1, far: far is 32768 bytes away, out of reach \(-32768 to 32764\)/,
  ],
  [
    (f) => {
      const label = f.label('odd');
      f.b(label);
      f.db(1);
      f.bind(label);
      f.bytes();
    },
    /odd is 5 bytes away, no multiple of 4/,
  ],
  [
    (f) => {
      const label = f.label('twice');
      f.bind(label);
      f.bind(label);
    },
    /the label twice is bound already/,
  ],
];

describe('refused', () => {
  for (const [act, message] of refused) {
    it(message.source, () =>
      assert.throws(
        () => act(aarch64()),
        (error) => message.test(String(error)),
      ),
    );
  }
});

describe('what the compiler refuses', () => {
  const act = (emit: (typeof types.refused)[number]): void => {
    const f = aarch64();
    emit(f, f.label());
  };
  for (const emit of types.taken) it(`${String(emit)} is taken`, () => act(emit));
  for (const emit of types.refused)
    it(`${String(emit)} throws`, () => assert.throws(() => act(emit)));
});

/** The value that a sequence of movz, movn, movk or one orr with a bitmask leaves, by the manual's pseudocode. */
function moved(bytes: Uint8Array, bits: 32 | 64): bigint {
  let value = 0n;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length; at += 4) {
    const word = view.getUint32(at, true);
    const shift = BigInt(16 * ((word >>> 21) & 3));
    const part = BigInt((word >>> 5) & 0xffff) << shift;
    const operation = (word >>> 23) & 0xff;
    if (operation === 0xa5) value = part;
    else if (operation === 0x25) value = BigInt.asUintN(bits, ~part);
    else if (operation === 0xe5) value = (value & ~(0xffffn << shift)) | part;
    else {
      const [n, immr, imms] = [(word >>> 22) & 1, (word >>> 16) & 63, (word >>> 10) & 63];
      value = bitmask(n, immr, imms, bits);
    }
  }
  return value;
}

/** DecodeBitMasks of the manual, without its checks. */
function bitmask(n: number, immr: number, imms: number, bits: number): bigint {
  const size = 1 << (31 - Math.clz32((n << 6) | (~imms & 0x3f)));
  const ones = (1n << BigInt((imms & (size - 1)) + 1)) - 1n;
  const by = BigInt(immr & (size - 1));
  const element = BigInt.asUintN(size, (ones >> by) | (ones << (BigInt(size) - by)));
  let value = 0n;
  for (let at = 0; at < bits; at += size) value |= element << BigInt(at);
  return value;
}

describe('values', () => {
  it('movImm leaves any value', () => {
    const parts = fc.array(
      fc.oneof(fc.constantFrom(0, 0xffff), fc.integer({ min: 0, max: 0xffff })),
      {
        minLength: 4,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(parts, fc.constantFrom(32 as const, 64 as const), (halfwords, bits) => {
        const value = BigInt.asUintN(
          bits,
          halfwords.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n),
        );
        const f = aarch64();
        f.movImm(bits === 64 ? x0 : w0, value);
        assert.equal(moved(f.bytes(), bits), value);
        assert.ok(f.bytes().length <= bits / 4);
      }),
    );
  });

  it('movImm takes no more instructions than it needs', () => {
    for (const [value, count] of [
      [0, 1],
      [-1, 1],
      [0x1234, 1],
      [0x12340000, 1],
      [-0x1235, 1],
      [0x5555555555555555n, 1],
      [0x0000ffff0000ffffn, 1],
      [0x12345678, 2],
      [-0x12345678, 2],
      [0xffff1234ffff5678n, 2],
      [0x123456789abcn, 3],
      [0x123456789abcdef0n, 4],
    ] as const) {
      const f = aarch64();
      f.movImm(x0, value);
      assert.equal(f.bytes().length / 4, count, `${value}`);
    }
  });

  it('exactly the 5334 bitmasks of 64 bits and the 1302 of 32 are encoded, and decode to themselves', () => {
    for (const [bits, count] of [
      [64, 5334],
      [32, 1302],
    ] as const) {
      const all = new Set<bigint>();
      for (let n = 0; n <= (bits === 64 ? 1 : 0); n++) {
        for (let imms = 0; imms < 64; imms++) {
          const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
          // A run that fills its element is reserved.
          if (length < 1 || (imms & ((1 << length) - 1)) === (1 << length) - 1) continue;
          for (let immr = 0; immr < 1 << length; immr++) all.add(bitmask(n, immr, imms, bits));
        }
      }
      assert.equal(all.size, count);
      for (const value of all) {
        const found = bitmaskOf(value, bits);
        assert.ok(found);
        assert.equal(bitmask(found.n, found.immr, found.imms, bits), value);
      }
      for (const value of [0n, (1n << BigInt(bits)) - 1n, 5n, 0x12345678n]) {
        assert.equal(bitmaskOf(value, bits), undefined);
      }
    }
  });

  it('the zero register is no stack pointer', () => {
    const f = aarch64();
    f.mov(x0, sp);
    f.mov(w0, wzr);
    assert.equal(hex(f.bytes()), hex(assemble(['mov x0, sp', 'mov w0, wzr'])));
  });
});
