/** The items of the Test Explorer: folders, files, blocks, calls. Found again by their ids, changed in place. */
import path from 'node:path';
import * as vscode from 'vscode';
import { timed } from '../callbackTimes.ts';
import { fileId, folderId } from './ids.ts';
import type { ListedBlock, ListedCall, ListedError, ListedFile } from './listing.ts';
import { inSlices } from './slices.ts';

/** A file that has an item. */
export interface PlacedFile {
  readonly uri: vscode.Uri;
  readonly item: vscode.TestItem;
}

interface Placed extends PlacedFile {
  /** Of its blocks and calls, by their ids. */
  readonly fingerprints: Map<string, string>;
}

export class TestTree {
  readonly #controller: vscode.TestController;
  readonly #files = new Map<string, Placed>();
  readonly #changed = new vscode.EventEmitter<readonly vscode.TestItem[]>();
  /** Blocks and calls that are new, or would give other results than before. */
  readonly onDidChange = this.#changed.event;

  constructor(controller: vscode.TestController) {
    this.#controller = controller;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** The files with tests, in the order of their paths. */
  get files(): readonly PlacedFile[] {
    const ids = [...this.#files.keys()].sort();
    return ids.flatMap((id) => this.#files.get(id) ?? []);
  }

  /** A block's item, if it is there. */
  block(uri: vscode.Uri, { id }: ListedBlock): vscode.TestItem | undefined {
    return this.file(uri)?.item.children.get(id);
  }

  file(uri: vscode.Uri): PlacedFile | undefined {
    return this.#files.get(fileId(uri));
  }

  /** Shows the tests of a file as they are now; of a file without any, nothing. To be called for one text after another. */
  async place(listed: ListedFile): Promise<void> {
    const { uri, blocks, errors } = listed;
    if (blocks.length + errors.length === 0) {
      this.remove(uri);
      return;
    }
    const file = this.#files.get(fileId(uri)) ?? this.#add(uri);
    setError(file.item, errors);
    const changed: vscode.TestItem[] = [];
    await inSlices('place tests', blocks, (block) => this.#placeBlock(file, block, changed));
    const wanted = new Set(blocks.map(({ id }) => id));
    const gone = [...file.item.children].flatMap(([id]) => (wanted.has(id) ? [] : id));
    await inSlices('drop tests', gone, (id) => drop(file, file.item.children, id));
    if (changed.length > 0) timed('tests changed', () => this.#changed.fire(changed))();
  }

  /** Removes a file with its tests, and the folders that held nothing else. */
  remove(uri: vscode.Uri): void {
    const file = this.#files.get(fileId(uri));
    if (!file) return;
    this.#files.delete(fileId(uri));
    let { item } = file;
    for (;;) {
      const { parent } = item;
      (parent?.children ?? this.#controller.items).delete(item.id);
      if (!parent || parent.children.size > 0) return;
      item = parent;
    }
  }

  /** Removes everything. */
  clear(): void {
    this.#files.clear();
    this.#controller.items.replace([]);
  }

  #add(uri: vscode.Uri): Placed {
    const name = path.posix.basename(uri.path);
    const item = this.#controller.createTestItem(fileId(uri), name, uri);
    const file = { uri, item, fingerprints: new Map<string, string>() };
    this.#siblingsOf(uri).add(item);
    this.#files.set(fileId(uri), file);
    return file;
  }

  /** Where a file stands: below its folder's path from the workspace, which stands below its workspace folder if there are several. */
  #siblingsOf(uri: vscode.Uri): vscode.TestItemCollection {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    let { items } = this.#controller;
    if (!folder) return items;
    if ((vscode.workspace.workspaceFolders?.length ?? 0) > 1) {
      items = this.#folder(items, folder.uri, folder.name).children;
    }
    const above = vscode.Uri.joinPath(uri, '..');
    const relative = path.posix.relative(folder.uri.path, above.path);
    return relative === '' ? items : this.#folder(items, above, relative).children;
  }

  #folder(items: vscode.TestItemCollection, uri: vscode.Uri, label: string): vscode.TestItem {
    const id = folderId(uri);
    const known = items.get(id);
    if (known) return known;
    const item = this.#controller.createTestItem(id, label, uri);
    items.add(item);
    return item;
  }

  #placeBlock(file: Placed, listed: ListedBlock, changed: vscode.TestItem[]): void {
    const { uri, item: parent, fingerprints } = file;
    const { id, label, description, range, calls, errors } = listed;
    const known = parent.children.get(id);
    const item = known ?? this.#controller.createTestItem(id, label, uri);
    describe(item, label, range);
    if ((item.description ?? '') !== description) item.description = description;
    setError(item, errors);
    // The messages count: whoever watches wants to see them.
    const fingerprint = [listed.fingerprint, ...errors.map(({ message }) => message)].join('\n');
    const isChanged = fingerprints.get(id) !== fingerprint;
    fingerprints.set(id, fingerprint);
    const changedCalls = calls.filter((call) => this.#placeCall(file, item, call));
    const wanted = new Set(calls.map((call) => call.id));
    for (const [call] of item.children) if (!wanted.has(call)) drop(file, item.children, call);
    if (!known) parent.children.add(item);
    const items = isChanged
      ? [item]
      : changedCalls.flatMap((call) => item.children.get(call.id) ?? []);
    if (known && items.length > 0) this.#controller.invalidateTestResults(items);
    changed.push(...items);
  }

  /** Whether the call is new or another than before. */
  #placeCall(file: Placed, block: vscode.TestItem, listed: ListedCall): boolean {
    const { id, label, range, fingerprint } = listed;
    const known = block.children.get(id);
    const item = known ?? this.#controller.createTestItem(id, label, file.uri);
    describe(item, label, range);
    if (!known) block.children.add(item);
    if (file.fingerprints.get(id) === fingerprint) return false;
    file.fingerprints.set(id, fingerprint);
    return true;
  }
}

/** Every change of an item is told to the editor, so none is made for nothing. */
function describe(item: vscode.TestItem, label: string, range: vscode.Range): void {
  if (item.label !== label) item.label = label;
  if (!item.range?.isEqual(range)) item.range = range;
}

function setError(item: vscode.TestItem, errors: readonly ListedError[]): void {
  const text = errors.map(({ message }) => message).join('\n');
  if ((item.error ?? '') !== text) item.error = text === '' ? undefined : text;
}

function drop(file: Placed, items: vscode.TestItemCollection, id: string): void {
  const item = items.get(id);
  if (!item) return;
  file.fingerprints.delete(id);
  for (const [call] of item.children) file.fingerprints.delete(call);
  items.delete(id);
}
