/** Which of two calls is faster, by how much, and whether that can be known. */
import type { Measured, Timing } from './measure.ts';
import { noiseOf, type Noise } from './noise.ts';
import { median, medianError } from './statistics.ts';

export type Comparison =
  /** Its time as a part of the other's, and by how much that may be wrong. */
  | {
      readonly kind: 'faster' | 'slower' | 'no difference';
      readonly ratio: number;
      readonly error: number;
    }
  /** One of them, or both, take too little for a ratio. */
  | { readonly kind: 'near the noise'; readonly which: 'this' | 'other' | 'both' };

/** What must be known of a call that was measured in another run. */
export interface EarlierTiming {
  readonly ns: number;
  readonly errorNs: number;
}

/** The least error that is claimed: less is true of one run, and not of the next with the same code. */
const leastError = 0.01;
/** The same between two runs, whose clocks and neighbours differ: what the same code differed by, again and again, on a shared machine. */
const leastErrorBetweenRuns = 0.03;

/** Times below so many times the noise have no ratio: it would be wrong by half and more. */
const comparableFrom = 2;

/** Where only the clock counts, still no times are compared that are a small part of a cycle. */
const leastPartOfNoise = 0.25;

/** Whether a time can be told from nothing. */
export function isAboveNoise({ ns }: { readonly ns: number }, noiseNs: number): boolean {
  return ns > noiseNs;
}

/** Compares calls that were measured together, by the rounds that both have had. */
export function compareMeasured(this_: Measured, other: Measured, noiseNs: number): Comparison {
  const [a, b] = [this_.alone, other.alone];
  const below = belowNoise(a, b, noiseNs);
  if (below) return below;
  const ratios = pairedRatios(a, b);
  const ratio = median(ratios);
  const noise = ratio * (noiseNs / a.ns + noiseNs / b.ns);
  return judge(ratio, Math.max(medianError(ratios), noise, leastError * ratio));
}

/** Compares a call with the same one of an earlier run. What calling it costs is the same in both, so only the clock counts. */
export function compareWithEarlier(
  { alone, waiting }: Measured,
  earlier: EarlierTiming,
  noiseHere: Noise,
): Comparison {
  const { clockNs } = noiseHere;
  const ns = noiseOf(noiseHere, waiting);
  const below = belowNoise(alone, earlier, Math.max(clockNs, ns * leastPartOfNoise));
  if (below) return below;
  const ratio = alone.ns / earlier.ns;
  const own = Math.hypot(alone.errorNs / alone.ns, earlier.errorNs / earlier.ns);
  const noise = clockNs / alone.ns + clockNs / earlier.ns;
  return judge(ratio, ratio * Math.max(own, noise, leastErrorBetweenRuns));
}

/** Whether a time is enough for a ratio. */
export function isComparable({ ns }: { readonly ns: number }, noiseNs: number): boolean {
  return ns > comparableFrom * noiseNs;
}

function belowNoise(
  a: { readonly ns: number },
  b: { readonly ns: number },
  noiseNs: number,
): Comparison | undefined {
  const [seenA, seenB] = [isComparable(a, noiseNs), isComparable(b, noiseNs)];
  if (seenA && seenB) return undefined;
  const which = seenA ? 'other' : seenB ? 'this' : 'both';
  return { kind: 'near the noise', which };
}

function pairedRatios(a: Timing, b: Timing): readonly number[] {
  const ratios = a.rounds.flatMap((ns, round) => {
    const other = b.rounds[round];
    return other !== undefined && other > 0 && ns > 0 ? [ns / other] : [];
  });
  return ratios.length > 0 ? ratios : [a.ns / b.ns];
}

function judge(ratio: number, error: number): Comparison {
  if (Math.abs(ratio - 1) <= error) return { kind: 'no difference', ratio, error };
  return { kind: ratio < 1 ? 'faster' : 'slower', ratio, error };
}
