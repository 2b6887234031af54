/** A result written as an expectation: it reads as what came, and stands where its author would put it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCall, useAsExpectation } from '../../../src/engine/rewrite/expectation.ts';
import { applyEdits } from '../../../src/engine/rewrite/edit.ts';
import type { RunResult } from '../../../src/model/run.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';

const returned = (value: unknown, buffers: readonly unknown[] = []): RunResult =>
  ({ outcome: 'returned', value, buffers, durationNs: 1n, registers: undefined }) as RunResult;
const integer = (value: bigint): RunResult => returned({ kind: 'integer', value });
const float = (value: number): RunResult => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return returned({ kind: 'float', value, bits: view.getBigUint64(0) });
};
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const code = '\nlet c = [0xc3];\n';

/** The text before, what the call gave, and the annotation afterwards. */
const written: readonly (readonly [string, RunResult, string])[] = [
  ['// @jit (i64) -> i64\n// @call (4)', integer(8n), '// @jit (i64) -> i64\n// @call (4) => 8'],
  [
    '// @jit (i64) -> i64\n// @call (4) => 9',
    integer(-8n),
    '// @jit (i64) -> i64\n// @call (4) => -8',
  ],
  ['// @jit () -> i64', integer(8n), '// @jit () -> i64\n// @call () => 8'],
  ['/* @jit () -> i64 */', integer(8n), '/* @jit () -> i64  @call () => 8 */'],
  ['\t# @jit () -> i64', integer(8n), '\t# @jit () -> i64\n\t# @call () => 8'],
  ['// @jit () -> bool\n// @call ()', integer(1n), '// @jit () -> bool\n// @call () => true'],
  ['// @jit () -> f64\n// @call ()', float(0.1), '// @jit () -> f64\n// @call () => 0.1'],
  ['// @jit () -> f64\n// @call ()', float(Number.NaN), '// @jit () -> f64\n// @call () => nan'],
  ['// @jit () -> f64\n// @call ()', float(-Infinity), '// @jit () -> f64\n// @call () => -inf'],
  ['// @jit () -> f64\n// @call ()', float(1e300), '// @jit () -> f64\n// @call () => 1e+300'],
  ['// @jit () -> f64\n// @call ()', float(-0), '// @jit () -> f64\n// @call () => -0.0'],
  [
    '// @jit (out: *mut i32)\n// @call ([1, 2])',
    returned({ kind: 'void' }, [
      {
        parameter: 0,
        before: bytes(1, 0, 0, 0, 2, 0, 0, 0),
        after: bytes(1, 0, 0, 0, 255, 255, 255, 255),
      },
    ]),
    '// @jit (out: *mut i32)\n// @call ([1, 2]) => out = [1, -1]',
  ],
  [
    '// @jit () -> i64\n// @call ()',
    {
      outcome: 'fault',
      fault: {
        signal: 'SIGSEGV',
        code: undefined,
        access: undefined,
        address: undefined,
        offset: 2,
        registers: undefined,
      },
    },
    '// @jit () -> i64\n// @call () => fault SIGSEGV at +0x2',
  ],
  [
    '// @jit () -> i64\n// @call ()',
    { outcome: 'timeout', limitMs: 5, stuck: undefined },
    '// @jit () -> i64\n// @call () => timeout',
  ],
  [
    '// @jit () -> i64\n// @call ()',
    { outcome: 'blocked', systemCall: 'execve', arguments: [], at: undefined },
    '// @jit () -> i64\n// @call () => blocked execve',
  ],
  [
    '// @jit () -> i64\n// @call ()',
    { outcome: 'exited', status: 3 },
    '// @jit () -> i64\n// @call () => exited 3',
  ],
  ['// @jit () -> i64\n// @call ()', { outcome: 'end' }, '// @jit () -> i64\n// @call () => end'],
  [
    '// @jit () -> i64\n// @call ()',
    { outcome: 'abi', register: 'rbx', expected: 0n, found: 1n },
    '// @jit () -> i64\n// @call () => abi rbx',
  ],
  [
    '// @jit (s: *const u8) -> *const u8\n// @call ("ab")',
    returned({
      kind: 'address',
      value: 4096n,
      target: { parameter: 0, offset: 0, bytes: bytes(97, 98, 0) },
    }),
    '// @jit (s: *const u8) -> *const u8\n// @call ("ab") => s',
  ],
  [
    '// @jit (s: str) -> str\n// @call ("ab")',
    returned({
      kind: 'address',
      value: 4097n,
      target: { parameter: 0, offset: 1, bytes: bytes(98, 0) },
    }),
    '// @jit (s: str) -> str\n// @call ("ab") => "b"',
  ],
  [
    '// @fragment\n// @call (rax = 5)',
    {
      ...returned({ kind: 'void' }),
      registers: { rax: 12n, rbx: 0n, rflags: 2n, rip: 5n },
    } as RunResult,
    '// @fragment\n// @call (rax = 5) => rax = 12',
  ],
];

function callOf(text: string) {
  const [block] = findJitBlocks(text, languageOf(text)).blocks;
  const call = block?.calls.at(-1);
  assert(block && call, text);
  return { text, languageId: languageOf(text), options: {}, block, call };
}

function languageOf(text: string): string {
  return text.includes('#') ? 'python' : 'rust';
}

for (const [before, result, after] of written) {
  test(`${JSON.stringify(before)} gave ${result.outcome}: ${JSON.stringify(after)}`, () => {
    const text = before + code;
    const { edits, ...refused } = useAsExpectation(callOf(text), result);
    assert(edits, JSON.stringify(refused));
    assert.equal(applyEdits(text, edits), after + code);
  });
}

test('an address that leads nowhere is no expectation', () => {
  const text = `// @jit () -> *const u8\n// @call ()${code}`;
  const result = returned({ kind: 'address', value: 4096n, target: undefined });
  assert.deepEqual(useAsExpectation(callOf(text), result), {
    reason: 'no expectation can say this',
  });
});

test('Windows line ends stay', () => {
  const text = `// @jit (i64) -> i64\r\n// @call (4)\r\nlet c = [0xc3];\r\n`;
  const { block } = callOf(text);
  const { edits } = addCall(text, block, '(5)');
  assert(edits);
  assert.equal(
    applyEdits(text, edits),
    `// @jit (i64) -> i64\r\n// @call (4)\r\n// @call (5)\r\nlet c = [0xc3];\r\n`,
  );
});
