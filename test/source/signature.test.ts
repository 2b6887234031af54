/** Signatures in both spellings: text and what it means, one a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSignature } from '../../src/model/signature.ts';
import { findJitBlocks, type ScanOptions } from '../../src/source/findJitBlocks.ts';

function read(signature: string, options: ScanOptions = {}, tags = ''): string {
  const text = `// @jit ${signature}\n${tags}let code = [0x90, 0xc3];\n`;
  const { blocks, problems } = findJitBlocks(text, 'rust', options);
  const first = problems[0];
  if (first) return `${first.span.start - 8}: ${first.message}`;
  return formatSignature(blocks[0]?.signature ?? assert.fail('no block'));
}

const same: readonly (readonly [string, string])[] = [
  ['', '() -> i64'],
  ['name', 'name() -> i64'],
  ['()', '() -> void'],
  ['() -> ()', '() -> void'],
  ['() -> void', '() -> void'],
  ['(i64) -> i64', '(i64) -> i64'],
  ['add_four(n: i64) -> i64', 'add_four(n: i64) -> i64'],
  ['add_four(n: i64,) -> i64;', 'add_four(n: i64) -> i64'],
  ['fn(i64) -> i64', '(i64) -> i64'],
  ['fn add(a: i32, b: i32) -> i32', 'add(a: i32, b: i32) -> i32'],
  ['extern "C" fn(f32, f64) -> f32', '(f32, f64) -> f32'],
  ['unsafe extern "C" fn f(p: *const u8) -> usize', 'f(p: *const u8) -> u64'],
  ['(a: &[i32], b: &mut [u8]) -> bool', '(a: *const i32, b: *mut u8) -> bool'],
  ['(*u64, ptr, str, &CStr) -> ptr', '(*mut u64, *mut void, str, str) -> *mut void'],
  ['(f32x4, i8x16) -> u64x2', '(f32x4, i8x16) -> u64x2'],
  ['long add_four(long n)', 'add_four(n: i64) -> i64'],
  ['double f(double)', 'f(f64) -> f64'],
  ['void f(void)', 'f() -> void'],
  ['int f(const uint8_t *b, size_t n)', 'f(b: *const u8, n: u64) -> i32'],
  ['unsigned f(unsigned long long a, signed char b)', 'f(a: u64, b: i8) -> u32'],
  ['long unsigned int f(short int, int long long)', 'f(i16, i64) -> u64'],
  ['const char *f(const char *s)', 'f(s: str) -> str'],
  ['char *f(char s[])', 'f(s: *mut i8) -> *mut i8'],
  [
    'void f(const int a[4], void *p, char **argv)',
    'f(a: *const i32, p: *mut void, argv: *mut *mut i8) -> void',
  ],
  ['void f(char const *const s)', 'f(s: str) -> void'],
  ['_Bool f(bool, ssize_t, intptr_t, uintptr_t)', 'f(bool, i64, i64, u64) -> bool'],
  ['static inline int f(register int x)', 'f(x: i32) -> i32'],
  ['void f(struct node *n)', 'f(n: *mut void) -> void'],
  ['__m128 f(__m128d a, __m128i b)', 'f(a: f64x2, b: i32x4) -> f32x4'],
];

for (const [text, expected] of same) {
  test(text === '' ? 'no signature' : text, () => assert.equal(read(text), expected));
}

const wrong: readonly (readonly [string, number, RegExp])[] = [
  ['(i65) -> i64', 1, /i65/],
  ['(i64 -> i64', 0, /closes/],
  ['(i64) -> ', 7, /type/],
  ['(i64) -> i64 the sum', 13, /prose/],
  ['(a: Point) -> i64', 4, /struct/],
  ['int f(struct point p)', 6, /struct/],
  ['(fn(i64) -> i64) -> i64', 1, /function pointer/],
  ['int f(int (*g)(int))', 10, /function pointer/],
  ['int printf(const char *f, ...)', 26, /variable/],
  ['long long long f(void)', 0, /no type/],
  [`(${Array.from({ length: 65 }, () => 'i8').join(', ')})`, -1, /64 parameters/],
];

for (const [text, column, message] of wrong) {
  test(`wrong: ${text.slice(0, 40)}`, () => {
    const found = read(text);
    assert.match(found, message);
    if (column >= 0) assert.equal(found.split(':')[0], String(column), found);
  });
}

test('long and pointers follow the platform', () => {
  assert.equal(read('long f(unsigned long n)', { windows: true }), 'f(n: u32) -> i32');
  assert.equal(read('long f(size_t n)', {}, '// @arch i386\n'), 'f(n: u32) -> i32');
  assert.equal(read('char f(void)', {}, '// @arch arm64\n'), 'f() -> u8');
  assert.equal(read('long f(void)', {}, '// @abi win64\n'), 'f() -> i32');
});
