/** Terminals, pipes, signals. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { painter, wantsColours } from '../../src/cli/colours.ts';
import { Progress } from '../../src/cli/progress.ts';
import { addFour, ended, folderWith, forever, jitBytes, start } from './commandLine.ts';

const colourCases: readonly (readonly [
  Readonly<Record<string, string>>,
  isTerminal: boolean,
  wanted: boolean,
])[] = [
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
];
for (const [environment, isTerminal, wanted] of colourCases) {
  const where = isTerminal ? 'on a terminal' : 'in a pipe';
  test(`${JSON.stringify(environment)} ${where}: ${wanted ? '' : 'no '}colours`, () => {
    assert.equal(wantsColours(environment, isTerminal), wanted);
  });
}

test('colours end where they began', () => {
  assert.equal(painter(true)('red', 'x'), '\u001b[31mx\u001b[39m');
  assert.equal(painter(false)('red', 'x'), 'x');
});

test('no colours when piped, colours when forced', async () => {
  const words = ['run', 'examples/add_four.c'];
  const escape = /\u001b\[/;
  assert.doesNotMatch((await jitBytes(words)).stdout, escape);
  assert.match((await jitBytes(words, { env: { FORCE_COLOR: '1' } })).stdout, escape);
  assert.doesNotMatch((await jitBytes(words, { env: { NO_COLOR: '1' } })).stdout, escape);
  assert.doesNotMatch(
    (await jitBytes(['run', '--json', 'examples/add_four.c'], { env: { FORCE_COLOR: '1' } }))
      .stdout,
    escape,
  );
});

/** Milliseconds after which something hangs; half of what the endless calls in these tests may take. */
const limitMs = 30_000;

test('progress is for a terminal, and for long runs', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  using silent = new Progress({ write });
  using progress = new Progress({ isTTY: true, columns: 30, write });
  for (const one of [silent, progress]) one.file('some/\u001b/long/path/to/a/file.c');
  progress.call();
  context.mock.timers.tick(900);
  assert.deepEqual(written, []);
  context.mock.timers.tick(100);
  assert.deepEqual(written, ['\r\u001b[2K1 file, 1 call: some/\\x1b/lo…']);
  progress.hide();
  progress.hide();
  assert.deepEqual(written.slice(1), ['\r\u001b[2K']);
});

test('a pipe that nobody reads ends it quietly', { timeout: limitMs }, async (context) => {
  const calls = Array.from({ length: 900 }, (_, n) => `(${n}) => ${n + 4}`).join('\n// @call ');
  const files = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [`${name}.c`, addFour(calls)]),
  );
  const cwd = folderWith(context, { ...files, 'e.c': forever });
  for (const form of [[], ['--json']]) {
    const child = start(['run', '--timeout', '60000', ...form, '.'], { cwd });
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { status, signal, stderr } = await ended(child);
    assert.deepEqual([status, signal, stderr], [0, null, '']);
  }
});

/** Milliseconds within which every process of an interrupted run is gone. */
const goneWithinMs = 2000;

const proc = { skip: process.platform !== 'linux' && 'reads /proc', timeout: limitMs };

for (const [name, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  for (const json of [false, true]) {
    test(
      `${name} ends the host and tells what was done${json ? ' in JSON' : ''}`,
      proc,
      async (context) => {
        const cwd = folderWith(context, {
          'a.c': addFour('(4) => 8'),
          'b.c': forever,
          'c.c': addFour('(5) => 9'),
        });
        const child = start(['run', '--timeout', '60000', ...(json ? ['--json'] : []), '.'], {
          cwd,
        });
        const end = ended(child);
        let seen = '';
        child.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
        while (!seen.includes(json ? '"forever"' : '✓'))
          await once(child.stdout ?? process.stdout, 'data');
        await sleep(300);
        const family = childrenOf(child.pid ?? 0);
        assert.notDeepEqual(family, []);
        child.kill(name);
        const { status, stdout, stderr } = await end;
        assert.equal(status, expected);
        assert.equal(stderr, '');
        if (json) {
          const { files } = JSON.parse(stdout);
          assert.equal(files[0].blocks[0].calls[0].value, '8');
          assert.deepEqual(files[1].blocks[0].calls, []);
          assert.equal(files.length, 2);
        } else {
          assert.equal(stdout, 'a.c:2  add_four(4) ⇒ 8 ✓\ninterrupted after 1 call: 1 ✓\n');
        }
        // They are sent their signal before the command ends, and die of it in the kernel's own time.
        const deadline = performance.now() + goneWithinMs;
        while (family.some(isAlive) && performance.now() < deadline) await sleep(10);
        assert.deepEqual(family.filter(isAlive), []);
      },
    );
  }
}

test('an interruption while it waits for standard input', { timeout: limitMs }, async () => {
  const child = start(['run', 'examples/add_four.c', '-'], { input: { open: true } });
  const end = ended(child);
  await once(child.stdout ?? process.stdout, 'data');
  await sleep(300);
  child.kill('SIGINT');
  const { status, stdout } = await end;
  assert.equal(status, 130);
  assert.match(stdout, /^interrupted after 2 calls: 2 ✓$/m);
});

test('progress on a terminal that says it has no columns', (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const written: string[] = [];
  using progress = new Progress({ isTTY: true, columns: 0, write: (text) => written.push(text) });
  progress.file('a/file.c');
  context.mock.timers.tick(900);
  context.mock.timers.tick(100);
  assert.deepEqual(written, ['\r\u001b[2K1 file, 0 calls: a/file.c']);
});

/** Process ids of all descendants. */
function childrenOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const parent = statOf(Number(name))?.parent;
      return parent === undefined ? [] : [{ pid: Number(name), parent }];
    });
  const direct = parents.filter(({ parent }) => parent === pid).map((entry) => entry.pid);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** proc(5): pid (comm) state ppid … */
function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
