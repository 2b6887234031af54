/** In Restricted Mode annotations are read, and nothing runs. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  click,
  diagnostics,
  extension,
  lenses,
  open,
  outputLog,
  sleep,
  test,
  until,
} from './harness.ts';

export function restrictedTests(): void {
  test('the workspace is not trusted', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  test('the lens says that the workspace must be trusted first', async () => {
    const { document } = await open('add_four.rs');
    const [first] = await until('a lens', async () => {
      const found = await lenses(document.uri);
      return found.length > 0 && found;
    });
    assert.equal(first?.title, '▶ Run JIT bytes (trust the workspace first)');
  });

  test('no command runs anything', async () => {
    const testing = await extension();
    const { document } = await open('add_four.rs');
    const [first] = await lenses(document.uri);
    assert(first);
    await click(first);
    await vscode.commands.executeCommand('jitBytes.run');
    await vscode.commands.executeCommand('jitBytes.runAll');
    await vscode.commands.executeCommand('jitBytes.benchmark');
    await vscode.commands.executeCommand('jitBytes.benchmarkAll');
    await sleep(500);
    assert.deepEqual(testing.values(document.uri), []);
    assert.deepEqual(testing.hostPids(), []);
    assert.equal(await outputLog(), '');
  });

  test('tests are listed, and none is run', async () => {
    const { tests, hostPids } = await extension();
    await tests.search();
    assert(tests.items && tests.items.size > 0);
    let told = 0;
    const listening = tests.onDidTell(() => told++);
    for (const continuous of [false, true]) {
      const token = new vscode.CancellationTokenSource().token;
      await tests.run(
        new vscode.TestRunRequest(undefined, undefined, undefined, continuous),
        token,
      );
    }
    await sleep(500);
    listening.dispose();
    assert.equal(told, 0);
    assert.deepEqual(hostPids(), []);
  });

  test('problems are shown all the same', async () => {
    const { document } = await open('wrong.c');
    const found = await until('a problem', () => {
      const all = diagnostics(document.uri);
      return all.length > 0 && all;
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ['not-a-number'],
    );
  });
}
