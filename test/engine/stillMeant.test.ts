/** Suggestions that are left over what was typed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stillMeant } from '../../src/engine/stillMeant.ts';

const labels = ['fault', 'fault SIGSEGV', 'timeout', '10ms', '100ms', 'x86', 'x86_64'];

/** What was typed, and what may still be meant. */
const cases: readonly (readonly [string, string])[] = [
  ['', labels.join('|')],
  ['f', 'fault|fault SIGSEGV'],
  ['fault', ''],
  ['fault ', 'fault SIGSEGV'],
  ['10', '10ms|100ms'],
  ['1ms', ''],
  ['0ms', ''],
  ['x86', ''],
  ['x86_', 'x86_64'],
];

for (const [typed, left] of cases) {
  test(`over "${typed}" are left: ${left}`, () => {
    const items = labels.map((label) => ({ kind: 'value', label, snippet: label }) as const);
    assert.equal(
      stillMeant(items, typed)
        .map(({ label }) => label)
        .join('|'),
      left,
    );
  });
}
