/** A few thousand random byte strings and comments; `npm run fuzz -- read` has more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzReading } from './fuzz.ts';

test('random bytes and comments are read without an error', async (context) => {
  const figures = await fuzzReading({ strings: 5000, comments: 1000, seed: 1 });
  context.diagnostic(JSON.stringify(figures));
  assert.ok(figures.instructions > 10_000);
  assert.ok(figures.mismatches > 20, 'some comments are wrong');
});
