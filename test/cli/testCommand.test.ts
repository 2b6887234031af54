/** `jit-bytes test`: which tests run, in which order, and its exit statuses. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { addFour, ended, folderWith, forever, jitBytes, start } from './commandLine.ts';

const well = addFour('(4) => 8');
const failing = addFour('(4) => 9');
const unchecked = addFour('(4)');
const crashing = '// @jit void crash(void)\nchar code[] = {0x0f, 0x0b};\n';
const refused =
  '// @jit long f(void)\n// @arch aarch64\n// @call () => 0\nchar code[] = {0xc0, 3, 0x5f, 0xd6};\n';
const unreadable = '// @jit void f(void)\n// @call () => fault\nchar code[] = {0xc3, 0x100};\n';
const unreadableCall = addFour('(4) => )');
const untestedProblem = '// @jit long f(void)\nchar code[] = {0xc3, 0x100};\n';
const nothing = 'int x;\n';

const statuses: readonly (readonly [
  what: string,
  sources: readonly string[],
  status: number,
  words?: readonly string[],
])[] = [
  ['all is well', [well], 0],
  ['nothing to test', [nothing, unchecked], 0],
  ['a crash that nobody tests', [well, crashing], 0],
  ['a failed test', [well, failing], 1],
  ['a test that cannot run here', [refused, well], 3],
  ['the same with --strict', [refused, well], 1, ['--strict']],
  ['a problem', [well, unreadable], 2],
  ['a problem in a call', [well, unreadableCall], 2],
  ['a problem in a block that expects nothing', [well, untestedProblem], 0],
  ['no array at all', [well, '// @jit long f(void)\n// @call () => 1\n'], 2],
  ['a failure before a skipped test', [refused, failing], 1],
  ['a problem before a failure and a skipped test', [failing, refused, unreadable], 2],
  ['a failure that is filtered out', [failing, well], 0, ['--filter', '=> 8']],
  ['a problem that is filtered out', [unreadable, well], 0, ['--filter', '=> 8']],
];
for (const [what, sources, expected, words = []] of statuses) {
  test(`status ${expected}: ${what}`, async (context) => {
    const files = Object.fromEntries(sources.map((text, index) => [`${index}.c`, text]));
    const cwd = folderWith(context, files);
    const { status, stdout, stderr } = await jitBytes(['test', ...words], { cwd });
    assert.equal(status, expected, stdout + stderr);
  });
}

test('without tests it says so', async (context) => {
  const cwd = folderWith(context, { 'a.c': nothing });
  const { status, stdout, stderr } = await jitBytes(['test'], { cwd });
  assert.deepEqual([status, stdout, stderr], [0, '', 'jit-bytes: found no tests\n']);
});

test('patterns, folders and files; what .gitignore says; each file once', async (context) => {
  const cwd = folderWith(context, {
    '.gitignore': 'built\n',
    '.git/HEAD': '',
    'a.c': well,
    'b/c.rs': well,
    'b/d.c': well,
    'built/e.c': well,
    'b/[x].c': well,
  });
  const cases: readonly (readonly [words: readonly string[], files: readonly string[]])[] = [
    [[], ['a.c', 'b/[x].c', 'b/c.rs', 'b/d.c']],
    [['*.c'], ['a.c']],
    [['**/*.c'], ['a.c', 'b/[x].c', 'b/d.c']],
    [
      ['b/*.{rs,zig}', 'a.c', 'b'],
      ['b/c.rs', 'a.c', 'b/[x].c', 'b/d.c'],
    ],
    [['b/[x].c'], ['b/[x].c']],
    [['built/e.c'], ['built/e.c']],
  ];
  for (const [words, files] of cases) {
    const { status, stdout } = await jitBytes(['test', ...words], { cwd });
    assert.equal(status, 0);
    assert.deepEqual(stdout.match(/^\S+\.\w+$/gm) ?? [], files);
  }
  const { status, stdout } = await jitBytes(['test', '*.zig'], { cwd });
  assert.equal(status, 2);
  assert.match(stdout, /^\*\.zig: error: matches no file with an annotation$/m);
});

/** Twenty files with calls of their own, one of which takes long and one of which fails. */
function many(): Record<string, string> {
  const files: Record<string, string> = {};
  for (let n = 0; n < 20; n++) {
    const calls = `(${n}) => ${n + 4}\n// @call (${n + 100}) => ${n === 7 ? 0 : n + 104}`;
    files[`f${n}.c`] = addFour(calls);
  }
  files['f1.c'] += forever.replace('60s', '100ms');
  return files;
}

const names = (text: string): string[] => text.match(/^ {4}[✓✗-] .+$/gm) ?? [];

test('the report is the same whatever the jobs', async (context) => {
  const cwd = folderWith(context, many());
  const reports = [];
  for (const jobs of ['1', '2', '7'])
    reports.push(await jitBytes(['test', '--jobs', jobs], { cwd }));
  assert.equal(names(reports[0]?.stdout ?? '').length, 41);
  assert.deepEqual(reports[1], reports[0]);
  assert.deepEqual(reports[2], reports[0]);
});

test('crashes at the same time are all told', async (context) => {
  const calls = Array.from({ length: 8 }, () => '// @call () => fault SIGILL\n').join('');
  const cwd = folderWith(context, { 'a.c': crashing.replace('\n', `\n${calls}`) });
  const { stdout } = await jitBytes(['test', '--jobs', '8', '--repeat', '3'], { cwd });
  assert.match(stdout, /^8 tests: 8 ✓$/m);
});

test('every test is in exactly one shard', async (context) => {
  const cwd = folderWith(context, many());
  const all = names((await jitBytes(['test'], { cwd })).stdout);
  const parts: string[] = [];
  for (const shard of ['1/3', '2/3', '3/3']) {
    const part = names((await jitBytes(['test', '--shard', shard], { cwd })).stdout);
    assert.ok(part.length < all.length / 2);
    parts.push(...part);
  }
  assert.deepEqual(parts.sort(), all.sort());
});

test('a seed is told and gives the same order again', async (context) => {
  const cwd = folderWith(context, many());
  const shuffled = await jitBytes(['test', '--shuffle'], { cwd });
  const [, seed] = /--seed (\d+)\n/.exec(shuffled.stderr) ?? [];
  assert.ok(seed !== undefined, shuffled.stderr);
  assert.deepEqual(
    await jitBytes(['test', '--shuffle', '--seed', seed, '--jobs', '3'], { cwd }),
    shuffled,
  );
  const other = await jitBytes(
    ['test', '--shuffle', '--seed', String((Number(seed) + 1) % 2 ** 32)],
    { cwd },
  );
  assert.notEqual(other.stdout, shuffled.stdout);
  assert.deepEqual(names(other.stdout).sort(), names(shuffled.stdout).sort());
});

test('--fail-fast stops at the first failure', async (context) => {
  const cwd = folderWith(context, { 'a.c': well, 'b.c': failing, 'c.c': forever });
  const { status, stdout } = await jitBytes(['test', '--fail-fast', '--timeout', '60000'], { cwd });
  assert.equal(status, 1);
  assert.match(stdout, /^stopped at the first failure after 2 tests: 1 ✓, 1 ✗$/m);
  const tap = await jitBytes(['test', '--fail-fast', '--reporter', 'tap', '--timeout', '60000'], {
    cwd,
  });
  assert.match(tap.stdout, /^1\.\.2$/m);
});

test('--repeat runs a test until it fails, and reports it once', async () => {
  // rdrand eax; and eax, 1; ret: half of the calls give 0 at first, none thirty times.
  const calls = '// @call () => 0\n'.repeat(40);
  const chance = `// @jit long chance(void)\n${calls}char code[] = {0x0f, 0xc7, 0xf0, 0x83, 0xe0, 1, 0xc3};\n`;
  const { stdout } = await jitBytes(['test', '--repeat', '30', '-', '--language', 'c'], {
    input: well + chance,
  });
  assert.equal(names(stdout).length, 41);
  assert.match(stdout, /^41 tests: 1 ✓, 40 ✗$/m);
  assert.match(stdout, /expected 0, got 1 \(run \d+ of 30\)\n/);
});

test('--filter takes a text or an expression', async (context) => {
  const cwd = folderWith(context, many());
  const counts = async (filter: string): Promise<number> =>
    names((await jitBytes(['test', '--filter', filter], { cwd })).stdout).length;
  assert.equal(await counts('f3.c > add_four'), 2);
  assert.equal(await counts('/F[34]\\.C/i'), 4);
  assert.equal(await counts('forever'), 1);
  assert.equal(await counts('no such test'), 0);
});

/** Milliseconds after which something hangs; half of what the endless calls in these tests may take. */
const limitMs = 30_000;

for (const [reporter, last] of [
  ['spec', /^interrupted after 1 test: 1 ✓$/m],
  ['tap', /^Bail out! interrupted$/m],
  ['json', /\]\}\n$/],
  ['junit', /<\/testsuites>\n$/],
] as const) {
  test(`an interruption in ${reporter}`, { timeout: limitMs }, async (context) => {
    const cwd = folderWith(context, { 'a.c': well, 'b.c': forever, 'c.c': well });
    const child = start(['test', '--reporter', reporter, '--timeout', '60000'], { cwd });
    const end = ended(child);
    if (reporter === 'junit') await new Promise((resolve) => setTimeout(resolve, 1500));
    else {
      let seen = '';
      child.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
      while (!/✓|ok 1|"held"/.test(seen)) await once(child.stdout ?? process.stdout, 'data');
    }
    child.kill('SIGINT');
    const { status, stdout, stderr } = await end;
    assert.deepEqual([status, stderr], [130, '']);
    assert.match(stdout, last);
  });
}

test('a pipe that nobody reads ends it quietly', { timeout: limitMs }, async (context) => {
  const calls = Array.from({ length: 900 }, (_, n) => `(${n}) => ${n + 4}`).join('\n// @call ');
  const cwd = folderWith(context, { 'a.c': addFour(calls), 'b.c': addFour(calls), 'c.c': forever });
  const child = start(['test', '--timeout', '60000'], { cwd });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { signal, stderr } = await ended(child);
  assert.deepEqual([signal, stderr], [null, '']);
});

test('results do not wait for standard input', { timeout: limitMs }, async () => {
  const child = start(['test', 'examples/add_four.c', '-'], { input: { open: true } });
  const end = ended(child);
  await once(child.stdout ?? process.stdout, 'data');
  child.kill('SIGINT');
  assert.equal((await end).status, 130);
});
