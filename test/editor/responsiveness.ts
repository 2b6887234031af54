/**
 * Large files: everything works in them, and how long our callbacks hold the extension host is printed.
 * The aim is 50 ms; it is a figure to read and no assertion, for a busy machine interrupts callbacks.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CallbackTime } from '../../src/extension/callbackTimes.ts';
import { extension, lenses, openText, sleep, test, until } from './harness.ts';

const block = (n: number): string =>
  [
    `// @jit  add_${n}(n: i64) -> i64`,
    '// @call (4)  => 8',
    `const CODE_${n}: [u8; 8] = [`,
    '    0x48, 0x89, 0xf8,        // mov %rdi, %rax',
    '    0x48, 0x83, 0xc0, 0x04,  // add $4, %rax',
    '    0xc3,                    // ret',
    '];',
    '',
  ].join('\n');

const files = [
  {
    name: 'ten_thousand.rs',
    what: 'ten thousand annotated arrays',
    text: () => Array.from({ length: 10_000 }, (_, n) => block(n)).join('\n'),
    blocks: 10_000,
  },
  {
    name: 'long.rs',
    what: '100,000 lines with one array',
    text: () => {
      const lines = Array.from({ length: 100_000 }, (_, n) => `// line ${n} of a long file`);
      lines[50_000] = block(0);
      return lines.join('\n\n').replaceAll('\n\n', '\n');
    },
    blocks: 1,
  },
] as const;

export function responsivenessTests(): void {
  for (const { name, what, text, blocks } of files) {
    test(`${what}: runs, and its values follow edits`, async () => {
      const times = await workIn(name, text(), blocks);
      const shown = times
        .slice(0, 4)
        .map((time) => `${time.name} ${time.milliseconds.toFixed(1)} ms`);
      console.log(`# ${what}: longest callbacks ${shown.join(', ')}`);
      await vscode.commands.executeCommand('jitBytes.clearResults');
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
  }

  test('run all of a thousand blocks', async () => {
    const testing = await extension();
    const times: CallbackTime[] = [];
    const { document } = await openText(
      'thousand.rs',
      Array.from({ length: 1000 }, (_, n) => block(n)).join('\n'),
    );
    await until('lenses', async () => (await firstLenses(document.uri)) >= 1000, 60_000);
    testing.measureCallbacks((time) => times.push(time));
    try {
      const started = performance.now();
      await vscode.commands.executeCommand('jitBytes.runAll');
      console.log(`# a thousand calls took ${(performance.now() - started).toFixed(0)} ms`);
      await sleep(500);
    } finally {
      testing.measureCallbacks(undefined);
    }
    const [longest] = times.toSorted((a, b) => b.milliseconds - a.milliseconds);
    console.log(
      `# run all: longest callback ${longest?.name} ${longest?.milliseconds.toFixed(1)} ms`,
    );
    const all = await lenses(document.uri, 2000);
    assert.equal(all.filter(({ title }) => title === '✓ 1 of 1').length, 1000);
  });
}

/** Opens a file, runs a block in it, types into it, and says how long each callback took, longest first. */
async function workIn(
  name: string,
  text: string,
  blocks: number,
): Promise<readonly CallbackTime[]> {
  const testing = await extension();
  const times: CallbackTime[] = [];
  testing.measureCallbacks((time) => times.push(time));
  try {
    const editor = await openText(name, text);
    const { document } = editor;
    await until('lenses', async () => (await firstLenses(document.uri)) >= blocks, 30_000);
    const tag = document.positionAt(document.getText().indexOf('@jit'));
    editor.selection = new vscode.Selection(tag, tag);
    editor.revealRange(new vscode.Range(tag, tag));
    await vscode.commands.executeCommand('jitBytes.run');
    await until('a value', () => testing.values(document.uri).length === 1);
    for (let n = 0; n < 5; n++) {
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '/'));
      await sleep(50);
    }
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 5), '\n'));
    await until(
      'the value a line below',
      () => testing.values(document.uri)[0]?.line === tag.line + 2,
    );
    await sleep(1500);
  } finally {
    testing.measureCallbacks(undefined);
  }
  return times.toSorted((a, b) => b.milliseconds - a.milliseconds);
}

/** How many lenses there are, resolving none. */
async function firstLenses(uri: vscode.Uri): Promise<number> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
  );
  return found.length;
}
