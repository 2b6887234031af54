/** What `jit-bytes test` understands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTest, type TestOptions } from '../../src/cli/test/options.ts';
import { UsageError } from '../../src/cli/words.ts';

const understood: readonly (readonly [string, Partial<TestOptions>])[] = [
  ['', { paths: ['.'], reporters: [{ name: 'spec', file: undefined }], repeat: 1, shuffle: false }],
  ['a.c src **/*.c', { paths: ['a.c', 'src', '**/*.c'] }],
  ['- --language c', { paths: ['-'], language: 'c' }],
  ['--timeout 50', { timeoutMs: 50 }],
  ['--reporter tap', { reporters: [{ name: 'tap', file: undefined }] }],
  [
    '--reporter spec --reporter github --reporter=junit=a=b.xml',
    {
      reporters: [
        { name: 'spec', file: undefined },
        { name: 'github', file: undefined },
        { name: 'junit', file: 'a=b.xml' },
      ],
    },
  ],
  ['--jobs 3 --repeat=20', { jobs: 3, repeat: 20 }],
  ['--shard 2/3', { shard: { index: 2, count: 3 } }],
  ['--shuffle --seed 0', { shuffle: true, seed: 0 }],
  ['--fail-fast --strict --watch', { failFast: true, strict: true, watch: true }],
  ['--watch --reporter tap=x', { reporters: [{ name: 'tap', file: 'x' }] }],
  ['-- --watch', { paths: ['--watch'], watch: false }],
];
for (const [line, expected] of understood) {
  test(`"test ${line}" is understood`, () => {
    const given = readTest(line.split(' ').filter((word) => word !== ''));
    const keys = Object.keys(expected);
    const those = Object.fromEntries(
      Object.entries(given ?? {}).filter(([key]) => keys.includes(key)),
    );
    assert.deepEqual(those, expected);
  });
}

test('jobs are at least one and at most four if not given', () => {
  const jobs = readTest([])?.jobs ?? 0;
  assert.ok(jobs >= 1 && jobs <= 4);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ['--reporter', /--reporter needs a reporter: spec, tap/],
  ['--reporter xml', /unknown reporter "xml"; there are spec, tap, junit, json, github/],
  ['--reporter junit=', /--reporter junit= needs a file/],
  ['--reporter tap --reporter spec', /cannot be tap and spec; .*--reporter tap=FILE/],
  ['--reporter json=x --reporter tap=x', /two reporters write to x/],
  ['--reporter json=x --reporter tap=./x', /two reporters write to .\/x/],
  ['--jobs 0', /--jobs needs a whole number from 1 to 64, not "0"/],
  ['--jobs 65', /not "65"/],
  ['--jobs 1.5', /not "1.5"/],
  ['--jobs -1', /not "-1"/],
  ['--repeat 0', /--repeat needs/],
  ['--shard 2', /--shard needs a part, such as "1\/4", not "2"/],
  ['--shard 0/2', /from 1 to 2, not "0"/],
  ['--shard 3/2', /from 1 to 2, not "3"/],
  ['--shard 1/0', /--shard needs a whole number/],
  ['--seed 1', /--seed is for --shuffle/],
  ['--shuffle --seed 4294967296', /--seed needs a whole number from 0 to 4294967295/],
  ['--filter /(/', /--filter: Invalid regular expression/],
  ['--filter /a/q', /--filter: Invalid flags/],
  ['--filter=', /--filter needs a text/],
  ['--watch=yes', /--watch takes no value/],
  ['--watch -', /--watch cannot watch standard input/],
  ['--watch --reporter tap', /--watch writes many reports: --reporter tap=FILE/],
  ['--language c a.c', /--language is for standard input/],
  ['--junit', /unknown option "--junit"/],
  ['--constructor', /unknown option "--constructor"/],
];
for (const [line, message] of refused) {
  test(`"test ${line}" is refused`, () => {
    assert.throws(
      () => readTest(line.split(' ')),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}
