/** Keeps results and squiggles with their text while it is opened, edited and closed. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { Diagnostics } from './diagnostics.ts';
import { DocumentPauses } from './documentPauses.ts';
import { mayRun } from './documents.ts';
import type { InlineValues } from './inlineValues.ts';
import type { LiveRun } from './liveRun.ts';
import type { Renames } from './renames.ts';
import type { Results } from './results.ts';
import type { ScanCache } from './scanCache.ts';
import { onSettingsChange } from './settings.ts';

/** Milliseconds without an edit after which a document is read again. */
const pauseMs = 250;

export interface ChangeParts {
  readonly scans: ScanCache;
  readonly results: Results;
  readonly renames: Renames;
  readonly live: LiveRun;
  readonly diagnostics: Diagnostics;
  readonly inlineValues: InlineValues;
}

export class DocumentChanges {
  readonly #parts: ChangeParts;
  readonly #pauses: DocumentPauses;
  readonly #disposables: vscode.Disposable[];

  constructor(parts: ChangeParts) {
    this.#parts = parts;
    const { workspace } = vscode;
    this.#pauses = new DocumentPauses(
      pauseMs,
      timed('read document', (document) => void this.#read(document)),
    );
    this.#disposables = [
      this.#pauses,
      workspace.onDidOpenTextDocument(
        timed('document opened', (document) => this.#readSoon(document)),
      ),
      workspace.onDidChangeTextDocument(timed('document changed', (event) => this.#changed(event))),
      workspace.onDidCloseTextDocument(
        timed('document closed', (document) => this.#closed(document)),
      ),
      onSettingsChange(['defaultArchitecture'], () => this.#readAll()),
    ];
    this.#readAll();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #readAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#readSoon(document);
  }

  #changed(event: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges } = event;
    if (contentChanges.length === 0 || !mayRun(document.uri)) return;
    const { scans, results, live, inlineValues } = this.#parts;
    const hasResults = results.of(document).length > 0;
    const scan = hasResults || live.isOn ? scans.now(document) : undefined;
    if (hasResults) {
      results.follow(document, contentChanges, scan !== undefined);
      if (scan) results.reconcile(document, scan);
    }
    const valuesFollow = scan !== undefined && live.changed(document, scan);
    if (hasResults) inlineValues.edited(event, valuesFollow);
    this.#readSoon(document);
  }

  #closed(document: vscode.TextDocument): void {
    this.#pauses.end(document);
    this.#parts.renames.closes(document);
    this.#parts.results.forget(document);
    this.#parts.diagnostics.forget(document);
  }

  #readSoon(document: vscode.TextDocument): void {
    if (mayRun(document.uri)) this.#pauses.begin(document);
  }

  async #read(document: vscode.TextDocument): Promise<void> {
    if (document.isClosed) return;
    const scan = this.#parts.scans.now(document) ?? (await this.#parts.scans.get(document));
    timed('place results', () => {
      if (scan.version !== document.version || document.isClosed) return;
      const { results, live, diagnostics } = this.#parts;
      results.reconcile(document, scan);
      live.changed(document, scan);
      diagnostics.update(document);
    })();
  }
}
