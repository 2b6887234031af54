/** What may stand between bytes and the comment of their calls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnlyComment } from '../../src/engine/onlyComment.ts';

const texts: readonly (readonly [text: string, isOnly: boolean])[] = [
  ['', true],
  [';\n// @call (', true],
  ['};\n\n    # @call (', true],
  [';\n/*\n * calls\n * @call (', true],
  [';\n// calls\n\n// @call (', true],
  [';\nlet x = 1;\n// @call (', false],
  ['\ndef main\n  pass\n# @call (', false],
];

for (const [text, isOnly] of texts) {
  test(`${JSON.stringify(text)} is ${isOnly ? '' : 'not '}only comment`, () => {
    assert.equal(isOnlyComment(text), isOnly);
  });
}

test('a long rule of dashes before code takes no time', () => {
  const started = performance.now();
  assert.equal(isOnlyComment(`]\n# ${'-'.repeat(400)}\ndef main\n  pass\n# @call (`), false);
  assert.equal(isOnlyComment(`${')'.repeat(400)}\nmain`), false);
  assert.ok(performance.now() - started < 100);
});
