/** Calling conventions: the isolated runner's System V against koffi's, argument by argument; the rules of the others. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  mem,
  qword,
  r8,
  r9,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  x64,
  xmm0,
  xmm1,
  xmm2,
  xmm3,
} from '../../src/asm/x64.ts';
import { xmm4, xmm5, xmm6, xmm7 } from '../../src/asm/x64.ts';
import { placeArguments } from '../../src/jit/abi.ts';
import { jitFunction } from '../../src/jit/function.ts';
import type { Type } from '../../src/model/signature.ts';
import type { ArgumentValue } from '../../src/model/value.ts';
import { never, protectedClient, request } from './clientSetup.ts';
import {
  bool,
  bufferValue,
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
  u16,
  u32,
  u64,
  u8,
} from './functionTypes.ts';

const generalRegisters = [rdi, rsi, rdx, rcx, r8, r9] as const;
const vectorRegisters = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7] as const;
const registerWords = generalRegisters.length + vectorRegisters.length;

/** A function that writes its argument registers and so many words of stack arguments to its first argument. */
function dumpArguments(stackWords: number): Uint8Array {
  const f = x64();
  let at = 0;
  for (const register of generalRegisters) f.mov(qword(rdi, 8 * at++), register);
  for (const register of vectorRegisters) f.movq(qword(rdi, 8 * at++), register);
  f.mov(rcx, stackWords);
  f.lea(rsi, mem(rsp, 8));
  f.lea(rdi, mem(rdi, 8 * at));
  f.rep.movsq();
  f.ret();
  return f.bytes();
}

interface Given {
  readonly type: Type;
  readonly value: ArgumentValue;
}

const integers: readonly Type[] = [i8, i16, i32, i64, u8, u16, u32, u64];
const given: fc.Arbitrary<Given> = fc.oneof(
  fc.record({
    type: fc.constantFrom(...integers),
    value: fc.bigInt(-(1n << 63n), (1n << 64n) - 1n).map(integerValue),
  }),
  fc.record({ type: fc.constant(bool), value: fc.constantFrom(0n, 1n).map(integerValue) }),
  fc.record({
    type: fc.constantFrom<Type>(f32, f64),
    value: fc.double({ noNaN: true }).map(floatValue),
  }),
);

describe('System V', { skip: !(runsHere && process.platform === 'linux'), timeout: 60_000 }, () => {
  const jit = protectedClient();
  after(() => jit.dispose());

  it('passes what koffi passes: every register and stack slot of random signatures', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(given, { maxLength: 24 }), async (more) => {
        const shape = signature([mutBytes, ...more.map(({ type }) => type)], nothing);
        const words = carried(more);
        const slots = words.filter(({ word }) => word >= registerWords).length;
        const code = dumpArguments(slots);
        const size = 8 * (registerWords + slots);
        const buffer = bufferValue(Array.from({ length: size }, () => 0));
        const values = [buffer, ...more.map(({ value }) => value)];
        using inProcess = jitFunction(shape, code);
        const [expected] = inProcess.call(values).buffers;
        const result = await jit.run(
          { ...request('c3'), signature: shape, bytes: code, arguments: values },
          never,
        );
        assert.equal(result.outcome, 'returned');
        assert.ok(result.outcome === 'returned');
        const [found] = result.buffers;
        for (const { word, bits } of words) {
          const of = (bytes: Uint8Array | undefined): bigint =>
            BigInt.asUintN(bits, wordAt(bytes, word));
          assert.equal(of(found?.after), of(expected?.after), `word ${word}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** A word of the dump that carries an argument, and how many of its bits do. */
interface Carried {
  readonly word: number;
  readonly bits: number;
}

/** Words of the dump that carry arguments behind the first, which is the buffer: others hold what the caller happened to have. */
function carried(more: readonly Given[]): readonly Carried[] {
  let general = 1;
  let vectors = 0;
  let slots = 0;
  return more.map(({ type }) => {
    const bits = type.kind === 'float' ? type.bits : 64;
    const isFloat = type.kind === 'float';
    const file = isFloat ? vectorRegisters : generalRegisters;
    const used = isFloat ? vectors++ : general++;
    if (used >= file.length) return { word: registerWords + slots++, bits };
    return { word: isFloat ? generalRegisters.length + used : used, bits };
  });
}

function wordAt(bytes: Uint8Array | undefined, word: number): bigint {
  assert.ok(bytes);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8 * word, true);
}

describe('where arguments go', () => {
  const top = 0x10_0000n;
  const vector: ArgumentValue = {
    kind: 'vector',
    bytes: Uint8Array.from({ length: 16 }, (_, i) => i),
  };
  const place = (
    convention: 'sysv' | 'win64' | 'aapcs64',
    types: readonly Type[],
    values: readonly ArgumentValue[],
  ) => placeArguments(convention, signature(types, nothing), values, () => undefined, top);
  const many = Array.from({ length: 10 }, (_, index) => integerValue(BigInt(index + 1)));
  const tenLongs = many.map(() => i64);

  it('win64: by position, with 32 bytes for the callee below the fifth', () => {
    const frame = place(
      'win64',
      [i64, f64, i64, f32, i64],
      [integerValue(1n), floatValue(2), integerValue(3n), floatValue(4), integerValue(5n)],
    );
    assert.deepEqual(
      [...frame.general],
      [
        [1, 1n],
        [8, 3n],
      ],
    );
    assert.deepEqual([...frame.vectors.keys()], [1, 3]);
    assert.equal(frame.stack.length, 48);
    assert.equal(wordAt(frame.stack, 4), 5n);
  });

  it('win64: a SIMD value by the address of a copy, aligned to 16', () => {
    const frame = place('win64', [f32x4], [vector]);
    assert.deepEqual([...frame.general], [[1, top - 16n]]);
    assert.deepEqual(frame.stack.slice(-16), vector.kind === 'vector' ? vector.bytes : undefined);
  });

  it('aapcs64: eight of each, the rest in slots of 8 bytes', () => {
    const frame = place('aapcs64', tenLongs, many);
    assert.deepEqual([...frame.general.keys()], [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual([wordAt(frame.stack, 0), wordAt(frame.stack, 1)], [9n, 10n]);
    assert.equal(frame.stack.length, 16);
  });

  it('sysv: a SIMD value beyond the eighth lies at a multiple of 16', () => {
    const types: Type[] = [...tenLongs.slice(0, 7), ...Array.from({ length: 9 }, () => f32x4)];
    const frame = place('sysv', types, [
      ...many.slice(0, 7),
      ...Array.from({ length: 9 }, () => vector),
    ]);
    assert.equal(wordAt(frame.stack, 0), 7n);
    assert.equal(frame.stack.length, 32);
    assert.deepEqual(frame.stack.slice(16), vector.kind === 'vector' ? vector.bytes : undefined);
  });

  it('what does not suit its parameter is refused', () => {
    assert.throws(
      () => place('sysv', [f32x4], [integerValue(1n)]),
      /parameter 0, f32x4, cannot be given as integer/,
    );
    assert.throws(() => place('sysv', [i64], []), /cannot be given as nothing/);
  });
});
