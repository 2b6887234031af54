/** Reading machine code: hovers, hints, the listing beside, and comments that are checked. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  diagnostics,
  openText,
  putCursorAt,
  replace,
  setSetting,
  sleep,
  test,
  textAt,
  until,
} from './harness.ts';

const commented = `// @jit (i64) -> i64
// @call (4) => 8
let code = [
    0x48, 0x89, 0xf8,        // mov %rdi, %rax
    0x48, 0x83, 0xc0, 0x04,  // add $4, %rax
    0xc3,                    // ret
];
`;

const bare = `/* @jit (i64) -> i64 */
unsigned char code[] = {
  0x48, 0x85, 0xff,
  0x74, 0x04, // je
  0x48, 0x89,
  0xf8, 0xc3,
  0x31, 0xc0, 0xc3,
};
`;

async function hoverAt(document: vscode.TextDocument, text: string): Promise<vscode.Hover[]> {
  const place = document.positionAt(document.getText().indexOf(text));
  return vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    place,
  );
}

function wordsOf(hovers: readonly vscode.Hover[]): string {
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : String(content)))
    .join('\n');
}

async function hintsIn(document: vscode.TextDocument): Promise<readonly string[]> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    whole,
  );
  return hints.map(({ position, label }) => `${position.line} ${String(label)}`);
}

export function readingTests(): void {
  test('a hover over bytes names their instruction in both syntaxes, over all of its bytes', async () => {
    const { document } = await openText('hover.rs', commented);
    const hovers = await hoverAt(document, '0xc0');
    const words = wordsOf(hovers);
    for (const part of ['add rax, 0x4', 'add $0x4, %rax', '0x3:&nbsp;48', 'writes&nbsp;rax']) {
      assert.ok(words.includes(part), `${part} in ${words}`);
    }
    const [range] = hovers.map((hover) => hover.range);
    assert.ok(range);
    assert.equal(textAt(document, range), '0x48, 0x83, 0xc0, 0x04');
    assert.doesNotMatch(wordsOf(await hoverAt(document, 'let code')), /mov|add/);
  });

  test('lines of bytes without a comment get their disassembly as a hint, by the setting', async () => {
    const { document } = await openText('hints.c', bare);
    assert.deepEqual(await hintsIn(document), [
      '2 test rdi, rdi',
      '4 mov rax, rdi',
      '5 ret',
      '6 xor eax, eax; ret',
    ]);
    await setSetting('disassembly.hints', 'off');
    assert.deepEqual(await hintsIn(document), []);
    await setSetting('disassembly.hints', 'all');
    assert.equal((await hintsIn(document)).length, 5);
    await setSetting('disassembly.hints', undefined);
    const { document: said } = await openText('said.rs', commented);
    assert.deepEqual(await hintsIn(said), []);
  });

  test('the listing stands beside the source and goes with edits and with the cursor', async () => {
    const editor = await openText('listing.c', bare);
    putCursorAt(editor, '0x85');
    await vscode.commands.executeCommand('jitBytes.showDisassembly');
    const listing = await until('the listing', () =>
      vscode.window.visibleTextEditors.find(
        ({ document }) => document.uri.scheme === 'jit-bytes-disassembly',
      ),
    );
    const text = (): string => listing.document.getText();
    await until('its text', () => text().includes('test rdi, rdi'));
    assert.match(text(), /^ {2}\+0x3 +74 04 +je .*; → L1 \(\+0x9\)$/m);
    assert.match(text(), /^L1:\n {2}\+0x9 +31 c0 +xor eax, eax$/m);
    await replace(editor, '0x31, 0xc0', '0x29, 0xc0');
    await until('the edit', () => text().includes('sub eax, eax'));
  });

  test('a comment that names another instruction is a warning, and its fix mends it', async () => {
    const editor = await openText('checked.rs', commented);
    const { document } = editor;
    await sleep(400);
    assert.deepEqual(diagnostics(document.uri), []);
    let edited = 0;
    const edit = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) edited = performance.now();
    });
    await replace(editor, '$4', '$5');
    // The editor's own event for it comes 50 ms late.
    while (diagnostics(document.uri).length === 0 && performance.now() - edited < 10_000)
      await sleep(2);
    console.log(
      `# from an edit of a comment to its warning ${(performance.now() - edited).toFixed(0)} ms`,
    );
    edit.dispose();
    const [warning] = await until('the warning', () => {
      const found = diagnostics(document.uri);
      return found.length > 0 && found;
    });
    assert.ok(warning);
    assert.equal(warning.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(textAt(document, warning.range), 'add $5, %rax');
    assert.match(warning.message, /says "add \$5, %rax", the bytes are "add \$4,\s?%rax"/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      warning.range,
    );
    const fix = actions.find(({ title }) => title.startsWith('Update the comment'));
    assert.ok(fix?.edit);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await until('no warning', () => diagnostics(document.uri).length === 0);
    await setSetting('commentCheck.enabled', false);
    await replace(editor, '// ret', '// nop');
    await sleep(300);
    assert.deepEqual(diagnostics(document.uri), []);
    await setSetting('commentCheck.enabled', undefined);
  });
}
