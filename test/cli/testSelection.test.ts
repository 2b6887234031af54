/** Which tests run, in which order, and what patterns match. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { patternOf } from '../../src/cli/pattern.ts';
import { each, inOrder } from '../../src/engine/inOrder.ts';
import { inShard, readFilter, shuffled } from '../../src/cli/test/selection.ts';

const name = 'src/a.c > add_four > add_four(4) => 8';
const filters: readonly (readonly [filter: string, holds: boolean])[] = [
  ['add_four', true],
  ['a.c > add_four >', true],
  ['ADD', false],
  ['/ADD/', false],
  ['/ADD/i', true],
  ['/^src\\/.*8$/', true],
  ['/\\(\\d\\)/gy', true],
  ['add.four', false],
  ['/add.four/', true],
  ['/', true],
  ['//', false],
];
for (const [filter, holds] of filters) {
  test(`--filter ${filter} ${holds ? 'lets' : 'does not let'} ${name} through`, () => {
    const passes = readFilter(filter);
    assert.equal(passes(name), holds);
    assert.equal(passes(name), holds, 'the second time');
  });
}

const same = (text: string): string => text;

test('every file is in exactly one shard, wherever it is named', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string()),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (files, count, seed) => {
        const parts = Array.from({ length: count }, (_, n) => {
          const shard = { index: n + 1, count };
          const part = inShard(files, same, shard);
          assert.deepEqual(
            inShard(shuffled(files, same, seed), same, shard).sort(),
            [...part].sort(),
          );
          return part;
        });
        assert.deepEqual(parts.flat().sort(), [...files].sort());
        const sizes = parts.map(({ length }) => length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      },
    ),
  );
});

test('a seed gives one order, another seed another', () => {
  const files = Array.from({ length: 20 }, (_, n) => `f${n}`);
  const one = shuffled(files, same, 1);
  assert.deepEqual(shuffled(files.toReversed(), same, 1), one);
  assert.notDeepEqual(shuffled(files, same, 2), one);
  assert.notDeepEqual(one, files);
  assert.deepEqual([...one].sort(), [...files].sort());
});

const patterns: readonly (readonly [
  pattern: string,
  folder: string,
  matches: readonly string[],
  not: readonly string[],
])[] = [
  ['*.c', '.', ['a.c', '.c', '.a.c'], ['a.cc', 'b/a.c', 'axc']],
  ['./src/*.c', 'src', ['src/a.c'], ['src/b/a.c', 'a.c']],
  ['**/*.c', '.', ['a.c', 'b/a.c', 'b/c/a.c'], ['a.d']],
  ['src/**', 'src', ['src/a', 'src/b/a.c'], ['srca']],
  ['src/**/x/*', 'src', ['src/x/a', 'src/b/c/x/a'], ['src/x/b/a', 'src/bx/a']],
  ['a?.c', '.', ['ab.c'], ['a.c', 'a/.c']],
  ['[ab].c', '.', ['a.c', 'b.c'], ['c.c', '[ab].c']],
  ['[!a-c].c', '.', ['d.c', '-.c'], ['a.c', 'b.c', '/.c']],
  ['[]x].c', '.', ['].c', 'x.c'], ['a.c']],
  ['*.{c,rs}', '.', ['a.c', 'a.rs'], ['a.go', 'a.{c,rs}']],
  ['{a,b{1,2}}.c', '.', ['a.c', 'b1.c', 'b2.c'], ['b.c', 'a1.c']],
  ['{a,*', '.', ['{a,b'], ['a', 'b']],
  ['[c-a]*', '.', [], ['bx']],
  ['{a[}]}', '.', ['a}'], ['a']],
  ['[a*', '.', ['[ab'], ['ab']],
  ['*(1)+$^|.c', '.', ['x(1)+$^|.c'], ['x1.c']],
  ['a**b', '.', ['aXb', 'ab'], ['b']],
  ['/tmp/*.c', '/tmp', ['/tmp/a.c'], ['tmp/a.c']],
  ['/*.c', '/', ['/a.c'], ['a.c']],
  ['../*.c', '..', ['../a.c'], ['a.c']],
];
for (const [pattern, folder, matching, not] of patterns) {
  test(`the pattern ${pattern}`, { skip: path.sep !== '/' && 'is spelt for /' }, () => {
    const read = patternOf(pattern);
    assert.equal(read?.folder, folder);
    for (const file of matching) assert.ok(read.matches(file), file);
    for (const file of not) assert.ok(!read.matches(file), `not ${file}`);
  });
}

test('a text without wildcards is no pattern, and none makes it throw', () => {
  assert.equal(patternOf('src/a-b.c'), undefined);
  const piece = fc.constantFrom(
    '*',
    '**',
    '?',
    '[',
    ']',
    '{',
    '}',
    ',',
    '/',
    'a',
    '!',
    '-',
    'c',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      patternOf(pieces.join(''))?.matches('a/b');
    }),
    { numRuns: 2000 },
  );
});

test('results come in order, from so many at a time', async () => {
  let running = 0;
  let most = 0;
  const work = async (n: number): Promise<number> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5));
    running--;
    return n;
  };
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const results: number[] = [];
  for await (const result of inOrder(each(numbers), 4, work)) results.push(result);
  assert.deepEqual(results, numbers);
  assert.equal(most, 4);
});

test('a result does not wait for a thing that does not come', async () => {
  async function* things(): AsyncGenerator<number> {
    yield 1;
    await new Promise(() => undefined);
  }
  for await (const result of inOrder(things(), 4, (n) => Promise.resolve(n))) {
    assert.equal(result, 1);
    break;
  }
});

test('an error comes in its turn', async () => {
  const seen: number[] = [];
  const work = (n: number): Promise<number> =>
    n === 2 ? Promise.reject(new Error('two')) : Promise.resolve(n);
  await assert.rejects(async () => {
    for await (const result of inOrder(each([1, 2, 3]), 3, work)) seen.push(result);
  }, /two/);
  assert.deepEqual(seen, [1]);
});
