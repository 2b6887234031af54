/** A few thousand random programs; `npm run fuzz` has more. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { watchdogGraceMs } from '../../../src/jit/runner/callPage.ts';
import { protectedClient } from '../clientSetup.ts';
import { fuzz, inOneLine, limitMs } from './fuzz.ts';
import { isolatedHere } from './ground.ts';

/** Milliseconds by which a busy machine may be late. */
const lateMs = 500;

it('random bytes do no harm', { skip: !isolatedHere }, async () => {
  using client = protectedClient();
  const { protection } = await client.ready();
  assert.equal(protection.level, 'isolated', protection.reason);
  const figures = await fuzz(client, { count: 3000, seed: 1 });
  console.log(inOneLine(figures));
  assert.equal(figures.runnersLost, 0);
  assert.equal(figures.hostsLost, 0);
  assert.ok(figures.longestMs < limitMs + watchdogGraceMs + lateMs, `${figures.longestMs} ms`);
  assert.ok((figures.outcomes.get('fault') ?? 0) > 500, 'most random bytes fault');
  assert.ok((figures.outcomes.get('blocked') ?? 0) > 10, 'some make system calls');
});
