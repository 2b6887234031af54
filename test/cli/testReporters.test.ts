/** Reports of tests, read by readers that are not ours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Parser, type Result } from 'tap-parser';
import { validateXML } from 'xmllint-wasm';
import { addFour, folderWith, jitBytes } from './commandLine.ts';
import { schemaErrors } from './schema.ts';

const tests = path.resolve('test/cli/fixtures/tests');
const xsd = readFileSync('test/cli/fixtures/junit.xsd', 'utf8');

/** What a file can hold to break out of a report: in its name, in arguments, in problems. */
const hostile = {
  // A terminal's escape, a line end, a right-to-left override, a character that XML forbids, half a pair.
  'odd ,:%<&"\u001b[31m\n::error::\u202e\uffff.c': [
    '// @jit long length(const char *text)',
    '// @call ("\u001b[2J\u0007\u202e ]]> <![CDATA[ \uffff # SKIP") => 0',
    '// @call ("\u0001") => 1 ::error',
    'char code[] = {0x31, 0xc0, 0xc3};',
  ].join('\n'),
  'plain.c': addFour('(4) => 8'),
};

async function report(reporter: string, words: readonly string[], cwd = tests): Promise<string> {
  return (await jitBytes(['test', '--reporter', reporter, ...words], { cwd })).stdout;
}

function tapPoints(text: string): readonly Result[] {
  const points: Result[] = [];
  const parser = new Parser({ strict: true });
  parser.on('assert', (point: Result) => points.push(point));
  parser.end(text);
  assert.deepEqual(
    parser.failures.filter(({ tapError }) => tapError !== null && tapError !== undefined),
    [],
  );
  assert.equal(parser.results?.plan.end, points.length);
  return points;
}

async function xmlErrors(text: string): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: text },
    schema: { fileName: 'junit.xsd', contents: xsd },
  });
  return errors.map(({ rawMessage }) => rawMessage);
}

test('TAP: every test is a point, with its diagnostic', async () => {
  const points = tapPoints(await report('tap', ['.', 'missing.c']));
  const shown = points.map(
    ({ ok, skip, name }) => `${ok ? 'ok' : 'not ok'} ${name}${skip === false ? '' : ` # ${skip}`}`,
  );
  assert.deepEqual(shown, [
    'not ok odd.c:26:53: byte-range',
    'not ok odd.c:30:10: bad-call',
    'not ok odd.c > strlen > strlen("<\\"&\\"> ]]> # TODO 5% \\\\, a:b") => 1',
    'ok odd.c > strlen > strlen("::error:: # SKIP") => 16',
    'ok odd.c > strlen > strlen("é\\n") => 3',
    'ok odd.c > twice > twice(1) => 2',
    'ok odd.c > twice > twice(1) => 2 #2',
    'ok odd.c > elsewhere > elsewhere() => 0 # aarch64 code cannot run on this machine (x86_64) yet',
    'ok odd.c > crash > crash() => fault SIGILL',
    'not ok odd.c > crash > crash() => fault SIGSEGV',
    'ok odd.c > mistaken_call > mistaken_call(1) => 2',
    'ok plain.rs > (i64) -> i64 > (4) => 8',
    'not ok missing.c: unreadable',
  ]);
  assert.equal(typeof points[9]?.time, 'number');
  assert.deepEqual(points[9]?.diag, {
    message: 'expected fault SIGSEGV, got fault SIGILL at +0x0: illegal on purpose (ud2)',
    severity: 'fail',
    expected: 'fault SIGSEGV',
    actual: 'fault SIGILL at +0x0: illegal instruction',
    file: 'odd.c',
    line: 21,
    column: 16,
  });
});

test('TAP: no tests', async (context) => {
  const cwd = folderWith(context, { 'a.c': 'int x;\n' });
  assert.equal(await report('tap', ['a.c'], cwd), 'TAP version 14\n1..0 # SKIP no tests\n');
});

test('the schema of JUnit finds what is wrong', async () => {
  const one =
    '<testsuites><testsuite name="a" tests="1"><testcase name="b" classname="c"/></testsuite></testsuites>';
  assert.deepEqual(await xmlErrors(one), []);
  for (const [what, by] of [
    [' tests="1"', ''],
    [' tests="1"', ' tests="x"'],
    ['<testcase name="b" classname="c"/>', '<case/>'],
    ['name="b"', 'name="b" time="soon"'],
    ['name="b"', 'name="\u0001"'],
    ['name="b"', 'name="<"'],
    ['</testsuites>', ''],
  ] as const) {
    assert.notDeepEqual(await xmlErrors(one.replace(what, by)), [], by);
  }
});

test('JUnit: valid, and its counts are right', async () => {
  const text = await report('junit', ['.', 'missing.c']);
  assert.deepEqual(await xmlErrors(text), []);
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  assert.match(text, /^<testsuites name="jit-bytes" tests="13" failures="2" errors="3" time/m);
  assert.deepEqual(
    [/<testcase /g, /<failure /g, /<error /g, /<skipped /g].map(count),
    [13, 2, 3, 1],
  );
});

test('JUnit: valid without tests', async (context) => {
  const cwd = folderWith(context, { 'a.c': 'int x;\n' });
  assert.deepEqual(await xmlErrors(await report('junit', ['a.c'], cwd)), []);
});

test('JSON: as run gives it, without what expects nothing', async () => {
  const document: unknown = JSON.parse(await report('json', ['.', 'missing.c']));
  assert.deepEqual(schemaErrors(document), []);
  const text = JSON.stringify(document);
  assert.equal(text.match(/"expectation":"(held|failed)"/g)?.length, 9);
  assert.equal(text.match(/"outcome"/g)?.length, 10);
});

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  spec: (text) => assert.match(text, /^2 tests: |^3 tests: /m),
  tap: (text) => assert.ok(tapPoints(text).length >= 2),
  junit: async (text) => assert.deepEqual(await xmlErrors(text), []),
  json: (text) => assert.deepEqual(schemaErrors(JSON.parse(text)), []),
  github: (text) => {
    for (const line of text.trimEnd().split('\n'))
      assert.match(line, /^::(error|warning|notice) file=/);
  },
};
for (const [reporter, check] of Object.entries(parsers)) {
  test(`${reporter}: nothing in a file breaks out of it`, async (context) => {
    const text = await report(reporter, ['.'], folderWith(context, hostile));
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    assert.doesNotMatch(text, /^::error::/m);
    await check(text);
  });
}

/** The escapes of workflow commands, undone as the runner does. */
function unescape(text: string): string {
  return text
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%25', '%');
}

test('github: properties can be told apart and read back', async () => {
  const text = await report('github', ['odd.c']);
  const line = text.split('\n').find((one) => one.includes('strlen')) ?? '';
  const [, level, properties = '', message] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  assert.deepEqual(
    [level, message, ...properties.split(',').map(unescape)],
    [
      'error',
      'expected 1, got 26',
      'file=odd.c',
      'line=4',
      'col=47',
      'endColumn=48',
      'title=strlen("<\\"&\\"> ]]> # TODO 5% \\\\, a:b") => 1',
    ],
  );
});

test('several reports at once, files in folders that are not there yet', async (context) => {
  const cwd = folderWith(context, { 'a.c': addFour('(4) => 9') });
  const files = { tap: 'out/a.tap', junit: 'out/b/junit.xml', json: 'c.json' };
  const words = Object.entries(files).flatMap(([name, file]) => ['--reporter', `${name}=${file}`]);
  const { status, stdout, stderr } = await jitBytes(
    ['test', '--reporter', 'spec', '--reporter', 'github', ...words, 'a.c'],
    { cwd, env: { NO_COLOR: '' } },
  );
  assert.deepEqual([status, stderr], [1, '']);
  assert.equal(
    stdout,
    'a.c\n  add_four\n    ✗ add_four(4) => 9\n      a.c:2:17: expected 9, got 8\n' +
      '::error file=a.c,line=2,col=17,endColumn=18,title=add_four(4) => 9::expected 9, got 8\n' +
      '1 test: 1 ✗\n',
  );
  const read = (file: string): string => readFileSync(path.join(cwd, file), 'utf8');
  assert.equal(tapPoints(read(files.tap)).length, 1);
  assert.deepEqual(await xmlErrors(read(files.junit)), []);
  assert.deepEqual(schemaErrors(JSON.parse(read(files.json))), []);
});

test('a report that cannot be written is told', async (context) => {
  const cwd = folderWith(context, { 'a.c': addFour('(4) => 8') });
  const { status, stderr } = await jitBytes(['test', '--reporter', 'tap=a.c/b', 'a.c'], { cwd });
  assert.equal(status, 2);
  assert.match(stderr, /^jit-bytes: a\.c\/b: (not a directory|file already exists)\n$/);
});

test('a report is not read as a test', async (context) => {
  const cwd = folderWith(context, { 'a.c': addFour('(4) => 8'), 'r.txt': addFour('(4) => 9') });
  const { status } = await jitBytes(['test', '--reporter', 'spec=r.txt', '.'], { cwd });
  assert.equal(status, 0);
  assert.match(readFileSync(path.join(cwd, 'r.txt'), 'utf8'), /^1 test: 1 ✓$/m);
});
