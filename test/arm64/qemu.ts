/** Runs a test file in Node.js for AArch64 on another machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

/** Milliseconds for the first run, which installs Node.js for AArch64. */
const timeout = 15 * 60_000;

/** Why nothing here can run, or false. */
export const skip = process.platform !== 'linux' && 'QEMU runs AArch64 programs on Linux only';

const script = path.join(__dirname, '..', '..', '..', 'scripts', 'arm64.mjs');

/** Runs the script. Without arguments it prints the path of its Node.js. */
function runScript(...args: readonly string[]): string {
  // Else the test runner there would speak to the one here.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env,
    timeout,
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** The path of a program that stands for Node.js for AArch64, which is installed first. */
export function arm64Node(): string {
  return runScript().trim();
}

/** A test that runs a built file of tests under QEMU, and counts those that pass. */
export function runUnderQemu(name: string, file: string, expected: number): void {
  test(name, { skip, timeout }, (t) => {
    const output = runScript(file);
    const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
    assert.equal(passed, expected, output);
    t.diagnostic(`${passed} tests passed under QEMU`);
  });
}
