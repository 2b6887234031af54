/** What happens to a file while its bytes run: nothing stale is shown, nothing is lost, and no process is left. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import * as vscode from 'vscode';
import { hostsOfThisProcess, untilGuestRuns, untilNoGuestRuns } from './guests.ts';
import {
  diagnostics,
  extension,
  outputLog,
  putCursorAt,
  replace,
  setSetting,
  sleep,
  test,
  until,
  workspaceFolder,
} from './harness.ts';
import { untilValues, values } from './live.ts';

/** One call, for the second one of a block would wait for the loop of another. */
const addFour = [
  '// @jit  add_four(n: i64) -> i64',
  '// @call (4)  => 8',
  'let code = [',
  '    0x48, 0x89, 0xf8,        // mov %rdi, %rax',
  '    0x48, 0x83, 0xc0, 0x04,  // add $4, %rax',
  '    0xc3,                    // ret',
  '];',
  '',
].join('\n');
const right = ['2 ⇒ 8  ✓ value'];
const wrong = ['2 ⇒ 9  ✗ failed'];

/** The same with another addend, so that the expectation fails. */
const addFive = addFour.replace('0xc0, 0x04', '0xc0, 0x05');

/** A loop that only we end, for no test takes as long as the longest limit, in milliseconds. */
const endless = ['', '// @jit spin() -> i64', 'let spin = [0xeb, 0xfe];', ''].join('\n');
const longestLimit = 60_000;

/** Shows 42 on its first line. */
const other = ['// @jit () -> i64', 'let other = [0xb8, 42, 0, 0, 0, 0xc3];', ''].join('\n');

/** Writes, opens and runs what has a value and a loop that is under way. */
async function openRunning(
  name: string,
  text = addFour,
  shown = right,
): Promise<vscode.TextEditor> {
  const editor = await openText(name, text + endless);
  await untilValues(editor.document, shown);
  await untilGuestRuns();
  return editor;
}

function uriOf(name: string): vscode.Uri {
  return vscode.Uri.file(path.join(workspaceFolder(), name));
}

/** Opens a file as a click does. What an extension opens by itself lives on for minutes when its editor is closed. */
async function open(name: string): Promise<vscode.TextEditor> {
  const uri = uriOf(name);
  await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
  return until(`an editor of ${name}`, () => {
    const editor = vscode.window.activeTextEditor;
    return editor?.document.uri.toString() === uri.toString() && editor;
  });
}

/** Writes a file and opens it. */
async function openText(name: string, text: string): Promise<vscode.TextEditor> {
  await written(name, text);
  return open(name);
}

/** The document of a file as the editor has it now. */
async function untilOpen(uri: vscode.Uri): Promise<vscode.TextDocument> {
  return until(`${uri.path} is open`, () =>
    vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString()),
  );
}

async function rename(from: vscode.Uri, to: vscode.Uri): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.renameFile(from, to);
  assert(await vscode.workspace.applyEdit(edit), 'the file was renamed');
}

/** How many problems of failed expectations a file has. */
function failures(uri: vscode.Uri): number {
  return diagnostics(uri).filter(({ code }) => code === 'expectation-failed').length;
}

/** No guest runs, and the hosts are those that the client knows: the one that serves, and a spare one. */
async function untilQuiet(): Promise<void> {
  await untilNoGuestRuns();
  const { hostPids } = await extension();
  await until('the hosts are those that are known', () => {
    const known = [...hostPids()].toSorted();
    return known.length <= 2 && known.join() === [...hostsOfThisProcess()].toSorted().join();
  });
}

export function robustTests(): void {
  if (process.platform !== 'linux') return;

  const robust = (name: string, mode: 'manual' | undefined, body: () => Promise<void>): void => {
    test(`robust: ${name}`, async () => {
      await setSetting('run.timeout', longestLimit);
      await setSetting('run.mode', mode);
      try {
        await body();
      } finally {
        await vscode.commands.executeCommand('jitBytes.stop');
        // Closing what is not saved would ask.
        await vscode.commands.executeCommand('workbench.action.files.saveAll');
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
        await setSetting('run.mode', 'manual');
        await setSetting('run.timeout', undefined);
      }
    });
  };

  robust('a file renamed during a run takes its values along', undefined, async () => {
    const { document } = await openRunning('before.rs', addFive, wrong);
    await until('problems', () => failures(document.uri) === 1);
    const from = uriOf('before.rs');
    const to = uriOf('after.rs');
    await rename(from, to);
    const renamed = await untilOpen(to);
    await untilValues(renamed, wrong);
    await until('problems', () => failures(to) === 1);
    await untilGuestRuns();
    assert.deepEqual(await values(document), [], 'values of a document that is gone');
    assert.deepEqual(diagnostics(from), [], 'problems of a file that is gone');
    await replace(await vscode.window.showTextDocument(renamed), '0xc0, 0x05', '0xc0, 0x04');
    await untilValues(renamed, right);
    await until('no problems', () => failures(to) === 0);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await untilQuiet();
    await until('no problems of a closed file', () => diagnostics(to).length === 0);
  });

  robust('values that a person asked for follow a renamed file', 'manual', async () => {
    const { document } = await openText('asked.rs', addFour);
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(document, right);
    await rename(uriOf('asked.rs'), uriOf('asked_for.rs'));
    const renamed = await untilOpen(uriOf('asked_for.rs'));
    await untilValues(renamed, right);
  });

  robust('a file moved on disk during a run leaves nothing running', undefined, async () => {
    await openRunning('moved.rs');
    await vscode.workspace.fs.rename(uriOf('moved.rs'), uriOf('moved_away.rs'));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await untilQuiet();
    const { document } = await open('moved_away.rs');
    await untilValues(document, right);
  });

  robust('two editors of one file show the same, and both follow an edit', undefined, async () => {
    const testing = await extension();
    const left = await openText('split.rs', addFour);
    await untilValues(left.document, right);
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const both = await until('two editors', () => {
      const editors = vscode.window.visibleTextEditors.filter(
        ({ document }) => document === left.document,
      );
      return editors.length === 2 && editors;
    });
    const untilBoth = async (shown: readonly string[]): Promise<void> => {
      for (const editor of both) {
        await until(`${shown.join('; ')} in both`, () => {
          const texts = testing.valuesIn(editor);
          return (
            texts.map(({ line, text, state }) => `${line + 1} ${text} ${state}`).join('\n') ===
            shown.join('\n')
          );
        });
      }
    };
    await untilBoth(right);
    for (const [editor, from, to, shown] of [
      [both[0], '0xc0, 0x04', '0xc0, 0x05', wrong],
      [both[1], '0xc0, 0x05', '0xc0, 0x04', right],
    ] as const) {
      assert(editor);
      await replace(editor, from, to);
      await untilBoth(shown);
    }
    // Closed in one group, it lives on in the other.
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('one editor', () => vscode.window.visibleTextEditors.length === 1);
    const [rest] = vscode.window.visibleTextEditors;
    assert(rest);
    await replace(rest, '0xc0, 0x04', '0xc0, 0x05');
    await untilValues(left.document, wrong);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await untilValues(left.document, right);
  });

  robust('two files in two groups: each has its own values', undefined, async () => {
    const first = await openText('group_one.rs', addFour);
    await vscode.commands.executeCommand('workbench.action.focusSecondEditorGroup');
    const { document } = await openText('group_two.rs', addFive);
    await untilValues(document, wrong);
    await untilValues(first.document, right);
    // An edit of the file that has not the focus.
    const edit = new vscode.WorkspaceEdit();
    const text = first.document.getText();
    const at = text.indexOf('0xc0, 0x04');
    const range = new vscode.Range(
      first.document.positionAt(at),
      first.document.positionAt(at + '0xc0, 0x04'.length),
    );
    edit.replace(first.document.uri, range, '0xc0, 0x05');
    assert(await vscode.workspace.applyEdit(edit));
    await untilValues(first.document, wrong);
    await untilValues(document, wrong);
  });

  robust('a comparison runs what is edited, and never the past', undefined, async () => {
    const testing = await extension();
    const scheme = 'jit-bytes-past';
    const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: () => addFive,
    });
    try {
      const past = uriOf('compared.rs').with({ scheme });
      const now = await written('compared.rs', addFour);
      await vscode.commands.executeCommand('vscode.diff', past, now);
      const document = await untilOpen(now);
      await untilValues(document, right);
      const old = await untilOpen(past);
      assert.equal(old.languageId, document.languageId);
      const log = (await outputLog()).length;
      await sleep(1500);
      assert.deepEqual(testing.values(past), []);
      assert.deepEqual(diagnostics(past), []);
      assert.doesNotMatch((await outputLog()).slice(log), /⇒ 9/);
      const editor = vscode.window.visibleTextEditors.find((one) => one.document === old);
      assert(editor, 'the past is on view');
      // Asked for by hand it does not run either.
      await vscode.window.showTextDocument(old);
      putCursorAt(vscode.window.activeTextEditor ?? editor, '0x48');
      await vscode.commands.executeCommand('jitBytes.run');
      await vscode.commands.executeCommand('jitBytes.runAll');
      assert.deepEqual(testing.values(past), []);
      await vscode.commands.executeCommand('notifications.clearAll');
    } finally {
      provider.dispose();
    }
  });

  robust(
    'changed on disk during a run: values of the new text, none of the old',
    undefined,
    async () => {
      const { document } = await openRunning('on_disk.rs', addFive, wrong);
      await until('problems', () => failures(document.uri) === 1);
      const seen = new Set<string>();
      const testing = await extension();
      fs.writeFileSync(uriOf('on_disk.rs').fsPath, other + endless.replace('spin', 'turn'));
      await until('the new text', () => document.getText().startsWith(other));
      const watching = testing.onDidPaint((one) => {
        if (one === document) for (const { text } of testing.values(one.uri)) seen.add(text);
      });
      await untilValues(document, ['1 ⇒ 42 value']);
      await untilGuestRuns();
      fs.writeFileSync(uriOf('on_disk.rs').fsPath, other);
      await until('the new text', () => document.getText() === other);
      await untilQuiet();
      watching.dispose();
      assert.deepEqual([...seen], ['⇒ 42']);
      assert.deepEqual(diagnostics(document.uri), []);
    },
  );

  robust('changed on disk: what is new waits for nothing that is gone', undefined, async () => {
    const editor = await openText('gone.rs', endless);
    await untilGuestRuns();
    fs.writeFileSync(uriOf('gone.rs').fsPath, other);
    await untilValues(editor.document, ['1 ⇒ 42 value']);
    await untilQuiet();
  });

  robust('revert gives the values of what is on disk', undefined, async () => {
    const editor = await openRunning('reverted.rs');
    await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
    await replace(editor, '0xeb, 0xfe', '0xb8, 1, 0, 0, 0, 0xc3');
    await untilValues(editor.document, [...wrong, '9 ⇒ 1 value']);
    await untilNoGuestRuns();
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await untilValues(editor.document, right);
    await untilGuestRuns();
    await until('no problems', () => failures(editor.document.uri) === 0);
  });

  robust('a block that is cut and put back during its run has its value', undefined, async () => {
    const slow = [
      '// @jit slow() -> i64',
      'let slow = [0xb9, 0, 0, 0, 0x40, 0xff, 0xc9, 0x75, 0xfc, 0xb8, 7, 0, 0, 0, 0xc3];',
      '',
    ].join('\n');
    const editor = await openText('cut.rs', `${addFour}\n${slow}`);
    await untilValues(editor.document, [...right, '9 ⇒ 7 value']);
    await replace(editor, '0xb8, 7,', '0xb8, 8,');
    await replace(editor, slow.replace('0xb8, 7,', '0xb8, 8,'), '');
    await untilValues(editor.document, right);
    await vscode.commands.executeCommand('undo');
    await untilValues(editor.document, [...right, '9 ⇒ 8 value']);
  });

  robust(
    'an editor closed during a run: nothing runs on, and nothing is lost',
    undefined,
    async () => {
      await openRunning('closed.rs');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await untilQuiet();
      const { document } = await open('closed.rs');
      await untilValues(document, right);
      await untilGuestRuns();
    },
  );

  robust(
    'an editor closed during a run that was asked for: nothing runs on',
    'manual',
    async () => {
      const { document } = await openText('closed_asked.rs', addFive + endless);
      void vscode.commands.executeCommand('jitBytes.runAll');
      await untilValues(document, wrong);
      await untilGuestRuns();
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await untilQuiet();
      assert.deepEqual(diagnostics(document.uri), []);
    },
  );

  robust('another language during a run: values of what it is now', undefined, async () => {
    const { document } = await openRunning('language.rs');
    await vscode.languages.setTextDocumentLanguage(document, 'cpp');
    await vscode.languages.setTextDocumentLanguage(document, 'rust');
    await untilValues(document, right);
    await untilGuestRuns();
  });

  robust('lines that end in CR LF, and another end of line during a run', undefined, async () => {
    const editor = await openRunning('crlf.rs', addFour.replaceAll('\n', '\r\n'));
    const { document } = editor;
    assert.equal(document.eol, vscode.EndOfLine.CRLF);
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.LF));
    await untilValues(document, right);
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF));
    await untilValues(document, right);
    await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
    await untilValues(document, wrong);
    const at = await until('problems', () => {
      const all = diagnostics(document.uri).filter(({ code }) => code === 'expectation-failed');
      return all.length === 1 && all.map(({ range }) => document.getText(range));
    });
    assert.deepEqual(at, ['8']);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\r\n'));
    await untilValues(document, ['3 ⇒ 9  ✗ failed']);
  });
}

async function written(name: string, text: string): Promise<vscode.Uri> {
  const uri = uriOf(name);
  await fs.promises.writeFile(uri.fsPath, text);
  return uri;
}
