/** Running the calls of a block and judging what they give. */
import type { Call, JitBlock } from '../model/block.ts';
import type { Runner, RunResult } from '../model/run.ts';
import { Explainer, withoutExplanation, type Explanation } from './explain.ts';
import { formatResult } from './format.ts';
import { each, inOrder } from './inOrder.ts';
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

/** Calls of a block that are asked for before the first of them has ended. */
const callsAhead = 64;

/**
 * Runs the calls of a block and yields a report for each in their order, as soon as it is there. They are asked for one
 * behind the other, so that nobody else's call comes between. Throws the signal's reason when `signal` is aborted.
 */
export async function* runBlock(
  block: JitBlock,
  runner: Runner,
  settings: RunSettings,
  signal: AbortSignal,
): AsyncGenerator<CallReport, void, undefined> {
  const explainer = new Explainer(block.dataFrom);
  const run = async (planned: PlannedCall): Promise<CallReport> => {
    signal.throwIfAborted();
    const result: RunResult =
      'refused' in planned
        ? { outcome: 'refused', reason: planned.refused }
        : await runner.run(planned.request, signal);
    return reportCall(block, planned, result, explainer);
  };
  yield* inOrder(each(planCalls(block, settings)), callsAhead, run);
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
