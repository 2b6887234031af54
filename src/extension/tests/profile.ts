/** The run profile: a run for each request, and for a continuous one a run whenever what it means has changed. */
import * as vscode from 'vscode';
import type { JitClient } from '../../jit/client.ts';
import { askForTrust } from '../runs.ts';
import { documentOf } from './resolve.ts';
import { TestRun, type RunParts } from './run.ts';
import { Selection } from './select.ts';

/** Milliseconds without a run after which the processes for it end. */
const idleMs = 20_000;

export interface ProfileParts extends RunParts {
  /** Resolves when all tests are listed. */
  readonly searched: () => Promise<void>;
  /** A client of the tests' own, so that a test that hangs keeps nobody else waiting. */
  readonly startClient: () => JitClient;
  /** Makes the client ready for a run. */
  readonly prepare: (client: JitClient) => void;
  /** Whether bytes that nobody has finished typing may run: nothing they do can leave their process. */
  readonly mayRunUnsaved: (client: JitClient) => Promise<boolean>;
  readonly log: (message: string) => void;
}

export class TestProfile {
  readonly #parts: ProfileParts;
  readonly #profile: vscode.TestRunProfile;
  readonly #stop = new vscode.CancellationTokenSource();
  #client: JitClient | undefined;
  #running = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(parts: ProfileParts) {
    this.#parts = parts;
    this.#profile = parts.controller.createRunProfile(
      vscode.l10n.t('Run'),
      vscode.TestRunProfileKind.Run,
      (request, token) => this.run(request, token),
      true,
      undefined,
      true,
    );
  }

  dispose(): void {
    this.#stop.cancel();
    this.#stop.dispose();
    this.#profile.dispose();
    this.#endClient();
  }

  /** Does what a request asks for; a continuous one goes on until its token is cancelled. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void askForTrust();
      return;
    }
    if (!request.include) await this.#parts.searched();
    if (token.isCancellationRequested) return;
    if (request.continuous === true) this.#watch(request, token);
    await this.#once(request, token);
  }

  async #once(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    clearTimeout(this.#idle);
    this.#client ??= this.#parts.startClient();
    this.#parts.prepare(this.#client);
    this.#running++;
    try {
      await new TestRun(this.#parts, request, this.#client).toItsEnd(token);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.log(`a run of tests broke off: ${reason}`);
      void vscode.window.showErrorMessage(vscode.l10n.t('The run broke off: {0}', reason));
    } finally {
      this.#running--;
      if (this.#running === 0) this.#idle = setTimeout(() => this.#endClient(), idleMs);
    }
  }

  /** Runs again what has changed, one run after another. */
  #watch(request: vscode.TestRunRequest, token: vscode.CancellationToken): void {
    const selection = new Selection(request);
    const changed = new Map<string, vscode.TestItem>();
    let isRunning = false;
    const rerun = async (): Promise<void> => {
      if (isRunning) return;
      isRunning = true;
      for (;;) {
        const include = await this.#ready(changed);
        if (include.length === 0 || token.isCancellationRequested) break;
        for (const { id } of include) changed.delete(id);
        const again = new vscode.TestRunRequest(include, request.exclude, request.profile, true);
        await this.#once(again, token);
      }
      isRunning = false;
    };
    const listening = [
      this.#parts.tree.onDidChange((items) => {
        for (const item of items) if (selection.has(item)) changed.set(item.id, item);
        void rerun();
      }),
      vscode.workspace.onDidSaveTextDocument(() => void rerun()),
    ];
    const end = (): void => {
      for (const one of listening) one.dispose();
    };
    token.onCancellationRequested(end);
    this.#stop.token.onCancellationRequested(end);
  }

  /** Of what has changed, that which may run now: what is being typed only where it is isolated. */
  async #ready(changed: ReadonlyMap<string, vscode.TestItem>): Promise<readonly vscode.TestItem[]> {
    const items = [...changed.values()];
    const isDirty = ({ uri }: vscode.TestItem): boolean =>
      uri !== undefined && documentOf(uri)?.isDirty === true;
    if (!items.some(isDirty)) return items;
    this.#client ??= this.#parts.startClient();
    // The sandbox may be another one by now than when the client was made.
    this.#parts.prepare(this.#client);
    const mayRunUnsaved = await this.#parts.mayRunUnsaved(this.#client);
    return mayRunUnsaved ? items : items.filter((item) => !isDirty(item));
  }

  #endClient(): void {
    clearTimeout(this.#idle);
    this.#client?.dispose();
    this.#client = undefined;
  }
}
