/**
 * The check of comments on AArch64: as study.test.ts, over objdump's listing. Needs the packages
 * binutils-aarch64-linux-gnu and libc6-arm64-cross.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disassembler } from '../../../src/asm/disassembler.ts';
import { chunks, objdumpAarch64 } from './listing.ts';
import { aarch64Vocabulary } from './mutate.ts';
import { alarms, study } from './study.ts';
import { skipComparison } from '../../tools.ts';

test('true and changed comments: aarch64', { skip: skipComparison }, async (context) => {
  const decoder = await disassembler('aarch64');
  const found = chunks('/usr/aarch64-linux-gnu/lib', ['libc.so.6', 'libm.so.6', 'libmvec.so.1']);
  study(context, decoder, aarch64Vocabulary, found.map(objdumpAarch64));
});

/** Bytes, a true comment. */
const right: readonly (readonly [bytes: string, comment: string])[] = [
  ['e0 03 01 aa', 'mov x0, x1'],
  ['e0 03 01 aa', 'orr x0, xzr, x1'],
  ['20 00 80 d2', 'mov x0, #1'],
  ['20 00 80 d2', 'movz x0, 1'],
  ['00 00 80 92', 'mov x0, #-1'],
  ['00 00 80 92', 'movn x0, #0'],
  ['00 04 00 91', 'add x0, x0, 1   // next'],
  ['1f 00 01 eb', 'cmp x0, x1'],
  ['1f 00 01 eb', 'subs xzr, x0, x1'],
  ['fd 7b bf a9', 'stp x29, x30, [sp, #-16]!'],
  ['fd 7b bf a9', 'stp fp, lr, [sp, -0x10]!'],
  ['fd 7b c1 a8', 'ldp x29, x30, [sp], #16'],
  ['20 00 40 f9', 'ldr x0, [x1]'],
  ['20 00 40 f9', 'ldr x0, [x1, #0]'],
  ['20 00 40 f9', 'ldr x0, [x1, offset]'],
  ['20 80 5f f8', 'ldr x0, [x1, #-8]'],
  ['40 00 00 54', 'b.eq done'],
  ['40 00 00 54', 'beq .+8'],
  ['c3 ff ff 54', 'b.lo again'],
  ['c3 ff ff 54', 'blo again'],
  ['00 00 00 94', 'bl malloc'],
  ['e0 17 9f 1a', 'cset w0, eq'],
  ['e0 17 9f 1a', 'csinc w0, wzr, wzr, ne'],
  ['00 7c 01 9b', 'mul x0, x0, x1'],
  ['c0 03 5f d6', 'ret'],
  ['c0 03 5f d6', 'ret x30'],
  ['c0 03 5f d6', 'return to the caller'],
  ['1f 20 03 d5', 'nop'],
  ['01 00 00 d4', 'svc #0'],
  ['01 00 00 d4', 'svc 0 ; write'],
  ['00 04 00 91', 'add 1 to x0'],
  ['00 04 00 91', 'and x0 grows'],
];

/** Bytes, a wrong comment. */
const wrong: readonly (readonly [bytes: string, comment: string])[] = [
  ['e0 03 01 aa', 'mov x1, x0'],
  ['e0 03 01 aa', 'mov w0, w1'],
  ['20 00 80 d2', 'mov x0, #2'],
  ['1f 00 01 eb', 'cmp x1, x0'],
  ['fd 7b bf a9', 'stp x29, x30, [sp, #-16]'],
  ['20 00 40 f9', 'ldr x0, [x1, #8]'],
  ['20 00 40 f9', 'str x0, [x1]'],
  ['40 00 00 54', 'b.ne done'],
  ['40 00 00 54', 'b.eq .+12'],
  ['00 00 00 94', 'blr x0'],
  ['e0 17 9f 1a', 'cset w0, ne'],
  ['c0 03 5f d6', 'nop'],
];

test('aarch64: case by case', async () => {
  const decoder = await disassembler('aarch64');
  const one = ([hex, text]: readonly [string, string]) => ({
    address: 0,
    bytes: Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    text,
  });
  for (const line of right) assert.deepEqual(alarms(decoder, [one(line)]), [], line[1]);
  for (const line of wrong) assert.equal(alarms(decoder, [one(line)]).length, 1, line[1]);
});
