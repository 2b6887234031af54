/** Runs a test file in Node.js for AArch64 on another machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

/** Milliseconds for the first run, which installs Node.js for AArch64. */
const timeout = 15 * 60_000;

/** A test that runs a built file of tests under QEMU, and counts those that pass. */
export function runUnderQemu(name: string, file: string, expected: number): void {
  const skip = process.platform !== 'linux' && 'QEMU runs AArch64 programs on Linux only';
  test(name, { skip, timeout }, (t) => {
    const script = path.join(path.dirname(file), '..', '..', '..', 'scripts', 'arm64.mjs');
    // Else the test runner there would speak to the one here.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, file], {
      encoding: 'utf8',
      env,
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? 0);
    assert.equal(passed, expected, stdout);
    t.diagnostic(`${passed} tests passed under QEMU`);
  });
}
