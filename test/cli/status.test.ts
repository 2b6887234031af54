/** Exit statuses, and where messages go. */
import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { addFour, folderWith, jitBytes, mainPath } from './commandLine.ts';

const well = addFour('(4) => 8');
const failing = addFour('(4) => 9');
const crashing = '// @jit void crash(void)\nchar code[] = {0x0f, 0x0b};\n';
const refused = '// @jit void f(void)\n// @arch aarch64\nchar code[] = {0xc0, 3, 0x5f, 0xd6};\n';
const unreadable = '// @jit void f(void)\nchar code[] = {0xc3, 0x100};\n';
const nothing = 'int x;\n';

const statuses: readonly (readonly [what: string, sources: readonly string[], status: number])[] = [
  ['all is well', [well], 0],
  ['nothing to run', [nothing], 0],
  ['a failed expectation', [well, failing], 1],
  ['a crash without expectation', [crashing], 1],
  ['an expected crash', [crashing.replace('\n', '\n// @call () => fault\n')], 0],
  ['a call that cannot run here', [refused, well], 3],
  ['a problem', [well, unreadable], 2],
  ['a failure before a refusal', [refused, failing], 1],
  ['a problem before a failure and a refusal', [failing, refused, unreadable], 2],
];
for (const [what, sources, expected] of statuses) {
  test(`status ${expected}: ${what}`, async (context) => {
    const files = Object.fromEntries(sources.map((text, index) => [`${index}.c`, text]));
    const cwd = folderWith(context, files);
    const { status, stdout } = await jitBytes(['run', ...Object.keys(files)], { cwd });
    assert.equal(status, expected, stdout);
    assert.equal((await jitBytes(['run', '--json', '.'], { cwd })).status, expected);
  });
}

test('what cannot be read is named, and the rest runs', async (context) => {
  const cwd = folderWith(context, { 'a.c': well });
  const { status, stdout, stderr } = await jitBytes(['run', 'missing.c', 'a.c/b', 'a.c'], { cwd });
  assert.equal(
    stderr,
    'missing.c: error: no such file or directory\na.c/b: error: not a directory\n',
  );
  assert.equal(stdout, 'a.c:2  add_four(4) ⇒ 8 ✓\n');
  assert.equal(status, 2);
});

for (const words of [
  [],
  ['frobnicate'],
  ['--frobnicate'],
  ['run', '--frobnicate', 'a.c'],
  ['run'],
]) {
  test(`status 2 with a word on standard error: jit-bytes ${words.join(' ')}`, async () => {
    const { status, stdout, stderr } = await jitBytes(words);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^jit-bytes: .+\nTry "jit-bytes --help"\.\n$/);
  });
}

test('--version tells that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { status, stdout } = await jitBytes(['--version']);
  assert.deepEqual([status, stdout], [0, `jit-bytes ${version}\n`]);
});

test('help says what protects and what does not', async () => {
  for (const words of [['--help'], ['help'], ['run', '--help'], ['help', 'run']]) {
    const { status, stdout, stderr } = await jitBytes(words);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /no virtual machine/);
  }
});

test('a full disk is told', { skip: process.platform !== 'linux' }, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [mainPath, '--help'], {
    stdio: ['ignore', full, 'pipe'],
  });
  assert.equal(status, 2);
  assert.equal(String(stderr), 'jit-bytes: standard output: no space left on device\n');
});
