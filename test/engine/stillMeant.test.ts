/** Suggestions that are left over what was typed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterText, haveCommonBeginnings, stillMeant } from '../../src/engine/stillMeant.ts';

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

test('a list is asked for again only where one label begins another', () => {
  const list = (...words: readonly string[]): boolean =>
    haveCommonBeginnings(words.map((label) => ({ kind: 'name', label, snippet: label })));
  assert.equal(list('x86', 'x86_64'), true);
  assert.equal(list('fault', 'timeout', 'end'), false);
});

test('what is written out matches no more', () => {
  assert.equal(filterText({ kind: 'type', label: 'i64', snippet: '' }), 'i6');
  assert.equal(filterText({ kind: 'value', label: '0', snippet: '' }), '0');
  assert.equal(filterText({ kind: 'signature', label: 'name(n: i64) -> i64', snippet: '' }), 'nam');
  assert.equal(filterText({ kind: 'signature', label: '() -> i64', snippet: '' }), '() -> i6');
});
