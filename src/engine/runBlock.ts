/** Running the calls of a block and judging what they give. */
import type { Call, JitBlock } from '../model/block.ts';
import type { Runner, RunResult } from '../model/run.ts';
import { Explainer, withoutExplanation, type Explanation } from './explain.ts';
import { formatResult } from './format.ts';
import { planCalls, type PlannedCall, type RunSettings } from './plan.ts';
import { judge, type Verdict } from './verdict.ts';

/** One call that has ended. */
export interface CallReport {
  readonly block: JitBlock;
  readonly call: Call;
  readonly result: RunResult;
  readonly explanation: Explanation;
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
  const explainer = new Explainer(block.dataFrom);
  for (const planned of planCalls(block, settings)) {
    signal.throwIfAborted();
    const result: RunResult =
      'refused' in planned
        ? { outcome: 'refused', reason: planned.refused }
        : await runner.run(planned.request, signal);
    yield await reportCall(block, planned, result, explainer);
  }
}

/** Explains and judges how a call of a block has ended. */
export async function reportCall(
  block: JitBlock,
  planned: PlannedCall,
  result: RunResult,
  explainer: Explainer,
): Promise<CallReport> {
  const { call } = planned;
  const explanation =
    'refused' in planned
      ? withoutExplanation(formatResult(result, block.signature))
      : await explainer.explain(planned.request, call, result);
  const verdict = judge(call, block, result, explanation.text);
  return { block, call, result, explanation, verdict };
}
