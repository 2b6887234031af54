import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jitFunction } from '../../src/jit/function.ts';
import type { Type } from '../../src/model/signature.ts';
import { formatType, wrapInteger } from '../../src/model/signature.ts';
import type { ArgumentValue, ReturnValue } from '../../src/model/value.ts';
import {
  bool,
  bufferValue,
  code,
  constBytes,
  f32,
  f32x4,
  f64,
  floatValue,
  i16,
  i32,
  i64,
  i8,
  integerValue,
  mutBytes,
  nothing,
  runsHere,
  signature,
  str,
  u16,
  u32,
  u64,
  u8,
} from './functionTypes.ts';

// The comments are GNU as' Intel syntax; the bytes are what it made of them.
const addFour = code('48 8d 47 04 c3'); // lea rax, [rdi+4]; ret
const identity = code('48 89 f8 c3'); // mov rax, rdi; ret
const seventh = code('48 8b 44 24 08 c3'); // mov rax, [rsp+8]; ret
const identityFloat = code('c3'); // ret
const doubleOfBits = code('66 48 0f 6e c7 c3'); // movq xmm0, rdi; ret
const floatOfBits = code('66 0f 6e c7 c3'); // movd xmm0, edi; ret
const bitsOfDouble = code('66 48 0f 7e c0 c3'); // movq rax, xmm0; ret
const bitsOfFloat = code('66 0f 7e c0 c3'); // movd eax, xmm0; ret

/** Calls code once. */
function run(
  parameters: readonly Type[],
  result: Type,
  bytes: Uint8Array,
  values: readonly ArgumentValue[],
): ReturnValue {
  const f = jitFunction(signature(parameters, result), bytes);
  try {
    return f.call(values).value;
  } finally {
    f.dispose();
  }
}

function integerOf(value: ReturnValue): bigint {
  assert.equal(value.kind, 'integer');
  return value.value;
}

const integerTypes = [i8, i16, i32, i64, u8, u16, u32, u64] as const;

describe('a function of machine code', { skip: !runsHere }, () => {
  it('adds four to four', () => {
    const add = jitFunction(signature([i64], i64), addFour);
    assert.equal(add(4n), 8n);
    assert.equal(add(-5n), -1n);
    add.dispose();
  });

  it('says how long the call took', () => {
    const add = jitFunction(signature([i64], i64), addFour);
    const { durationNs } = add.call([integerValue(4n)]);
    assert.ok(durationNs > 0n && durationNs < 1_000_000_000n, `${durationNs} ns`);
    add.dispose();
  });

  it('starts at the entry', () => {
    const bytes = code('cc cc 48 8d 47 04 c3'); // int3; int3; lea rax, [rdi+4]; ret
    const add = jitFunction(signature([i64], i64), bytes, { entry: 2 });
    assert.equal(add(4n), 8n);
    add.dispose();
    for (const entry of [-1, 7, 0.5, Number.NaN]) {
      assert.throws(() => jitFunction(signature([i64], i64), bytes, { entry }), {
        name: 'RangeError',
        message: `the entry, offset ${entry}, does not lie in 7 bytes of code`,
      });
    }
    assert.throws(() => jitFunction(signature([], nothing), new Uint8Array()), /0 bytes of code/);
  });

  it('lives until it is disposed of, and not after', () => {
    const add = jitFunction(signature([i64], i64), addFour);
    for (let n = 0n; n < 1000n; n++) assert.equal(add(n), n + 4n);
    add.dispose();
    add.dispose();
    add[Symbol.dispose]();
    assert.throws(() => add(4n), /cannot be used: it was disposed of/);
    assert.throws(() => add.call([integerValue(4n)]), /cannot be used: it was disposed of/);
  });

  it('calls with the stack aligned to 16 bytes', () => {
    const misaligned = code('48 8d 44 24 08 83 e0 0f c3'); // lea rax, [rsp+8]; and eax, 15; ret
    for (let count = 0; count <= 12; count++) {
      const values = Array.from({ length: count }, () => integerValue(0n));
      const types = values.map(() => i64);
      assert.equal(integerOf(run(types, i64, misaligned, values)), 0n, `${count} parameters`);
    }
  });

  it('returns nothing from a function of void, whatever rax holds', () => {
    assert.deepEqual(run([], nothing, code('b8 02 01 00 00 c3'), []), { kind: 'void' });
  });
});

describe('integer arguments', { skip: !runsHere }, () => {
  // What the whole register holds, read as unsigned.
  const cases: readonly (readonly [type: Type, given: bigint, register: bigint])[] = [
    [i8, 0x7fn, 0x7fn],
    [i8, -1n, 0xffffffffffffffffn],
    [i8, 0x1ffn, 0xffffffffffffffffn],
    [u8, 0xffn, 0xffn],
    [u8, -1n, 0xffn],
    [i16, -2n, 0xfffffffffffffffen],
    [u16, 0xffffn, 0xffffn],
    [i32, -2147483648n, 0xffffffff80000000n],
    [u32, 0xffffffffn, 0xffffffffn],
    [u32, 0x123456789n, 0x23456789n],
    [i64, -1n, 0xffffffffffffffffn],
    [i64, -9223372036854775808n, 0x8000000000000000n],
    [i64, 9007199254740993n, 9007199254740993n],
    [u64, 0xffffffffffffffffn, 0xffffffffffffffffn],
    [u64, -1n, 0xffffffffffffffffn],
    [bool, 1n, 1n],
    [bool, 0n, 0n],
    [bool, 0x100n, 1n],
    [mutBytes, 0xffff800000000000n, 0xffff800000000000n],
    [str, 0n, 0n],
  ];
  for (const [type, given, register] of cases) {
    it(`${formatType(type)} ${given} is 0x${register.toString(16)} in register and stack slot`, () => {
      assert.equal(integerOf(run([type], u64, identity, [integerValue(given)])), register);
      const seven = [i64, i64, i64, i64, i64, i64, type];
      const values = [...Array.from({ length: 6 }, () => integerValue(-1n)), integerValue(given)];
      assert.equal(integerOf(run(seven, u64, seventh, values)), register);
    });
  }

  it('come back as they went in, for every type and value', () => {
    for (const type of integerTypes) {
      const f = jitFunction(signature([type], type), identity);
      fc.assert(
        fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (value) => {
          const wrapped = wrapInteger(value, type);
          assert.equal(integerOf(f.call([integerValue(value)]).value), wrapped);
        }),
      );
      f.dispose();
    }
  });
});

describe('integer results', { skip: !runsHere }, () => {
  const dirty = code('48 b8 0d f0 fe ca ef be ad de c3'); // movabs rax, 0xdeadbeefcafef00d; ret
  const dirtyZeroByte = code('48 b8 00 ff ff ff ff ff ff ff c3'); // movabs rax, 0xffffffffffffff00; ret
  const cases: readonly (readonly [bytes: Uint8Array, type: Type, value: bigint])[] = [
    [dirty, i8, 0x0dn],
    [dirty, u8, 0x0dn],
    [dirty, i16, -0xff3n],
    [dirty, u16, 0xf00dn],
    [dirty, i32, -0x35010ff3n],
    [dirty, u32, 0xcafef00dn],
    [dirty, i64, -0x2152411035010ff3n],
    [dirty, u64, 0xdeadbeefcafef00dn],
    [dirty, bool, 1n],
    [dirtyZeroByte, bool, 0n],
    [code('b8 00 01 00 00 c3'), bool, 0n], // mov eax, 0x100; ret
    [code('b8 02 01 00 00 c3'), bool, 1n], // mov eax, 0x102; ret
    [code('31 c0 c3'), bool, 0n], // xor eax, eax; ret
    [code('31 c0 c3'), i64, 0n],
  ];
  for (const [bytes, type, value] of cases) {
    it(`${Buffer.from(bytes).toString('hex')} returns ${formatType(type)} ${value}`, () => {
      assert.equal(integerOf(run([], type, bytes, [])), value);
    });
  }
});

describe('floats', { skip: !runsHere }, () => {
  const patterns: readonly (readonly [type: typeof f32 | typeof f64, bits: bigint])[] = [
    [f64, 0x0000000000000000n],
    [f64, 0x8000000000000000n], // -0
    [f64, 0x3ff8000000000000n],
    [f64, 0x0000000000000001n], // the smallest denormal
    [f64, 0x7ff0000000000000n],
    [f64, 0xfff0000000000000n],
    [f64, 0x7ff8000000000000n],
    [f64, 0xfff8000000001234n], // a NaN with sign and payload
    [f64, 0x7ff0000000000001n], // a signalling NaN
    [f64, 0xffffffffffffffffn],
    [f64, 0xfff7fffffff7ffffn], // V8's mark of a hole
    [f32, 0x00000000n],
    [f32, 0x80000000n],
    [f32, 0x3fc00000n],
    [f32, 0x00000001n],
    [f32, 0x7f800000n],
    [f32, 0xffc01234n],
    [f32, 0x7f800001n],
    [f32, 0xffffffffn],
  ];
  for (const [type, bits] of patterns) {
    it(`a returned ${formatType(type)} keeps its bits, 0x${bits.toString(16)}`, () => {
      const bytes = type.bits === 64 ? doubleOfBits : floatOfBits;
      const returned = run([u64], type, bytes, [integerValue(bits)]);
      assert.equal(returned.kind, 'float');
      assert.equal(returned.bits, bits);
      const view = new DataView(new ArrayBuffer(8));
      if (type.bits === 64) view.setBigUint64(0, bits);
      else view.setUint32(0, Number(bits));
      assert.equal(returned.value, type.bits === 64 ? view.getFloat64(0) : view.getFloat32(0));
    });
  }

  it('are passed bit by bit', () => {
    const cases: readonly (readonly [value: number, asDouble: bigint, asFloat: bigint])[] = [
      [1.5, 0x3ff8000000000000n, 0x3fc00000n],
      [-0, 0x8000000000000000n, 0x80000000n],
      [Number.NEGATIVE_INFINITY, 0xfff0000000000000n, 0xff800000n],
      [0.1, 0x3fb999999999999an, 0x3dcccccdn],
      [1e300, 0x7e37e43c8800759cn, 0x7f800000n],
    ];
    for (const [value, asDouble, asFloat] of cases) {
      assert.equal(integerOf(run([f64], u64, bitsOfDouble, [floatValue(value)])), asDouble);
      assert.equal(integerOf(run([f32], u32, bitsOfFloat, [floatValue(value)])), asFloat);
    }
    const nan = integerOf(run([f64], u64, bitsOfDouble, [floatValue(Number.NaN)]));
    assert.equal(nan & 0x7ff8000000000000n, 0x7ff8000000000000n);
  });

  it('are added', () => {
    const sums: readonly (readonly [type: Type, bytes: Uint8Array, sum: number])[] = [
      [f64, code('f2 0f 58 c1 c3'), 0.1 + 0.2], // addsd xmm0, xmm1; ret
      [f32, code('f3 0f 58 c1 c3'), Math.fround(Math.fround(0.1) + Math.fround(0.2))], // addss xmm0, xmm1; ret
    ];
    for (const [type, bytes, sum] of sums) {
      const add = jitFunction(signature([type, type], type), bytes);
      assert.equal(add(0.1, 0.2), sum);
      add.dispose();
    }
  });

  it('go on in the stack after the eighth', () => {
    const bytes = code('f2 0f 10 44 24 20 f2 0f 5c c7 c3'); // movsd xmm0, [rsp+32]; subsd xmm0, xmm7; ret
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5].map(floatValue);
    const types = values.map(() => f64);
    const returned = run(types, f64, bytes, values);
    assert.equal(returned.kind === 'float' && returned.value, 4.5);
  });

  it('pass through unchanged', () => {
    for (const type of [f32, f64]) {
      const f = jitFunction(signature([type], type), identityFloat);
      fc.assert(
        fc.property(type === f32 ? fc.float() : fc.double(), (value) => {
          assert.equal(f(value), value);
        }),
      );
      f.dispose();
    }
  });
});

describe('many parameters', { skip: !runsHere }, () => {
  it('of both kinds are counted apart', () => {
    // cvtsi2sd xmm2, rdi; addsd xmm0, xmm2; cvtsi2sd xmm2, esi; addsd xmm0, xmm2;
    // cvtss2sd xmm1, xmm1; addsd xmm0, xmm1; ret
    const bytes = code(
      'f2 48 0f 2a d7 f2 0f 58 c2 f2 0f 2a d6 f2 0f 58 c2 f3 0f 5a c9 f2 0f 58 c1 c3',
    );
    const sum = jitFunction(signature([i64, f64, i32, f32], f64), bytes);
    assert.equal(sum(1000n, 0.25, -7, 0.5), 993.75);
    sum.dispose();
  });

  it('up to twelve: 1·a + 2·b + … + 12·l', () => {
    // lea rax, [rdi+rsi*2]; lea rdx, [rdx+rdx*2]; add rax, rdx; lea rax, [rax+rcx*4];
    // lea r8, [r8+r8*4]; add rax, r8; imul r9, r9, 6; add rax, r9;
    // imul rcx, [rsp+8], 7; add rax, rcx; … imul rcx, [rsp+48], 12; add rax, rcx; ret
    const bytes = code(
      '48 8d 04 77 48 8d 14 52 48 01 d0 48 8d 04 88 4f 8d 04 80 4c 01 c0 4d 6b c9 06 4c 01 c8' +
        '48 6b 4c 24 08 07 48 01 c8 48 6b 4c 24 10 08 48 01 c8 48 6b 4c 24 18 09 48 01 c8' +
        '48 6b 4c 24 20 0a 48 01 c8 48 6b 4c 24 28 0b 48 01 c8 48 6b 4c 24 30 0c 48 01 c8 c3',
    );
    const types = Array.from({ length: 12 }, () => i64);
    const f = jitFunction(signature(types, i64), bytes);
    const given = [3n, 1n, 4n, 1n, -5n, 9n, 2n, 6n, 5n, 3n, -5n, 8n];
    const sum = given.reduce((total, value, index) => total + BigInt(index + 1) * value, 0n);
    assert.equal(f(...given), sum);
    f.dispose();
  });

  it('up to sixty-four, and no more', () => {
    const last = code('48 8b 84 24 d0 01 00 00 c3'); // mov rax, [rsp+0x1d0]; ret
    const values = Array.from({ length: 64 }, (_, index) => integerValue(BigInt(index)));
    const types = values.map(() => i64);
    assert.equal(integerOf(run(types, i64, last, values)), 63n);
    assert.throws(() => jitFunction(signature([...types, i64], i64), last), {
      name: 'RangeError',
      message: /at most 64 parameters/,
    });
  });
});

describe('buffers', { skip: !runsHere }, () => {
  // xor eax, eax; 1: test rsi, rsi; je 2f; dec rsi; movzx edx, byte ptr [rdi+rsi]; add rax, rdx;
  // inc byte ptr [rdi+rsi]; jmp 1b; 2: ret
  const sumAndBump = code('31 c0 48 85 f6 74 0f 48 ff ce 0f b6 14 37 48 01 d0 fe 04 37 eb ec c3');
  // xor eax, eax; 1: cmp byte ptr [rdi+rax], 0; je 2f; inc rax; jmp 1b; 2: ret
  const strlen = code('31 c0 80 3c 07 00 74 05 48 ff c0 eb f5 c3');
  // movzx eax, byte ptr [rsi]; mov byte ptr [rdi], al; mov byte ptr [rsi], 0; ret
  const moveByte = code('0f b6 06 88 07 c6 06 00 c3');

  it('are read and written, in memory of their own', () => {
    const f = jitFunction(signature([mutBytes, i64], i64), sumAndBump);
    const given = Uint8Array.of(1, 2, 255);
    const { value, buffers } = f.call([
      { kind: 'buffer', bytes: given, align: 1 },
      integerValue(3n),
    ]);
    assert.equal(integerOf(value), 258n);
    assert.deepEqual(buffers, [
      { parameter: 0, before: Uint8Array.of(1, 2, 255), after: Uint8Array.of(2, 3, 0) },
    ]);
    assert.deepEqual(given, Uint8Array.of(1, 2, 255));
    f.dispose();
  });

  it('called with bytes of JavaScript, change them', () => {
    const f = jitFunction(signature([mutBytes, i64], i64), sumAndBump);
    const bytes = Buffer.from([10, 20, 30, 40]);
    assert.equal(f(bytes.subarray(1), 2), 50n);
    assert.deepEqual([...bytes], [10, 21, 31, 40]);
    f.dispose();
  });

  it('are reported for parameters that point to mutable memory, in order', () => {
    const f = jitFunction(signature([mutBytes, constBytes], u8), moveByte);
    const { buffers } = f.call([bufferValue([1]), bufferValue([2])]);
    assert.deepEqual(buffers, [
      { parameter: 0, before: Uint8Array.of(1), after: Uint8Array.of(2) },
    ]);
    const both = jitFunction(signature([mutBytes, mutBytes], u8), moveByte);
    assert.deepEqual(both.call([bufferValue([1]), bufferValue([2])]).buffers, [
      { parameter: 0, before: Uint8Array.of(1), after: Uint8Array.of(2) },
      { parameter: 1, before: Uint8Array.of(2), after: Uint8Array.of(0) },
    ]);
    f.dispose();
    both.dispose();
  });

  it('are fresh for every call', () => {
    const f = jitFunction(signature([mutBytes, i64], i64), sumAndBump);
    const value = bufferValue([1, 1]);
    for (let n = 0; n < 3; n++) {
      assert.equal(integerOf(f.call([value, integerValue(2n)]).value), 2n);
    }
    f.dispose();
  });

  it('stand where their alignment says', () => {
    for (const align of [1, 2, 8, 64, 4096, 65536, 1 << 22]) {
      const secondAddress = code('48 89 f0 c3'); // mov rax, rsi; ret
      const values = [bufferValue([1, 2, 3]), bufferValue([4, 5], align)];
      const returned = run([mutBytes, mutBytes], mutBytes, secondAddress, values);
      assert.equal(returned.kind, 'address');
      assert.equal(returned.value % BigInt(align), 0n, `aligned to ${align}`);
      assert.deepEqual(returned.target, { parameter: 1, offset: 0, bytes: Uint8Array.of(4, 5) });
    }
    for (const align of [0, 3, -8, 1.5]) {
      assert.throws(
        () => run([mutBytes], nothing, code('c3'), [bufferValue([1], align)]),
        /aligned to a power of two/,
      );
    }
  });

  it('may be strings', () => {
    const f = jitFunction(signature([str], u64), strlen);
    assert.equal(f('hello'), 5n);
    assert.equal(f(''), 0n);
    assert.equal(f('ein Häuschen €'), 17n);
    assert.equal(f(Uint8Array.of(65, 66, 0, 67)), 2n);
    f.dispose();
  });

  it('may be large', () => {
    const f = jitFunction(signature([mutBytes, i64], i64), sumAndBump);
    const size = 1 << 20;
    const bytes = new Uint8Array(size).fill(1);
    assert.equal(f(bytes, size), BigInt(size));
    assert.ok(bytes.every((byte) => byte === 2));
    f.dispose();
  });
});

describe('returned addresses', { skip: !runsHere }, () => {
  const plusTwo = code('48 8d 47 02 c3'); // lea rax, [rdi+2]; ret
  const secondPlusOne = code('48 8d 46 01 c3'); // lea rax, [rsi+1]; ret
  const minusOne = code('48 8d 47 ff c3'); // lea rax, [rdi-1]; ret
  const first = bufferValue([10, 11, 12, 13]);
  const two = bufferValue([20, 21]);
  const cases: readonly (readonly [
    what: string,
    bytes: Uint8Array,
    values: readonly [ArgumentValue, ArgumentValue],
    target:
      | { readonly parameter: number; readonly offset: number; readonly bytes: Uint8Array }
      | undefined,
  ])[] = [
    ['a buffer', plusTwo, [first, two], { parameter: 0, offset: 2, bytes: Uint8Array.of(12, 13) }],
    [
      'the other',
      secondPlusOne,
      [first, two],
      { parameter: 1, offset: 1, bytes: Uint8Array.of(21) },
    ],
    ['its end', plusTwo, [two, first], { parameter: 0, offset: 2, bytes: new Uint8Array() }],
    ['past its end', plusTwo, [bufferValue([1]), two], undefined],
    ['before it', minusOne, [first, two], undefined],
    [
      'an empty one',
      identity,
      [bufferValue([]), two],
      { parameter: 0, offset: 0, bytes: new Uint8Array() },
    ],
    ['nowhere', identity, [integerValue(0n), two], undefined],
    ['an address that was passed', identity, [integerValue(0x1000n), integerValue(0n)], undefined],
  ];
  for (const [what, bytes, values, target] of cases) {
    it(`lead to ${what}`, () => {
      for (const type of [constBytes, mutBytes, str]) {
        const returned = run([type, type], type, bytes, values);
        assert.equal(returned.kind, 'address');
        assert.deepEqual(returned.target, target);
      }
    });
  }

  it('show the memory as it is after the call', () => {
    const store = code('c6 07 2a 48 89 f8 c3'); // mov byte ptr [rdi], 42; mov rax, rdi; ret
    const returned = run([mutBytes], constBytes, store, [bufferValue([1, 2])]);
    assert.deepEqual(returned.kind === 'address' && returned.target?.bytes, Uint8Array.of(42, 2));
  });

  it('are a bigint, null or text to JavaScript', () => {
    const skipTwo = jitFunction(signature([str], str), plusTwo);
    assert.equal(skipTwo('hello'), 'llo');
    assert.equal(skipTwo(0x1000), 0x1002n);
    skipTwo.dispose();
    const same = jitFunction(signature([mutBytes], mutBytes), identity);
    assert.equal(same(null), null);
    assert.equal(same(0xffffffffffffffffn), 0xffffffffffffffffn);
    assert.equal(typeof same('hello'), 'bigint');
    same.dispose();
  });
});

describe("JavaScript's own values", { skip: !runsHere }, () => {
  const rows: readonly (readonly [type: Type, given: unknown, back: unknown])[] = [
    [i8, 255, -1n],
    [i8, -128n, -128n],
    [u8, -1, 255n],
    [i32, true, 1n],
    [i64, 2 ** 53, 9007199254740992n],
    [u64, -1n, 0xffffffffffffffffn],
    [bool, true, true],
    [bool, false, false],
    [bool, 1, true],
    [bool, 0n, false],
  ];
  for (const [type, given, back] of rows) {
    it(`${formatType(type)} takes ${typeof given} ${String(given)} and gives ${String(back)}`, () => {
      const f = jitFunction(signature([type], type), identity);
      assert.equal(f(given as never), back);
      f.dispose();
    });
  }

  const wrong: readonly (readonly [type: Type, given: unknown, message: string])[] = [
    [i64, '4', 'argument 1 (#0: i64) takes an integer, not "4"'],
    [i64, 1.5, 'argument 1 (#0: i64) takes an integer, not 1.5'],
    [i64, null, 'argument 1 (#0: i64) takes an integer, not null'],
    [i64, Uint8Array.of(1, 2), 'argument 1 (#0: i64) takes an integer, not 2 bytes'],
    [i8, 256, '256 does not fit into 8 bits'],
    [u8, -129n, '-129 does not fit into 8 bits'],
    [f64, '1', 'argument 1 (#0: f64) takes a number, not "1"'],
    [bool, 2, 'argument 1 (#0: bool) takes a boolean, 0 or 1, not 2'],
    [
      mutBytes,
      undefined,
      'argument 1 (#0: *mut u8) takes bytes, a string, an address or null, not undefined',
    ],
    [str, true, 'argument 1 (#0: str) takes a string, bytes, an address or null, not true'],
  ];
  for (const [type, given, message] of wrong) {
    it(`${formatType(type)} does not take ${typeof given} ${String(given)}`, () => {
      const f = jitFunction(signature([type], nothing), code('c3'));
      assert.throws(() => f(given as never), { message });
      f.dispose();
    });
  }

  it('must be as many as there are parameters', () => {
    const f = jitFunction({ ...signature([i64, i64], nothing), name: 'add' }, code('c3'));
    assert.throws(() => f(1n), { name: 'TypeError', message: 'add takes 2 arguments, not 1' });
    assert.throws(() => f.call([]), { name: 'TypeError', message: 'add takes 2 arguments, not 0' });
    f.dispose();
    const one = jitFunction(signature([i64], nothing), code('c3'));
    assert.throws(() => one(), { message: 'the function takes 1 argument, not 0' });
    one.dispose();
  });
});

describe('fitted values', { skip: !runsHere }, () => {
  const wrong: readonly (readonly [type: Type, value: ArgumentValue, message: string])[] = [
    [i64, floatValue(1), 'argument 1 (#0: i64) cannot be given as float'],
    [f64, integerValue(1n), 'argument 1 (#0: f64) cannot be given as integer'],
    [i64, bufferValue([1]), 'argument 1 (#0: i64) cannot be given as buffer'],
    [f32, bufferValue([1]), 'argument 1 (#0: f32) cannot be given as buffer'],
    [mutBytes, floatValue(1), 'argument 1 (#0: *mut u8) cannot be given as float'],
    [
      i64,
      { kind: 'vector', bytes: new Uint8Array(16) },
      'argument 1 (#0: i64) cannot be given as vector',
    ],
  ];
  for (const [type, value, message] of wrong) {
    it(`of kind ${value.kind} do not suit ${formatType(type)}`, () => {
      assert.throws(() => run([type], nothing, code('c3'), [value]), {
        name: 'TypeError',
        message,
      });
    });
  }

  it('cannot be SIMD yet, nor void', () => {
    assert.throws(() => jitFunction(signature([f32x4], nothing), code('c3')), {
      message: 'SIMD values are not supported yet: f32x4 in (f32x4) -> void',
    });
    assert.throws(() => jitFunction(signature([], f32x4), code('c3')), /SIMD values are not/);
    assert.throws(() => jitFunction(signature([nothing], i64), code('c3')), /none of them void/);
  });
});
