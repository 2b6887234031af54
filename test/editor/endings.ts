/** How calls end badly, as a person sees it: the squiggle under the bytes, the hover, the output channel; and what protects. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
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
  textAt,
  until,
  workspaceFolder,
} from './harness.ts';

/** The bytes of the faulting instruction stand on two lines, with a comment between. */
const nullRead = `// @jit  int first(const int *p)
// @call (null)
// @call (null)
static const unsigned char first[] = {
    0x90, 0x90,           // two nops
    0x48, 0x8b, /* mov */
    0x47, 0x08,           // 8(%rdi), %rax
    0xc3,
};
`;

const endings: readonly (readonly [what: string, code: string, under: string, message: RegExp])[] =
  [
    [
      'blocked',
      '0xb8, 0x27, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3',
      '0x0f, 0x05',
      /^blocked getpid\(\) at \+0x5$/,
    ],
    [
      'timeout',
      '0x90, 0xeb, 0xfe',
      '0xeb, 0xfe',
      /^timeout after 50 ms, stuck at \+0x1: jmp \+0x1$/,
    ],
    ['end', '0x90, 0x91', '0x91', /^end: ran off the last byte$/],
    [
      'abi',
      '0x31, 0xdb, 0xc3',
      '@call ()',
      /^abi: rbx was not preserved: expected 0x.*, found 0x0$/,
    ],
    [
      'fault',
      '0xff, 0xe0',
      '@call ()',
      /^fault SIGSEGV: jumps to address 0x0, which is not mapped$/,
    ],
  ];

export function endingTests(): void {
  test('a fault is underlined at the bytes of its instruction, across lines', async () => {
    const editor = await openText('null_read.c', nullRead);
    const { document } = editor;
    const { uri } = document;
    await vscode.commands.executeCommand('jitBytes.runAll');
    const [fault] = await until('one problem', () => {
      const all = diagnostics(uri);
      return all.length === 1 && all;
    });
    assert(fault);
    assert.equal(textAt(document, fault.range), '0x48, 0x8b, /* mov */\n    0x47, 0x08');
    assert.equal(fault.code, 'fault');
    assert.equal(fault.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(
      fault.message,
      'fault SIGSEGV at +0x2: reads address 0x8, which is not mapped; rdi = 0',
    );
    assert.deepEqual(
      fault.relatedInformation?.map(({ location, message }) => [
        textAt(document, location.range),
        message,
      ]),
      [
        ['@call (null)', 'called here: first(null)'],
        ['@call (null)', 'called here: first(null)'],
      ],
    );
    const text = await hoverAt(uri, document.positionAt(document.getText().indexOf('0x47') + 1));
    assert.match(text, /first\(null\)\nrdi +0x0000000000000000/);
    const call = await hoverAt(uri, document.positionAt(document.getText().indexOf('@call') + 1));
    assert.match(call, /first\(null\) ⇒ fault SIGSEGV at \+0x2: reads address 0x8/);
    assert.match(call, /instruction +mov rax, \[rdi\+0x8\]/);
    assert.match(call, /rdi +0x0000000000000000/);
    const log = await until('the log', async () => {
      const all = await outputLog();
      return /first\(null\)/.test(all) && all;
    });
    assert.match(log, /▶ \+0x2 {2}48 8b 47 08 {2}mov rax, \[rdi\+0x8\]\n/);
    assert.match(log, /rip 0000100000100002 {2}rflags [0-9a-f]+ \[/);

    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// above 🧨\n'));
    await until('the squiggle has moved', () => {
      const [moved] = diagnostics(uri);
      return moved && textAt(document, moved.range).startsWith('0x48, 0x8b');
    });
    await replace(editor, '0x90, 0x90', '0x90, 0x91');
    await until('no squiggle under other bytes', () => diagnostics(uri).length === 0);
  });

  test('an unexpected fault is told at the expectation and at the bytes', async () => {
    const text = '// @jit int f(void)\n// @call () => 1\nchar f[] = { 0x90, 0x0f, 0x0b };\n';
    const { document } = await openText('unexpected.c', text);
    await vscode.commands.executeCommand('jitBytes.runAll');
    const found = await until('both', () => {
      const all = diagnostics(document.uri);
      return all.length === 2 && all;
    });
    assert.deepEqual(
      found.map(({ range, code }) => [textAt(document, range), code]),
      [
        ['1', 'expectation-failed'],
        ['0x0f, 0x0b', 'fault'],
      ],
    );
  });

  for (const [what, code, under, message] of endings) {
    test(`${what} is underlined at "${under}"`, async () => {
      const text = `// @jit void f(void)\n// @timeout 50ms\n// @call ()\nchar f[] = { ${code} };\n`;
      const { document } = await openText(`ending_${what}_${code.length}.c`, text);
      await vscode.commands.executeCommand('jitBytes.runAll');
      const [found] = await until('one error, and no warning beside it', () => {
        const all = diagnostics(document.uri);
        return all.length === 1 && all[0]?.severity === vscode.DiagnosticSeverity.Error && all;
      });
      assert(found);
      assert.deepEqual([found.code, textAt(document, found.range)], [what, under]);
      assert.match(found.message, message);
    });
  }

  test('stopping takes effect at once', async () => {
    await setSetting('run.timeout', 60_000);
    try {
      const editor = await open('forever.c');
      const stops: number[] = [];
      const nexts: number[] = [];
      for (let n = 0; n < 5; n++) {
        putCursorAt(editor, '0xeb');
        let ended = false;
        const running = Promise.resolve(vscode.commands.executeCommand('jitBytes.run')).then(() => {
          ended = true;
        });
        await sleep(300);
        assert(!ended, 'it runs');
        const started = performance.now();
        void vscode.commands.executeCommand('jitBytes.stop');
        await running;
        stops.push(performance.now() - started);
        putCursorAt(editor, '0x48, 0x89');
        const summary = await vscode.commands.executeCommand<{ passed: number }>('jitBytes.run');
        assert.equal(summary.passed, 1);
        nexts.push(performance.now() - started);
      }
      const list = (times: readonly number[]): string =>
        times.map((ms) => ms.toFixed(1)).join(', ');
      console.log(`# stopping took ${list(stops)} ms, with the next call ${list(nexts)} ms`);
      assert(Math.min(...stops) < 50, list(stops));
    } finally {
      await setSetting('run.timeout', undefined);
    }
  });

  test('a workspace cannot change the sandbox', async () => {
    const testing = await extension();
    const file = path.join(workspaceFolder(), '.vscode', 'settings.json');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '{ "jitBytes.sandbox": "off", "jitBytes.codeLens.enabled": false }');
    try {
      const configuration = (): vscode.WorkspaceConfiguration =>
        vscode.workspace.getConfiguration('jitBytes');
      await until('the settings are read', () => configuration().get('codeLens.enabled') === false);
      assert.equal(await runGetpid(), 'blocked');
      assert.equal(testing.protectionShown(), undefined);
    } finally {
      fs.rmSync(file);
    }
  });

  test('the sandbox: off is shown, output is captured, strict is back', async () => {
    const testing = await extension();
    try {
      await setSetting('sandbox', 'off');
      await until('the warning', () => testing.protectionShown() === 'JIT sandbox off');
      assert.equal(await runGetpid(), undefined);
      await setSetting('sandbox', 'output');
      await until('the word', () => testing.protectionShown() === 'JIT output');
      assert.equal(await runGetpid(), 'blocked');
      const { document } = await openText('say.c', say);
      await vscode.commands.executeCommand('jitBytes.runAll');
      await until('the value', () => testing.values(document.uri).length === 1);
      const text = await hoverAt(document.uri, new vscode.Position(0, 5));
      assert.match(text, /output, 3 bytes:\n\| hi/);
      await until('the log', async () => /output, 3 bytes:\n +\| hi\n/.test(await outputLog()));
    } finally {
      await setSetting('sandbox', undefined);
    }
    await until('nothing to say', () => testing.protectionShown() === undefined);
    assert.equal(await runGetpid(), 'blocked');
  });

  test('the protection in force is shown', async () => {
    const protection = await vscode.commands.executeCommand<{ level: string; sandbox: string }>(
      'jitBytes.showProtection',
    );
    assert.deepEqual([protection.level, protection.sandbox], ['isolated', 'strict']);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  });
}

// mov edi, 1; lea rsi, [rip+13]; mov edx, 3; mov eax, 1; syscall; ret; "hi\n"
const say = `// @jit void say(void)
char say[] = { 0xbf, 1, 0, 0, 0, 0x48, 0x8d, 0x35, 13, 0, 0, 0, 0xba, 3, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0xc3, 'h', 'i', 10 };
`;

/** Runs a system call, and gives the code of the problem that comes of it, if any. */
async function runGetpid(): Promise<unknown> {
  const testing = await extension();
  await vscode.commands.executeCommand('jitBytes.clearResults');
  const text = '// @jit int f(void)\nchar f[] = { 0xb8, 0x27, 0, 0, 0, 0x0f, 0x05, 0xc3 };\n';
  const { document } = await openText('getpid.c', text);
  await vscode.commands.executeCommand('jitBytes.runAll');
  await until('the value', () => testing.values(document.uri).length === 1);
  await sleep(300);
  return diagnostics(document.uri)[0]?.code;
}

async function hoverAt(uri: vscode.Uri, place: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    uri,
    place,
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}
