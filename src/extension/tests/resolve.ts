/** Finds files with tests and reads them: open ones as they stand in the editor, others in the scanning thread. */
import * as vscode from 'vscode';
import { each, inOrder } from '../../engine/inOrder.ts';
import { LineIndex } from '../../model/text.ts';
import { languageIdOfFile } from '../../source/languages.ts';
import { languageIdOf } from '../documents.ts';
import { optionsOf, type ScanCache } from '../scanCache.ts';
import type { FoundInFile, ScanThread } from '../scanThread.ts';
import { runSettings } from '../settings.ts';
import { fileId } from './ids.ts';
import { listTests, type ListedFile } from './listing.ts';
import type { TestTree } from './tree.ts';

/** The identifier of languages unknown to us, which are read by common comment signs. */
const unknownLanguage = 'plaintext';

/** Files read side by side at most. */
const readAhead = 8;

export interface ResolveParts {
  readonly scans: ScanCache;
  readonly thread: ScanThread;
  readonly tree: TestTree;
  readonly log: (message: string) => void;
}

export class TestFiles {
  readonly #parts: ResolveParts;
  /** Reading of a file that has not begun yet, and that which has. */
  readonly #waiting = new Map<string, Promise<ListedFile | undefined>>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  #search: Promise<void> | undefined;
  #searchNumber = 0;
  #disposed = false;

  constructor(parts: ResolveParts) {
    this.#parts = parts;
  }

  dispose(): void {
    this.#disposed = true;
    this.#searchNumber++;
  }

  /** Whether anybody has asked for all tests. Nothing is searched before. */
  get isSearched(): boolean {
    return this.#search !== undefined;
  }

  /** Resolves when the last search has ended. */
  async searched(): Promise<void> {
    await this.#search;
  }

  /** Finds all tests anew. A search that is under way ends. */
  search(): Promise<void> {
    const search = this.#searchAll(++this.#searchNumber).catch((error: unknown) => {
      this.#parts.log(`the search for tests broke off: ${String(error)}`);
    });
    this.#search = search;
    return search;
  }

  async #searchAll(number: number): Promise<void> {
    const before = this.#parts.tree.files.map(({ uri }) => uri);
    const found = new Set<string>();
    const isLast = (): boolean => number === this.#searchNumber;
    for (const folder of foldersOnDisk()) {
      const files = this.#find(folder, folder.uri, isLast);
      for await (const uri of inOrder(files, readAhead, (uri) => this.#foundFile(uri))) {
        found.add(fileId(uri));
      }
    }
    // What was not found may stand in a document, or have come while the search went on.
    const doubtful = before.filter((uri) => !found.has(fileId(uri)));
    for await (const _ of inOrder(each(doubtful), readAhead, (uri) => this.refresh(uri)));
  }

  async #foundFile(uri: vscode.Uri): Promise<vscode.Uri> {
    await this.refresh(uri, true);
    return uri;
  }

  /** Reads a document that was opened, changed or closed, if there is or was something in it. */
  async refreshDocument(document: vscode.TextDocument): Promise<void> {
    const { scans, tree } = this.#parts;
    if (!tree.file(document.uri)) {
      const { blocks, problems } = await scans.get(document);
      if (blocks.length + problems.length === 0) return;
    }
    await this.refresh(document.uri);
  }

  /** Reads again what is at or below a place where something has changed. */
  async refreshAt(place: vscode.Uri): Promise<void> {
    const folder = folderOnDisk(place);
    if (!folder) return;
    try {
      await this.#refreshBelow(folder, place);
    } catch (error) {
      this.#parts.log(`${place.toString()} was not searched for tests: ${String(error)}`);
    }
  }

  async #refreshBelow(folder: vscode.WorkspaceFolder, place: vscode.Uri): Promise<void> {
    const below = `${place.path}/`;
    const known = this.#parts.tree.files.filter(
      ({ uri }) => uri.path === place.path || uri.path.startsWith(below),
    );
    const uris = new Map(known.map(({ uri }) => [fileId(uri), uri]));
    for await (const uri of this.#find(folder, place)) uris.set(fileId(uri), uri);
    for await (const _ of inOrder(each(uris.values()), readAhead, (uri) => this.refresh(uri)));
  }

  /** As {@link read}, but tells the log what cannot be read. */
  async refresh(uri: vscode.Uri, isFound = false): Promise<void> {
    try {
      await this.read(uri, isFound);
    } catch (error) {
      // Its tests stay as they are until it is read again.
      this.#parts.log(`${uri.toString()} was not read for its tests: ${String(error)}`);
    }
  }

  /**
   * Reads a file as it is now, lists its tests, and gives them; undefined if it is gone, or not one whose tests are listed.
   * Throws when the thread that reads it fails.
   * @param isFound whether the file was found on the disk before, so that it counts if it is there
   */
  read(uri: vscode.Uri, isFound = false): Promise<ListedFile | undefined> {
    const id = fileId(uri);
    const waiting = this.#waiting.get(id);
    if (waiting) return waiting;
    const reading = this.#readNext(uri, isFound);
    this.#waiting.set(id, reading);
    return reading;
  }

  async #readNext(uri: vscode.Uri, isFound: boolean): Promise<ListedFile | undefined> {
    const id = fileId(uri);
    const before = this.#underWay.get(id);
    const reading = (async () => {
      await before;
      this.#waiting.delete(id);
      return this.#read(uri, isFound);
    })();
    const ended = reading.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(id, ended);
    void ended.then(() => {
      if (this.#underWay.get(id) === ended) this.#underWay.delete(id);
    });
    return reading;
  }

  async #read(uri: vscode.Uri, isFound: boolean): Promise<ListedFile | undefined> {
    const { tree } = this.#parts;
    const found = await this.#scan(uri, isFound);
    if (this.#disposed) return undefined;
    if (!found) {
      tree.remove(uri);
      return undefined;
    }
    const listed = await listTests(uri, found, runSettings());
    if (this.#disposed) return undefined;
    await tree.place(listed);
    return listed;
  }

  /** A document is read where it says something else than the disk. What the editor has not loaded again yet is stale. */
  async #scan(uri: vscode.Uri, isFound: boolean): Promise<FoundInFile | undefined> {
    const document = isListed(uri) ? documentOf(uri) : undefined;
    if (document && (document.isDirty || uri.scheme !== 'file')) {
      const { text, ...scan } = await this.#parts.scans.current(document);
      const isEmpty = scan.blocks.length + scan.problems.length === 0;
      if (!document.isClosed) return { ...scan, lines: new LineIndex(isEmpty ? '' : text) };
    }
    if (uri.scheme !== 'file' || !(document || isFound || (await this.#isFound(uri)))) {
      return undefined;
    }
    const languageId = document ? languageIdOf(document) : languageIdOfFile(uri.path);
    const options = optionsOf(document ?? uri);
    return this.#parts.thread.scanFile(uri.fsPath, languageId ?? unknownLanguage, options);
  }

  async #isFound(uri: vscode.Uri): Promise<boolean> {
    const folder = folderOnDisk(uri);
    if (!folder) return false;
    for await (const found of this.#find(folder, uri))
      if (fileId(found) === fileId(uri)) return true;
    return false;
  }

  async *#find(
    folder: vscode.WorkspaceFolder,
    place: vscode.Uri,
    goOn: () => boolean = () => true,
  ): AsyncGenerator<vscode.Uri, void, undefined> {
    const files = this.#parts.thread.find(folder.uri.fsPath, place.fsPath, excludedIn(folder));
    for await (const part of files) {
      for (const file of part) {
        if (!goOn() || this.#disposed) return;
        yield vscode.Uri.file(file);
      }
    }
  }
}

/** Whether the tests of a document are listed: a file, or one that is still to become one, but no extension's manual. */
export function isListed(uri: vscode.Uri): boolean {
  if (uri.scheme !== 'file') return uri.scheme === 'untitled';
  return (
    vscode.workspace.getWorkspaceFolder(uri) !== undefined ||
    !vscode.extensions.all.some(({ extensionUri }) => uri.path.startsWith(`${extensionUri.path}/`))
  );
}

export function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  const id = fileId(uri);
  return vscode.workspace.textDocuments.find((document) => fileId(document.uri) === id);
}

/** What other file systems hold is not searched. */
export function foldersOnDisk(): readonly vscode.WorkspaceFolder[] {
  return vscode.workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === 'file') ?? [];
}

export function folderOnDisk(uri: vscode.Uri): vscode.WorkspaceFolder | undefined {
  return uri.scheme === 'file' ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
}

/** The patterns of `files.exclude` that hold for every file; those that ask for a sibling are left out. */
function excludedIn({ uri }: vscode.WorkspaceFolder): readonly string[] {
  const patterns = vscode.workspace.getConfiguration('files', uri).get<unknown>('exclude');
  if (typeof patterns !== 'object' || patterns === null) return [];
  return Object.entries(patterns).flatMap(([pattern, value]) => (value === true ? pattern : []));
}
