/** What a call did to the registers, as it is shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedLines, unchangedLines } from '../../src/engine/registerChanges.ts';

test('changed registers first, with what they were; flags by name; vectors by lanes', () => {
  const before = {
    rax: 0n,
    rdi: 4n,
    rsp: 0x7000n,
    r12: 0x5afe00005afe000cn,
    rflags: 0x202n,
    zmm0: 0n,
    rip: 1n,
  };
  const after = {
    rax: -8n & ((1n << 64n) - 1n),
    rdi: 4n,
    rsp: 0x7000n,
    r12: 0x5afe00005afe000cn,
    rflags: 0x2c6n,
    zmm0: 0x3ff8n << 48n,
    rip: 9n,
  };
  assert.deepEqual(changedLines({ architecture: 'x86_64', before, after }), [
    'rax   0xfffffffffffffff8  -8  (was 0)',
    'xmm0  f64x2   1.5, 0',
    '      f32x4   0, 1.9375, 0, 0',
    '      i64x2   4609434218613702656, 0',
    '      i32x4   0, 1073217536, 0, 0',
    '      i16x8   0, 0, 0, 16376, 0, 0, 0, 0',
    '      u8x16   0, 0, 0, 0, 0, 0, 248, 63, 0, 0, 0, 0, 0, 0, 0, 0',
    'flags pf = 1  zf = 1  sf = 1',
  ]);
  assert.deepEqual(unchangedLines({ architecture: 'x86_64', before, after }), [
    'rsp   0x0000000000007000  28672',
    'rdi   0x0000000000000004  4',
    'r12   0x5afe00005afe000c',
  ]);
});

test('nothing changed', () => {
  const before = { x0: 1n, pc: 4n };
  assert.deepEqual(
    changedLines({ architecture: 'aarch64', before, after: { x0: 1n, pc: 8n } }),
    [],
  );
});
