/** How much an empty function seems to take, measured like any other: what is less than that is no difference. */
import type { Waiting } from '../../jit/bench/harness.ts';
import type { RunRequest, Runner } from '../../model/run.ts';
import type { Signature } from '../../model/signature.ts';
import { measure, NotMeasured, type MeasureSettings, type Timing } from './measure.ts';

export interface Noise {
  /** The largest that an empty function seemed to take in any round, or to spread, in nanoseconds; a cycle at least. */
  readonly ns: number;
  /** The same without that least: what the clock alone leaves open between two runs of the same code. */
  readonly clockNs: number;
  /**
   * The bound for calls that a fence separates, which have no result or no parameters: how much of a chain of known length hid behind the
   * cost of calling.
   */
  readonly fenceNs: number;
  readonly fenceCycles: number | undefined;
  /** The bound for calls with a float or SIMD result. */
  readonly floatNs: number;
  /** {@link ns} in cycles, or undefined where the clock was not steady. */
  readonly cycles: number | undefined;
  /** The cost of calling a function of one integer, in nanoseconds and cycles; it is measured anew beside every call. */
  readonly overheadNs: number;
  readonly overheadCycles: number | undefined;
  readonly pinned: boolean;
}

/**
 * The same where a result comes in a vector register: moving it to a general register and loading the next argument take some cycles more or
 * less, depending on what comes between.
 */
const leastFloatCycles = 4;

const i64 = { kind: 'integer', bits: 64, signed: true } as const;

/**
 * Cycles below which nothing is claimed, however steady the clock: what calling costs differs by about so much between functions,
 * for the processor overlaps some of it with their work.
 */
const leastCycles = 1;

const ret = 0xc3;
/** x86-64: add rax, rcx. Each waits for the one before, and takes one cycle. */
const addition = [0x48, 0x01, 0xc8] as const;
const chainLength = 64;

function request(signature: Signature, bytes: readonly number[]): RunRequest {
  return {
    architecture: 'x86_64',
    abi: undefined,
    signature,
    fragment: undefined,
    bytes: Uint8Array.from(bytes),
    entry: 0,
    arguments: signature.parameters.map(() => ({ kind: 'integer', value: 0n })),
    recordRegisters: false,
    timeoutMs: 1000,
  };
}

const ofOneInteger: Signature = {
  name: undefined,
  parameters: [{ name: undefined, type: i64 }],
  result: i64,
};
const ofNothing: Signature = { name: undefined, parameters: [], result: { kind: 'void' } };
const known = [
  request(ofOneInteger, [ret]),
  request(ofNothing, [...Array.from({ length: chainLength }, () => addition).flat(), ret]),
];

/** The bound for calls that wait for each other in this way. */
export function noiseOf({ ns, floatNs, fenceNs }: Noise, waiting: Waiting): number {
  return { result: ns, float: floatNs, fence: fenceNs }[waiting];
}

/** Measures the noise of this machine at the moment. */
export async function measureNoise(
  runner: Runner,
  settings: MeasureSettings,
  signal: AbortSignal,
): Promise<Noise | NotMeasured> {
  const [measured, fenced] = await measure(known, runner, settings, signal);
  if (!measured || !fenced) return new NotMeasured('there was nothing to measure');
  if (measured instanceof NotMeasured) return measured;
  if (fenced instanceof NotMeasured) return fenced;
  const { alone, together } = measured;
  const timings = together ? [alone, together] : [alone];
  const clockNs = Math.max(...timings.map(largest));
  const ns = Math.max(leastCycles * alone.cycleNs, clockNs);
  const hidden = Math.abs(chainLength * fenced.alone.cycleNs - fenced.alone.ns);
  const fenceNs = Math.max(ns, hidden + fenced.alone.spreadNs);
  const perCycle = alone.cycles && alone.grossNs / alone.cycles.gross;
  return {
    ns,
    clockNs,
    floatNs: Math.max(ns, leastFloatCycles * alone.cycleNs),
    fenceNs,
    fenceCycles: perCycle === undefined ? undefined : fenceNs / perCycle,
    cycles: perCycle === undefined ? undefined : ns / perCycle,
    overheadNs: alone.overheadNs,
    overheadCycles: perCycle === undefined ? undefined : alone.overheadNs / perCycle,
    pinned: timings.every(({ pinned }) => pinned),
  };
}

function largest({ rounds, spreadNs }: Timing): number {
  return Math.max(spreadNs, ...rounds.map(Math.abs));
}
