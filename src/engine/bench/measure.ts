/** Measuring calls: how many in a run, how many samples in a request, and what comes of them. */
import type { BenchMode, Waiting } from '../../jit/bench/harness.ts';
import { waitingOf } from '../../jit/bench/harness.ts';
import { benchRequest, samplesOf } from '../../jit/bench/request.ts';
import { maxSamples, type Sample } from '../../jit/bench/samples.ts';
import type { Outcome, RunRequest, Runner, RunResult } from '../../model/run.ts';
import { median, medianError, spread } from './statistics.ts';

/** What one way of calling took. Times are in nanoseconds a call; the cost of calling is subtracted where nothing else is said. */
export interface Timing {
  readonly mode: BenchMode;
  /** Median of the samples. */
  readonly ns: number;
  /** Half of the samples lie about so close to the median. */
  readonly spreadNs: number;
  /** By how much the median may be wrong, as far as its rounds differ. */
  readonly errorNs: number;
  /** With the cost of calling. */
  readonly grossNs: number;
  /** The cost of calling: the median of an empty function's samples. */
  readonly overheadNs: number;
  /** What a cycle of the core took, by the chain of additions. */
  readonly cycleNs: number;
  /** Cycles of the core, without and with the cost of calling; undefined where the clock was not steady. */
  readonly cycles: { readonly net: number; readonly gross: number } | undefined;
  /** Medians of the rounds, in their order. */
  readonly rounds: readonly number[];
  /** n: each sample is n and 2n calls. */
  readonly copies: number;
  readonly samples: number;
  /** Whether every round stayed on one processor. */
  readonly pinned: boolean;
}

/** A call's measurements. */
export interface Measured {
  readonly alone: Timing;
  /** Undefined for a call so long that no two could overlap by much. */
  readonly together: Timing | undefined;
  readonly waiting: Waiting;
}

export interface MeasureSettings {
  /** Milliseconds for each call, about. A call that takes long may take more. */
  readonly timeMs: number;
  /** The user's ceiling on each request, in milliseconds. */
  readonly timeoutMs: number;
}

/** Why there is no measurement: how a call of the benchmark ended, or what keeps it from being made. */
export class NotMeasured extends Error {
  override readonly name = 'NotMeasured';
}

/** Rounds in which every call has its turn, so that whatever drifts hits all of them; fewer where a round takes long. */
const usualRounds = 9;
const fewestRounds = 3;
/** Nanoseconds that the shorter run of a sample is to take: what interrupts it is rare, and reading the clock is nothing to it. */
const runNs = 20_000;
/** A sample is n and 2n calls. */
const runsOfSample = 3;
/** A call longer than this is measured alone, in nanoseconds. */
const longNs = 100_000;
/** The part of the samples of each request, and the nanoseconds at least, that only warm up. */
const warmUpPart = 0.1;
const warmUpNs = 300_000;
/** A request may take this part of the user's ceiling by our estimate: the machine may be busy. */
const ceilingPart = 0.25;
const maxCopies = 1_000_000;
/** Samples by which the time of a call is estimated: the first one warms up. */
const estimateSamples = 2;
/** The clock is steady if half of what it measured lies this close to the median, as a part of it. */
const steadyPart = 0.03;

/**
 * Measures calls together, round by round. Rejects with the signal's reason when it is aborted. A call that cannot be measured gives
 * a {@link NotMeasured}, the others their measurements.
 * @param progress told of every round, as the part that is done
 */
export async function measure(
  requests: readonly RunRequest[],
  runner: Runner,
  settings: MeasureSettings,
  signal: AbortSignal,
  progress: (part: number) => void = () => undefined,
): Promise<(Measured | NotMeasured)[]> {
  const candidates: Candidate[] = [];
  for (const request of requests) {
    candidates.push(new Candidate(request, runner, settings, signal));
  }
  for (const candidate of candidates) await candidate.calibrate();
  const rounds = Math.max(0, ...candidates.map((one) => one.rounds));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      if (round < candidate.rounds) await candidate.round();
    }
    progress((round + 1) / rounds);
  }
  return candidates.map((candidate) => candidate.result());
}

interface Round {
  readonly samples: readonly Sample[];
  readonly pinned: boolean;
}

interface Taken extends Round {
  /** From the start of the harness to its end. */
  readonly ticks: number;
  readonly ns: number;
}

/** One call on its way to a measurement. */
class Candidate {
  readonly #request: RunRequest;
  readonly #runner: Runner;
  readonly #settings: MeasureSettings;
  readonly #signal: AbortSignal;
  readonly #done: Record<BenchMode, Round[]> = { alone: [], together: [] };
  #modes: readonly BenchMode[] = ['alone', 'together'];
  #copies = 1;
  #samples = 1;
  #warmUp = 1;
  #rounds = usualRounds;
  /** Sums over all requests. */
  #ticks = 0;
  #ns = 0;
  #failure: NotMeasured | undefined;
  /** How the last request ended. */
  #outcome: Outcome | undefined;

  constructor(request: RunRequest, runner: Runner, settings: MeasureSettings, signal: AbortSignal) {
    this.#request = request;
    this.#runner = runner;
    this.#settings = settings;
    this.#signal = signal;
  }

  get rounds(): number {
    return this.#failure ? 0 : this.#rounds;
  }

  /** Finds n, and how many samples a round has. */
  async calibrate(): Promise<void> {
    const { timeMs, timeoutMs } = this.#settings;
    const callNs = await this.#estimate();
    if (callNs === undefined) return;
    this.#copies = copiesFor(callNs);
    const sampleNs = runsOfSample * this.#copies * callNs;
    if (callNs > longNs) this.#modes = ['alone'];
    const turns = (timeMs * 1e6) / this.#modes.length / sampleNs;
    this.#rounds = Math.min(usualRounds, Math.max(fewestRounds, Math.floor(turns / 2)));
    const most = Math.min(maxSamples, Math.floor((timeoutMs * 1e6 * ceilingPart) / sampleNs));
    // A fresh process has cold caches: its first sample never counts.
    if (most < 2) {
      this.#failure = new NotMeasured(
        `a call takes about ${Math.round(callNs / 1e6)} ms: too long to be measured within the limit of ${timeoutMs} ms`,
      );
      return;
    }
    const wanted = Math.max(1, Math.round(turns / this.#rounds));
    this.#warmUp = Math.max(1, Math.ceil(wanted * warmUpPart), Math.ceil(warmUpNs / sampleNs));
    this.#warmUp = Math.min(this.#warmUp, most - 1);
    this.#samples = Math.min(most, wanted + this.#warmUp);
  }

  /** Nanoseconds that a call takes, by more and more of them; undefined if it failed. */
  async #estimate(): Promise<number | undefined> {
    for (let copies = 1; ;) {
      const taken = await this.#take('alone', copies, estimateSamples);
      if (!taken) return undefined;
      // Whatever the sample says, it was within the whole: three runs each of guest and empty function, twice.
      const whole = taken.ns / (estimateSamples * runsOfSample * copies);
      const [, sample] = taken.samples;
      const nsPerTick = taken.ns / Math.max(1, taken.ticks);
      const callNs = Math.min(whole, Math.max((sample?.call ?? 0) * nsPerTick, whole / 100));
      if (copies * callNs >= runNs / 4 || copies >= maxCopies) return callNs;
      copies = Math.min(maxCopies, copies * 16, Math.max(copies + 1, copiesFor(callNs)));
    }
  }

  async round(): Promise<void> {
    for (const mode of this.#modes) {
      const taken = await this.#takeInTime(mode);
      if (!taken) return;
      this.#ticks += taken.ticks;
      this.#ns += taken.ns;
      this.#done[mode].push({
        samples: taken.samples.slice(this.#warmUp),
        pinned: taken.pinned,
      });
    }
  }

  /** Takes a round's samples: fewer of them where the machine is so busy that they do not end within the limit. */
  async #takeInTime(mode: BenchMode): Promise<Taken | undefined> {
    for (;;) {
      const taken = await this.#take(mode, this.#copies, this.#samples);
      const fewer = this.#samples >> 1;
      if (taken || this.#outcome !== 'timeout' || fewer < 2) return taken;
      this.#failure = undefined;
      this.#samples = fewer;
      this.#warmUp = Math.min(this.#warmUp, Math.ceil(fewer / 4));
    }
  }

  async #take(mode: BenchMode, copies: number, samples: number): Promise<Taken | undefined> {
    const settings = { mode, copies, samples, timeoutMs: this.#settings.timeoutMs };
    const request = benchRequest(this.#request, settings);
    const result = await this.#runner.run(request, this.#signal);
    this.#outcome = result.outcome;
    const found = samplesOf(result, request, settings);
    if (found && found.ticks > 0) return { ...found, ns: found.durationNs };
    this.#failure ??= new NotMeasured(endOf(result, runsOfSample * copies * samples));
    return undefined;
  }

  result(): Measured | NotMeasured {
    if (this.#failure) return this.#failure;
    const alone = this.#timing('alone');
    if (!Number.isFinite(alone.ns)) return new NotMeasured('its time stamps make no sense');
    const together = this.#modes.includes('together') ? this.#timing('together') : undefined;
    return { alone, together, waiting: waitingOf(this.#request.signature) };
  }

  #timing(mode: BenchMode): Timing {
    const rounds = this.#done[mode];
    const samples = rounds.flatMap((round) => round.samples);
    const scale = this.#ns / this.#ticks;
    const net = ({ call, overhead }: Sample): number => (call - overhead) * scale;
    const cycle = samples.map((sample) => sample.cycle).filter((ticks) => ticks > 0);
    const steady = cycle.length > 0 && spread(cycle) <= steadyPart * median(cycle);
    const inCycles = (ticks: (sample: Sample) => number): number =>
      median(
        samples.filter((sample) => sample.cycle > 0).map((sample) => ticks(sample) / sample.cycle),
      );
    const nets = samples.map(net);
    const medians = rounds.map((round) => median(round.samples.map(net)));
    return {
      mode,
      ns: median(nets),
      spreadNs: spread(nets),
      errorNs: medianError(medians),
      grossNs: median(samples.map(({ call }) => call * scale)),
      overheadNs: median(samples.map(({ overhead }) => overhead * scale)),
      cycleNs: median(cycle) * scale,
      cycles: steady
        ? {
            net: inCycles(({ call, overhead }) => call - overhead),
            gross: inCycles(({ call }) => call),
          }
        : undefined,
      rounds: medians,
      copies: this.#copies,
      samples: samples.length,
      pinned: rounds.every(({ pinned }) => pinned),
    };
  }
}

function copiesFor(callNs: number): number {
  return Math.min(maxCopies, Math.max(1, Math.round(runNs / callNs)));
}

/** How so many calls ended that did not all return. */
function endOf(result: RunResult, calls: number): string {
  switch (result.outcome) {
    case 'refused':
      return result.reason;
    case 'returned':
      return 'its samples are gone';
    case 'timeout':
      return `too long to be measured: ${calls} calls did not end within the limit of ${result.limitMs} ms`;
    case 'fault':
      return `it returned once, but not again and again: ${result.fault.signal}`;
    default:
      return `it returned once, but not again and again: ${result.outcome}`;
  }
}
