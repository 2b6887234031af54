/** Where parameters arrive: System V psABI 3.2.3, Microsoft's x64 convention, AAPCS64 6.8.2. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signaturePlaces } from '../../src/engine/parameterPlaces.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

/** An annotation, and its places as text: parameters, then the result after `->`. */
const cases: readonly (readonly [string, string])[] = [
  ['f(n: i64) -> i64', 'n rdi -> rax'],
  ['f(a: i32, b: u16, c: u8, d: bool) -> i32', 'a edi, b si, c dl, d cl -> eax'],
  [
    'f(a: *const u8, b: usize, c: i64, d: i64, e: i32, f: u8)',
    'a rdi, b rsi, c rdx, d rcx, e r8d, f r9b',
  ],
  [
    '(i64, i64, i64, i64, i64, i64, i64, i32) -> u8',
    '#0 rdi, #1 rsi, #2 rdx, #3 rcx, #4 r8, #5 r9, #6 [rsp + 0x8], #7 [rsp + 0x10] -> al',
  ],
  ['f(x: f64, n: i64, y: f32) -> f64', 'x xmm0, n rdi, y xmm1 -> xmm0'],
  ['f(v: f32x4, w: i32x4) -> f32x4', 'v xmm0, w xmm1 -> xmm0'],
  ['f() -> *mut u8', ' -> rax'],
  ['f(n: i64) -> i64 @abi win64', 'n rcx -> rax'],
  [
    'f(a: i64, x: f64, b: i16, y: f32, c: i64) @abi win64',
    'a rcx, x xmm1, b r8w, y xmm3, c [rsp + 0x28]',
  ],
  ['f(v: f32x4, n: i8) @abi win64', 'v &rcx, n dl'],
  ['f(n: i64, m: i32, x: f64, y: f32) -> f32 @arch aarch64', 'n x0, m w1, x d0, y s1 -> s0'],
  [
    '(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) @arch arm64',
    '#0 x0, #1 x1, #2 x2, #3 x3, #4 x4, #5 x5, #6 x6, #7 x7, #8 [sp], #9 [sp, #8]',
  ],
];

for (const [annotation, expected] of cases) {
  test(annotation, () => {
    const { blocks } = findJitBlocks(`// @jit ${annotation}\nlet c = [0x90, 0xc3];`, 'rust');
    const [block] = blocks;
    assert(block);
    const places = signaturePlaces(block.signature, block.architecture, block.abi, false);
    assert(places);
    const parameters = places.parameters.map(
      ({ name, place, byReference }) => `${name} ${byReference ? '&' : ''}${place}`,
    );
    const result = places.result ? ` -> ${places.result.place}` : '';
    assert.equal(parameters.join(', ') + result, expected);
  });
}

test('the platform chooses where the annotation does not; others are not known', () => {
  const signature = { name: 'f', parameters: [], result: { kind: 'void' } } as const;
  assert.equal(signaturePlaces(signature, 'x86_64', undefined, true)?.convention, 'win64');
  assert.equal(signaturePlaces(signature, 'x86_64', 'sysv', true)?.convention, 'sysv');
  assert.equal(signaturePlaces(signature, 'x86_64', 'cdecl', false), undefined);
  assert.equal(signaturePlaces(signature, 'x86', undefined, false), undefined);
});
