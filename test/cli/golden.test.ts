/** What people see, against files. UPDATE_GOLDEN=1 writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { jitBytes } from './commandLine.ts';

const goldenFolder = path.resolve('test/cli/golden');
const fixtures = path.resolve('test/cli/fixtures');
const tests = path.join(fixtures, 'tests');

const cases = [
  { name: 'help', words: ['--help'] },
  { name: 'help-run', words: ['run', '--help'] },
  { name: 'help-test', words: ['help', 'test'] },
  { name: 'help-bench', words: ['bench', '--help'] },
  { name: 'help-doctor', words: ['help', 'doctor'] },
  { name: 'report-verbose', words: ['run', '--verbose', 'ends.c'] },
  { name: 'report-output', words: ['run', '--sandbox', 'output', 'output.c'] },
  { name: 'ends-json', words: ['run', '--json', 'ends.c'] },
  { name: 'report', words: ['run', 'report.c', 'missing.c'] },
  { name: 'report-colours', words: ['run', 'report.c', 'missing.c'], env: { FORCE_COLOR: '1' } },
  { name: 'help-check', words: ['check', '--help'] },
  { name: 'help-disasm', words: ['disasm', '--help'] },
  { name: 'check', words: ['check', 'comments.c', 'missing.c'] },
  { name: 'check-json', words: ['check', '--json', 'comments.c', 'missing.c'] },
  { name: 'disasm', words: ['disasm', 'comments.c'] },
  { name: 'disasm-json', words: ['disasm', '--json', '--syntax', 'att', 'comments.c'] },
  { name: 'help-asm', words: ['help', 'asm'] },
  { name: 'asm', words: ['asm', '--arch', 'x64', '--verbose', 'assembly.s'] },
  { name: 'asm-json', words: ['asm', '--arch', 'x64', '--json', 'assembly.s'] },
  { name: 'asm-wrong', words: ['asm', '--arch', 'x64', 'wrong.s'] },
  { name: 'asm-wrong-json', words: ['asm', '--arch', 'x64', '--json', 'wrong.s'] },
  { name: 'report-json', words: ['run', '--json', 'report.c', 'missing.c'] },
  { name: 'test-spec', words: ['test', '.', 'missing.c'], cwd: tests },
  { name: 'test-colours', words: ['test'], cwd: tests, env: { FORCE_COLOR: '1' } },
  { name: 'test-tap', words: ['test', '--reporter', 'tap', '.', 'missing.c'], cwd: tests },
  { name: 'test-junit', words: ['test', '--reporter', 'junit', '.', 'missing.c'], cwd: tests },
  { name: 'test-json', words: ['test', '--reporter=json', '.', 'missing.c'], cwd: tests },
  { name: 'test-github', words: ['test', '--reporter=github', '.', 'missing.c'], cwd: tests },
] as const;

/** What differs from run to run. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/"durationNs":\d+/g, '"durationNs":1'],
  // How many vector registers there are depends on the machine.
  [/"(?:zmm|k|st)\d+":"0x0",/g, ''],
  [/duration_ms: [\d.]+/g, 'duration_ms: 1'],
  [/ time="[\d.]+"/g, ' time="1"'],
  [/ timestamp="[-\d]+T[:\d]+"/g, ' timestamp="2000-01-01T00:00:00"'],
];

for (const { name, words, ...options } of cases) {
  test(`${name}: jit-bytes ${words.join(' ')}`, async () => {
    const { status, stdout, stderr } = await jitBytes(words, { cwd: fixtures, ...options });
    const steady = varying.reduce((text, [what, by]) => text.replaceAll(what, by), stdout);
    const actual = `--- status ${status}\n--- stdout\n${steady}--- stderr\n${stderr}`;
    // Escape characters written out, so that the files can be read and compared anywhere.
    const shown = actual.replaceAll('\u001b', '␛');
    const file = path.join(goldenFolder, `${name}.txt`);
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, shown);
    assert.equal(shown, readFileSync(file, 'utf8'));
  });
}
