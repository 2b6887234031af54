/** Medians, spreads and what they may be wrong by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, medianError, quantile, spread } from '../../../src/engine/bench/statistics.ts';

const table: readonly {
  readonly values: readonly number[];
  readonly median: number;
  readonly spread: number;
  readonly error: number;
}[] = [
  { values: [7], median: 7, spread: 0, error: 0 },
  { values: [3, 1], median: 2, spread: 0.5, error: 1 },
  { values: [5, 1, 3], median: 3, spread: 1, error: 2 },
  // One that was interrupted moves neither.
  { values: [10, 10, 10, 10, 10, 10, 10, 10, 9000], median: 10, spread: 0, error: 0 },
  // Of 9 values the 2nd and the 8th enclose the median in 96 % of all cases (binomial distribution).
  { values: [9, 8, 7, 6, 5, 4, 3, 2, 1], median: 5, spread: 2, error: 3 },
];
for (const { values, ...expected } of table) {
  test(`of ${values.join(', ')}`, () => {
    const found = { median: median(values), spread: spread(values), error: medianError(values) };
    assert.deepEqual(found, expected);
  });
}

test('of nothing there is no median', () => {
  assert.ok(Number.isNaN(median([])));
  assert.ok(Number.isNaN(medianError([])));
});

test('a quantile lies between its neighbours', () => {
  assert.equal(quantile([0, 10], 0.25), 2.5);
});
