/** What can be done with a value: copy it, expect it, see the registers behind it; and a further call. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, openText, putCursorAt, replace, setSetting, test, until } from './harness.ts';

const source = [
  '// @jit  add_four(n: i64) -> i64',
  '// @call (4)  => 9',
  '// @call (-1)',
  'let code = [',
  '    0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3,',
  '];',
  '',
].join('\n');

async function openRun(name: string): Promise<vscode.TextEditor> {
  const editor = await openText(name, source);
  putCursorAt(editor, '@jit');
  await vscode.commands.executeCommand('jitBytes.run');
  const testing = await extension();
  await until('values', () => testing.values(editor.document.uri).length === 2);
  return editor;
}

async function actionsAt(
  { document }: vscode.TextEditor,
  text: string,
): Promise<readonly vscode.CodeAction[]> {
  const at = document.positionAt(document.getText().indexOf(text));
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(at, at),
  );
}

async function hoverAt({ document }: vscode.TextEditor, place: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    place,
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

export function valueTests(): void {
  test('value: expected by a quick fix where the expectation failed', async () => {
    const editor = await openRun('expect.rs');
    const found = await until('the fix', async () =>
      (await actionsAt(editor, '@call (4)')).find(({ title }) => title === 'Expect what came'),
    );
    assert.equal(found.kind?.value, vscode.CodeActionKind.QuickFix.value);
    const { command } = found;
    assert(command);
    await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as []));
    assert.equal(editor.document.lineAt(1).text, '// @call (4)  => 8');
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), source);
  });

  test('value: expected and copied by commands at the cursor', async () => {
    const editor = await openRun('commands.rs');
    putCursorAt(editor, '@call (-1)');
    await vscode.commands.executeCommand('jitBytes.copyValue');
    assert.equal(await vscode.env.clipboard.readText(), '3');
    await vscode.commands.executeCommand('jitBytes.useAsExpectation');
    assert.equal(editor.document.lineAt(2).text, '// @call (-1) => 3');
  });

  test('value: not expected when it is of earlier bytes', async () => {
    const editor = await openRun('stale.rs');
    await replace(editor, '0x04', '0x05');
    putCursorAt(editor, '@call (-1)');
    await vscode.commands.executeCommand('jitBytes.useAsExpectation');
    assert.equal(editor.document.lineAt(2).text, '// @call (-1)');
  });

  test('value: its hover offers what can be done with it', async () => {
    const editor = await openRun('links.rs');
    const text = await hoverAt(editor, new vscode.Position(2, 6));
    for (const command of ['copyValue', 'useAsExpectation', 'showRegisters'])
      assert(text.includes(`command:jitBytes.${command}?`), text);
  });

  test('registers: beside the source, changed ones first, and over the closing bracket', async () => {
    const editor = await openRun('registers.rs');
    putCursorAt(editor, '@call (-1)');
    await vscode.commands.executeCommand('jitBytes.showRegisters');
    const shown = await until('the registers', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'jit-bytes-registers'),
    );
    const lines = shown.getText().split('\n');
    assert.match(lines[0] ?? '', /^registers\.rs:3 {2}add_four\(-1\) ⇒ 3$/);
    assert.match(lines[3] ?? '', /^ {2}rax +0x0{15}3 {2}3 {2}\(was /);
    assert(
      lines.some((line) => /^ {2}flags .*cf = 1/.test(line)),
      shown.getText(),
    );
    assert(
      lines.some((line) => /^ {2}rdi +0xf{16} {2}-1$/.test(line)),
      shown.getText(),
    );
    const bracket = new vscode.Position(5, 0);
    // Bytes run for a hover only where they run by themselves.
    assert.doesNotMatch(await hoverAt(editor, bracket), /Registers changed/);
    await setSetting('run.mode', undefined);
    try {
      await until('the registers over the bracket', async () =>
        /Registers changed by add_four\(-1\)\nrax +0x0{15}3/.test(await hoverAt(editor, bracket)),
      );
    } finally {
      await setSetting('run.mode', 'manual');
    }
  });

  test('registers: what is shown follows the bytes', async () => {
    await setSetting('run.mode', undefined);
    try {
      const editor = await openRun('followed.rs');
      putCursorAt(editor, '@call (4)');
      await vscode.commands.executeCommand('jitBytes.showRegisters');
      // Where the block stands has nothing to do with it.
      await replace(editor, '// @jit', '// Above.\n// @jit');
      await replace(editor, '0x04', '0x06');
      await until('registers of the new bytes', () =>
        vscode.workspace.textDocuments
          .find(({ uri }) => uri.scheme === 'jit-bytes-registers')
          ?.getText()
          .includes('rax   0x000000000000000a  10'),
      );
    } finally {
      await setSetting('run.mode', 'manual');
    }
  });
}
