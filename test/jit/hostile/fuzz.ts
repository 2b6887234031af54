/** Random bytes, run one after another through the real host. */
import fs from 'node:fs';
import type { JitClient } from '../../../src/jit/client.ts';
import type { RunRequest } from '../../../src/model/run.ts';
import { i64, mutBytes, signature } from '../functionTypes.ts';
import { addFour, inWords, never, requestFor } from './ground.ts';
import { programsFrom, randomFrom } from './random.ts';

/** Add-four is asked for after so many programs, and the processes are counted. */
const checkEvery = 100;
/** Milliseconds that each program has. */
export const limitMs = 5;

export interface FuzzFigures {
  readonly programs: number;
  /** How many ended how. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Milliseconds of the longest call, seen by the client. */
  readonly longestMs: number;
  /** Runners and hosts that had to be replaced. */
  readonly runnersLost: number;
  readonly hostsLost: number;
}

/** Runs so many programs. Throws an error at the first sign that one has had an effect on another. */
export async function fuzz(
  client: JitClient,
  { count, seed, log }: { count: number; seed: number; log?: (line: string) => void },
): Promise<FuzzFigures> {
  const next = programsFrom(randomFrom(seed));
  const outcomes = new Map<string, number>();
  let longestMs = 0;
  let runnersLost = 0;
  let hostsLost = 0;
  let host = await hostOf(client);
  for (let index = 1; index <= count; index++) {
    const bytes = next();
    const started = performance.now();
    const result = await client.run(guest(bytes), never);
    longestMs = Math.max(longestMs, performance.now() - started);
    const kind = result.outcome === 'refused' ? inWords(result) : result.outcome;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    if (index % checkEvery !== 0 && index !== count) continue;
    const check = inWords(await client.run(addFour, never));
    if (check !== 'returned 8') {
      throw new Error(`add-four gave "${check}" after program ${index} of seed ${seed}`);
    }
    const now = await hostOf(client);
    if (now.pid !== host.pid) {
      hostsLost++;
      log?.(`program ${index}: the host ${host.pid} was replaced by ${now.pid}`);
    } else if (now.runners !== host.runners) {
      runnersLost++;
      log?.(`program ${index}: the runner ${host.runners} was replaced by ${now.runners}`);
    }
    host = now;
    if (index % (100 * checkEvery) === 0) log?.(`${index} programs`);
  }
  return { programs: count, outcomes, longestMs, runnersLost, hostsLost };
}

/** The host that serves, and its children, which are its runner. */
async function hostOf(
  client: JitClient,
): Promise<{ readonly pid: number; readonly runners: string }> {
  const { pid } = await client.ready();
  return { pid, runners: childrenOf(pid).join(' ') };
}

/** Process ids of the children of a process' main thread; dead ones that were not yet waited for among them. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** With a buffer to write to, and a number. */
function guest(bytes: Uint8Array): RunRequest {
  return {
    ...requestFor(bytes, { timeoutMs: limitMs }),
    signature: signature([mutBytes, i64], i64),
    arguments: [
      { kind: 'buffer', bytes: new Uint8Array(64), align: 1 },
      { kind: 'integer', value: 3n },
    ],
  };
}

/** The figures in one line. */
export function inOneLine(figures: FuzzFigures): string {
  const outcomes = [...figures.outcomes].sort(([, one], [, other]) => other - one);
  const counts = outcomes.map(([name, count]) => `${name} ${count}`).join(', ');
  return `${figures.programs} programs (${counts}); longest call ${figures.longestMs.toFixed(1)} ms of ${limitMs}; ${figures.runnersLost} runners and ${figures.hostsLost} hosts lost`;
}
