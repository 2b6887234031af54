/** `check --fix`: what stands in the file afterwards, byte by byte. */
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { folderWith, jitBytes } from './commandLine.ts';

/** Two wrong comments in the habits of their authors, a true one and prose. */
const wrong = [
  '// 😀 @jit is below',
  '',
  '// @jit f(n: i64) -> i64',
  'char f[] = {',
  '  0x48, 0x89, 0xf8, // mov %rsi,%rax',
  '  0x48, 0x83, 0xc0, 0x04, /* ADD $5, %RAX */',
  '  0xc3, // ret',
  '}; // done',
  '',
].join('\n');
const right = wrong
  .replace('mov %rsi,%rax', 'mov %rdi,%rax')
  .replace('ADD $5, %RAX', 'ADD $4, %RAX');

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const crlf = (text: string) => text.replaceAll('\n', '\r\n');
const guises: readonly (readonly [string, (text: string) => Buffer])[] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a byte order mark and CRLF', (text) => Buffer.from(`\ufeff${crlf(text)}`)],
  ['UTF-16, little-endian', (text) => utf16(crlf(text))],
  ['UTF-16, big-endian', (text) => utf16(text).swap16()],
];
for (const [name, encode] of guises) {
  test(`${name}: comments are mended, all else stays`, async (context) => {
    const cwd = folderWith(context, { 'a.c': encode(wrong) });
    const file = path.join(cwd, 'a.c');
    chmodSync(file, 0o640);
    const { status, stdout, stderr } = await jitBytes(['check', '--fix', 'a.c'], { cwd });
    assert.equal(
      stdout,
      'a.c:5:21: fixed: "mov %rsi,%rax" is now "mov %rdi,%rax"\n' +
        'a.c:6:27: fixed: "ADD $5, %RAX" is now "ADD $4, %RAX"\n',
    );
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.deepEqual(readFileSync(file), encode(right));
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal((await jitBytes(['check', 'a.c'], { cwd })).status, 0);
  });
}

test('the JSON document tells what stands there now', async (context) => {
  const cwd = folderWith(context, { 'a.c': wrong });
  const { stdout } = await jitBytes(['check', '--fix', '--json', 'a.c'], { cwd });
  const told = /"fixed":"[^"]*"/g;
  assert.deepEqual(stdout.match(told), ['"fixed":"mov %rdi,%rax"', '"fixed":"ADD $4, %RAX"']);
});

test('a link stays, and leads to the mended file', async (context) => {
  const cwd = folderWith(context, { 'real/a.c': wrong });
  symlinkSync('real/a.c', path.join(cwd, 'link.c'));
  await jitBytes(['check', '--fix', 'link.c'], { cwd });
  assert.ok(lstatSync(path.join(cwd, 'link.c')).isSymbolicLink());
  assert.equal(readFileSync(path.join(cwd, 'real/a.c'), 'utf8'), right);
});

test('a file that is not valid text in its encoding is left alone', async (context) => {
  const bytes = Buffer.concat([Buffer.from(wrong), Buffer.from([0x2f, 0x2f, 0xff, 0x0a])]);
  const cwd = folderWith(context, { 'a.c': bytes });
  const { status, stdout } = await jitBytes(['check', '--fix', 'a.c'], { cwd });
  assert.match(stdout, /error: the comments of this file cannot be fixed: it is not valid text/);
  assert.equal(status, 2);
  assert.deepEqual(readFileSync(path.join(cwd, 'a.c')), bytes);
});

test('a file without a wrong comment is not written', async (context) => {
  const cwd = folderWith(context, { 'a.c': right });
  const before = statSync(path.join(cwd, 'a.c'), { bigint: true });
  assert.equal((await jitBytes(['check', '--fix', '.'], { cwd })).status, 0);
  const after = statSync(path.join(cwd, 'a.c'), { bigint: true });
  assert.deepEqual([after.ino, after.mtimeNs], [before.ino, before.mtimeNs]);
});
