/** Keeps the listed tests true: to documents as they are typed, and to files as they come, change and go. */
import path from 'node:path';
import * as vscode from 'vscode';
import { timed } from '../callbackTimes.ts';
import { onSettingsChange } from '../settings.ts';
import { foldersOnDisk, isListed, type TestFiles } from './resolve.ts';
import type { TestTree } from './tree.ts';

/** Milliseconds without an edit after which a document is read again. */
const typingPauseMs = 250;

/** Milliseconds in which changes on the disk are gathered. */
const gatherMs = 100;

/** After more changes at once all is searched anew. */
const manyChanges = 200;

/** What is never searched: version control and packages change often, and in large numbers. */
const neverListed = /[\\/](?:\.git|node_modules)(?:[\\/]|$)/;

export class TestWatch {
  readonly #files: TestFiles;
  readonly #tree: TestTree;
  readonly #disposables: vscode.Disposable[];
  #watchers: vscode.Disposable[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #changed = new Map<string, vscode.Uri>();
  #gathering: NodeJS.Timeout | undefined;

  constructor(files: TestFiles, tree: TestTree) {
    this.#files = files;
    this.#tree = tree;
    const { workspace } = vscode;
    this.#disposables = [
      workspace.onDidOpenTextDocument(timed('test opened', (document) => this.#readSoon(document))),
      workspace.onDidChangeTextDocument(
        timed('test edited', ({ document, contentChanges }) => {
          if (contentChanges.length > 0) this.#readSoon(document);
        }),
      ),
      workspace.onDidCloseTextDocument(
        timed('test closed', (document) => this.#readSoon(document)),
      ),
      workspace.onDidChangeWorkspaceFolders(() => this.#begin()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('files.exclude')) this.#searchAgain();
      }),
      onSettingsChange(['defaultArchitecture'], () => {
        this.#readDocuments();
        this.#searchAgain();
      }),
    ];
    this.#readDocuments();
  }

  dispose(): void {
    clearTimeout(this.#gathering);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of [...this.#disposables, ...this.#watchers]) disposable.dispose();
  }

  /** Watches the disk from now on. To be called before a search, so that nothing is missed. */
  watchFolders(): void {
    for (const watcher of this.#watchers) watcher.dispose();
    this.#watchers = foldersOnDisk().map((folder) => {
      const everything = new vscode.RelativePattern(folder, '**');
      const watcher = vscode.workspace.createFileSystemWatcher(everything);
      const changed = timed('file changed', (uri: vscode.Uri) => this.#gather(uri));
      watcher.onDidCreate(changed);
      watcher.onDidChange(changed);
      watcher.onDidDelete(changed);
      return watcher;
    });
  }

  /** Other folders: files may stand elsewhere among the items than before. */
  #begin(): void {
    this.#tree.clear();
    this.#readDocuments();
    if (!this.#files.isSearched) return;
    this.watchFolders();
    this.#searchAgain();
  }

  #searchAgain(): void {
    if (this.#files.isSearched) void this.#files.search();
  }

  #readDocuments(): void {
    for (const document of vscode.workspace.textDocuments) this.#readSoon(document);
  }

  #readSoon(document: vscode.TextDocument): void {
    const { uri } = document;
    if (!isListed(uri)) return;
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    const read = timed('read tests', () => {
      this.#timers.delete(key);
      void this.#files.refreshDocument(document);
    });
    this.#timers.set(key, setTimeout(read, typingPauseMs));
  }

  #gather(uri: vscode.Uri): void {
    if (neverListed.test(uri.path)) return;
    this.#changed.set(uri.toString(), uri);
    this.#gathering ??= setTimeout(() => void this.#readChanged(), gatherMs);
  }

  async #readChanged(): Promise<void> {
    const uris = [...this.#changed.values()];
    this.#changed.clear();
    const changesRules = uris.some((uri) => path.posix.basename(uri.path) === '.gitignore');
    if (changesRules || uris.length > manyChanges) await this.#files.search();
    else for (const uri of uris) await this.#files.refreshAt(uri);
    this.#gathering = undefined;
    if (this.#changed.size > 0)
      this.#gathering = setTimeout(() => void this.#readChanged(), gatherMs);
  }
}
