/** Warnings before running, as a person sees them: under which bytes, and when they go. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  diagnostics,
  openText,
  replace,
  setSetting,
  sleep,
  test,
  textAt,
  until,
} from './harness.ts';

/** A function of each kind; `fine` has nothing wrong. */
const text = `// @jit long fine(long n)
unsigned char fine[] = { 0x48, 0x89, 0xf8, 0xc3 };

// @jit long cut(long n)
unsigned char cut[] = {
    0x48, 0x89, 0xf8,
    0x48, 0x83, /* add */
    0xc0, 0x04,
};

// @jit long inside(long n)
unsigned char inside[] = { 0x48, 0x85, 0xff, 0x74, 0x02, 0x48, 0x89, 0xf8, 0xc3 };

// @jit void outside(void)
unsigned char outside[] = { 0xe9, 0x00, 0x01, 0x00, 0x00 };

// @jit void loop(void)
unsigned char loop[] = { 0x31, 0xc0, 0xeb, 0xfe };

// @jit void arm(void)
unsigned char arm[] = { 0xfd, 0x7b, 0xbf, 0xa9, 0x00, 0x00, 0x80, 0x52, 0xfd, 0x7b, 0xc1, 0xa8, 0xc0, 0x03, 0x5f, 0xd6 };
`;

const expected = [
  ['falls-off-end', '0x48, 0x83, /* add */\n    0xc0, 0x04'],
  ['jump-inside-instruction', '0x74, 0x02'],
  ['jump-outside', '0xe9, 0x00, 0x01, 0x00, 0x00'],
  ['no-return', '0xeb, 0xfe'],
  ['other-architecture', '0xfd, 0x7b, 0xbf, 0xa9'],
];

export function codeWarningTests(): void {
  test('code warnings stand under the bytes of the instruction before anything runs', async () => {
    const editor = await openText('code_warnings.c', text);
    const { document } = editor;
    const shown = (): readonly vscode.Diagnostic[] => diagnostics(document.uri);
    await until('the warnings', () => shown().length === expected.length);
    assert.deepEqual(
      shown().map(({ code, range }) => [code, textAt(document, range)]),
      expected,
    );
    for (const { severity } of shown()) assert.equal(severity, vscode.DiagnosticSeverity.Warning);

    // An edit that mends one takes its warning away, and leaves the others where their bytes are.
    await replace(editor, '0x74, 0x02', '0x74, 0x03');
    await until('one warning less', () => shown().length === expected.length - 1);
    assert(!shown().some(({ code }) => code === 'jump-inside-instruction'));
    await replace(
      editor,
      '// @jit void loop(void)',
      '// @jit void loop(void)\n// @call () => timeout',
    );
    await until('what is expected is no warning', () => shown().length === expected.length - 2);

    await setSetting('warnings.enabled', false);
    await until('no warning', () => shown().length === 0);
    await setSetting('warnings.enabled', undefined);
    await until('the warnings again', () => shown().length === expected.length - 2);
  });

  test('code warnings give way to what a run says of the same bytes', async () => {
    const { document } = await openText(
      'code_warning_and_run.c',
      '// @jit void f(void)\n// @timeout 20ms\n// @call ()\nchar f[] = { 0x90, 0xeb, 0xfe };\n',
    );
    const codes = (): readonly unknown[] => diagnostics(document.uri).map(({ code }) => code);
    await until('the warning', () => codes().join() === 'no-return');
    await vscode.commands.executeCommand('jitBytes.runAll');
    await until('the time-out alone', () => codes().join() === 'timeout');
    await sleep(300);
    assert.deepEqual(codes(), ['timeout']);
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await until('the warning again', () => codes().join() === 'no-return');
  });
}
