/** How much an empty function seems to take, measured like any other: what is less than that is no difference. */
import type { RunRequest, Runner } from '../../model/run.ts';
import { measure, NotMeasured, type MeasureSettings, type Timing } from './measure.ts';

export interface Noise {
  /** The largest that an empty function seemed to take in any round, or to spread, in nanoseconds; a cycle at least. */
  readonly ns: number;
  /** The same without that least: what the clock alone leaves open between two runs of the same code. */
  readonly clockNs: number;
  /** {@link ns} in cycles, or undefined where the clock was not steady. */
  readonly cycles: number | undefined;
  /** The cost of calling a function of one integer, in nanoseconds and cycles; it is measured anew beside every call. */
  readonly overheadNs: number;
  readonly overheadCycles: number | undefined;
  readonly pinned: boolean;
}

const i64 = { kind: 'integer', bits: 64, signed: true } as const;

/**
 * Cycles below which nothing is claimed, however steady the clock: what calling costs differs by about so much between functions,
 * for the processor overlaps some of it with their work.
 */
const leastCycles = 1;

/** x86-64: ret. */
const emptyFunction: RunRequest = {
  architecture: 'x86_64',
  abi: undefined,
  signature: { name: undefined, parameters: [{ name: undefined, type: i64 }], result: i64 },
  fragment: undefined,
  bytes: Uint8Array.of(0xc3),
  entry: 0,
  arguments: [{ kind: 'integer', value: 0n }],
  recordRegisters: false,
  timeoutMs: 1000,
};

/** Measures the noise of this machine at the moment. */
export async function measureNoise(
  runner: Runner,
  settings: MeasureSettings,
  signal: AbortSignal,
): Promise<Noise | NotMeasured> {
  const [measured] = await measure([emptyFunction], runner, settings, signal);
  if (!measured) return new NotMeasured('there was nothing to measure');
  if (measured instanceof NotMeasured) return measured;
  const { alone, together } = measured;
  const timings = together ? [alone, together] : [alone];
  const clockNs = Math.max(...timings.map(largest));
  const ns = Math.max(leastCycles * alone.cycleNs, clockNs);
  const perCycle = alone.cycles && alone.grossNs / alone.cycles.gross;
  return {
    ns,
    clockNs,
    cycles: perCycle === undefined ? undefined : ns / perCycle,
    overheadNs: alone.overheadNs,
    overheadCycles: perCycle === undefined ? undefined : alone.overheadNs / perCycle,
    pinned: timings.every(({ pinned }) => pinned),
  };
}

function largest({ rounds, spreadNs }: Timing): number {
  return Math.max(spreadNs, ...rounds.map(Math.abs));
}
