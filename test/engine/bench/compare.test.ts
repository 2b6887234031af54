/** When two times differ, and when nobody can tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareMeasured, compareWithEarlier } from '../../../src/engine/bench/compare.ts';
import type { Measured } from '../../../src/engine/bench/measure.ts';

function measured(ns: number, rounds: readonly number[] = [ns, ns, ns], errorNs = 0): Measured {
  const alone = {
    mode: 'alone',
    ns,
    spreadNs: 0,
    errorNs,
    grossNs: ns + 1,
    overheadNs: 1,
    cycleNs: 0.25,
    cycles: undefined,
    rounds,
    copies: 1,
    samples: 3,
    pinned: true,
  } as const;
  return { alone, together: undefined, waiting: 'result' };
}

const steady = [100, 100, 100];
const table: readonly (readonly [string, Measured, Measured, number, string])[] = [
  ['half the time', measured(50), measured(100), 0.1, 'faster'],
  ['twice the time', measured(200), measured(100), 0.1, 'slower'],
  ['the same', measured(100), measured(100), 0.1, 'no difference'],
  ['less than the least error apart', measured(100.5), measured(100), 0.01, 'no difference'],
  ['apart, but by the noise', measured(1.2), measured(1), 0.2, 'no difference'],
  [
    'apart, but by its rounds',
    measured(110, [90, 110, 130]),
    measured(100, steady),
    0.01,
    'no difference',
  ],
  // A clock that drifts slows both down.
  [
    'apart in every round',
    measured(110, [55, 110, 220]),
    measured(100, [50, 100, 200]),
    0.1,
    'slower',
  ],
  ['less than twice the noise', measured(0.19), measured(100), 0.1, 'near the noise'],
  ['nothing', measured(0.05), measured(100), 0.1, 'near the noise'],
  ['something beside nothing', measured(100), measured(-0.05), 0.1, 'near the noise'],
];
for (const [what, one, other, noise, kind] of table) {
  test(`${what}: ${kind}`, () => assert.equal(compareMeasured(one, other, noise).kind, kind));
}

const noise = {
  ns: 0.3,
  clockNs: 0.01,
  floatNs: 1,
  fenceNs: 4,
  fenceCycles: 14,
  cycles: 1,
  overheadNs: 1.5,
  overheadCycles: 5,
  pinned: true,
};
const earlier: readonly (readonly [string, Measured, number, number, string])[] = [
  ['the same', measured(100), 100, 0, 'no difference'],
  ['within what two runs differ by', measured(102), 100, 0, 'no difference'],
  ['faster', measured(90), 100, 0, 'faster'],
  ['faster, but then it was not steady', measured(90), 100, 20, 'no difference'],
  ['slower, but it is not steady', measured(110, steady, 20), 100, 0, 'no difference'],
  // What calling costs is the same in both.
  ['nothing, and nothing then', measured(0.001), 0.003, 0, 'near the noise'],
  ['a cycle more', measured(1), 0.7, 0, 'slower'],
];
for (const [what, now, ns, errorNs, kind] of earlier) {
  test(`than last time: ${what}: ${kind}`, () => {
    assert.equal(compareWithEarlier(now, { ns, errorNs }, noise).kind, kind);
  });
}
