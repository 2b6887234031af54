/** Results of a file that is renamed go with it. The editor closes it and opens another, in what order it likes. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { BlockResults, Results } from './results.ts';

/** Milliseconds within which the events of one rename come. */
const eventsMs = 5000;

export class Renames {
  readonly #results: Results;
  /** Results of documents that were closed just now, by their URI. */
  readonly #left = new Map<string, readonly BlockResults[]>();
  /** Files and folders that were renamed just now. */
  readonly #renamed = new Set<{ readonly oldUri: vscode.Uri; readonly newUri: vscode.Uri }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #disposables: vscode.Disposable[];

  constructor(results: Results) {
    this.#results = results;
    this.#disposables = [
      vscode.workspace.onDidRenameFiles(
        timed('files renamed', ({ files }) => {
          for (const file of files) {
            this.#renamed.add(file);
            this.#later(() => this.#renamed.delete(file));
          }
          this.#moveAll();
        }),
      ),
      vscode.workspace.onDidOpenTextDocument(timed('renamed one opened', () => this.#moveAll())),
    ];
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Keeps the results of a document that closes, for it may open again under another name. */
  closes(document: vscode.TextDocument): void {
    const found = this.#results
      .of(document)
      .filter(({ values, unannotated }) => values.length > 0 && !unannotated);
    if (found.length === 0) return;
    const uri = document.uri.toString();
    this.#left.set(uri, found);
    this.#later(() => {
      if (this.#left.get(uri) === found) this.#left.delete(uri);
    });
    this.#moveAll();
  }

  #moveAll(): void {
    if (this.#left.size === 0 || this.#renamed.size === 0) return;
    for (const document of vscode.workspace.textDocuments) {
      const uri = document.uri.toString();
      for (const { oldUri, newUri } of this.#renamed) {
        const to = newUri.toString();
        if (uri !== to && !uri.startsWith(`${to}/`)) continue;
        const before = oldUri.toString() + uri.slice(to.length);
        const found = this.#left.get(before);
        if (!found) continue;
        this.#left.delete(before);
        this.#results.adopt(document, found);
      }
    }
  }

  #later(action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, eventsMs);
    this.#timers.add(timer);
  }
}
