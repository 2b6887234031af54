/** One run of tests: found, chosen, ordered, run side by side, told in order. */
import type { PlannedCall, RunSettings } from '../../engine/plan.ts';
import { Explainer } from '../../engine/explain.ts';
import { reportCall } from '../../engine/runBlock.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { JitBlock } from '../../model/block.ts';
import { LineIndex } from '../../model/text.ts';
import type { Place } from '../places.ts';
import type { Progress } from '../progress.ts';
import { unreadableProblem } from '../scanSource.ts';
import { readPlace } from '../sources.ts';
import type { TestOptions } from './options.ts';
import { each, inOrder } from '../../engine/inOrder.ts';
import type { RunnerPool, TimedResult } from './pool.ts';
import type { TestReporter, TestResult } from './reporter.ts';
import { inShard, shuffled } from './selection.ts';
import { TestTally } from './tally.ts';
import { testsOf, type PlannedTest, type TestFile } from './tests.ts';

/** Files read side by side at most. */
const readAhead = 8;
/** Tests begun, and results kept, before the one whose turn it is has ended; more where there are more hosts. */
const testsAhead = 64;

/** What happens in a run, in the order in which it is told. */
type Step =
  | { readonly kind: 'file'; readonly file: TestFile }
  | { readonly kind: 'test'; readonly test: PlannedTest };

type Told =
  (Step & { readonly kind: 'file' }) | { readonly kind: 'result'; readonly result: TestResult };

export class TestRun {
  readonly tally = new TestTally();
  readonly #options: TestOptions;
  readonly #settings: RunSettings;
  readonly #pool: RunnerPool;
  readonly #reporters: readonly TestReporter[];
  readonly #progress: Progress;
  readonly #stop = new AbortController();

  constructor(
    options: TestOptions,
    settings: RunSettings,
    pool: RunnerPool,
    reporters: readonly TestReporter[],
    progress: Progress,
  ) {
    this.#options = options;
    this.#settings = settings;
    this.#pool = pool;
    this.#reporters = reporters;
    this.#progress = progress;
  }

  /** Runs the tests of these places; ends early, and quietly, when the signal is aborted. */
  async run(places: readonly Place[], signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    let stopped = false;
    try {
      const ahead = testsAhead + this.#options.jobs;
      const steps = this.#steps(this.#chosen(places), either);
      for await (const told of inOrder(steps, ahead, (step) => this.#take(step, either))) {
        this.#tell(told);
        stopped = this.#options.failFast && this.tally.failed + this.tally.errors > 0;
        if (stopped) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#stop.abort(new Error('the run has ended'));
    }
    const cut = signal.aborted
      ? 'interrupted'
      : stopped
        ? 'stopped at the first failure'
        : undefined;
    for (const reporter of this.#reporters) reporter.end({ tally: this.tally, cut });
  }

  #chosen(places: readonly Place[]): readonly Place[] {
    const { shard, seed } = this.#options;
    const nameOf = ({ file }: Place): string => file;
    const part = shard ? inShard(places, nameOf, shard) : places;
    return seed === undefined ? part : shuffled(part, nameOf, seed);
  }

  async *#steps(
    places: readonly Place[],
    signal: AbortSignal,
  ): AsyncGenerator<Step, void, undefined> {
    const read = (place: Place): Promise<TestFile> => this.#read(place, signal);
    for await (const file of inOrder(each(places), readAhead, read)) {
      if (file.problems.length > 0 || file.tests.length > 0) yield { kind: 'file', file };
      for (const test of file.tests) yield { kind: 'test', test };
    }
  }

  async #read(place: Place, signal: AbortSignal): Promise<TestFile> {
    signal.throwIfAborted();
    const source = await readPlace(place, this.#options.language, signal);
    this.#progress.file(source.file);
    if (source.kind === 'unreadable') {
      const problems = [unreadableProblem(source.reason)];
      return { file: source.file, lines: new LineIndex(''), problems, tests: [] };
    }
    const file = await testsOf(source, this.#settings, this.#options.filter);
    const { seed } = this.#options;
    return seed === undefined ? file : { ...file, tests: shuffledTests(file.tests, seed) };
  }

  async #take(step: Step, signal: AbortSignal): Promise<Told> {
    if (step.kind === 'file') return step;
    return { kind: 'result', result: await this.#test(step.test, signal) };
  }

  /** As often as is asked for, until it does not pass. */
  async #test(test: PlannedTest, signal: AbortSignal): Promise<TestResult> {
    const { repeat, strict } = this.#options;
    const { block, planned } = test;
    let total = 0;
    for (let run = 1; ; run++) {
      signal.throwIfAborted();
      const { result, milliseconds } = await this.#call(planned, signal);
      total += milliseconds;
      const report = await reportCall(block, planned, result, new Explainer(block.dataFrom));
      const { verdict } = report;
      if (verdict.status === 'passed' && run < repeat) continue;
      const status = statusOf(verdict, strict);
      const which = run > 1 && status === 'failed' ? ` (run ${run} of ${repeat})` : '';
      const message = `${verdict.message ?? ''}${which}`;
      return {
        test,
        report,
        status,
        message,
        milliseconds: total,
      };
    }
  }

  async #call(planned: PlannedCall, signal: AbortSignal): Promise<TimedResult> {
    if ('request' in planned) return this.#pool.run(planned.request, signal);
    return { result: { outcome: 'refused', reason: planned.refused }, milliseconds: 0 };
  }

  #tell(told: Told): void {
    if (told.kind === 'file') {
      this.tally.problems(told.file.problems);
      for (const reporter of this.#reporters) reporter.file(told.file);
      return;
    }
    this.#progress.call();
    this.tally.test(told.result);
    for (const reporter of this.#reporters) reporter.test(told.result);
  }
}

function statusOf({ status }: Verdict, strict: boolean): TestResult['status'] {
  if (status === 'refused' && !strict) return 'skipped';
  return status === 'passed' ? 'passed' : 'failed';
}

/** Blocks in another order, and the tests in each. */
function shuffledTests(tests: readonly PlannedTest[], seed: number): PlannedTest[] {
  const blocks = new Map<JitBlock, PlannedTest[]>();
  for (const test of tests) {
    const own = blocks.get(test.block);
    if (own) own.push(test);
    else blocks.set(test.block, [test]);
  }
  const named = [...blocks.values()].map((own, index) => ({ own, name: String(index) }));
  return shuffled(named, ({ name }) => name, seed).flatMap(({ own }) =>
    shuffled(own, ({ name }) => name, seed),
  );
}
