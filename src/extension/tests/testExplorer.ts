/** The Test Explorer: every call with an expectation is a test. Nothing is searched before it is asked for. */
import * as vscode from 'vscode';
import type { JitClient } from '../../jit/client.ts';
import type { ScanCache } from '../scanCache.ts';
import { ScanThread } from '../scanThread.ts';
import { onSettingsChange, testExplorerEnabled } from '../settings.ts';
import { timed } from '../callbackTimes.ts';
import { TestProfile } from './profile.ts';
import { TestFiles } from './resolve.ts';
import type { TestOutcome } from './run.ts';
import { TestTree } from './tree.ts';
import { TestWatch } from './watch.ts';

export interface TestExplorerParts {
  readonly scans: ScanCache;
  /** The bundled `scanWorker.ts`. */
  readonly workerPath: string;
  readonly startClient: () => JitClient;
  /** Makes a client ready for a run. */
  readonly prepare: (client: JitClient) => void;
  readonly log: (message: string) => void;
}

/** The parts while it is shown. */
interface Shown {
  readonly controller: vscode.TestController;
  readonly files: TestFiles;
  readonly profile: TestProfile;
  readonly search: () => Promise<void>;
  readonly disposables: readonly vscode.Disposable[];
}

/** For tests of ours: what the editor would do, and what it was told. */
export interface TestExplorerTesting {
  /** What is listed; undefined where the setting hides it. */
  readonly items: vscode.TestItemCollection | undefined;
  /** As if the view were opened. */
  search(): Promise<void>;
  run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void>;
  readonly onDidTell: vscode.Event<TestOutcome>;
}

export class TestExplorer {
  readonly #parts: TestExplorerParts;
  readonly #told = new vscode.EventEmitter<TestOutcome>();
  readonly #settings: vscode.Disposable;
  #shown: Shown | undefined;

  constructor(parts: TestExplorerParts) {
    this.#parts = parts;
    this.#settings = onSettingsChange(['testExplorer.enabled'], () => this.#showOrHide());
    this.#showOrHide();
  }

  dispose(): void {
    this.#settings.dispose();
    this.#hide();
    this.#told.dispose();
  }

  get testing(): TestExplorerTesting {
    const shown = (): Shown | undefined => this.#shown;
    return {
      get items() {
        return shown()?.controller.items;
      },
      search: async () => shown()?.search(),
      run: async (request, token) => shown()?.profile.run(request, token),
      onDidTell: this.#told.event,
    };
  }

  #showOrHide(): void {
    if (testExplorerEnabled() === (this.#shown !== undefined)) return;
    if (this.#shown) this.#hide();
    else this.#shown = this.#show();
  }

  #hide(): void {
    for (const disposable of this.#shown?.disposables ?? []) disposable.dispose();
    this.#shown = undefined;
  }

  #show(): Shown {
    const { scans, workerPath, startClient, prepare, log } = this.#parts;
    const controller = vscode.tests.createTestController('jitBytes', 'JIT Bytes');
    const tree = new TestTree(controller);
    const thread = new ScanThread(workerPath);
    const files = new TestFiles({ scans, thread, tree, log });
    const watch = new TestWatch(files, tree);
    const search = (): Promise<void> => {
      watch.watchFolders();
      return files.search();
    };
    const profile = new TestProfile({
      controller,
      tree,
      files,
      searched: () => (files.isSearched ? files.searched() : search()),
      tell: (outcome) => this.#told.fire(outcome),
      startClient,
      prepare,
      mayRunUnsaved: isolates,
      log,
    });
    controller.resolveHandler = timed('resolve tests', async (item) => {
      if (!item && !files.isSearched) await search();
    });
    controller.refreshHandler = search;
    // What is disposed of first makes no more use of what follows.
    const disposables = [profile, watch, files, thread, tree, controller];
    return { controller, files, profile, search, disposables };
  }
}

async function isolates(client: JitClient): Promise<boolean> {
  try {
    const { protection } = await client.ready();
    return protection.level === 'isolated' && protection.sandbox !== 'off';
  } catch {
    // A host that does not start runs nothing; the run itself tells why.
    return false;
  }
}
