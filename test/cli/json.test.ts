/** `--json` and its description agree. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { folderWith, jitBytes } from './commandLine.ts';
import { schemaErrors } from './schema.ts';

interface Document {
  readonly files: readonly {
    readonly file: string;
    readonly problems: readonly Readonly<Record<string, unknown>>[];
    readonly blocks: readonly { readonly calls: readonly Readonly<Record<string, unknown>>[] }[];
  }[];
}

/** Runs and reads; the schema makes the document what it is said to be. */
async function documentOf(words: readonly string[], cwd = process.cwd()): Promise<Document> {
  const { stdout } = await jitBytes(['run', '--json', ...words], { cwd });
  const document: unknown = JSON.parse(stdout);
  assertDocument(document);
  return document;
}

function assertDocument(value: unknown): asserts value is Document {
  assert.deepEqual(schemaErrors(value), []);
}

test('the example in the documentation is valid', () => {
  const text = /```json\n([^]*?)```/.exec(readFileSync('docs/json.md', 'utf8'))?.[1] ?? '';
  assertDocument(JSON.parse(text));
});

test('the documentation names every key of the schema', () => {
  const text = readFileSync('docs/json.md', 'utf8');
  const schema = readFileSync('docs/run.schema.json', 'utf8');
  const keys = [...schema.matchAll(/"required": \[([^\]]*)\]/g)].flatMap(
    ([, list = '']) => list.match(/\w+/g) ?? [],
  );
  assert.ok(keys.length > 20);
  assert.deepEqual(
    keys.filter((key) => !text.includes(`\`${key}\``)),
    ['version', 'files'].filter((key) => !text.includes(`\`${key}\``)),
  );
});

const withoutBlock = { version: 1, files: [{ file: 'a.c', problems: [], blocks: [] }] };
const invalid: Readonly<Record<string, unknown>> = {
  'another version': { ...withoutBlock, version: 2 },
  'a missing key': { version: 1, files: [{ file: 'a.c', problems: [] }] },
  'an unknown key': { ...withoutBlock, more: 1 },
  'another type': { version: 1, files: {} },
};
for (const [what, document] of Object.entries(invalid)) {
  test(`the schema finds ${what}`, () => assert.notDeepEqual(schemaErrors(document), []));
}

test('all examples are valid documents with a block at least', async () => {
  const { files } = await documentOf(['examples']);
  const sources = readdirSync('examples').filter((name) => name !== 'README.md');
  assert.deepEqual(
    files.map(({ file }) => file),
    sources.sort().map((name) => `examples/${name}`),
  );
  for (const { file, problems, blocks } of files) {
    assert.deepEqual(problems, [], file);
    assert.ok(
      blocks.some(({ calls }) => calls.length > 0),
      file,
    );
  }
});

test('every way to end is a valid document', async () => {
  const { files } = await documentOf(['test/cli/fixtures/ends.c']);
  const calls = files.flatMap(({ blocks }) => blocks.flatMap((block) => block.calls));
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ['fault', 'blocked', 'exited', 'end', 'abi', 'returned', 'fault'],
  );
});

test('what bytes write is in the document, where they may', async () => {
  const file = 'test/cli/fixtures/output.c';
  const outputs: unknown[] = [];
  for (const sandbox of ['output', 'strict']) {
    const { files } = await documentOf(['--sandbox', sandbox, file]);
    outputs.push(files[0]?.blocks[0]?.calls[0]?.['output']);
  }
  assert.deepEqual(outputs, [Buffer.from('hello\n\x1b!').toString('hex'), null]);
});

// Each returns a constant or its argument; `value` and `hex` are what matters.
const bytes = { movss: '0xc3', ret: '0xc3', same: '0x48, 0x89, 0xf8, 0xc3' };
const values: readonly (readonly [
  signature: string,
  call: string,
  code: string,
  value: string | null,
  hex: string | null,
])[] = [
  ['int f(int a)', '(-1)', bytes.same, '-1', '0xffffffff'],
  [
    'uint64_t f(uint64_t a)',
    '(0xffffffffffffffff)',
    bytes.same,
    '18446744073709551615',
    '0xffffffffffffffff',
  ],
  ['(i8) -> i8', '(-128)', bytes.same, '-128', '0x80'],
  ['bool f(bool a)', '(true)', bytes.same, 'true', '0x01'],
  ['bool f(bool a)', '(false)', bytes.same, 'false', '0x00'],
  ['double f(double a)', '(0.1)', bytes.ret, '0.1', '0x3fb999999999999a'],
  ['double f(double a)', '(-inf)', bytes.ret, '-inf', '0xfff0000000000000'],
  ['double f(double a)', '(inf)', bytes.ret, 'inf', '0x7ff0000000000000'],
  ['double f(double a)', '(1e300)', bytes.ret, '1e+300', '0x7e37e43c8800759c'],
  ['double f(double a)', '(-0.0)', bytes.ret, '-0', '0x8000000000000000'],
  ['float f(float a)', '(0.1)', bytes.ret, '0.1', '0x3dcccccd'],
  ['float f(float a)', '(nan)', bytes.ret, 'nan', '0x7fc00000'],
  ['void f(void)', '()', bytes.ret, null, null],
  ['void *f(void *a)', '(null)', bytes.same, '0x0', null],
  ['void *f(void *a)', '(0x1234)', bytes.same, '0x1234', null],
];
for (const [signature, call, code, value, hex] of values) {
  test(`${signature} of ${call} is ${value} in JSON`, async (context) => {
    const cwd = folderWith(context, {
      'a.c': `// @jit ${signature}\n// @call ${call}\nchar code[] = {${code}};\n`,
    });
    const { files } = await documentOf(['a.c'], cwd);
    const made = files[0]?.blocks[0]?.calls[0];
    assert.equal(made?.['outcome'], 'returned');
    assert.deepEqual([made['value'], made['hex']], [value, hex]);
  });
}

test('a returned string leads to its bytes', async () => {
  const { files } = await documentOf(['examples/strings.c']);
  const made = files[0]?.blocks
    .flatMap(({ calls }) => calls)
    .find(({ args }) => String(args) === '"   hello"');
  assert.equal(made?.['hex'], Buffer.from('hello\0').toString('hex'));
});

test('nothing that JSON lets through is a command to a terminal', async (context) => {
  const cwd = folderWith(context, { 'a\u009b31m\u202e.c': '// @jit \u009b2J\nint x;\n' });
  const { stdout } = await jitBytes(['run', '--json', '.'], { cwd });
  assertDocument(JSON.parse(stdout));
  assert.match(stdout, /a\\u009b31m\\u202e\.c/);
  assert.doesNotMatch(stdout, /[\u0080-\u009f\u202e]/);
});
