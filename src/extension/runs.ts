/** Running blocks of a document: what may run, one run after another, progress, and stopping. */
import * as vscode from 'vscode';
import { runBlock } from '../engine/runBlock.ts';
import type { JitBlock } from '../model/block.ts';
import type { Runner } from '../model/run.ts';
import { mayRun } from './documents.ts';
import { explain } from './messages.ts';
import type { OutputChannel } from './outputChannel.ts';
import type { BlockResults, CallValue, Results, Summary } from './results.ts';
import { summarize } from './results.ts';
import { runSettings } from './settings.ts';
import { Turn } from './turn.ts';

/** Milliseconds after which a run shows its progress. */
const progressAfterMs = 1000;

/** Milliseconds that work between two calls may take before the editor gets its turn. */
const sliceMs = 10;

/** What runs need of the rest. */
export interface RunParts {
  /** Called before each run, to make the runner ready for it. */
  readonly prepare: () => void;
  readonly runner: Runner;
  readonly results: Results;
  readonly output: OutputChannel;
}

export interface RunOptions {
  /** The block has no annotation in the document. */
  readonly unannotated?: boolean;
  /** Nobody asked for this run: no word where it cannot be, and no progress. */
  readonly quiet?: boolean;
  /** Ends the run. */
  readonly signal?: AbortSignal;
  /** Told of each value as it comes, in place of the output channel. */
  readonly onValue?: (value: CallValue) => void;
}

interface Run {
  readonly controller: AbortController;
  readonly document: vscode.TextDocument;
  /** Where the tags of its blocks stood when it was asked for. */
  readonly tags: Set<number>;
  /** The block that is at work, which follows edits. */
  current: BlockResults | undefined;
  done: number;
  readonly total: number;
}

export class Runs {
  readonly #parts: RunParts;
  readonly #active = new Set<Run>();
  readonly #onClose: vscode.Disposable;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#onClose = vscode.workspace.onDidCloseTextDocument((document) => {
      for (const run of this.#active)
        if (run.document === document) run.controller.abort(new RunStopped());
    });
  }

  dispose(): void {
    this.#onClose.dispose();
    this.stop();
  }

  /** Ends every run at once. Returns how many there were. */
  stop(): number {
    const count = this.#active.size;
    for (const { controller } of this.#active) controller.abort(new RunStopped());
    return count;
  }

  /**
   * Runs blocks of the document's present text, and resolves when they have ended or were stopped.
   * A run of the same block that is still under way ends first.
   * Undefined means that nothing was run: the user has been told why, or has closed the document.
   */
  async run(
    document: vscode.TextDocument,
    blocks: readonly JitBlock[],
    options: RunOptions = {},
  ): Promise<Summary | undefined> {
    // Closed while something was asked or read: results would stay for a text that nobody sees.
    if (document.isClosed) return undefined;
    if (!(options.quiet ? mayRunIn(document) : mayStart(document))) return undefined;
    this.#parts.prepare();
    const tags = new Set(blocks.map(({ tag }) => tag.start));
    for (const other of this.#active) {
      if (other.document === document && holdsOneOf(other, tags)) {
        other.controller.abort(new RunStopped());
      }
    }
    const run: Run = {
      controller: new AbortController(),
      document,
      tags,
      current: undefined,
      done: 0,
      total: blocks.reduce((sum, block) => sum + runnableCalls(block), 0),
    };
    this.#active.add(run);
    const { signal, quiet = false } = options;
    const stop = (): void => run.controller.abort(new RunStopped());
    signal?.addEventListener('abort', stop, { once: true });
    const ended = this.#runAll(run, blocks, options);
    const timer = quiet
      ? undefined
      : setTimeout(() => this.#showProgress(run, ended), progressAfterMs);
    try {
      return await ended;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      this.#active.delete(run);
    }
  }

  async #runAll(
    run: Run,
    blocks: readonly JitBlock[],
    { unannotated = false, onValue }: RunOptions,
  ): Promise<Summary> {
    const { runner, results, output } = this.#parts;
    const { document, controller } = run;
    const told =
      onValue ?? (({ anchor, report }: CallValue) => output.report(document, anchor, report));
    const sum = { passed: 0, failed: 0, refused: 0, total: 0 };
    const turn = new Turn(sliceMs);
    for (const block of blocks) {
      if (controller.signal.aborted) break;
      const entry = results.begin(document, block, runnableCalls(block), unannotated);
      run.current = entry;
      run.tags.delete(block.tag.start);
      try {
        for await (const report of runBlock(block, runner, runSettings(), controller.signal)) {
          run.done++;
          told(results.add(document, entry, report));
          await turn.given();
        }
      } catch (error) {
        if (!controller.signal.aborted) this.#failed(error);
      } finally {
        results.finish(document, entry, !controller.signal.aborted);
        addSummary(sum, entry);
        run.current = undefined;
      }
    }
    return sum;
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.output.error(reason);
    const show = vscode.l10n.t('Show Output');
    const message = vscode.l10n.t('The run broke off: {0}', reason);
    void vscode.window.showErrorMessage(message, show).then((answer) => {
      if (answer === show) this.#parts.output.show();
    });
  }

  #showProgress(run: Run, ended: Promise<unknown>): void {
    const location = vscode.ProgressLocation.Notification;
    const title = vscode.l10n.t('Running JIT bytes');
    void vscode.window.withProgress(
      { location, title, cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => run.controller.abort(new RunStopped()));
        let shown = 0;
        const tell = (): void => {
          const message = vscode.l10n.t('{0} of {1} calls', run.done, run.total);
          progress.report({
            message,
            increment: (100 * (run.done - shown)) / Math.max(run.total, 1),
          });
          shown = run.done;
        };
        tell();
        const timer = setInterval(tell, 200);
        try {
          await ended;
        } finally {
          clearInterval(timer);
        }
      },
    );
  }
}

/** Why a run that was stopped ended. */
class RunStopped extends Error {
  constructor() {
    super('the run was stopped');
  }
}

/** Whether anything may run in a document. */
function mayRunIn({ uri }: vscode.TextDocument): boolean {
  return vscode.workspace.isTrusted && mayRun(uri);
}

/** The same, where it was asked for: if nothing may run, the user is told why and what to do. */
export function mayStart(document: vscode.TextDocument): boolean {
  if (mayRunIn(document)) return true;
  if (!vscode.workspace.isTrusted) void askForTrust();
  else {
    const { scheme } = document.uri;
    explain(
      vscode.l10n.t(
        'Bytes run only in documents that can be edited, not in a "{0}:" document.',
        scheme,
      ),
    );
  }
  return false;
}

/** Says that the workspace must be trusted, with a way there. */
export async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const message = vscode.l10n.t('Machine code runs only in a trusted workspace.');
  const answer = await vscode.window.showWarningMessage(message, manage);
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Whether a run is at one of the blocks with these tags, or will come to it. */
function holdsOneOf({ tags, current }: Run, wanted: ReadonlySet<number>): boolean {
  if (current && wanted.has(current.block.tag.start)) return true;
  return [...tags].some((tag) => wanted.has(tag));
}

/** The blocks that run without a question. */
export function runnableBlocks(blocks: readonly JitBlock[]): readonly JitBlock[] {
  return blocks.filter(({ broken, calls }) => !broken && calls.some((call) => !call.broken));
}

function runnableCalls({ calls }: JitBlock): number {
  return calls.filter(({ broken }) => !broken).length;
}

function addSummary(
  sum: { passed: number; failed: number; refused: number; total: number },
  entry: BlockResults,
): void {
  const { passed, failed, refused, total } = summarize(entry.values);
  sum.passed += passed;
  sum.failed += failed;
  sum.refused += refused;
  sum.total += total;
}
