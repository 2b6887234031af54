/** Which files below a folder are found, and in which order. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { findFiles, findFilesAt, maxFileBytes } from '../../src/engine/findFiles.ts';

const tagged = '// @jit void f(void)\n';

function tree(context: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jit-bytes-find-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

async function found(folder: string, below = ''): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of findFiles(path.join(folder, below), new AbortController().signal)) {
    assert.equal(entry.kind, 'file', entry.path);
    names.push(path.relative(folder, entry.path).split(path.sep).join('/'));
  }
  return names;
}

const cases: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly expected: readonly string[];
  readonly below?: string;
}[] = [
  {
    name: 'only files that hold a tag',
    files: {
      'a.c': tagged,
      'b.c': 'int x;',
      'c.c': '// @fragment\n',
      'd.c': '@jitter @fragments',
      'e.c': '',
    },
    expected: ['a.c', 'c.c'],
  },
  {
    name: 'the order is that of whole paths by code units',
    files: {
      'a/x': tagged,
      'a-b/x': tagged,
      'a.c': tagged,
      B: tagged,
      b: tagged,
      ä: tagged,
      a0: tagged,
    },
    expected: ['B', 'a-b/x', 'a.c', 'a/x', 'a0', 'b', 'ä'],
  },
  {
    name: 'hidden files count, .git and node_modules do not, at any depth',
    files: {
      '.x/a': tagged,
      '.git/a': tagged,
      'node_modules/a': tagged,
      'x/node_modules/a': tagged,
      'git/a': tagged,
    },
    expected: ['.x/a', 'git/a'],
  },
  {
    name: '.gitignore: names, folders, anchors, exceptions',
    files: {
      '.gitignore': '*.gen.c\nbuild/\n/top.c\n!keep.gen.c\n',
      'a.gen.c': tagged,
      'keep.gen.c': tagged,
      'build/a.c': tagged,
      'x/build/a.c': tagged,
      'top.c': tagged,
      'x/top.c': tagged,
      'X.GEN.C': tagged,
    },
    expected: ['X.GEN.C', 'keep.gen.c', 'x/top.c'],
  },
  {
    name: '.gitignore: an inner one adds, and undoes',
    files: {
      '.gitignore': '*.tmp\n',
      'a.tmp': tagged,
      'x/.gitignore': '!*.tmp\n/only.c\n',
      'x/a.tmp': tagged,
      'x/only.c': tagged,
      'x/y/only.c': tagged,
      'only.c': tagged,
    },
    expected: ['only.c', 'x/a.tmp', 'x/y/only.c'],
  },
  {
    name: '.gitignore: those above count up to the root of the repository',
    files: {
      '.gitignore': 'b.c\n',
      'repo/.git/HEAD': '',
      'repo/.gitignore': '*.tmp\n',
      'repo/x/a.tmp': tagged,
      'repo/x/b.c': tagged,
    },
    below: 'repo/x',
    expected: ['repo/x/b.c'],
  },
  {
    name: '.gitignore: those above do not count outside a repository',
    files: { '.gitignore': 'b.c\n', 'x/b.c': tagged },
    below: 'x',
    expected: ['x/b.c'],
  },
  {
    name: '.gitignore: an ignored folder that is named is searched',
    files: { '.git/HEAD': '', '.gitignore': 'out/\n', 'out/a.c': tagged, 'out/x/a.c': tagged },
    below: 'out',
    expected: ['out/a.c', 'out/x/a.c'],
  },
  {
    name: 'binary files do not count, and what is binary shows in 8 KiB',
    files: {
      a: `${tagged}\0`,
      b: `${tagged}${' '.repeat(8192 - tagged.length - 1)}\0`,
      c: `${tagged}${' '.repeat(8192 - tagged.length)}\0`,
    },
    expected: ['c'],
  },
  {
    name: 'UTF-16 is text',
    files: {
      little: Buffer.from(`\ufeff${tagged}`, 'utf16le'),
      big: Buffer.from(`\ufeff${tagged}`, 'utf16le').swap16(),
      odd: Buffer.concat([Buffer.from(`\ufeff${tagged}`, 'utf16le').swap16(), Buffer.from([0])]),
      none: Buffer.from(tagged, 'utf16le'),
    },
    expected: ['big', 'little', 'odd'],
  },
];
for (const { name, files, expected, below } of cases) {
  test(name, async (context) =>
    assert.deepEqual(await found(tree(context, files), below), expected),
  );

  test(`${name}; at each place below, the same`, async (context) => {
    const folder = path.join(tree(context, files), below ?? '');
    const inFolder = expected.map((found) => path.posix.relative(below ?? '', found));
    const places = Object.keys(files)
      .map((found) => path.posix.relative(below ?? '', found))
      .filter((found) => !found.startsWith('..'));
    for (const place of new Set(['', ...places.flatMap(withFolders), 'missing', 'missing/too'])) {
      const there = inFolder.filter(
        (found) => place === '' || found === place || found.startsWith(`${place}/`),
      );
      assert.deepEqual(await foundAt(folder, place), there, place);
    }
  });
}

/** A path and those of the folders that it leads through. */
function withFolders(found: string): string[] {
  const parts = found.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function foundAt(
  folder: string,
  place: string,
  excluded?: (found: string) => boolean,
): Promise<string[]> {
  const { signal } = new AbortController();
  const names: string[] = [];
  for await (const entry of findFilesAt(folder, path.join(folder, place), signal, excluded)) {
    names.push(path.relative(folder, entry.path).split(path.sep).join('/'));
  }
  return names;
}

test('what is excluded is passed over, with all below it', async (context) => {
  const folder = tree(context, { 'a/b/c.c': tagged, 'a/d.c': tagged, 'e.c': tagged });
  const excluded = (found: string): boolean => /(?:[\\/]b|e\.c)$/.test(found);
  assert.deepEqual(await foundAt(folder, '', excluded), ['a/d.c']);
  assert.deepEqual(await foundAt(folder, 'a/b', excluded), []);
  assert.deepEqual(await foundAt(folder, 'a/b/c.c', excluded), []);
  assert.deepEqual(await foundAt(folder, 'e.c', excluded), []);
});

test('what lies outside of the folder is not found at its place', async (context) => {
  const folder = tree(context, { 'a/b.c': tagged, 'c.c': tagged });
  assert.deepEqual(await foundAt(path.join(folder, 'a'), '../c.c'), []);
  assert.deepEqual(await foundAt(path.join(folder, 'a'), '..'), []);
});

test('files over 16 MiB do not count', async (context) => {
  const spaces = Buffer.alloc(maxFileBytes, ' ');
  spaces.write(tagged);
  const folder = tree(context, { most: spaces, more: spaces });
  truncateSync(path.join(folder, 'more'), maxFileBytes + 1);
  assert.deepEqual(await found(folder), ['most']);
});

test('links are not followed, so that they cannot lead round or out', async (context) => {
  const outside = tree(context, { 'b.c': tagged });
  const folder = tree(context, { 'x/a.c': tagged });
  symlinkSync('..', path.join(folder, 'x/round'));
  symlinkSync('self', path.join(folder, 'self'));
  symlinkSync(outside, path.join(folder, 'out'));
  symlinkSync('x/a.c', path.join(folder, 'again.c'));
  assert.deepEqual(await found(folder), ['x/a.c']);
});

test('what cannot be read is told, and the walk goes on', async (context) => {
  const folder = tree(context, { 'x/a.c': tagged });
  const missing = path.join(folder, 'missing');
  const entries = [];
  for await (const entry of findFiles(missing, new AbortController().signal)) entries.push(entry);
  assert.deepEqual(
    entries.map(({ kind, path: name }) => [kind, name]),
    [['unreadable', missing]],
  );
});

test('a folder of the name .gitignore holds no rules', async (context) => {
  const folder = tree(context, { 'a/x.c': tagged, 'z/x.c': tagged });
  mkdirSync(path.join(folder, 'a/.gitignore'));
  assert.deepEqual(await found(folder), ['a/x.c', 'z/x.c']);
});

test('an abort ends the walk', async (context) => {
  const folder = tree(context, { 'a.c': tagged, 'b.c': tagged });
  const controller = new AbortController();
  const walk = findFiles(folder, controller.signal);
  await walk.next();
  controller.abort(new Error('enough'));
  await assert.rejects(walk.next(), /enough/);
});
