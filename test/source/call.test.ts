/** Calls and expectations: what arguments become, and where mistakes are shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/model/block.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

function scan(signature: string, call: string): { call: Call | undefined; problems: string[] } {
  const text = `// @jit ${signature}\n// @call ${call}\nlet code = [0x90, 0xc3];\n`;
  const offset = text.indexOf('@call') + 6;
  const { blocks, problems } = findJitBlocks(text, 'rust');
  return {
    call: blocks[0]?.calls[0],
    problems: problems.map(({ span, message }) => `${span.start - offset} ${message}`),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function shown(call: Call | undefined): string[] {
  return (
    call?.arguments.map(({ value }) => {
      switch (value.kind) {
        case 'integer':
          return `${value.value}`;
        case 'float':
          return `f ${value.value}`;
        case 'buffer':
          return `${hex(value.bytes)} align ${value.align}`;
        case 'vector':
          return `v ${hex(value.bytes)}`;
      }
    }) ?? []
  );
}

const passed: readonly (readonly [string, string, readonly string[]])[] = [
  ['(i64)', '(4)', ['4']],
  ['(i64)', '(-1)', ['-1']],
  ['(i64)', '(0x7fff_ffff)', ['2147483647']],
  ['(u32, u8)', "(1'000'000, 0b1010)", ['1000000', '10']],
  ['(i32)', '(0xffffffff)', ['-1']],
  ['(u8, i8)', "('A', '\\n')", ['65', '10']],
  ['(bool, bool)', '(true, 0)', ['1', '0']],
  ['(f64, f32, f64)', '(1.5, -2, 1e-9)', ['f 1.5', 'f -2', 'f 1e-9']],
  ['(f64, f64, f64)', '(inf, -inf, nan)', ['f Infinity', 'f -Infinity', 'f NaN']],
  ['(str)', '("hé\\n\\x41")', ['68c3a90a4100 align 1']],
  ['(&[i32])', '([1, -2, 0x10])', ['01000000feffffff10000000 align 4']],
  ['(&mut [u16])', '([0xffff; 3])', ['ffffffffffff align 2']],
  ['(ptr)', '([1, 255, -1])', ['01ffff align 1']],
  ['(&[f32])', '(align 16 [1.0, 2])', ['0000803f00000040 align 16']],
  ['(&[u8], *const u8, ptr)', '([], null, 0xdead)', [' align 1', '0', '57005']],
  ['(&[u8], i64)', '(\n//   [1,\n//    2], 3)', ['0102 align 1', '3']],
];

for (const [signature, call, expected] of passed) {
  test(`${signature} ${call}`, () => {
    const { call: found, problems } = scan(signature, call);
    assert.deepEqual(problems, []);
    assert.deepEqual(shown(found), expected);
  });
}

const wrong: readonly (readonly [string, string, number, RegExp])[] = [
  ['(u8)', '(256)', 1, /range/],
  ['(i64, i64)', '(1)', 0, /2 arguments/],
  ['()', '(1)', 0, /0 arguments/],
  ['(i64)', '(1.5)', 1, /integer/],
  ['(i64)', '(one)', 1, /literal/],
  ['(&[u8])', '([1, 300])', 5, /range/],
  ['(bool)', '(2)', 1, /true or false/],
  ['(str)', '("open)', 1, /closes|close/],
  ['f(i64)', 'g(1)', 0, /calls "g"/],
  ['(i64)', '(1) prose', 4, /prose/],
  ['(i64)', '(1) => 5', 7, /nothing/],
  ['(i64) -> u8', '(1) => 256', 7, /range/],
  ['(i64) -> bool', '(1) => 2', 7, /true or false/],
  ['(i64) -> i64', '(1) => out', 7, /neither/],
  ['(p: ptr) -> i64', '(null) => q = [1]', 10, /no parameter/],
  ['(f64) -> f64', '(1) => 1.0 +- -1', 14, /tolerance/],
];

for (const [signature, call, column, message] of wrong) {
  test(`wrong: ${signature} ${call}`, () => {
    const { problems } = scan(signature, call);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', message);
    assert.equal(Number.parseInt(problems[0] ?? '', 10), column, problems[0]);
  });
}

test('each wrong argument is said', () => {
  assert.equal(scan('(u8, u8)', '(256, 300)').problems.length, 2);
});

test('expectations are fitted to the result', () => {
  const value = (signature: string, call: string): unknown => {
    const { call: found, problems } = scan(signature, call);
    assert.deepEqual(problems, []);
    const {
      span: _span,
      text: _text,
      ...rest
    } = found?.expectation ?? assert.fail('no expectation');
    return rest;
  };
  const returned = (expected: unknown): unknown => ({
    kind: 'returned',
    value: expected,
    buffers: [],
  });
  assert.deepEqual(
    value('() -> i32', '() => 0xffffffff'),
    returned({ kind: 'integer', value: -1n }),
  );
  assert.deepEqual(
    value('() -> u32', '() => -1'),
    returned({ kind: 'integer', value: 0xffffffffn }),
  );
  assert.deepEqual(
    value('() -> f32', '() => 0.1'),
    returned({ kind: 'float', value: Math.fround(0.1), bits: 0x3dcccccdn, tolerance: undefined }),
  );
  assert.deepEqual(
    value('(p: ptr) -> ptr', '(null) => p'),
    returned({ kind: 'parameter', parameter: 0 }),
  );
  assert.deepEqual(value('(p: &mut [u8])', '([1]) => p = [2]'), {
    kind: 'returned',
    value: undefined,
    buffers: [{ parameter: 0, bytes: Uint8Array.of(2) }],
  });
  assert.deepEqual(value('()', '() => fault SIGSEGV at +0x2'), {
    kind: 'fault',
    signal: 'SIGSEGV',
    offset: 2,
  });
  assert.deepEqual(value('()', '() => timeout'), { kind: 'timeout' });
  assert.deepEqual(value('()', '() => blocked execve'), { kind: 'blocked', systemCall: 'execve' });
  assert.deepEqual(value('()', '() => exited 3'), { kind: 'exited', status: 3 });
  assert.deepEqual(value('()', '() => abi rbx'), { kind: 'abi', register: 'rbx' });
});
