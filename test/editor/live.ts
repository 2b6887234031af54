/** Live mode: values follow what is typed, and nothing runs that should not. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  diagnostics,
  extension,
  open,
  openText,
  outputLog,
  putCursorAt,
  replace,
  setSetting,
  sleep,
  test,
  until,
} from './harness.ts';

const addFour = [
  '// @jit  add_four(n: i64) -> i64',
  '// @call (4)  => 8',
  '// @call (-1) => 3',
  'let code = [',
  '    0x48, 0x89, 0xf8,        // mov %rdi, %rax',
  '    0x48, 0x83, 0xc0, 0x04,  // add $4, %rax',
  '    0xc3,                    // ret',
  '];',
  '',
].join('\n');

const endless = ['// @jit () -> i64', 'let spin = [0xeb, 0xfe];', ''].join('\n');

/** The values shown in a document, each as its line and text. */
export async function values(document: vscode.TextDocument): Promise<readonly string[]> {
  const testing = await extension();
  return testing
    .values(document.uri)
    .map(({ line, text, state }) => `${line + 1} ${text} ${state}`);
}

export async function untilValues(
  document: vscode.TextDocument,
  expected: readonly string[],
): Promise<void> {
  let last: readonly string[] = [];
  try {
    await until(`values ${expected.join('; ')}`, async () => {
      last = await values(document);
      return last.join('\n') === expected.join('\n');
    });
  } catch {
    assert.deepEqual(last, expected);
  }
}

export function liveTests(): void {
  const live = (name: string, body: () => Promise<void>, limitMs?: number): void => {
    test(
      `live: ${name}`,
      async () => {
        await setSetting('run.mode', undefined);
        try {
          await body();
        } finally {
          await setSetting('run.mode', 'manual');
        }
      },
      limitMs,
    );
  };

  live('values stand there when a file is opened, and change with its bytes', async () => {
    const editor = await openText('live.rs', addFour);
    const { document } = editor;
    await untilValues(document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
    await untilValues(document, ['2 ⇒ 9  ✗ failed', '3 ⇒ 4  ✗ failed']);
    const failed = (): number =>
      diagnostics(document.uri).filter(({ code }) => code === 'expectation-failed').length;
    await until('a failed expectation is a problem', () => failed() === 2);
    await vscode.commands.executeCommand('undo');
    await untilValues(document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await until('and is none any more', () => failed() === 0);
  });

  live('a new call gets its value, and the others keep theirs', async () => {
    const editor = await openText('calls.rs', addFour);
    await untilValues(editor.document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await replace(editor, '// @call (-1) => 3\n', '// @call (-1) => 3\n// @call (38)\n');
    await untilValues(editor.document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value', '4 ⇒ 42 value']);
  });

  live('a fragment runs again when the registers of its call change', async () => {
    const text = '// @fragment\n// @call (rax = 5) => rax = 6\nlet code = [0x48, 0xff, 0xc0];\n';
    const editor = await openText('fragment.rs', text);
    const { document } = editor;
    const states = async (): Promise<readonly string[]> =>
      (await values(document)).map((value) => value.slice(value.lastIndexOf(' ') + 1));
    await until('a value', async () => (await states()).join() === 'value');
    await replace(editor, 'rax = 5', 'rax = 7');
    await until('another value', async () => (await states()).join() === 'failed');
  });

  live('values are dim while the bytes do not read whole', async () => {
    const editor = await openText('broken.rs', addFour);
    await untilValues(editor.document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await replace(editor, '0x83,', '0x83z,');
    await untilValues(editor.document, ['2 ⇒ 8 stale', '3 ⇒ 3 stale']);
    await sleep(200);
    await untilValues(editor.document, ['2 ⇒ 8 stale', '3 ⇒ 3 stale']);
    await replace(editor, '0x83z,', '0x83,');
    await untilValues(editor.document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
  });

  live('no value stands on the line that is written, until it is', async () => {
    const editor = await openText('writing.rs', addFour);
    const { document } = editor;
    await untilValues(document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    putCursorAt(editor, ')  => 8');
    await vscode.commands.executeCommand('type', { text: '0' });
    await untilValues(document, ['3 ⇒ 3  ✓ value']);
    await untilValues(document, ['2 ⇒ 44  ✗ failed', '3 ⇒ 3  ✓ value']);
    await vscode.commands.executeCommand('type', { text: '0' });
    await untilValues(document, ['3 ⇒ 3  ✓ value']);
    putCursorAt(editor, 'let code');
    await untilValues(document, ['2 ⇒ 404  ✗ failed', '3 ⇒ 3  ✓ value']);
  });

  live('bytes that never end hold up no other block, and do not run again unasked', async () => {
    const editor = await openText('spin.rs', `${endless}\n${addFour}`);
    const { document } = editor;
    await until('the endless one has run into its limit', async () =>
      (await values(document)).some((value) => value.startsWith('1 ⇒ timeout')),
    );
    await untilValues(document, [
      (await values(document))[0] ?? '',
      '5 ⇒ 8  ✓ value',
      '6 ⇒ 3  ✓ value',
    ]);
    await sleep(1500);
    const log = await outputLog();
    await replace(editor, '0xc0, 0x04', '0xc0, 0x06');
    await until('the other one changes', async () =>
      (await values(document)).includes('5 ⇒ 10  ✗ failed'),
    );
    await sleep(1500);
    const since = (await outputLog()).slice(log.length);
    assert(!since.includes('timeout'), since);
    assert(since.includes('add_four(4) ⇒ 10'), since);
    // While it runs, a change elsewhere comes first.
    await replace(editor, '0xeb, 0xfe', '0x90, 0xeb, 0xfe');
    await replace(editor, '0xc0, 0x06', '0xc0, 0x07');
    await until(
      'the changed one first',
      async () => (await values(document)).includes('5 ⇒ 11  ✗ failed'),
      900,
    );
  });

  live('an endless loop is stopped by hand, or by an edit', async () => {
    await setSetting('run.timeout', 60_000);
    try {
      const editor = await openText('stopped.rs', `${endless}\n${addFour}`);
      const { document } = editor;
      await sleep(1000);
      putCursorAt(editor, '@jit () -> i64');
      const asked = vscode.commands.executeCommand('jitBytes.run');
      await sleep(300);
      await vscode.commands.executeCommand('jitBytes.stop');
      await asked;
      await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
      await untilValues(document, ['5 ⇒ 9  ✗ failed', '6 ⇒ 4  ✗ failed']);
      await replace(editor, '0xeb, 0xfe', '0x90, 0xeb, 0xfd');
      await sleep(500);
      await replace(editor, '0xc0, 0x05', '0xc0, 0x04');
      await untilValues(document, ['5 ⇒ 8  ✓ value', '6 ⇒ 3  ✓ value']);
      await replace(editor, '0xeb, 0xfd', '0xb0, 0x07, 0xc3');
      await until('the loop is gone', async () =>
        (await values(document)).some((value) => value.startsWith('1 ⇒ 7')),
      );
    } finally {
      await setSetting('run.timeout', undefined);
    }
  });

  live('what is cleared or stopped stays so until it changes', async () => {
    const editor = await openText('cleared.rs', addFour);
    await untilValues(editor.document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await untilValues(editor.document, []);
    await replace(editor, '];', '];\n\n// something else');
    await sleep(300);
    await untilValues(editor.document, []);
    await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
    await untilValues(editor.document, ['2 ⇒ 9  ✗ failed', '3 ⇒ 4  ✗ failed']);
  });

  live('what was typed last wins, however fast', async () => {
    const editor = await openText('fast.rs', addFour);
    const { document } = editor;
    await untilValues(document, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    const at = document.getText().indexOf('0xc0, 0x04') + '0xc0, 0x0'.length;
    const digit = new vscode.Range(document.positionAt(at), document.positionAt(at + 1));
    for (let n = 0; n < 60; n++) {
      await editor.edit((edit) => edit.replace(digit, (n % 8).toString()));
    }
    await untilValues(document, ['2 ⇒ 7  ✗ failed', '3 ⇒ 2  ✗ failed']);
  });

  test('manual: nothing runs by itself', async () => {
    await setSetting('run.mode', 'manual');
    const editor = await openText('manual.rs', addFour);
    await replace(editor, '0xc0, 0x04', '0xc0, 0x05');
    await sleep(500);
    await untilValues(editor.document, []);
  });

  live('a document of another kind, or out of sight, does not run', async () => {
    await openText('hidden.rs', addFour);
    const hidden = vscode.window.activeTextEditor?.document;
    assert(hidden);
    await untilValues(hidden, ['2 ⇒ 8  ✓ value', '3 ⇒ 3  ✓ value']);
    await open('plain.txt').catch(() => openText('plain.txt', 'nothing here\n'));
    const edit = new vscode.WorkspaceEdit();
    const at = hidden.getText().indexOf('0xc0, 0x04') + '0xc0, 0x0'.length;
    edit.replace(
      hidden.uri,
      new vscode.Range(hidden.positionAt(at), hidden.positionAt(at + 1)),
      '5',
    );
    const log = (await outputLog()).length;
    await vscode.workspace.applyEdit(edit);
    await sleep(1500);
    assert.equal((await outputLog()).slice(log).includes('⇒ 9'), false);
    await vscode.window.showTextDocument(hidden);
    await untilValues(hidden, ['2 ⇒ 9  ✗ failed', '3 ⇒ 4  ✗ failed']);
  });
}
