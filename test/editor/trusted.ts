/** What a person sees and does, feature by feature. */
import assert from 'node:assert/strict';
import process from 'node:process';
import * as vscode from 'vscode';
import {
  click,
  diagnostics,
  extension,
  lenses,
  open,
  openText,
  outputLog,
  putCursorAt,
  replace,
  setSetting,
  sleep,
  test,
  textAt,
  until,
  type Lens,
} from './harness.ts';

const runTitle = '▶ Run JIT bytes';

async function titles(uri: vscode.Uri): Promise<readonly string[]> {
  return (await lenses(uri)).map(({ line, title }) => `${line} ${title}`);
}

async function runLens(uri: vscode.Uri, line: number): Promise<Lens> {
  return until('the lens', async () =>
    (await lenses(uri)).find((lens) => lens.line === line && lens.title === runTitle),
  );
}

/** Waits until exactly these values are painted: line, text, state. */
async function untilValues(
  uri: vscode.Uri,
  expected: readonly (readonly [number, string, string])[],
): Promise<void> {
  const testing = await extension();
  const seen = (): string =>
    JSON.stringify(testing.values(uri).map(({ line, text, state }) => [line, text, state]));
  const wanted = JSON.stringify(expected);
  try {
    await until('values', () => seen() === wanted);
  } catch {
    assert.equal(seen(), wanted);
  }
}

const addFour = [
  [2, '⇒ 8  ✓', 'value'],
  [3, '⇒ 3  ✓', 'value'],
] as const;

export function trustedTests(): void {
  test('a lens stands over each annotation, and runs it', async () => {
    const { document } = await open('add_four.rs');
    const lens = await runLens(document.uri, 1);
    assert.deepEqual(await titles(document.uri), [`1 ${runTitle}`, `11 ${runTitle}`]);
    await click(lens);
    await untilValues(document.uri, addFour);
    assert.deepEqual(await titles(document.uri), [`1 ${runTitle}`, '1 ✓ 2 of 2', `11 ${runTitle}`]);
  });

  test('run at the cursor, in the annotation and in the bytes', async () => {
    const editor = await open('add_four.rs');
    for (const place of ['@call (-1)', '0xc0, 0x04']) {
      putCursorAt(editor, place);
      await vscode.commands.executeCommand('jitBytes.run');
      await untilValues(editor.document.uri, addFour);
      await vscode.commands.executeCommand('jitBytes.clearResults');
      await untilValues(editor.document.uri, []);
    }
  });

  test('run all, with an implied call at its tag', async () => {
    const { document } = await open('add_four.rs');
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(document.uri, [...addFour, [11, '⇒ 2', 'value']]);
  });

  test('a hover shows every form of a value', async () => {
    const { document } = await open('add_four.rs');
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(document.uri, [...addFour, [11, '⇒ 2', 'value']]);
    const place = document.positionAt(document.getText().indexOf('@call (4)') + 3);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      place,
    );
    const text = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (typeof content === 'string' ? content : content.value))
      .join('\n');
    assert.match(text, /add_four\(4\) ⇒ 8/);
    assert.match(text, /hex +0x0000000000000008/);
    assert.match(text, /as expected/);
  });

  test('the output channel tells of each call', async () => {
    const { document } = await open('add_four.rs');
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(document.uri, [...addFour, [11, '⇒ 2', 'value']]);
    const log = await until('the log', async () => {
      const text = await outputLog();
      return /two\(\) ⇒ 2/.test(text) && text;
    });
    assert.match(
      log,
      /add_four\.rs:3 {2}add_four\(n: i64\) -> i64 {2}add_four\(4\) ⇒ 8 \(0x8\) ✓, .*s\n/,
    );
    assert.match(log, /add_four\.rs:4 .*add_four\(-1\) ⇒ 3 \(0x3\) ✓/);
  });

  test('problems, failed expectations and crashes are underlined exactly', async () => {
    const { document } = await open('wrong.c');
    await until('the problem', () => diagnostics(document.uri).length === 1);
    const broken = (await lenses(document.uri)).find(({ line }) => line === 15);
    assert.equal(broken?.title, '⚠ cannot run: see the problem');
    await vscode.commands.executeCommand('jitBytes.runAll');
    const found = await until('three of them', () => {
      const all = diagnostics(document.uri);
      return all.length === 3 && all;
    });
    assert.deepEqual(
      found.map(({ range, code, severity }) => [textAt(document, range), code, severity]),
      [
        ['4', 'expectation-failed', 0],
        ['0x8b, 0x00', 'fault', 0],
        ['MACRO', 'not-a-number', 0],
      ],
    );
    assert.equal(found[0]?.message, 'expected 4, got 3');
    assert.match(found[1]?.message ?? '', /SIGSEGV/);
    const lens = (await lenses(document.uri)).map(({ title }) => title);
    assert(lens.includes('✗ 1 of 1 failed'), lens.join());
    assert.match(
      await until('the log', async () => /crash\(\) ⇒ fault SIGSEGV/.exec(await outputLog())?.[0]),
      /SIGSEGV/,
    );
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await until('only the problem', () => diagnostics(document.uri).length === 1);
  });

  test('places are right in a file of CRLF, tabs and emoji', async () => {
    const text = [
      '/* 🦀🦀 first */ static const int before = 1;',
      '\t\t/* 🎉 */ // @jit int one(void)',
      '\t\t// @call () => 2',
      '\tstatic const unsigned char one[] = {\t/* 🧨 */ 0xb8, 1, 0, 0, 0, 0xc3 };',
      '/* 🧨 */ // @jit int bad(void)',
      'static const unsigned char bad[] = { /* 💥 */ 0xb8, 1, OOPS };',
      '',
    ].join('\r\n');
    const { document } = await openText('crlf.c', text);
    assert.equal(document.eol, vscode.EndOfLine.CRLF);
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(document.uri, [[2, '⇒ 1  ✗', 'failed']]);
    const found = await until('both', () => {
      const all = diagnostics(document.uri);
      return all.length === 2 && all;
    });
    assert.deepEqual(
      found.map(({ range }) => [
        range.start.line,
        range.start.character,
        range.end.character,
        textAt(document, range),
      ]),
      [
        [2, 17, 18, '2'],
        [5, 55, 59, 'OOPS'],
      ],
    );
  });

  test('values grow stale at the first edit of their call or bytes, and follow edits elsewhere', async () => {
    const editor = await open('add_four.rs');
    const { uri } = editor.document;
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(uri, [...addFour, [11, '⇒ 2', 'value']]);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// one\n// two\n'));
    await untilValues(uri, [
      [4, '⇒ 8  ✓', 'value'],
      [5, '⇒ 3  ✓', 'value'],
      [13, '⇒ 2', 'value'],
    ]);
    await replace(editor, '@call (4)', '@call (5)');
    await untilValues(uri, [
      [4, '⇒ 8', 'stale'],
      [5, '⇒ 3  ✓', 'value'],
      [13, '⇒ 2', 'value'],
    ]);
    assert((await titles(uri)).includes('3 changed since the last run'));
    await replace(editor, '@call (5)', '@call (4)');
    await untilValues(uri, [
      [4, '⇒ 8  ✓', 'value'],
      [5, '⇒ 3  ✓', 'value'],
      [13, '⇒ 2', 'value'],
    ]);
    await replace(editor, '0xc0, 0x04,  // add $4', '0xc0, 0x05,  // add $5');
    await untilValues(uri, [
      [4, '⇒ 8', 'stale'],
      [5, '⇒ 3', 'stale'],
      [13, '⇒ 2', 'value'],
    ]);
    await replace(editor, '// ret', '// return');
    await replace(editor, '    // @call (-1) => 3\n', '');
    await untilValues(uri, [
      [4, '⇒ 8', 'stale'],
      [12, '⇒ 2', 'value'],
    ]);
    await replace(editor, '// @jit two() -> i32\n', '');
    await untilValues(uri, [[4, '⇒ 8', 'stale']]);
  });

  test('settings take effect at once', async () => {
    const editor = await open('add_four.rs');
    const { uri } = editor.document;
    await vscode.commands.executeCommand('jitBytes.runAll');
    await untilValues(uri, [...addFour, [11, '⇒ 2', 'value']]);
    try {
      await setSetting('inlineValues.enabled', false);
      await untilValues(uri, []);
      await setSetting('codeLens.enabled', false);
      await until('no lens', async () => (await lenses(uri)).length === 0);
      await setSetting('codeLens.enabled', undefined);
      await setSetting('inlineValues.enabled', undefined);
      await untilValues(uri, [...addFour, [11, '⇒ 2', 'value']]);
      await setSetting('defaultArchitecture', 'riscv64');
      await until('stale values', async () =>
        (await extension()).values(uri).every(({ state }) => state === 'stale'),
      );
      await vscode.commands.executeCommand('jitBytes.runAll');
      const refused = await until('a refusal', () =>
        diagnostics(uri).find(({ code }) => code === 'refused'),
      );
      assert.equal(refused.severity, vscode.DiagnosticSeverity.Information);
      await setSetting('defaultArchitecture', undefined);
      await setSetting('run.timeout', 50);
      const forever = await open('forever.c');
      putCursorAt(forever, '0xeb');
      await vscode.commands.executeCommand('jitBytes.run');
      await untilValues(forever.document.uri, [
        [2, '⇒ timeout after 50 ms, stuck at +0x0: jmp +0x0  ✗', 'failed'],
      ]);
    } finally {
      for (const name of [
        'inlineValues.enabled',
        'codeLens.enabled',
        'defaultArchitecture',
        'run.timeout',
      ]) {
        await setSetting(name, undefined);
      }
    }
  });

  test('a foreign architecture is refused on its tag', async () => {
    const { document } = await open('elsewhere.c');
    await vscode.commands.executeCommand('jitBytes.runAll');
    const [refused] = await until('the refusal', () => {
      const all = diagnostics(document.uri);
      return all.length === 1 && all;
    });
    assert(refused);
    assert.equal(textAt(document, refused.range), '@arch');
    assert((await titles(document.uri)).includes('0 ⊘ 1 of 1 could not run here'));
  });

  test('run on save, after consent', async () => {
    const { globalState } = await extension();
    const editor = await openText(
      'saved.rs',
      '// @jit () -> i32\nconst ONE: [u8; 6] = [0xb8, 1, 0, 0, 0, 0xc3];\n',
    );
    try {
      await setSetting('run.mode', 'onSave');
      await globalState.update('jitBytes.consent.onSave', true);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// changed\n'));
      await editor.document.save();
      await untilValues(editor.document.uri, [[1, '⇒ 1', 'value']]);
      await setSetting('run.mode', 'manual');
      await vscode.commands.executeCommand('jitBytes.clearResults');
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// again\n'));
      await editor.document.save();
      await sleep(300);
      await untilValues(editor.document.uri, []);
    } finally {
      await globalState.update('jitBytes.consent.onSave', undefined);
      await setSetting('run.mode', 'manual');
    }
  });

  test('without consent nothing runs on save', async () => {
    const editor = await openText(
      'unsaved.rs',
      '// @jit () -> i32\nconst ONE: [u8; 6] = [0xb8, 1, 0, 0, 0, 0xc3];\n',
    );
    try {
      await setSetting('run.mode', 'onSave');
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// changed\n'));
      await editor.document.save();
      await sleep(500);
      await untilValues(editor.document.uri, []);
    } finally {
      await setSetting('run.mode', 'manual');
    }
  });

  test('an endless loop can be stopped', async () => {
    const editor = await open('forever.c');
    const { uri } = editor.document;
    await setSetting('run.timeout', 60_000);
    try {
      const running = click(await runLens(uri, 0));
      await until('the lens to stop it', async () =>
        (await titles(uri)).includes('0 ■ Stop (0 of 1)'),
      );
      const started = performance.now();
      await vscode.commands.executeCommand('jitBytes.stop');
      await running;
      assert(performance.now() - started < 1000, 'it stopped at once');
      await until('no verdict', async () => (await lenses(uri)).length === 2);
      await click(await runLens(uri, 7));
      await untilValues(uri, [[8, '⇒ 7  ✓', 'value']]);
    } finally {
      await setSetting('run.timeout', undefined);
    }
  });

  test('the host restarts on demand', async () => {
    const testing = await extension();
    const { document } = await open('add_four.rs');
    await click(await runLens(document.uri, 1));
    await untilValues(document.uri, addFour);
    const before = new Set(testing.hostPids());
    await vscode.commands.executeCommand('jitBytes.restartHost');
    await until('another host', () => testing.hostPids().some((pid) => !before.has(pid)));
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await click(await runLens(document.uri, 1));
    await untilValues(document.uri, addFour);
  });

  test('killing the host in an endless loop harms nothing', async () => {
    const testing = await extension();
    const { document } = await open('forever.c');
    await setSetting('run.timeout', 60_000);
    try {
      const running = click(await runLens(document.uri, 0));
      await until('a host', () => testing.hostPids().length > 0);
      await sleep(300);
      for (const pid of testing.hostPids()) process.kill(pid, 'SIGKILL');
      await running;
      await click(await runLens(document.uri, 7));
      await until('the value', () =>
        testing.values(document.uri).some(({ text }) => text === '⇒ 7  ✓'),
      );
    } finally {
      await setSetting('run.timeout', undefined);
    }
  });

  test('a plain text document is read by its name', async () => {
    const editor = await open('plain.zig');
    await vscode.languages.setTextDocumentLanguage(editor.document, 'plaintext');
    const lens = await runLens(editor.document.uri, 0);
    await click(lens);
    await untilValues(editor.document.uri, [[1, '⇒ 7  ✓', 'value']]);
  });

  test('an untitled document runs', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content:
        '# @jit (f64, f64) -> f64\n# @call (1.5, 2.25) => 3.75\nCODE = bytes.fromhex("f2 0f 58 c1 c3")\n',
    });
    await vscode.window.showTextDocument(document);
    await click(await runLens(document.uri, 0));
    await untilValues(document.uri, [[1, '⇒ 3.75  ✓', 'value']]);
  });

  test('a notebook cell runs', async () => {
    const cell = new vscode.NotebookCellData(
      vscode.NotebookCellKind.Code,
      '# @jit () -> i32\n# @call () => 1\nCODE = bytes([0xb8, 1, 0, 0, 0, 0xc3])\n',
      'python',
    );
    const notebook = await vscode.workspace.openNotebookDocument(
      'jupyter-notebook',
      new vscode.NotebookData([cell]),
    );
    await vscode.window.showNotebookDocument(notebook);
    const { document } = notebook.cellAt(0);
    await click(await runLens(document.uri, 0));
    await until('the verdict', async () => (await titles(document.uri)).includes('0 ✓ 1 of 1'));
    await untilValues(document.uri, [[1, '⇒ 1  ✓', 'value']]);
  });

  for (const scheme of ['git', 'some-provider']) {
    test(`a document of scheme ${scheme}: never runs`, async () => {
      const testing = await extension();
      const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
        provideTextDocumentContent: () =>
          '// @jit () -> i32\nconst ONE: [u8; 6] = [0xb8, 1, 0, 0, 0, 0xc3];\n',
      });
      try {
        const document = await vscode.workspace.openTextDocument(
          vscode.Uri.parse(`${scheme}:/old/one.rs`),
        );
        const editor = await vscode.window.showTextDocument(document);
        putCursorAt(editor, '0xb8');
        await vscode.commands.executeCommand('jitBytes.run');
        await vscode.commands.executeCommand('jitBytes.runAll');
        await vscode.commands.executeCommand('jitBytes.run', {
          uri: document.uri.toString(),
          at: 3,
          key: '',
        });
        await sleep(300);
        assert.deepEqual(await titles(document.uri), []);
        assert.deepEqual(testing.values(document.uri), []);
      } finally {
        provider.dispose();
      }
    });
  }

  test('bytes without an annotation ask for signature and arguments', async () => {
    const { workspaceState } = await extension();
    const editor = await open('bare.c');
    putCursorAt(editor, '0x04, 0x37');
    await workspaceState.update('jitBytes.lastSignature', '(i64, i64) -> i64');
    await workspaceState.update('jitBytes.lastArguments', '(2, 3) => 5');
    const running = vscode.commands.executeCommand('jitBytes.run');
    await acceptInput(2);
    await running;
    await untilValues(editor.document.uri, [[3, '⇒ 5  ✓', 'value']]);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n'));
    await untilValues(editor.document.uri, [[4, '⇒ 5  ✓', 'value']]);
    await replace(editor, '0xc3', '0xcc');
    await untilValues(editor.document.uri, [[4, '⇒ 5', 'stale']]);
  });

  test('an annotation without a call asks for arguments', async () => {
    const { workspaceState } = await extension();
    const editor = await open('bare.c');
    await workspaceState.update('jitBytes.lastArguments', '(21)');
    const running = click(await runLens(editor.document.uri, 5));
    await acceptInput(1);
    await running;
    await untilValues(editor.document.uri, [[5, '⇒ 42', 'value']]);
  });

  test('selected elements run without their brackets', async () => {
    const { workspaceState } = await extension();
    const editor = await openText('selected.c', 'int x[] = { 1, 2, 0xb8, 9, 0, 0, 0, 0xc3 };\n');
    const { document } = editor;
    const from = document.getText().indexOf('0xb8');
    const to = document.getText().indexOf(' };');
    editor.selection = new vscode.Selection(document.positionAt(from), document.positionAt(to));
    await workspaceState.update('jitBytes.lastSignature', '() -> i32');
    const running = vscode.commands.executeCommand('jitBytes.run');
    await acceptInput(1);
    await running;
    await untilValues(document.uri, [[0, '⇒ 9', 'value']]);
  });

  test('a file without bytes at the cursor is told so, and nothing runs', async () => {
    const testing = await extension();
    const editor = await openText('nothing.c', 'int main(void) { return 0; }\n');
    putCursorAt(editor, 'return');
    await vscode.commands.executeCommand('jitBytes.run');
    assert.deepEqual(testing.values(editor.document.uri), []);
  });
}

/** Accepts what so many input boxes offer, each when it has come. */
async function acceptInput(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await sleep(700);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
}
