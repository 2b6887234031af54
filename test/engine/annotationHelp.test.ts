/** Suggestions at places of an annotation; `¦` is the cursor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { suggestionsAt, type Suggestions } from '../../src/engine/annotationHelp.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';
import { placeInComment } from '../../src/source/annotationPlace.ts';

function suggest(language: string, marked: string, asked = false): Suggestions | undefined {
  const offset = marked.indexOf('¦');
  assert(offset >= 0, 'the text has a cursor');
  const text = marked.replace('¦', '');
  const place = placeInComment(text, offset, language);
  return place && suggestionsAt(place, asked, undefined);
}

/** Language, text, characters already typed, labels that must be there, labels that must not. */
const there: readonly (readonly [string, string, number, string, string])[] = [
  ['rust', '// @¦', 1, '@jit|@fragment', '@call|@arch'],
  ['rust', '/// @j¦', 2, '@jit', '@call'],
  ['rust', '// @jit f(n: i64) -> i64\n// @¦', 1, '@call|@arch|@abi|@timeout|@patch', '@jit|@more'],
  ['rust', '// @jit f(n: i64) -> i64 @a¦', 2, '@arch|@abi|@asm', '@jit'],
  ['rust', '// @arch arm64 @jit f() @¦', 1, '@call', '@arch|@jit'],
  ['rust', '// @jit f()\n// @patch +1 = u8 1\n// @¦', 1, '@patch|@call', '@fragment'],
  ['c', '/* @jit long f(long n)\n * @ca¦ */', 3, '@call', '@jit'],
  ['c', '/* @¦ */', 1, '@jit', '@call'],
  ['python', '# @jit f() -> i64\n# @¦', 1, '@call', '@jit'],
  ['nasm', '; @jit f() -> i64\n; @arch ¦', 0, 'x86_64|aarch64|riscv64', 'x64'],
  ['rust', '// @jit f() @arch aa¦', 2, 'aarch64', ''],
  ['rust', '// @jit f() @abi ¦', 0, 'sysv|win64|cdecl', ''],
  ['rust', '// @jit f()\n// @timeout ¦', 0, '100ms|1s', ''],
  ['rust', '// @jit f()\n// @patch +2 = ¦', 0, 'u64|f32', 'i128'],
  ['rust', '// @jit f()\n// @entry ¦', 0, '+0x10', ''],
  // Types, in both spellings.
  ['rust', '// @jit ¦', 0, 'name(n: i64) -> i64|long name(long n)', ''],
  ['rust', '// @jit f(n: ¦', 0, 'i64|*const u8|ptr', 'void'],
  ['rust', '// @jit f(n: i64, m: u¦) -> i64', 1, 'u8|usize', 'void'],
  ['rust', '// @jit f(n: *co¦)', 3, '*const u8', 'void'],
  ['rust', '// @jit f(n: i64) -> ¦', 0, 'i64|void|*mut u8', ''],
  ['rust', '// @jit (i64, ¦) -> i64', 0, 'i64', 'void'],
  ['c', '// @jit long f(¦', 0, 'long|const char *', 'void|i64'],
  ['c', '// @jit long f(long a, ¦)', 0, 'long|size_t', 'i64'],
  ['c', '// @jit const char *f(uns¦', 3, 'unsigned int', ''],
  // Arguments.
  ['rust', '// @jit f(n: i64)\n// @call ¦', 0, '(n)', ''],
  ['rust', '// @jit f(n: i64)\n// @call (¦', 0, '0|1|-1|0x7fffffffffffffff', 'true'],
  ['rust', '// @jit f(n: i64)\n// @call (¦) => 4', 0, '0|1|-1', 'true'],
  ['rust', '// @jit f(n: u8)\n// @call (¦', 0, '0|0xff', '-1'],
  ['rust', '// @jit f(n: i64, b: *mut u8)\n// @call (1, ¦', 0, '[0; 16]|"text"|null', '0'],
  ['rust', '// @jit f(b: *mut u8, t: bool)\n// @call ([1, 2], t¦', 1, 'true|false', 'null'],
  ['rust', '// @jit f(b: str, t: bool)\n// @call ("a, (b", ¦', 0, 'true', '"text"'],
  ['rust', '// @jit f(v: f32x4)\n// @call (¦', 0, '<1, 2, 3, 4>', ''],
  ['c', '/* @jit long f(const char *s) */\n// @call (¦', 0, '"text"|null', '0'],
  // Expectations.
  ['rust', '// @jit f(n: i64) -> i64\n// @call (4) => ¦', 0, 'fault SIGSEGV|timeout|end', 'true'],
  ['rust', '// @jit f(out: *mut u8)\n// @call ([0; 4]) => ¦', 0, 'out = […]|fault', 'null'],
  ['rust', '// @jit f(out: *mut u8) -> bool\n// @call ([0]) => true, ¦', 0, 'out = […]', 'fault'],
  ['rust', '// @jit f(p: *const u8) -> *const u8\n// @call ([0]) => ¦', 0, 'p|null', 'p = […]'],
  ['rust', '// @jit f() -> f64\n// @call () => n¦', 1, 'nan|1.5 +- 1e-6', 'null'],
  ['rust', '// @jit f()\n// @call () => fault S¦', 7, 'fault SIGSEGV', ''],
  ['rust', '// @jit f()\n// @call () => blocked ex¦', 10, 'blocked execve', ''],
  // Fragments.
  ['rust', '// @fragment\n// @call (¦', 0, 'rax|zf|xmm0|r8', 'x0|fault'],
  ['rust', '// @fragment\n// @call (rax = 5, r¦', 1, 'rbx', 'rax'],
  ['rust', '// @fragment\n// @call (rax = 5) => ¦', 0, 'rax|fault|timeout', ''],
  ['rust', '// @fragment @arch aarch64\n// @call (¦', 0, 'x0|x30|v31', 'rax'],
  // Half written, with more below.
  ['rust', '// @jit f(n: i64) -> i64\n// @call (¦\n// @call (3) => 4\n[1, 2]', 0, '0', ''],
  ['c', '/* @jit long f(long n)\n   @call (3) => ¦ */\nchar c[] = {1, 2};', 0, 'fault', ''],
  ['rust', '// @jit f(n: i64)\r\n// @call (¦\r\n', 0, '0', ''],
  ['c', '/*\r\n * @jit long f(long n) @abi ¦\r\n */', 0, 'win64', ''],
  // In Markdown, only in code.
  ['markdown', 'Text\n```rust\n// @jit f() @arch ¦\n```\n', 0, 'aarch64', ''],
];

for (const [language, text, typed, present, absent] of there) {
  test(`${language}: ${text.replaceAll('\n', '⏎')}`, () => {
    const found = suggest(language, text);
    assert(found, 'something is suggested');
    assert.equal(found.typed, typed);
    const labels = found.items.map(({ label }) => label);
    for (const label of present.split('|')) assert(labels.includes(label), `${label}: ${labels}`);
    for (const label of absent === '' ? [] : absent.split('|')) {
      assert(!labels.includes(label), `no ${label}: ${labels}`);
    }
  });
}

/** Where nothing may be suggested unasked. */
const nowhere: readonly (readonly [string, string])[] = [
  ['rust', 'let a = "@¦";'],
  ['rust', '@¦'],
  ['python', '@¦\ndef f(): pass'],
  ['rust', '// mail me @¦'],
  ['javascript', '/** @param ¦ */'],
  ['javascript', '/** Like {@¦} */'],
  ['rust', '// text (¦'],
  ['rust', '// @jit f(n: i64) -> i64 ¦'],
  ['rust', '// @jit f(n: i64)\n// @call (4) ¦'],
  ['rust', '// @jit f(n: i64)\n// @call (4, ¦'],
  ['rust', '// @jit f(n: i64)\n// @call (4 @¦'],
  ['rust', '// @jit f(n: i64)\n// prose ¦'],
  ['rust', '// @jit f(n: i64)\n\n// other comment ¦'],
  ['rust', '// @jit f(n: i64)\nlet code = [¦0x48];'],
  ['c', '/* @jit long f(long n) */¦'],
  ['markdown', '// @jit f() @arch ¦'],
];

for (const [language, text] of nowhere) {
  test(`nothing at ${language}: ${text.replaceAll('\n', '⏎')}`, () => {
    assert.equal(
      suggest(language, text)
        ?.items.map(({ label }) => label)
        .join(' '),
      undefined,
    );
  });
}

test('asked for, the arrow of an expectation and @more', () => {
  const labels = (text: string): readonly string[] =>
    suggest('rust', text, true)?.items.map(({ label }) => label) ?? [];
  assert.deepEqual(labels('// @jit f(n: i64)\n// @call (4) ¦'), ['=>']);
  assert.deepEqual(labels('// @m¦'), ['@jit', '@fragment', '@call', '@more']);
});

/** What a snippet writes if nothing in it is changed. */
function written(snippet: string): string {
  return snippet
    .replaceAll(/\$\{\d+:((?:[^\\}]|\\.)*)\}/g, '$1')
    .replaceAll(/\$\d/g, '')
    .replaceAll(/\\([\\$}])/g, '$1');
}

const valueFor: Readonly<Record<string, string>> = {
  bool: 'true',
  str: '"a"',
  ptr: '[1]',
  '*const i32': '[1]',
  '*mut u8': '[1]',
  '&[u8]': '[1]',
  f32x4: '<1, 2, 3, 4>',
  u64x2: '<1, 2>',
};

/** Texts in which everything that is suggested at the cursor can be written. */
const readable: readonly string[] = [
  '// @jit ¦',
  '// @jit f(n: ¦) -> i64',
  '// @jit f(¦, i64) -> i64',
  '// @jit f() -> ¦',
  '// @jit long f(¦)',
  '// @jit f()\n// @arch ¦',
  '// @jit f()\n// @abi ¦',
  '// @jit f()\n// @timeout ¦',
  '// @jit f()\n// @patch ¦',
  '// @jit f()\n// @patch +2 = ¦0',
  '// @jit f()\n// @entry ¦',
  '// @jit f()\n// @data ¦',
  '// @jit f(out: *mut u8, n: bool)\n// @call ¦',
  '// @fragment\n// @call ¦',
  '// @fragment\n// @call (¦)',
  '// @fragment\n// @call (rcx = 4, ¦) => zf = 1',
  '// @fragment\n// @call () => ¦',
  '// @fragment @arch aarch64\n// @call () => ¦',
  ...'i64|u8|f32|f64|bool|str|ptr|*const i32|*mut u8|f32x4|u64x2|&[u8]'
    .split('|')
    .flatMap((type) => [
      `// @jit f(out: ${type}) -> i64\n// @call (¦)`,
      `// @jit f(out: ${type}) -> ${type}\n// @call (${valueFor[type] ?? '1'}) => ¦`,
    ]),
];

test('what is suggested can be read', () => {
  const below = '\nlet code = [0x48, 0x89, 0xf8, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];';
  let read = 0;
  for (const text of readable) {
    const found = suggest('rust', text);
    assert(found, text);
    for (const { snippet } of found.items) {
      const [before = '', after = ''] = text.split('¦');
      const whole: string = before.slice(0, before.length - found.typed) + written(snippet) + after;
      const { problems } = findJitBlocks(whole + below, 'rust');
      assert.deepEqual(
        problems.map(({ message }) => message),
        [],
        whole,
      );
      read++;
    }
  }
  assert(read > 500, `${read} were read`);
});

test('every tag is suggested under an @jit with none of the others', () => {
  const found = suggest('rust', '// @jit f()\n// @¦');
  assert.deepEqual(
    found?.items.map(({ label }) => label),
    ['@call', '@arch', '@abi', '@timeout', '@entry', '@patch', '@data', '@asm', '@bench'],
  );
});

test('no text and no place makes it throw', () => {
  const pieces =
    '// |/* | */|@|@jit |@call |@fragment|@arch |f|(|)|[|]|=>|,|"|\'|n: i64|-> |\n|\r\n| '.split(
      '|',
    );
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 30 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      text,
      fc.nat(),
      fc.boolean(),
      fc.constantFrom('rust', 'c', 'python', 'markdown'),
      (made, at, asked, language) => {
        const place = placeInComment(made, at % (made.length + 1), language);
        const found = place && suggestionsAt(place, asked, undefined);
        assert((found?.typed ?? 0) <= (place?.lineBefore.length ?? 0));
      },
    ),
    { numRuns: 2000 },
  );
});
