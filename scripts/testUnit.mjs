// Runs the built unit tests (out/test/**/*.test.js) with Node's own runner.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ensurePrograms, testPrograms } from './editor/debian.mjs';

const only = process.argv.slice(2);
const files = readdirSync('out/test', { recursive: true })
  .map((name) => path.join('out/test', String(name)))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => only.length === 0 || only.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) {
  console.error('no built test matches');
  process.exit(1);
}
if (process.platform === 'linux') {
  try {
    await ensurePrograms(testPrograms);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
const reporter = process.env.CI ? 'dot' : 'spec';
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/testSummary.mjs',
    '--test-reporter-destination=stdout',
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
