/** Values as they are shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatChanges } from '../../src/engine/format.ts';
import type { Type } from '../../src/model/signature.ts';

const i32: Type = { kind: 'integer', bits: 32, signed: true };
const f32: Type = { kind: 'float', bits: 32 };
const u8: Type = { kind: 'integer', bits: 8, signed: false };
const words = (...values: readonly number[]): Uint8Array =>
  new Uint8Array(Int32Array.from(values).buffer);

const shown: readonly (readonly [string, Uint8Array, Uint8Array, Type, number])[] = [
  ['[1, 2→-1, 3]', words(1, 2, 3), words(1, -1, 3), i32, 16],
  ['[1, 2, 3]', words(1, 2, 3), words(1, 2, 3), i32, 16],
  ['[]', words(), words(), i32, 16],
  ['[0→7, … 2 more]', Uint8Array.of(0, 0, 0), Uint8Array.of(7, 0, 9), u8, 1],
  [
    '[0.5→1.5]',
    new Uint8Array(Float32Array.of(0.5).buffer),
    new Uint8Array(Float32Array.of(1.5).buffer),
    f32,
    16,
  ],
];

for (const [text, before, after, type, most] of shown) {
  test(`what a call changed in memory: ${text}`, () => {
    assert.equal(formatChanges(before, after, type, most), text);
  });
}
