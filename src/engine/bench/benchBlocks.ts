/** Benchmarks of blocks: which of their calls, in which groups, and how each compares. */
import { benchRefusal } from '../../jit/bench/request.ts';
import type { ProtectionLevel } from '../../jit/protection.ts';
import type { Call, JitBlock } from '../../model/block.ts';
import type { RunRequest, Runner } from '../../model/run.ts';
import { formatType } from '../../model/signature.ts';
import { formatResult } from '../format.ts';
import { planCalls, type RunSettings } from '../plan.ts';
import { compareMeasured, isComparable, type Comparison } from './compare.ts';
import { measure, NotMeasured, type Measured } from './measure.ts';
import { noiseOf, type Noise } from './noise.ts';

/** One call of a block, measured or not. */
export interface BenchReport {
  readonly block: JitBlock;
  readonly call: Call;
  readonly end: Measured | NotMeasured;
  /** How it compares with the first block before it of the same signature (and, if there is one, the same arguments) that takes time enough. */
  readonly comparison: BlockComparison | undefined;
}

export interface BlockComparison {
  readonly with: JitBlock;
  /** Whether both were given the same arguments. */
  readonly sameArguments: boolean;
  readonly result: Comparison;
}

export interface BenchSettings extends RunSettings {
  /** Milliseconds for each call, about. */
  readonly timeMs: number;
}

/** Milliseconds for each call where nothing is said. */
export const defaultBenchMs = 400;

/** Calls of a block that are measured: with more, a benchmark would take minutes. */
export const mostCalls = 16;

/** Why no benchmark can be had at a level of protection, or undefined. */
export function levelRefusal(level: ProtectionLevel): string | undefined {
  if (level !== 'crash-only') return undefined;
  return 'benchmarks need a process for every call, which this system does not grant';
}

/**
 * Measures blocks of one file. Blocks with the same signature are measured side by side, their rounds in turn. Yields a report for each
 * call, group by group, in the order of the blocks.
 * @param progress told of what is done of the whole, 0 to 1
 * @throws the signal's reason when it is aborted
 */
export async function* benchBlocks(
  blocks: readonly JitBlock[],
  runner: Runner,
  settings: BenchSettings,
  noise: Noise,
  signal: AbortSignal,
  progress: (part: number) => void = () => undefined,
): AsyncGenerator<BenchReport, void, undefined> {
  const groups = groupsOf(blocks);
  let done = 0;
  for (const group of groups) {
    const calls = await tryCalls(group, runner, settings, signal);
    const requests = calls.flatMap((one) => (one.request ? [one.request] : []));
    const ends = await measure(requests, runner, settings, signal, (part) =>
      progress((done + part * group.length) / blocks.length),
    );
    const reports: BenchReport[] = [];
    let at = 0;
    for (const { block, call, request, failure } of calls) {
      const end = request ? ends[at++] : failure;
      if (!end) continue;
      const comparison = comparisonOf({ block, call, end }, reports, noise);
      reports.push({ block, call, end, comparison });
    }
    yield* reports;
    done += group.length;
    progress(done / blocks.length);
  }
}

/** Blocks by what calling them is, in the order of their first ones. */
function groupsOf(blocks: readonly JitBlock[]): readonly (readonly JitBlock[])[] {
  const groups = new Map<string, JitBlock[]>();
  for (const block of blocks) {
    const { signature } = block;
    const types = [...signature.parameters.map(({ type }) => type), signature.result];
    const key = [block.kind, block.architecture, block.abi ?? '', ...types.map(formatType)].join();
    const group = groups.get(key);
    if (group) group.push(block);
    else groups.set(key, [block]);
  }
  return [...groups.values()];
}

interface Tried {
  readonly block: JitBlock;
  readonly call: Call;
  readonly request?: RunRequest;
  readonly failure?: NotMeasured;
}

/** Runs every call once, as it would be run without a benchmark. */
async function tryCalls(
  blocks: readonly JitBlock[],
  runner: Runner,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const block of blocks) {
    for (const planned of planCalls(block, settings).slice(0, mostCalls)) {
      const { call } = planned;
      const fail = (reason: string): void => {
        tried.push({ block, call, failure: new NotMeasured(reason) });
      };
      if ('refused' in planned) {
        fail(planned.refused);
        continue;
      }
      const { request } = planned;
      const refusal = benchRefusal(request);
      if (refusal !== undefined) {
        fail(refusal);
        continue;
      }
      const result = await runner.run(request, signal);
      if (result.outcome === 'returned') tried.push({ block, call, request });
      else if (result.outcome === 'refused') fail(result.reason);
      else fail(`it does not return: ${formatResult(result, block.signature)}`);
    }
  }
  return tried;
}

function comparisonOf(
  { block, call, end }: Pick<BenchReport, 'block' | 'call' | 'end'>,
  before: readonly BenchReport[],
  noise: Noise,
): BlockComparison | undefined {
  if (end instanceof NotMeasured) return undefined;
  const ns = noiseOf(noise, end.waiting);
  const others = before.filter((one) => one.block !== block && !(one.end instanceof NotMeasured));
  const words = argumentsOf(call);
  const same = others.filter((one) => argumentsOf(one.call) === words);
  const candidates = same.length > 0 ? same : others;
  const other = candidates.find((one) => isSeen(one.end, ns)) ?? candidates[0];
  if (!other) return undefined;
  if (other.end instanceof NotMeasured) return undefined;
  const result = compareMeasured(end, other.end, ns);
  return { with: other.block, sameArguments: same.length > 0, result };
}

function isSeen(end: Measured | NotMeasured, noiseNs: number): boolean {
  return !(end instanceof NotMeasured) && isComparable(end.alone, noiseNs);
}

function argumentsOf(call: Call): string {
  return call.arguments.map(({ text }) => text).join(', ');
}
