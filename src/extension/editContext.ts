/** The context key that shows the menu of edits where the cursor stands in bytes. */
import * as vscode from 'vscode';
import { byteLiteralAt } from './byteLiteralAtCursor.ts';
import { timed } from './callbackTimes.ts';
import { languageIdOf } from './documents.ts';
import { blockAround } from './blockAtPlace.ts';
import { optionsOf, type ScanCache } from './scanCache.ts';

/** True while the cursor stands in a byte literal or its annotation. */
export const inBytesKey = 'jitBytes.inBytes';

/** Milliseconds after a move of the cursor. */
const pauseMs = 120;

/** A line that may be one of bytes without an annotation; others are not looked at. */
const mayBeBytes =
  /(?:0x[0-9a-f]{1,2}\b|\\x[0-9a-f]{2}|\b\d{1,3}\b|\b[0-9a-f]{2}h\b|[$#&]h?x?[0-9a-f]{2}\b)[^\n]*?(?:0x[0-9a-f]{1,2}\b|\\x[0-9a-f]{2}|\b\d{1,3}\b|\b[0-9a-f]{2}h\b|[$#&]h?x?[0-9a-f]{2}\b)|["'][0-9a-f]{2}(?:[\s:]?[0-9a-f]{2}){3}/i;

/** Longer lines are no lines of bytes that a person edits. */
const longestLine = 1000;

export class EditContext {
  readonly #scans: ScanCache;
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #isIn = false;

  constructor(scans: ScanCache) {
    this.#scans = scans;
    const { window } = vscode;
    this.#disposables = [
      window.onDidChangeTextEditorSelection(() => this.#look()),
      window.onDidChangeActiveTextEditor(() => this.#look()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      timed('look for bytes at the cursor', () => {
        const isIn = this.#isInBytes(vscode.window.activeTextEditor);
        if (isIn === this.#isIn) return;
        this.#isIn = isIn;
        void vscode.commands.executeCommand('setContext', inBytesKey, isIn);
      }),
      pauseMs,
    );
  }

  #isInBytes(editor: vscode.TextEditor | undefined): boolean {
    if (!editor) return false;
    const { document, selection } = editor;
    const place = document.offsetAt(selection.active);
    const known = this.#scans.known(document);
    if (known && blockAround(known, place)) return true;
    // The selection may be of a text that was longer.
    if (selection.active.line >= document.lineCount) return false;
    const line = document.lineAt(selection.active.line).text;
    if (line.length > longestLine || !mayBeBytes.test(line)) return false;
    const at = { start: place, end: place };
    return (
      byteLiteralAt(document.getText(), languageIdOf(document), at, optionsOf(document)) !==
      undefined
    );
  }
}
