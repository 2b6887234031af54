/** First use: completion, hovers, snippets, the example and what the walkthrough asks for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CallbackTime } from '../../src/extension/callbackTimes.ts';
import {
  diagnostics,
  extension,
  openText,
  putCursorAt,
  sleep,
  test,
  textAt,
  until,
} from './harness.ts';

const annotated = `// @jit  add_four(n: i64, out: *mut u8) -> i64
// @call (4, [0; 16])  => 8
// 
let code = [
    0x48, 0x89, 0xf8,        // mov %rdi, %rax
    0x48, 0x83, 0xc0, 0x04,  // add $4, %rax
    0xc3,                    // ret
];
// @call (1, null) => 5
`;

function placeAfter(document: vscode.TextDocument, text: string): vscode.Position {
  const at = document.getText().indexOf(text);
  assert(at >= 0, `"${text}" is in the document`);
  return document.positionAt(at + text.length);
}

/** The labels of what is suggested after some text, asked for or triggered by a character. */
async function suggested(
  document: vscode.TextDocument,
  after: string,
  trigger?: string,
): Promise<readonly vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    placeAfter(document, after),
    trigger,
  );
  return list.items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
}

function labelOf({ label }: vscode.CompletionItem): string {
  return typeof label === 'string' ? label : label.label;
}

async function labels(
  document: vscode.TextDocument,
  after: string,
  trigger?: string,
): Promise<readonly string[]> {
  return (await suggested(document, after, trigger)).map(labelOf);
}

async function hoverText(document: vscode.TextDocument, before: string): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    placeAfter(document, before),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : String(content)))
    .join('\n');
}

export function firstUseTests(): void {
  test('first use: annotations are completed in their comment, and nowhere else', async () => {
    const { document } = await openText(
      'completion.rs',
      annotated.replace('// \n', '// @\n// text \n// @arch \n'),
    );
    const tags = await suggested(document, '16])  => 8\n// @', '@');
    assert.deepEqual(tags.map(labelOf).slice(0, 3), ['@call', '@abi', '@timeout']);
    const [call] = tags;
    assert(call?.documentation instanceof vscode.MarkdownString);
    assert.match(call.documentation.value, /@call \(4\)/);
    assert.match(call.documentation.value, /command:jitBytes\.showAnnotations/);
    assert((await labels(document, '// @arch ', ' ')).includes('riscv64'));
    assert((await labels(document, '@call (', '(')).includes('0x7fffffffffffffff'));
    assert((await labels(document, '@call (4, ', ' ')).includes('[0; 16]'));
    assert((await labels(document, '[0; 16])  => ')).includes('out = […]'));
    assert((await labels(document, '(n: ', ' ')).includes('*const u8'));
    assert.deepEqual(await labels(document, '// text ', ' '), []);
    assert.deepEqual(await labels(document, 'code = ', ' '), []);
    // A comment after the bytes belongs to them.
    assert((await labels(document, '];\n// @call (1, ')).includes('null'));
  });

  test('first use: a hover says what a tag means, and where parameters arrive', async () => {
    const { document } = await openText('tags.rs', annotated);
    const signature = await hoverText(document, 'add_fo');
    for (const part of [
      '`n: i64` in `rdi`',
      '`out: *mut u8` in `rsi`',
      '`i64` in `rax`',
      '`sysv`',
    ]) {
      assert(signature.includes(part), `${part} in ${signature}`);
    }
    assert.match(await hoverText(document, '// @ca'), /One&nbsp;call&nbsp;of/);
    assert.doesNotMatch(await hoverText(document, 'let co'), /calling convention|One&nbsp;call/);
    const { document: c } = await openText(
      'win64.c',
      '/* @jit double f(double x, int n) @abi win64 */\nchar c[] = {0x90, 0xc3};\n',
    );
    const placed = await hoverText(c, 'double f(doub');
    for (const part of ['`x: f64` in `xmm0`', '`n: i32` in `edx`', '`f64` in `xmm0`', '`win64`']) {
      assert(placed.includes(part), `${part} in ${placed}`);
    }
  });

  test('first use: jit at the start of a line becomes an array that runs', async () => {
    for (const [name, before] of [
      ['snippet.py', ''],
      ['snippet.c', 'int a;\n'],
      ['snippet.js', ''],
    ] as const) {
      const editor = await openText(name, `${before}jit`);
      const { document } = editor;
      const item = (await suggested(document, `${before}jit`)).find(
        ({ kind, label }) =>
          kind === vscode.CompletionItemKind.Snippet && labelOf({ label }) === 'jit',
      );
      assert(item?.insertText instanceof vscode.SnippetString, `a snippet in ${name}`);
      assert(item.range instanceof vscode.Range);
      await editor.insertSnippet(item.insertText, item.range);
      await vscode.commands.executeCommand('jitBytes.runAll');
      const testing = await extension();
      await until(`values in ${name}`, () => {
        const texts = testing.values(document.uri).map(({ text }) => text);
        return texts.length === 2 && texts.every((text) => text.includes('✓'));
      });
    }
    const { document } = await openText('nowhere.py', 'x = 1 # jit\n');
    assert(!(await labels(document, '# jit')).includes('jit'));
  });

  test('first use: the example opens in every language of the editor, and runs without a file', async () => {
    const known = new Set(await vscode.languages.getLanguages());
    const testing = await extension();
    for (const id of ['rust', 'c', 'python', 'javascript', 'java', 'csharp', 'go', 'lua']) {
      assert(known.has(id), id);
      await vscode.commands.executeCommand('jitBytes.openExample', id);
      const document = vscode.window.activeTextEditor?.document;
      assert(document?.isUntitled && document.languageId === id);
      await vscode.commands.executeCommand('jitBytes.runAll');
      const shown = await until(`values in ${id}`, () => {
        const values = testing.values(document.uri);
        return values.length === 5 && values.map(({ text, state }) => `${state} ${text}`);
      });
      assert.deepEqual(shown.slice(0, 4), [
        'value ⇒ 8  ✓',
        'value ⇒ 3  ✓',
        'value ⇒ 10  ✓',
        'value ⇒ 0  ✓',
      ]);
      assert.match(shown[4] ?? '', /^failed .*SIGSEGV/);
      const fault = await until('the fault', () =>
        diagnostics(document.uri).find(({ range }) => /8b/i.test(textAt(document, range))),
      );
      assert.equal(
        textAt(document, fault.range),
        '0x8b, 0x00'.replace('0x8b', id === 'java' ? '(byte) 0x8b' : '0x8b'),
      );
      await vscode.commands.executeCommand('jitBytes.clearResults');
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });

  test('first use: the steps of the walkthrough do what they say', async () => {
    await vscode.commands.executeCommand('jitBytes.openExample', 'rust');
    const document = vscode.window.activeTextEditor?.document;
    assert(document);
    const testing = await extension();
    await vscode.commands.executeCommand('jitBytes.example.run');
    await until('values', () => testing.values(document.uri).length === 2);
    await vscode.commands.executeCommand('jitBytes.example.crash');
    await until('the crash', () => testing.values(document.uri).length === 3);
    await vscode.commands.executeCommand('jitBytes.example.disassemble');
    await until('the listing', () =>
      vscode.window.visibleTextEditors.some(
        ({ document: { uri } }) => uri.scheme === 'jit-bytes-disassembly',
      ),
    );
  });

  test('first use: the annotation language is shown as a page', async () => {
    await vscode.commands.executeCommand('jitBytes.showAnnotations');
    await until('the page', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .some(
          ({ input, label }) =>
            input instanceof vscode.TabInputWebview && /annotations/.test(label),
        ),
    );
  });

  test('first use: the manifest names only what there is', async () => {
    const { extensionPath } = vscode.extensions.getExtension('jit-bytes.jit-bytes') ?? {};
    assert(extensionPath !== undefined);
    const manifest = JSON.parse(readFileSync(path.join(extensionPath, 'package.json'), 'utf8')) as {
      readonly contributes: {
        readonly commands: readonly { readonly command: string }[];
        readonly walkthroughs: readonly {
          readonly steps: readonly {
            readonly media: { readonly svg: string };
            readonly completionEvents: readonly string[];
          }[];
        }[];
        readonly grammars: readonly { readonly path: string }[];
      };
    };
    const { commands, walkthroughs, grammars } = manifest.contributes;
    const known = new Set(await vscode.commands.getCommands(true));
    for (const { command } of commands) assert(known.has(command), command);
    const nls = readFileSync(path.join(extensionPath, 'package.nls.json'), 'utf8');
    for (const [, command = ''] of nls.matchAll(/\(command:([\w.]+)/g)) {
      assert(known.has(command), command);
    }
    const steps = walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    for (const { media, completionEvents } of steps) {
      assert(readFileSync(path.join(extensionPath, media.svg), 'utf8').includes('<title>'));
      for (const event of completionEvents) {
        const command = /^onCommand:(.*)$/.exec(event)?.[1];
        assert(command === undefined || known.has(command), event);
      }
    }
    for (const grammar of grammars) readFileSync(path.join(extensionPath, grammar.path));
  });

  test('first use: in a file of 100,000 lines suggestions and hovers take little', async () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `let line_${n} = "of a long file";`);
    lines[60_000] = annotated;
    const editor = await openText('long_completion.rs', lines.join('\n'));
    const { document } = editor;
    putCursorAt(editor, '@call (4');
    await sleep(1000);
    const testing = await extension();
    const times: CallbackTime[] = [];
    testing.measureCallbacks((time) => times.push(time));
    try {
      for (let turn = 0; turn < 5; turn++) {
        assert((await labels(document, '@call (', '(')).includes('-1'));
        assert.match(await hoverText(document, 'add_fo'), /rdi/);
        await labels(document, 'line_99000 ', ' ');
      }
    } finally {
      testing.measureCallbacks(undefined);
    }
    for (const name of ['complete annotation', 'annotation hover']) {
      const own = times.filter((time) => time.name === name).map((time) => time.milliseconds);
      assert(own.length >= 5, name);
      console.log(`# 100,000 lines, ${name}: ${own.map((ms) => ms.toFixed(2)).join(' ')} ms`);
    }
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
}
