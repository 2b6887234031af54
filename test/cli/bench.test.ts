/** `jit-bytes bench`: what it says, in which order, and what it remembers. How long things take is not asserted, but by far. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { folderWith, jitBytes } from './commandLine.ts';

const skip = process.platform !== 'linux' || process.arch !== 'x64';

/** So many dependent multiplications. */
function multiply(name: string, count: number, tags = '@bench'): string {
  const chain = '0x48, 0x0f, 0xaf, 0xc0, '.repeat(count);
  return `// @jit long ${name}(long n) ${tags}\n// @call (3)\nchar ${name}[] = {0x48, 0x89, 0xf8, ${chain}0xc3};\n\n`;
}

const crash = '// @jit void crash(void) @bench\nchar crash[] = {0x0f, 0x0b};\n\n';
const fragment = '// @fragment @bench\n// @call (rax = 1)\nchar piece[] = {0x90};\n\n';
const arm = '// @jit void arm(void) @bench @arch aarch64\nchar arm[] = {0xc0, 3, 0x5f, 0xd6};\n';
const text =
  multiply('nothing', 0) +
  multiply('short_chain', 32) +
  multiply('long_chain', 128) +
  multiply('unmarked', 64, '') +
  crash +
  fragment +
  arm;

function bench(context: TestContext, words: readonly string[], file = text) {
  const cwd = folderWith(context, { 'a.c': file });
  return { cwd, ended: jitBytes(['bench', '--time', '20', ...words, 'a.c'], { cwd }) };
}

test(
  'noise and the cost of calling come first, then blocks by signature',
  { skip },
  async (context) => {
    const { status, stdout, stderr } = await bench(context, []).ended;
    const lines = stdout.trimEnd().split('\n');
    const time = String.raw`[\d.]+ ns`;
    const patterns: readonly RegExp[] = [
      new RegExp(
        String.raw`^noise: ±${time}( \([\d.]+ cycles?\))?; what takes less cannot be told`,
      ),
      new RegExp(
        String.raw`^ {2}with a float result ±${time}; without a result or a parameter ±${time}`,
      ),
      new RegExp(
        String.raw`^calling: ${time}( \([\d.]+ cycles?\))?, an empty function's time, subtracted$`,
      ),
      /^pinned to one processor; (cycles are estimated by a chain of additions|no cycles)/,
      /^a\.c$/,
      /^ {2}\(i64\) -> i64$/,
      /^ {4}nothing\(3\) +(below the noise|[\d.]+ ns)/,
      new RegExp(String.raw`^ {4}short_chain\(3\) +${time} ±${time} .* with calling`),
      new RegExp(
        String.raw`^ {4}long_chain\(3\) +${time} ±${time} .* × slower than short_chain \(±\d+ %\)$`,
      ),
      /^ {2}\(\) -> void$/,
      /^ {4}crash\(\) +it does not return: fault SIGILL at \+0x0/,
    ];
    for (const [index, pattern] of patterns.entries()) assert.match(lines[index] ?? '', pattern);
    assert.ok(lines.some((line) => /a fragment does not return to a caller/.test(line)));
    assert.ok(lines.some((line) => /aarch64 code cannot run on this machine/.test(line)));
    assert.ok(!stdout.includes('unmarked'));
    assert.equal(stderr, '');
    assert.equal(status, 3);
  },
);

interface Timing {
  readonly ns: number;
}
interface Benchmark {
  readonly name: string;
  readonly alone: Timing | null;
  readonly earlier: { readonly kind: string } | null;
}

function benchmarksOf(document: string): readonly Benchmark[] {
  const { files } = JSON.parse(document) as {
    files: readonly { benchmarks: readonly Benchmark[] }[];
  };
  return files.flatMap(({ benchmarks }) => benchmarks);
}

test('--json is described key by key', { skip }, async (context) => {
  const { status, stdout } = await bench(context, ['--json']).ended;
  assert.equal(status, 3);
  const described = readFileSync('docs/json.md', 'utf8');
  const keys = new Set([...stdout.matchAll(/"(\w+)":/g)].map(([, key = '']) => key));
  assert.deepEqual(
    [...keys].filter((key) => !described.includes(`\`${key}\``)),
    [],
  );
  const found = benchmarksOf(stdout);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['nothing', 'short_chain', 'long_chain', 'crash', null, 'arm'],
  );
  const [, short, long, crashed] = found.map(({ alone }) => alone?.ns);
  assert.ok(short !== undefined && long !== undefined && long > 2 * short, `${short}, ${long}`);
  assert.equal(crashed, undefined);
});

test('--save and --compare', { skip }, async (context) => {
  const quick = multiply('chain', 100);
  const { cwd, ended } = bench(context, ['--save', 'then.json'], quick);
  assert.equal((await ended).status, 0);
  const saved = path.join(cwd, 'then.json');
  const [then] = benchmarksOf(readFileSync(saved, 'utf8'));
  assert.ok(then?.alone);
  const words = ['bench', '--time', '20', '--compare', 'then.json', 'a.c'];
  const again = await jitBytes([...words, '--json'], { cwd });
  assert.ok(benchmarksOf(again.stdout)[0]?.earlier, again.stdout);
  // As if it had been ten times as fast.
  const document = readFileSync(saved, 'utf8');
  const faster = document.replace(/"alone":\{"ns":[\d.]+/, `"alone":{"ns":${then.alone.ns / 10}`);
  writeFileSync(saved, faster);
  const slower = await jitBytes(words, { cwd });
  assert.match(slower.stdout, /× slower than last time \(±\d+ %\)/);
});

const selections: readonly (readonly [string[], readonly string[]])[] = [
  [['--filter', 'unmarked'], ['unmarked']],
  [['--filter', '/> short_/'], ['short_chain']],
  [['--all'], ['nothing', 'short_chain', 'long_chain', 'unmarked']],
];
for (const [words, names] of selections) {
  test(`${words.join(' ')} measures ${names.join(', ')}`, { skip }, async (context) => {
    const chains = text.slice(0, text.indexOf(crash));
    const { status, stdout } = await bench(context, ['--json', ...words], chains).ended;
    assert.deepEqual(
      benchmarksOf(stdout).map(({ name }) => name),
      names,
    );
    assert.equal(status, 0);
  });
}

test('nothing to measure is said', async (context) => {
  const { status, stdout, stderr } = await bench(context, [], multiply('f', 1, '')).ended;
  assert.equal(stdout, '');
  assert.equal(stderr, 'jit-bytes: found nothing to measure; --all measures every block\n');
  assert.equal(status, 0);
});

test('a file of --compare that is none', async (context) => {
  const cwd = folderWith(context, { 'a.c': text, 'bad.json': '{"version":2}' });
  for (const [file, reason] of [
    ['missing.json', /no such file/],
    ['bad.json', /no document of bench --save/],
    ['a.c', /JSON/],
  ] as const) {
    const { status, stderr } = await jitBytes(['bench', '--compare', file, 'a.c'], { cwd });
    assert.equal(status, 2);
    assert.match(stderr, reason);
  }
});
