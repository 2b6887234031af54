/** The Test Explorer: what it lists, that it agrees with `jit-bytes test`, and that it stays true. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import * as vscode from 'vscode';
import type { CallbackTime } from '../../src/extension/callbackTimes.ts';
import type { TestOutcome } from '../../src/extension/tests/run.ts';
import {
  extension,
  openText,
  replace,
  setSetting,
  sleep,
  test,
  until,
  workspaceFolder,
} from './harness.ts';
import { testFiles } from './testFiles.ts';

/** Below the workspace, so that other tests' files do not matter. */
const place = 'explorer';

function folder(): string {
  return path.join(workspaceFolder(), place);
}

/** Makes the folder anew. */
function write(files: ReadonlyMap<string, string>): void {
  fs.rmSync(folder(), { recursive: true, force: true });
  for (const [name, text] of files) put(name, text);
}

function put(name: string, text: string): void {
  const file = path.join(folder(), name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

function* walk(items: vscode.TestItemCollection): Generator<vscode.TestItem> {
  for (const [, item] of items) {
    yield item;
    yield* walk(item.children);
  }
}

/** All items of files in the folder, and what is below them. */
async function listed(): Promise<readonly vscode.TestItem[]> {
  const { tests } = await extension();
  assert(tests.items, 'the Test Explorer is shown');
  const base = vscode.Uri.file(folder()).path;
  return [...walk(tests.items)].filter(
    ({ id, uri }) => !id.startsWith('folder:') && uri?.path.startsWith(`${base}/`),
  );
}

function isCall({ id }: vscode.TestItem): boolean {
  return /\/\d+$/.test(id) && id.includes('#');
}

/** `name:line label` of every call, in the order of the text. */
async function calls(): Promise<readonly string[]> {
  return (await listed()).filter(isCall).map((item) => `${placeOf(item)} ${item.label}`);
}

/** `src/file.c:3`. */
function placeOf({ uri, range }: vscode.TestItem): string {
  assert(uri && range);
  return `${path.relative(folder(), uri.fsPath).replaceAll('\\', '/')}:${range.start.line + 1}`;
}

async function untilCalls(expected: readonly string[]): Promise<void> {
  try {
    await until('calls', async () => (await calls()).join('\n') === expected.join('\n'));
  } catch {
    assert.deepEqual(await calls(), expected);
  }
}

async function itemOf(label: string): Promise<vscode.TestItem> {
  return until(label, async () => (await listed()).find((item) => item.label === label));
}

interface Request {
  readonly include?: readonly vscode.TestItem[];
  readonly exclude?: readonly vscode.TestItem[];
}

/** Runs, and gives what was told in its order. */
async function run(
  { include, exclude }: Request,
  token = new vscode.CancellationTokenSource().token,
): Promise<readonly TestOutcome[]> {
  const { tests } = await extension();
  const told: TestOutcome[] = [];
  const listening = tests.onDidTell((outcome) => told.push(outcome));
  await tests.run(new vscode.TestRunRequest(include, exclude), token);
  listening.dispose();
  return told;
}

function shown(told: readonly TestOutcome[]): readonly string[] {
  return told.map(({ state, item }) => `${state} ${item.label}`);
}

interface CliCall {
  readonly line: number;
  readonly expectation: 'held' | 'failed' | null;
  readonly message: string | null;
}

interface CliReport {
  readonly files: readonly {
    readonly file: string;
    readonly problems: readonly {
      readonly line: number;
      readonly severity: string;
      readonly message: string;
    }[];
    readonly blocks: readonly { readonly calls: readonly CliCall[] }[];
  }[];
}

/** What the command line says of the same folder, as {@link agreed} says it. */
async function fromCommandLine(): Promise<readonly string[]> {
  const found = vscode.extensions.getExtension('jit-bytes.jit-bytes');
  assert(found);
  const main = path.join(found.extensionPath, 'out/cli/main.js');
  const text = await new Promise<string>((resolve, reject) => {
    const options = {
      cwd: folder(),
      maxBuffer: 64 << 20,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    };
    const args = [main, 'test', '--reporter', 'json', '.'];
    // Failed tests are no failure of the command.
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      stdout === '' ? reject(error ?? new Error(stderr)) : resolve(stdout),
    );
  });
  const report = JSON.parse(text) as CliReport;
  return report.files
    .flatMap(({ file, problems, blocks }) => [
      ...problems
        .filter(({ severity }) => severity === 'error')
        .map(({ line, message }) => `${file}:${line} errored ${message}`),
      ...blocks.flatMap((block) =>
        block.calls.map(({ line, expectation, message }) => {
          const state =
            expectation === null ? 'skipped' : { held: 'passed', failed: 'failed' }[expectation];
          return `${file}:${line} ${state} ${message ?? ''}`;
        }),
      ),
    ])
    .sort();
}

function agreed(told: readonly TestOutcome[]): readonly string[] {
  return told
    .flatMap(({ item, state, report, messages }) => {
      if (report) return [`${placeOf(item)} ${state} ${report.verdict.message ?? ''}`];
      return messages.map(({ message, location }) => {
        const line = (location?.range.start.line ?? -1) + 1;
        return `${placeOf(item).replace(/\d+$/, String(line))} ${state} ${String(message)}`;
      });
    })
    .sort();
}

const addFour = [
  '// @jit  add_four(n: i64) -> i64',
  '// @call (4)  => 8',
  '// @call (-1) => 4',
  'const CODE: &[u8] = &[0x48, 0x8d, 0x47, 0x04, 0xc3];',
  '',
].join('\n');

const twice = [
  '// @jit  twice(n: i64) -> i64',
  '// @call (4)  => 8',
  'const TWICE: &[u8] = &[0x48, 0x8d, 0x04, 0x3f, 0xc3];',
  '',
].join('\n');

export function testExplorerTests(): void {
  test('test explorer: a thousand expectations in a hundred files, as the command line judges them', async () => {
    write(testFiles(100));
    const testing = await extension();
    const times: CallbackTime[] = [];
    testing.measureCallbacks((time) => times.push(time));
    try {
      const started = performance.now();
      await testing.tests.search();
      const found = performance.now();
      const told = await run({ include: (await listed()).filter(({ id }) => !id.includes('#')) });
      const ended = performance.now();
      console.log(
        `# test explorer: found in ${(found - started).toFixed(0)} ms, ran in ${(ended - found).toFixed(0)} ms`,
      );
      const longest = times.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 4);
      console.log(
        `# longest callbacks ${longest.map(({ name, milliseconds }) => `${name} ${milliseconds.toFixed(1)} ms`).join(', ')}`,
      );
      const calls = told.filter(({ report }) => report);
      assert.equal(calls.length, 1000);
      const count = (state: string): number => told.filter((one) => one.state === state).length;
      assert.deepEqual(
        {
          passed: count('passed'),
          failed: count('failed'),
          skipped: count('skipped'),
          errored: count('errored'),
        },
        { passed: 550, failed: 350, skipped: 100, errored: 10 },
      );
      assert.deepEqual(agreed(told), await fromCommandLine());
    } finally {
      testing.measureCallbacks(undefined);
    }
  });

  test('test explorer: folders, files, blocks and calls, each at its line', async () => {
    write(new Map([['src/deep/a.rs', `\n${addFour}`]]));
    const { tests } = await extension();
    await tests.search();
    const chain: string[] = [];
    for (
      let at: vscode.TestItem | undefined = await itemOf('add_four(4) => 8');
      at;
      at = at.parent
    ) {
      chain.push(`${at.label}${at.range ? `:${at.range.start.line}` : ''}`);
    }
    assert.deepEqual(chain, ['add_four(4) => 8:2', 'add_four:1', 'a.rs', `${place}/src/deep`]);
  });

  test('test explorer: one call, one block, one file, without what is excluded', async () => {
    write(new Map([['a.rs', addFour + twice]]));
    const { tests } = await extension();
    await tests.search();
    const call = await itemOf('add_four(-1) => 4');
    const [failed] = await run({ include: [call] });
    assert.equal(failed?.state, 'failed');
    const [message] = failed?.messages ?? [];
    assert.deepEqual(
      [message?.message, message?.expectedOutput, message?.actualOutput],
      ['expected 4, got 3', '4', '3'],
    );
    assert.deepEqual(message?.location?.range, new vscode.Range(2, 17, 2, 18));
    assert.deepEqual(shown(await run({ include: [await itemOf('twice')] })), [
      'passed twice(4) => 8',
    ]);
    const file = await itemOf('a.rs');
    assert.deepEqual(shown(await run({ include: [file], exclude: [call] })), [
      'passed add_four(4) => 8',
      'passed twice(4) => 8',
    ]);
    assert.deepEqual(shown(await run({ include: [file], exclude: [await itemOf('add_four')] })), [
      'passed twice(4) => 8',
    ]);
  });

  test('test explorer: what is typed counts before it is saved', async () => {
    write(new Map());
    put('b.rs', addFour);
    const editor = await openText(`${place}/b.rs`, addFour);
    await untilCalls(['b.rs:2 add_four(4) => 8', 'b.rs:3 add_four(-1) => 4']);
    await replace(editor, '=> 4', '=> 3');
    await untilCalls(['b.rs:2 add_four(4) => 8', 'b.rs:3 add_four(-1) => 3']);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n\n'));
    // Not waited for: a run reads the text as it is.
    const told = await run({ include: [await itemOf('b.rs')] });
    assert.deepEqual(shown(told), ['passed add_four(4) => 8', 'passed add_four(-1) => 3']);
    await untilCalls(['b.rs:4 add_four(4) => 8', 'b.rs:5 add_four(-1) => 3']);
    assert(editor.document.isDirty);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await untilCalls(['b.rs:2 add_four(4) => 8', 'b.rs:3 add_four(-1) => 4']);
  });

  test('test explorer: files and folders come, change, move and go', async () => {
    write(new Map([['a.rs', twice]]));
    const { tests } = await extension();
    await tests.search();
    await untilCalls(['a.rs:2 twice(4) => 8']);
    put('new/c.rs', twice);
    await untilCalls(['a.rs:2 twice(4) => 8', 'new/c.rs:2 twice(4) => 8']);
    put('a.rs', addFour);
    await untilCalls([
      'a.rs:2 add_four(4) => 8',
      'a.rs:3 add_four(-1) => 4',
      'new/c.rs:2 twice(4) => 8',
    ]);
    fs.renameSync(path.join(folder(), 'a.rs'), path.join(folder(), 'z.rs'));
    fs.renameSync(path.join(folder(), 'new'), path.join(folder(), 'newer'));
    await until('all moved', async () => {
      const all = [...(await calls())].sort().join('\n');
      return /^newer\/c.*\nz\.rs:2.*\nz\.rs:3.*$/.test(all);
    });
    fs.rmSync(path.join(folder(), 'newer'), { recursive: true });
    fs.rmSync(path.join(folder(), 'z.rs'));
    await untilCalls([]);
    assert.deepEqual(await listed(), []);
  });

  test('test explorer: what is ignored or excluded is not listed', async () => {
    write(new Map([['a.rs', twice]]));
    const { tests } = await extension();
    fs.mkdirSync(path.join(workspaceFolder(), '.git'), { recursive: true });
    await tests.search();
    await untilCalls(['a.rs:2 twice(4) => 8']);
    put('gen/b.rs', twice);
    put('out.rs', twice);
    await until('three', async () => (await calls()).length === 3);
    put('.gitignore', 'gen\n');
    await until('two', async () => (await calls()).length === 2);
    const files = vscode.workspace.getConfiguration('files');
    await files.update('exclude', { '**/out.*': true }, vscode.ConfigurationTarget.Global);
    try {
      await untilCalls(['a.rs:2 twice(4) => 8']);
      put('gen/c.rs', twice);
      put('out.c', twice);
      put('d.rs', twice);
      await untilCalls(['a.rs:2 twice(4) => 8', 'd.rs:2 twice(4) => 8']);
    } finally {
      await files.update('exclude', undefined, vscode.ConfigurationTarget.Global);
      fs.rmSync(path.join(workspaceFolder(), '.git'), { recursive: true });
    }
  });

  test('test explorer: a run is cancelled at once', async () => {
    const forever = [
      '// @jit forever()',
      '// @timeout 900ms',
      ...Array.from({ length: 20 }, () => '// @call () => timeout'),
      'const FOREVER: &[u8] = &[0xeb, 0xfe];',
    ].join('\n');
    write(new Map([['a.rs', `${forever}\n`]]));
    const { tests } = await extension();
    await tests.search();
    const stop = new vscode.CancellationTokenSource();
    const running = run({ include: [await itemOf('a.rs')] }, stop.token);
    await sleep(1500);
    const cancelled = performance.now();
    stop.cancel();
    const told = await running;
    const milliseconds = performance.now() - cancelled;
    assert(told.length >= 1 && told.length < 5, `${told.length} have ended`);
    assert(milliseconds < 500, `ended ${milliseconds} ms after it was cancelled`);
  });

  test('test explorer: a continuous run runs what changes, typed or on the disk', async () => {
    write(
      new Map([
        ['a.rs', addFour + twice],
        ['b.rs', twice],
      ]),
    );
    const { tests } = await extension();
    await tests.search();
    const editor = await openText(`${place}/a.rs`, addFour + twice);
    const told: TestOutcome[] = [];
    const listening = tests.onDidTell((outcome) => told.push(outcome));
    const stop = new vscode.CancellationTokenSource();
    const include = [await itemOf('a.rs'), await itemOf('b.rs')];
    const request = new vscode.TestRunRequest(include, undefined, undefined, true);
    const untilTold = async (expected: readonly string[]): Promise<void> => {
      try {
        await until('told', () => shown(told).join() === expected.join());
      } catch {
        assert.deepEqual(shown(told), expected);
      }
      await sleep(500);
      assert.deepEqual(shown(told.splice(0)), expected);
    };
    await tests.run(request, stop.token);
    await untilTold([
      'passed add_four(4) => 8',
      'failed add_four(-1) => 4',
      'passed twice(4) => 8',
      'passed twice(4) => 8',
    ]);
    await replace(editor, '=> 4', '=> 3');
    await untilTold(['passed add_four(-1) => 3']);
    await replace(editor, '0x47, 0x04', '0x47, 0x05');
    await untilTold(['failed add_four(4) => 8', 'failed add_four(-1) => 3']);
    put('b.rs', twice.replace('(4)  => 8', '(5)  => 10'));
    await untilTold(['passed twice(5) => 10']);
    put('c.rs', twice);
    await until('c.rs', async () => (await calls()).some((call) => call.startsWith('c.rs')));
    stop.cancel();
    await replace(editor, '=> 3', '=> 5');
    await sleep(1000);
    assert.deepEqual(shown(told), []);
    listening.dispose();
  });

  test('test explorer: without the sandbox a continuous run waits until what is typed is saved', async () => {
    write(new Map([['a.rs', twice]]));
    const { tests } = await extension();
    await tests.search();
    const editor = await openText(`${place}/a.rs`, twice);
    const told: TestOutcome[] = [];
    const listening = tests.onDidTell((outcome) => told.push(outcome));
    const stop = new vscode.CancellationTokenSource();
    await setSetting('sandbox', 'off');
    try {
      const include = [await itemOf('a.rs')];
      const request = new vscode.TestRunRequest(include, undefined, undefined, true);
      await tests.run(request, stop.token);
      assert.deepEqual(shown(told.splice(0)), ['passed twice(4) => 8']);
      await replace(editor, '=> 8', '=> 9');
      await itemOf('twice(4) => 9');
      await sleep(1000);
      assert.deepEqual(shown(told), []);
      await editor.document.save();
      await until('told', () => shown(told).join() === 'failed twice(4) => 9');
    } finally {
      stop.cancel();
      listening.dispose();
      await setSetting('sandbox', undefined);
    }
  });

  test('test explorer: a document that is no file yet is listed while it is open', async () => {
    const { tests } = await extension();
    const document = await vscode.workspace.openTextDocument({ language: 'rust', content: twice });
    await vscode.window.showTextDocument(document);
    const item = await until('its item', () => tests.items?.get(document.uri.toString()));
    assert.deepEqual(shown(await run({ include: [item] })), ['passed twice(4) => 8']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await until('no item', () => tests.items?.get(document.uri.toString()) === undefined);
  });

  test('test explorer: the setting hides it, and shows it again', async () => {
    write(new Map([['a.rs', twice]]));
    const { tests } = await extension();
    await setSetting('testExplorer.enabled', false);
    try {
      await until('hidden', () => tests.items === undefined);
    } finally {
      await setSetting('testExplorer.enabled', undefined);
    }
    await until('shown', () => tests.items !== undefined);
    assert.deepEqual(await calls(), [], 'nothing is searched before it is asked for');
    await tests.search();
    await untilCalls(['a.rs:2 twice(4) => 8']);
    write(new Map());
  });
}
