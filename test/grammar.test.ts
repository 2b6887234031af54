/** The injected grammar: its patterns are also JavaScript's, and are tried here without an editor. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findJitBlocks } from '../src/source/findJitBlocks.ts';
import { languageIdOfFile } from '../src/source/languages.ts';

interface Pattern {
  readonly match: string;
}

function patternsOf(file: string): readonly RegExp[] {
  const grammar = JSON.parse(readFileSync(`syntaxes/${file}.tmLanguage.json`, 'utf8')) as {
    readonly patterns: readonly Pattern[];
  };
  return grammar.patterns.map(({ match }) => new RegExp(match, 'g'));
}

const patterns = patternsOf('annotation');

/** What the grammar takes of a line, in its order. */
function taken(line: string): readonly string[] {
  return patterns
    .flatMap((pattern) => [...line.matchAll(pattern)])
    .sort((a, b) => a.index - b.index)
    .map(([whole]) => whole.trimEnd());
}

/** A line, and what is taken of it. */
const lines: readonly (readonly [string, readonly string[]])[] = [
  ['// @jit f(n: i64) -> i64', ['@jit f(n: i64) -> i64']],
  ['// @jit', ['@jit']],
  ['// @jit f @arch arm64', ['@jit f', '@arch arm64']],
  ['/* @jit long f(void *) */ int a;', ['@jit long f(void *)']],
  ['(* @jit f(n: i64) -> i64 *) let a = (1)', ['@jit f(n: i64) -> i64']],
  ['(* @call (4) => 8 *)', ['@call (4) => 8']],
  ['<!-- @call ([1], "a)") => out = [2] -->', ['@call ([1], "a)") => out = [2]']],
  ['--[[ @jit f() ]]', ['@jit f()']],
  ['{ @call (4) => 8 }', ['@call (4) => 8']],
  ['( @call (4) => 8 )', ['@call (4) => 8']],
  ['; @call (rax = 5) => rax = 12, zf = 0', ['@call (rax = 5) => rax = 12, zf = 0']],
  [
    '// @timeout 50ms @abi win64 @entry +0x3 @bench',
    ['@timeout 50ms', '@abi win64', '@entry +0x3', '@bench'],
  ],
  ['// @patch +2 = u64 0x1122 @more f', ['@patch +2 = u64 0x1122', '@more f']],
  // Words of others.
  ['/** @param {x} @call me @data-x @timeout soon @abi stable @archive */', []],
  ['// see @jit in the manual, or me@call (3)', []],
];

for (const [line, expected] of lines) {
  test(`takes of: ${line}`, () => assert.deepEqual(taken(line), expected));
}

test('takes every tag of the examples, and no end of a comment', () => {
  let seen = 0;
  for (const name of readdirSync('examples')) {
    const languageId = languageIdOfFile(name);
    if (languageId === undefined) continue;
    const text = readFileSync(path.join('examples', name), 'utf8');
    const { blocks } = findJitBlocks(text, languageId);
    for (const { start } of blocks.flatMap(({ tag, calls }) => [
      tag,
      ...calls.map((call) => call.tag),
    ])) {
      const lineStart = text.lastIndexOf('\n', start) + 1;
      const line = text.slice(lineStart, text.indexOf('\n', start));
      const found = taken(line);
      assert(
        found.some((whole) => line.indexOf(whole) === start - lineStart),
        `${name}: ${line}`,
      );
      for (const whole of found) assert.doesNotMatch(whole, /\*\/|(?<!\*)\*\)$|-->/, name);
      seen++;
    }
  }
  assert(seen > 100, `${seen} tags`);
});

test('whole line comments, where a grammar has no inside of them', () => {
  const [slashes] = patternsOf('annotationSlashes');
  const [signs] = patternsOf('annotationSigns');
  assert.equal('  /// @call (4)'.match(slashes ?? '')?.[0], '  /// @call (4)');
  assert.equal('let a = 1; // @call (4)'.match(slashes ?? '')?.[0], '// @call (4)');
  assert.equal('// prose @call (4)'.match(slashes ?? ''), null);
  assert.equal('; @jit f()'.match(signs ?? '')?.[0], '; @jit f()');
});
