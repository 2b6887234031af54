/** Edits of bytes and their comments, as an author asks for them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, openText, putCursorAt, replace, test, until } from './harness.ts';

const oneLine = `// @jit (i64) -> i64
let code = [0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3];
`;

const commented = `// @jit (i64) -> i64
let code = [
    0x48, 0x89, 0xf8,        // mov rax, rdi
    0x48, 0x83, 0xc0, 0x04,  // add rax, 0x4
    0xc3                     // ret
];
`;

async function actionsAt(
  document: vscode.TextDocument,
  text: string,
): Promise<vscode.CodeAction[]> {
  const place = document.positionAt(document.getText().indexOf(text));
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(place, place),
  );
}

export function editTests(): void {
  test('every line is commented in one step, which can be undone', async () => {
    const editor = await openText('one_line.rs', oneLine);
    putCursorAt(editor, '0x89');
    assert.equal(await vscode.commands.executeCommand('jitBytes.commentEveryLine'), true);
    assert.equal(editor.document.getText(), commented);
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), oneLine);
  });

  test('a wrong comment is assembled into its bytes by a quick fix', async () => {
    const editor = await openText('assembled.rs', commented);
    const { document } = editor;
    await replace(editor, 'add rax, 0x4', 'add rax, 0x5');
    await until('the warning', () => diagnostics(document.uri).length > 0);
    const fix = (await actionsAt(document, 'add rax, 0x5')).find(({ title }) =>
      title.startsWith('Assemble the comment'),
    );
    assert.ok(fix?.command);
    const { command, arguments: given = [] } = fix.command;
    assert.equal(await vscode.commands.executeCommand(command, ...(given as unknown[])), true);
    assert.equal(
      document.getText(),
      commented.replace('0x04,  // add rax, 0x4', '0x05,  // add rax, 0x5'),
    );
  });

  test('bytes without an annotation get one', async () => {
    const bare = oneLine.replace(/^.*\n/, '');
    const editor = await openText('bare_bytes.rs', bare);
    putCursorAt(editor, '0x89');
    const titles = (await actionsAt(editor.document, '0x89')).map(({ title }) => title);
    assert.ok(titles.includes('Annotate byte array as JIT bytes'), titles.join('; '));
    assert.equal(await vscode.commands.executeCommand('jitBytes.annotate'), true);
    assert.equal(editor.document.getText(), oneLine);
    assert.equal(editor.document.getText(editor.selection), '(i64) -> i64');
  });

  test('what cannot be changed is said and left alone', async () => {
    const text = '// @jit () -> void\nlet code = [0x90; 8];\n';
    const editor = await openText('repeated.rs', text);
    putCursorAt(editor, '0x90');
    assert.equal(await vscode.commands.executeCommand('jitBytes.commentEveryLine'), false);
    assert.equal(editor.document.getText(), text);
  });
}
