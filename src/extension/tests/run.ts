/** Runs tests and tells the Test Explorer of each: the calls go ahead of the one whose result is awaited. */
import * as vscode from 'vscode';
import { Explainer } from '../../engine/explain.ts';
import { each, inOrder } from '../../engine/inOrder.ts';
import { reportCall, type CallReport } from '../../engine/runBlock.ts';
import type { JitBlock } from '../../model/block.ts';
import type { Runner, RunResult } from '../../model/run.ts';
import { timed } from '../callbackTimes.ts';
import type { ListedBlock, ListedCall, ListedError, ListedFile } from './listing.ts';
import {
  failure,
  problem,
  resultDetails,
  resultLine,
  resultWords,
  terminalText,
  type TestState,
} from './messages.ts';
import type { TestFiles } from './resolve.ts';
import { Selection } from './select.ts';
import { inSlices, sliceMs } from './slices.ts';
import { Turn } from '../turn.ts';
import type { PlacedFile, TestTree } from './tree.ts';

/** Files read, and calls begun, before the one whose turn it is has ended. */
const ahead = { files: 4, calls: 64 } as const;

/** What was told of a test; for tests of ours. */
export interface TestOutcome {
  readonly item: vscode.TestItem;
  readonly state: TestState;
  readonly messages: readonly vscode.TestMessage[];
  /** Undefined for what is no call. */
  readonly report: CallReport | undefined;
  readonly milliseconds: number | undefined;
}

export interface RunParts {
  readonly controller: vscode.TestController;
  readonly tree: TestTree;
  readonly files: TestFiles;
  readonly tell: (outcome: TestOutcome) => void;
}

/** A call that waits for its turn, or a problem. */
type Step =
  | {
      readonly kind: 'call';
      readonly file: ListedFile;
      readonly block: ListedBlock;
      readonly call: ListedCall;
      readonly item: vscode.TestItem;
    }
  | {
      readonly kind: 'errors';
      readonly file: ListedFile;
      readonly item: vscode.TestItem;
      readonly errors: readonly ListedError[];
    };

type Done =
  | (Step & { readonly kind: 'errors' })
  | (Step & { readonly kind: 'call' } & {
      readonly report: CallReport;
      readonly milliseconds: number;
    });

/** One run, from its request to its end. */
export class TestRun {
  readonly #parts: RunParts;
  readonly #selection: Selection;
  readonly #runner: Runner;
  readonly #run: vscode.TestRun;
  readonly #stop = new AbortController();
  readonly #explainers = new WeakMap<JitBlock, Explainer>();
  readonly #counts: Record<TestState, number> = { passed: 0, failed: 0, skipped: 0, errored: 0 };
  /** Calls that were begun and have not ended, in their order. */
  readonly #begun: vscode.TestItem[] = [];
  #lastEnd = 0;

  constructor(parts: RunParts, request: vscode.TestRunRequest, runner: Runner) {
    this.#parts = parts;
    this.#selection = new Selection(request);
    this.#runner = runner;
    this.#run = parts.controller.createTestRun(request);
  }

  /** Resolves when all has been told, or when the run was cancelled. */
  async toItsEnd(token: vscode.CancellationToken): Promise<void> {
    const stop = (): void => this.#stop.abort(new Error('the run was cancelled'));
    const listening = [token, this.#run.token].map((one) => one.onCancellationRequested(stop));
    if (token.isCancellationRequested) stop();
    const { signal } = this.#stop;
    const started = performance.now();
    try {
      const files = this.#parts.tree.files.filter((file) => this.#selection.touches(file));
      await inSlices('enqueue tests', this.#known(files), (item) => this.#run.enqueued(item));
      const steps = this.#steps(files);
      const turn = new Turn(sliceMs);
      const tell = timed('tell test', (done: Done) => this.#tell(done));
      for await (const done of inOrder(steps, ahead.calls, (step) => this.#take(step))) {
        signal.throwIfAborted();
        tell(done);
        await turn.given();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stop();
      this.#print([this.#summary(performance.now() - started)]);
      this.#run.end();
      for (const one of listening) one.dispose();
    }
  }

  /** The calls that are known to be meant before anything is read. */
  *#known(files: readonly PlacedFile[]): Generator<vscode.TestItem, void, undefined> {
    for (const { item } of files) {
      for (const [, block] of item.children) {
        for (const [, call] of block.children) if (this.#selection.has(call)) yield call;
      }
    }
  }

  async *#steps(files: readonly PlacedFile[]): AsyncGenerator<Step, void, undefined> {
    const { signal } = this.#stop;
    const read = ({ uri }: PlacedFile): Promise<ListedFile | undefined> => {
      signal.throwIfAborted();
      return this.#parts.files.read(uri, true);
    };
    for await (const file of inOrder(each(files), ahead.files, read)) {
      if (file) yield* this.#stepsOf(file);
    }
  }

  *#stepsOf(file: ListedFile): Generator<Step, void, undefined> {
    const placed = this.#parts.tree.file(file.uri);
    if (!placed) return;
    if (file.errors.length > 0 && this.#selection.has(placed.item)) {
      yield { kind: 'errors', file, item: placed.item, errors: file.errors };
    }
    for (const block of file.blocks) {
      const above = placed.item.children.get(block.id);
      if (!above) continue;
      if (block.errors.length > 0 && this.#selection.has(above)) {
        yield { kind: 'errors', file, item: above, errors: block.errors };
      }
      for (const call of block.calls) {
        const item = above.children.get(call.id);
        if (item && this.#selection.has(item)) yield { kind: 'call', file, block, call, item };
      }
    }
  }

  async #take(step: Step): Promise<Done> {
    if (step.kind === 'errors') return step;
    const { planned } = step.call;
    const { block } = step.block;
    this.#begun.push(step.item);
    if (this.#begun.length === 1) this.#run.started(step.item);
    const asked = performance.now();
    const result: RunResult =
      'request' in planned
        ? await this.#runner.run(planned.request, this.#stop.signal)
        : { outcome: 'refused', reason: planned.refused };
    const ended = performance.now();
    // Calls are made one after another: what came before was not this one's time.
    const waited = ended - Math.max(asked, this.#lastEnd);
    this.#lastEnd = ended;
    const milliseconds = result.outcome === 'returned' ? Number(result.durationNs) / 1e6 : waited;
    const report = await reportCall(block, planned, result, this.#explainerOf(block));
    return { ...step, report, milliseconds };
  }

  #explainerOf(block: JitBlock): Explainer {
    const known = this.#explainers.get(block);
    if (known) return known;
    const made = new Explainer(block.dataFrom);
    this.#explainers.set(block, made);
    return made;
  }

  #tell(done: Done): void {
    if (done.kind === 'errors') {
      this.#tellErrors(done);
      return;
    }
    const { file, block, call, item, report, milliseconds } = done;
    const { status } = report.verdict;
    const state = status === 'refused' ? 'skipped' : status === 'passed' ? 'passed' : 'failed';
    const messages = state === 'failed' ? [failure(file, block, call, report)] : [];
    if (state === 'skipped') this.#run.skipped(item);
    else if (state === 'passed') this.#run.passed(item, milliseconds);
    else this.#run.failed(item, messages, milliseconds);
    const line = resultLine(
      state,
      placeIn(file, call.range),
      call.label,
      resultWords(report, milliseconds),
    );
    this.#print([line, ...resultDetails(report)], item);
    this.#parts.tell({ item, state, messages, report, milliseconds });
    this.#counts[state]++;
    this.#begun.shift();
    const [next] = this.#begun;
    if (next) this.#run.started(next);
  }

  #tellErrors({ file, item, errors }: Done & { readonly kind: 'errors' }): void {
    const messages = errors.map((error) => problem(file.uri, error));
    this.#run.errored(item, messages);
    const lines = errors.map(({ range, message }) =>
      resultLine('errored', placeIn(file, range), item.label, message),
    );
    this.#print(lines, item);
    this.#parts.tell({
      item,
      state: 'errored',
      messages,
      report: undefined,
      milliseconds: undefined,
    });
    this.#counts.errored++;
  }

  #print(lines: readonly string[], item?: vscode.TestItem): void {
    this.#run.appendOutput(terminalText(lines), undefined, item);
  }

  #summary(milliseconds: number): string {
    const { passed, failed, skipped, errored } = this.#counts;
    const parts = [
      `${passed} passed`,
      `${failed} failed`,
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
      ...(errored > 0 ? [`${errored} in error`] : []),
    ];
    return `${parts.join(', ')} in ${(milliseconds / 1000).toFixed(2)} s`;
  }
}

/** `src/a.rs:3`. */
function placeIn({ uri }: ListedFile, range: vscode.Range): string {
  return `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}`;
}
