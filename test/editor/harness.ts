/** A test runner in a few lines, and what tests of an editor need over and over. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Testing } from '../../src/extension/testing.ts';

interface Test {
  readonly name: string;
  readonly body: () => Promise<void>;
  readonly limitMs: number;
}

const tests: Test[] = [];

/** Milliseconds that a test, unless it says otherwise, and a condition in it may take. */
const testLimitMs = 60_000;
const conditionLimitMs = 15_000;

export function test(name: string, body: () => Promise<void>, limitMs = testLimitMs): void {
  tests.push({ name, body, limitMs });
}

/** Runs all tests in their order, prints how each went, and throws if any failed. */
export async function runTests(afterEach: () => Promise<void>): Promise<void> {
  const only = process.env['JIT_BYTES_TEST_ONLY'];
  const failed: string[] = [];
  for (const { name, body, limitMs } of tests) {
    if (only !== undefined && !name.includes(only)) continue;
    const started = performance.now();
    try {
      const limit = sleep(limitMs, undefined, { ref: false }).then(() => {
        throw new Error(`took more than ${limitMs} ms`);
      });
      await Promise.race([body(), limit]);
      console.log(`ok ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      failed.push(name);
      console.log(
        `not ok ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
    await afterEach();
  }
  console.log(`${tests.length - failed.length} of ${tests.length} editor tests passed`);
  if (failed.length > 0) throw new Error(`failed: ${failed.join('; ')}`);
}

/** Waits until something holds; what is returned is what held. */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = conditionLimitMs,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await sleep(20);
  }
}

export { sleep };

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, 'a folder is open');
  return folder.uri.fsPath;
}

/** The extension under test, by its one promise to tests. */
export async function extension(): Promise<Testing> {
  const found = vscode.extensions.getExtension<Testing>('jit-bytes.jit-bytes');
  assert(found, 'the extension is installed');
  return found.activate();
}

export async function open(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(path.join(workspaceFolder(), name));
  return vscode.window.showTextDocument(document, { preview: false });
}

/** Writes a file into the workspace and opens it. */
export async function openText(name: string, text: string): Promise<vscode.TextEditor> {
  fs.writeFileSync(path.join(workspaceFolder(), name), text);
  return open(name);
}

export interface Lens {
  readonly line: number;
  readonly title: string;
  readonly command: vscode.Command;
}

/** Our lenses of a document, with their words. */
export async function lenses(uri: vscode.Uri, resolved = 200): Promise<readonly Lens[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
    resolved,
  );
  return found.flatMap(({ range, command }) =>
    command ? [{ line: range.start.line, title: command.title, command }] : [],
  );
}

/** Does what a click on a lens does. */
export async function click({ command }: Lens): Promise<unknown> {
  return vscode.commands.executeCommand(
    command.command,
    ...((command.arguments ?? []) as unknown[]),
  );
}

/** Our diagnostics of a document, in their order. */
export function diagnostics(uri: vscode.Uri): readonly vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'JIT Bytes')
    .toSorted((a, b) => a.range.start.compareTo(b.range.start));
}

/** The text under a range. */
export function textAt(document: vscode.TextDocument, range: vscode.Range): string {
  return document.getText(range);
}

/** Everything that the output channel has printed so far. */
export async function outputLog(): Promise<string> {
  const { logFolder } = await extension();
  const file = path.join(logFolder.fsPath, 'JIT Bytes.log');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

export async function setSetting(name: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('jitBytes');
  await configuration.update(name, value, vscode.ConfigurationTarget.Global);
}

/** Puts the cursor at the first place of some text. */
export function putCursorAt(editor: vscode.TextEditor, text: string): void {
  const at = editor.document.getText().indexOf(text);
  assert(at >= 0, `"${text}" is in the document`);
  const place = editor.document.positionAt(at);
  editor.selection = new vscode.Selection(place, place);
}

/** Replaces the first occurrence of some text. */
export async function replace(editor: vscode.TextEditor, text: string, by: string): Promise<void> {
  const { document } = editor;
  const at = document.getText().indexOf(text);
  assert(at >= 0, `"${text}" is in the document`);
  const range = new vscode.Range(document.positionAt(at), document.positionAt(at + text.length));
  assert(await editor.edit((edit) => edit.replace(range, by)), 'the edit was made');
}
