/** Benchmarks in the editor: the lens, what stands behind the bytes, and what becomes of it. */
import assert from 'node:assert/strict';
import {
  click,
  extension,
  lenses,
  openText,
  outputLog,
  putCursorAt,
  replace,
  setSetting,
  test,
  until,
} from './harness.ts';
import * as vscode from 'vscode';

/** So many dependent multiplications. */
function chain(name: string, count: number, tags: string): string {
  const bytes = '0x48, 0x0f, 0xaf, 0xc0, '.repeat(count);
  return `// @jit ${name}(n: i64) -> i64 ${tags}\n// @call (3)\nlet ${name} = [0x48, 0x89, 0xf8, ${bytes}0xc3];\n\n`;
}

const text = chain('short', 20, '@bench') + chain('long', 80, '@bench') + chain('other', 40, '');

export function benchmarkTests(): void {
  const lens = '$(watch) Benchmark';
  const skip = process.platform !== 'linux' || process.arch !== 'x64';
  if (skip) return;

  test('the lens measures a block beside others of its signature', async () => {
    const testing = await extension();
    const { document } = await openText('bench.rs', text);
    const found = await until('the lenses', async () => {
      const all = (await lenses(document.uri)).filter(({ title }) => title === lens);
      return all.length === 2 && all;
    });
    const [first] = found;
    assert(first);
    assert.equal(await click(first), 2);
    const [short = '', long = '', ...more] = testing.benchmarks(document.uri);
    assert.match(short, /^≈ [\d.]+ ns( · [\d.]+ cycles)?$/);
    assert.match(long, /^≈ [\d.]+ ns .*× slower than short \(±\d+ %\)$/);
    assert.deepEqual(more, []);
    assert.match(await outputLog(), /noise: ±[^]*bench\.rs:2 {2}short\(3\) {2}≈ /);
  });

  test('the command measures the block at the cursor, also without @bench', async () => {
    const testing = await extension();
    const editor = await openText('bench-cursor.rs', chain('other', 40, ''));
    const { document } = editor;
    putCursorAt(editor, '@call');
    assert.equal(await vscode.commands.executeCommand('jitBytes.benchmark'), 1);
    assert.match(testing.benchmarks(document.uri)[0] ?? '', /^≈ [\d.]+ ns/);
    await replace(editor, '(3)', '(5)');
    await until('a stale result', () =>
      testing.benchmarks(document.uri)[0]?.endsWith('(changed since)'),
    );
    await replace(editor, '(5)', '(3)');
    await until('a result that holds again', () =>
      /^≈ [^(]*$/.test(testing.benchmarks(document.uri)[0] ?? ''),
    );
    await vscode.commands.executeCommand('jitBytes.clearResults');
    assert.deepEqual(testing.benchmarks(document.uri), []);
  });

  test('the lens goes by the setting', async () => {
    const { document } = await openText('bench-setting.rs', text);
    await setSetting('codeLens.benchmark', false);
    await until('no lens', async () =>
      (await lenses(document.uri)).every(({ title }) => title !== lens),
    );
    await setSetting('codeLens.benchmark', undefined);
  });
}
