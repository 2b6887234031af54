/** `jit-bytes test --watch`. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addFour, ended, folderWith, start, type Ended } from './commandLine.ts';

/** Milliseconds after which something hangs. */
const limitMs = 30_000;
/** Milliseconds in which a change that means nothing would have shown. */
const quietMs = 600;

interface Watching {
  readonly cwd: string;
  /** Waits for the end of a run, and gives what it wrote. */
  next(): Promise<string>;
  /** What was written since the last run. */
  rest(): string;
  /** Ctrl+C. */
  end(): Promise<Ended>;
}

function watching(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Watching {
  const cwd = folderWith(context, files);
  const child = start(['test', '--watch', ...words], { cwd });
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
  const summary = /^\d+ tests?: .*\n/m;
  return {
    cwd,
    rest: () => seen,
    async next() {
      while (!summary.test(seen)) await sleep(20);
      const text = seen;
      seen = '';
      // The first run is followed by a word on standard error when the folders are watched, which they are before.
      await sleep(50);
      return text;
    },
    end() {
      child.kill('SIGINT');
      return end;
    },
  };
}

test('runs what changes, and nothing else', { timeout: limitMs }, async (context) => {
  const one = watching(context, { 'a.c': addFour('(4) => 8'), 'b/c.c': addFour('(5) => 9') });
  const write = (name: string, text: string): void => writeFileSync(path.join(one.cwd, name), text);
  assert.match(await one.next(), /^2 tests: 2 ✓$/m);

  write('b/c.c', addFour('(5) => 10'));
  assert.equal(
    await one.next(),
    'b/c.c\n  add_four\n    ✗ add_four(5) => 10\n      b/c.c:2:17: expected 10, got 9\n1 test: 1 ✗\n',
  );

  write('notes.txt', 'nothing to test\n');
  await sleep(quietMs);
  assert.equal(one.rest(), '');

  // As many editors save: another file takes the name.
  write('.a.c.new', addFour('(6) => 10'));
  renameSync(path.join(one.cwd, '.a.c.new'), path.join(one.cwd, 'a.c'));
  assert.match(await one.next(), /^a\.c\n {2}add_four\n {4}✓ add_four\(6\) => 10\n1 test: 1 ✓\n$/);

  mkdirSync(path.join(one.cwd, 'new/deep'), { recursive: true });
  write('new/deep/d.c', addFour('(7) => 11'));
  assert.match(await one.next(), /^new\/deep\/d\.c\n/);

  write('new/deep/d.c', addFour('(8) => 12'));
  assert.match(await one.next(), /add_four\(8\) => 12/);

  rmSync(path.join(one.cwd, 'new'), { recursive: true });
  await sleep(quietMs);
  assert.equal(one.rest(), '');

  // Another folder of the same name.
  mkdirSync(path.join(one.cwd, 'new/deep'), { recursive: true });
  write('new/deep/d.c', addFour('(9) => 13'));
  assert.match(await one.next(), /add_four\(9\) => 13/);
  write('new/deep/d.c', addFour('(10) => 14'));
  assert.match(await one.next(), /add_four\(10\) => 14/);

  const { status, signal, stderr } = await one.end();
  assert.deepEqual([status, signal], [130, null]);
  assert.equal(stderr, 'jit-bytes: watching for changes; Ctrl+C ends\n');
});

test(
  'a named file is watched too, and reports are written anew',
  { timeout: limitMs },
  async (context) => {
    const files = { 'a.c': addFour('(4) => 8'), 'b.c': addFour('(5) => 9') };
    const one = watching(context, files, ['a.c', '--reporter', 'spec', '--reporter', 'tap=r.tap']);
    const file = path.join(one.cwd, 'a.c');
    assert.match(await one.next(), /^1 test: 1 ✓$/m);
    writeFileSync(path.join(one.cwd, 'b.c'), addFour('(5) => 10'));
    await sleep(quietMs);
    assert.equal(one.rest(), '');
    writeFileSync(file, addFour('(4) => 9'));
    assert.match(await one.next(), /^1 test: 1 ✗$/m);
    const tap = readFileSync(path.join(one.cwd, 'r.tap'), 'utf8');
    assert.match(tap, /^TAP version 14\nnot ok 1 [^]*\n1\.\.1\n$/);
    await one.end();
  },
);
