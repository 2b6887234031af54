/** Texts in every guise give the same values and places. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { decodeText } from '../../src/engine/decodeText.ts';
import { addFour, folderWith, jitBytes } from './commandLine.ts';

/** A value, and a problem in a column that depends on how columns are counted. */
const source = [
  '// 😀 äöü',
  '// @jit  long add_four(long n)',
  '\t/* 😀 */ // @call (4) => 8',
  '\tconst char *s = "😀"; char code[] = {0x48, 0x8d, 0x47, 4, 0xc3};',
  '',
  '// @jit  long bad(void)',
  '\t/* 😀 */ char code[] = {0x48, 0x100, 0xc3};',
  '',
].join('\n');
const expected = ['a.c:7:32: error: ', 'a.c:3  add_four(4) ⇒ 8 ✓'].join('\n');

const crlf = source.replaceAll('\n', '\r\n');
const big = Buffer.from(`\ufeff${source}`, 'utf16le').swap16();
const guises: Readonly<Record<string, string | Uint8Array>> = {
  'UTF-8': source,
  CRLF: crlf,
  'UTF-8 with a byte order mark': `\ufeff${source}`,
  'UTF-16, little-endian': Buffer.from(`\ufeff${crlf}`, 'utf16le'),
  'UTF-16, big-endian': big,
};
for (const [name, content] of Object.entries(guises)) {
  test(`${name}: same values, same columns`, async (context) => {
    const cwd = folderWith(context, { 'a.c': content });
    for (const named of ['a.c', '.']) {
      const { stdout, stderr } = await jitBytes(['run', named], { cwd });
      assert.equal(stdout.replace(/(error: ).*/, '$1'), `${expected}\n`);
      assert.equal(stderr, '');
    }
  });
}

test('what is not valid UTF-8 is said, and the rest runs', async (context) => {
  const latin = Buffer.from(
    `// fertig \ufffd äh\n${addFour('(4) => 8')}`.replace('\ufffd', '\ufffd\u00fc'),
    'utf8',
  );
  const broken = Buffer.concat([
    Buffer.from('// a \ufffd '),
    Buffer.from([0xfc]),
    Buffer.from('ber\n'),
    latin,
  ]);
  const cwd = folderWith(context, { 'a.c': broken });
  const { status, stdout } = await jitBytes(['run', 'a.c'], { cwd });
  assert.equal(stdout, 'a.c:1:8: warning: this is not valid UTF-8\na.c:4  add_four(4) ⇒ 8 ✓\n');
  assert.equal(status, 0);
});

test('bytes that are not valid never run', async (context) => {
  const text = '// @jit long f(void)\nconst char *code = "\\x48\\x31\\xc0?\\xc3";\n';
  const bytes = Buffer.from(text);
  bytes[bytes.indexOf('?')] = 0xe4;
  const cwd = folderWith(context, { 'a.c': bytes });
  const { status, stdout } = await jitBytes(['run', 'a.c'], { cwd });
  assert.equal(status, 2);
  assert.doesNotMatch(stdout, /⇒/);
});

const python = '# @jit (i64) -> i64\n# @call (4) => 8\ncode = bytes([0x48, 0x8d, 0x47, 4, 0xc3])\n';
test('standard input, with a language', async () => {
  const { status, stdout } = await jitBytes(['run', '--language', 'python', '-'], {
    input: python,
  });
  assert.deepEqual([status, stdout], [0, '-:2  (4) ⇒ 8 ✓\n']);
});

test('standard input is read in its language, not in any', async () => {
  const { stdout } = await jitBytes(['run', '--language', 'c', '-'], { input: python });
  assert.doesNotMatch(stdout, /⇒/);
});

test('standard input and an unknown ending are read by common comment signs', async (context) => {
  const input = addFour('(4) => 8');
  const piped = await jitBytes(['run', '-'], { input });
  assert.deepEqual([piped.status, piped.stdout], [0, '-:2  add_four(4) ⇒ 8 ✓\n']);
  const cwd = folderWith(context, { 'a.unheard-of': input, plain: input });
  const named = await jitBytes(['run', 'a.unheard-of', 'plain'], { cwd });
  assert.match(named.stdout, /^a\.unheard-of:2 .* ✓\nplain:2 .* ✓\n/);
});

test('a thing named twice is read once', async (context) => {
  const cwd = folderWith(context, { 'a.c': addFour('(4) => 8') });
  const { stdout } = await jitBytes(['run', 'a.c', './a.c', '.', '-', '-'], { cwd });
  assert.equal(stdout, 'a.c:2  add_four(4) ⇒ 8 ✓\n');
});

test('a link that is named is followed, and one that leads nowhere is told', async (context) => {
  const cwd = folderWith(context, { 'a.c': addFour('(4) => 8') });
  symlinkSync('a.c', `${cwd}/link.c`);
  symlinkSync('round', `${cwd}/round`);
  const { status, stdout, stderr } = await jitBytes(['run', 'round', 'link.c'], { cwd });
  assert.equal(stdout, 'link.c:2  add_four(4) ⇒ 8 ✓\n');
  assert.match(stderr, /^round: error: too many symbolic links encountered\n$/);
  assert.equal(status, 2);
});

test('a file cannot speak to the terminal', async (context) => {
  const cwd = folderWith(context, {
    'a\u001b[31m\n.c': `${addFour('(4, \u001b[2J\u009b) => 8')}\n// @jit \u202ef(long n) -> \u0007\nint x;\n`,
    'b\u001b[31m\n.c': addFour('(4) => 9'),
    's.c':
      '// @jit const char *f(const char *s)\n// @call ("\u001b[2J\u009b\u202ex") => "no"\nchar code[] = {0x48, 0x89, 0xf8, 0xc3};\n',
  });
  const { stdout, stderr } = await jitBytes(['run', '.'], { cwd });
  assert.match(stdout, /a\\x1b\[31m\\x0a\.c:2:/);
  assert.match(stdout, /b\\x1b\[31m\\x0a\.c:2 .*⇒/);
  assert.doesNotMatch(`${stdout}${stderr}`, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('the limit holds, also against a longer @timeout', async (context) => {
  const text = '// @jit void f(void)\n// @timeout 10s\nchar code[] = {0xeb, 0xfe};\n';
  const cwd = folderWith(context, { 'a.c': text });
  const { status, stdout } = await jitBytes(['run', '--timeout', '30', 'a.c'], { cwd });
  assert.deepEqual(
    [status, stdout],
    [1, 'a.c:1  f() ⇒ timeout after 30 ms, stuck at +0x0: jmp +0x0 ✗\n'],
  );
});

const mark = '\ufeff';
const places: readonly (readonly [what: string, bytes: Buffer, invalidAt: number | undefined])[] = [
  ['nothing', Buffer.from(''), undefined],
  ['what its author has replaced', Buffer.from('\ufffd ä \ufffd'), undefined],
  ['the same after a mark', Buffer.from(`${mark}\ufffd`), undefined],
  ['a byte at the start', Buffer.from([0xff, 0x41]), 0],
  ['a byte after wide characters', Buffer.concat([Buffer.from('ä😀'), Buffer.from([0x80])]), 3],
  [
    'a byte after replaced ones',
    Buffer.concat([Buffer.from(`${mark}ä\ufffdb`), Buffer.from([0x80])]),
    3,
  ],
  ['a sequence cut short', Buffer.from('aä').subarray(0, 2), 1],
  ['a surrogate in UTF-8', Buffer.from([0x61, 0xed, 0xa0, 0x80]), 1],
  ['UTF-16 that is well', Buffer.from(`${mark}\ufffd😀`, 'utf16le'), undefined],
  ['half a pair in UTF-16', Buffer.from(`${mark}\ufffda\ud800b`, 'utf16le'), 2],
  ['half a unit in UTF-16', Buffer.from(`${mark}ab`, 'utf16le').subarray(0, 5), 1],
];
for (const [what, bytes, invalidAt] of places) {
  test(`decoding ${what}: ${invalidAt === undefined ? 'valid' : `invalid at ${invalidAt}`}`, () => {
    assert.equal(decodeText(bytes).invalidAt, invalidAt);
  });
}
