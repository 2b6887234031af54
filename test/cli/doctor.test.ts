/** The self-test of protection: what it says where all holds, and that it notices what does not. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { attacks, selfTest } from '../../src/cli/selfTest.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { Sandbox } from '../../src/jit/protection.ts';
import { jitBytes } from './commandLine.ts';

const skip =
  (process.platform !== 'linux' || process.arch !== 'x64') && 'calls run isolated on Linux x86-64';
const settings = { timeoutMs: 1000, machine: { architecture: 'x86_64', windows: false } } as const;

test('all programs end as they must', { skip }, async () => {
  const { status, stdout, stderr } = await jitBytes(['doctor']);
  assert.equal(stderr, '');
  assert.match(stdout, /^level +isolated: /m);
  assert.doesNotMatch(stdout, /✗/);
  assert.equal(stdout.match(/^✓ /gm)?.length, attacks.length);
  assert.equal(status, 0);
});

test('the same as a document', { skip }, async () => {
  const { status, stdout } = await jitBytes(['doctor', '--json']);
  const document = JSON.parse(stdout);
  assert.equal(status, 0);
  assert.deepEqual(
    [document.version, document.well, document.protection.level],
    [1, true, 'isolated'],
  );
  assert.deepEqual(
    [...new Set(document.selfTest.map((one: { held: boolean }) => one.held))],
    [true],
  );
});

/** Where less protects, programs that need more end otherwise. */
const reduced: readonly (readonly [sandbox: Sandbox, what: string, found: RegExp])[] = [
  ['off', 'calls the kernel as a 32-bit program', /^void/],
  ['off', 'writes to standard output', /^void/],
];
for (const [sandbox, what, found] of reduced) {
  test(`with the sandbox ${sandbox}, one ${what}: noticed`, { skip }, async () => {
    const hostPath = path.resolve('out/host/main.js');
    using client = new JitClient({ hostPath, sandbox });
    const signal = new AbortController().signal;
    const only = new Set([what]);
    for await (const report of selfTest(client, settings, true, signal, only)) {
      assert.deepEqual([report.what, report.held], [what, false]);
      assert.match(report.found, found);
    }
  });
}
