/**
 * Large files: everything works in them, and how long our callbacks hold the extension host is printed.
 * The aim is 50 ms; it is a figure to read and no assertion, for a busy machine interrupts callbacks.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CallbackTime } from '../../src/extension/callbackTimes.ts';
import { extension, lenses, openText, setSetting, sleep, test, until } from './harness.ts';

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

/** Edits in a row whose latency is measured. */
const latencyEdits = 200;

export function responsivenessTests(): void {
  for (const blocks of [1, 1000]) {
    test(`latency: values follow ${latencyEdits} edits in a file of ${blocks}`, async () => {
      await setSetting('run.mode', undefined);
      try {
        const sorted = await latency(blocks);
        const at = (share: number): string =>
          (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(1);
        console.log(
          `# live, ${blocks} arrays: from change to new value, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms; no pause before a run`,
        );
      } finally {
        await setSetting('run.mode', 'manual');
      }
    }, 180_000);
  }

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

/** Live values: from the event that the text has changed to our call that gives the editor the new value. */
async function latency(blocks: number): Promise<readonly number[]> {
  const testing = await extension();
  const editor = await openText(
    `latency_${blocks}.rs`,
    Array.from({ length: blocks }, (_, n) => block(n)).join('\n'),
  );
  const { document } = editor;
  // In the middle, in view.
  const at = document.getText().indexOf('0xc0, 0x04', document.getText().length / 2 - 200);
  const digit = new vscode.Range(
    document.positionAt(at + '0xc0, 0x0'.length),
    document.positionAt(at + '0xc0, 0x04'.length),
  );
  const callLine = digit.start.line - 3;
  editor.revealRange(digit, vscode.TextEditorRevealType.InCenter);
  const isRun = (): boolean => testing.settled(document);
  await until('all values', isRun, 60_000);
  const milliseconds: number[] = [];
  for (let n = 0; n < latencyEdits; n++) {
    const digitNow = (n % 7) + 1;
    const expected = `⇒ ${4 + digitNow}`;
    let changed = 0;
    const painted = new Promise<number>((resolve) => {
      const change = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document) changed = performance.now();
      });
      const paint = testing.onDidPaint((one) => {
        if (one !== document) return;
        const values = testing.values(document.uri);
        const value = values.find(({ line }) => line === callLine);
        if (!value || value.state === 'stale' || !value.text.startsWith(expected)) return;
        change.dispose();
        paint.dispose();
        resolve(performance.now());
      });
    });
    await editor.edit((edit) => edit.replace(digit, String(digitNow)));
    milliseconds.push((await painted) - changed);
    await sleep(20);
  }
  return milliseconds.toSorted((a, b) => a - b);
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
