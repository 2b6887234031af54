/** Running the calls of a block and judging what they give. */
import type { Call, JitBlock } from '../model/block.ts';
import type { Runner, RunResult } from '../model/run.ts';
import { planCalls, type RunSettings } from './plan.ts';
import { judge, type Verdict } from './verdict.ts';

/** One call that has ended. */
export interface CallReport {
  readonly block: JitBlock;
  readonly call: Call;
  readonly result: RunResult;
  readonly verdict: Verdict;
}

/**
 * Runs the calls of a block one after another and yields a report for each as it ends.
 * Ends early, throwing the signal's reason, when `signal` is aborted.
 */
export async function* runBlock(
  block: JitBlock,
  runner: Runner,
  settings: RunSettings,
  signal: AbortSignal,
): AsyncGenerator<CallReport, void, undefined> {
  for (const planned of planCalls(block, settings)) {
    signal.throwIfAborted();
    const { call } = planned;
    const result: RunResult =
      'refused' in planned
        ? { outcome: 'refused', reason: planned.refused }
        : await runner.run(planned.request, signal);
    yield { block, call, result, verdict: judge(call, block, result) };
  }
}
