/** Processes of a client killed and stopped at random moments, and calls that run into their limit one after another. */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JitClient } from '../../../src/jit/client.ts';
import type { Runner } from '../../../src/model/run.ts';
import { eventually, runs } from '../clientSetup.ts';
import { childrenOf } from './fuzz.ts';
import { addFour, assertWorks, inWords, never, requestFor } from './ground.ts';
import { randomFrom } from './random.ts';

/** Who is hit by what, in how many of a hundred cases. A stopped host or runner costs its whole grace, up to a second. */
const hits = [
  ['host', 'SIGKILL', 10],
  ['host', 'SIGSTOP', 1],
  ['runner', 'SIGKILL', 34],
  ['runner', 'SIGSTOP', 3],
  ['grandchild', 'SIGKILL', 33],
  ['grandchild', 'SIGSTOP', 19],
] as const;

type Victim = (typeof hits)[number][0];

/** 1: jmp 1b */
const loop = Uint8Array.of(0xeb, 0xfe);
/** Milliseconds that the call has which is hit, and the most that the hit comes late. */
const limitMs = 12;
const latestMs = 14;

export interface KillFigures {
  readonly hits: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, number>;
  /** All that were there at one time. */
  readonly pids: ReadonlySet<number>;
}

/** Hits so many times. Throws an error if the call after one does not work. */
export async function killAtRandom(
  client: JitClient,
  { count, seed }: { count: number; seed: number },
): Promise<KillFigures> {
  const random = randomFrom(seed);
  const figures = { hits: new Map<string, number>(), outcomes: new Map<string, number>() };
  const pids = new Set<number>();
  const add = (counts: Map<string, number>, what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  for (let index = 0; index < count; index++) {
    const [victim, signal] = pick(random(100));
    const { pid: host } = await client.ready();
    const call = client.run(requestFor(loop, { timeoutMs: limitMs }), never);
    await sleep(random(latestMs));
    const pid = find(victim, host, pids);
    if (pid !== undefined) hit(pid, signal);
    const words = inWords(await call);
    add(figures.outcomes, words);
    const noticed = words.startsWith('refused');
    if (pid !== undefined) {
      add(figures.hits, `${victim} ${signal}`);
      if (!noticed) await settle(client, victim, signal, pid);
    }
    await assertWorks(client, `${victim} ${signal} (${index} of seed ${seed})`);
  }
  return { ...figures, pids };
}

/** After a hit that came too late for its call, or that made it a time-out: the call after it may be the one to find out. */
async function settle(
  client: JitClient,
  victim: Victim,
  signal: NodeJS.Signals,
  pid: number,
): Promise<void> {
  if (signal === 'SIGKILL') {
    await eventually(() => !(victim === 'host' ? exists(pid) : runs(pid)));
    await sleep(1); // Until this process has taken notice.
  } else if (victim !== 'grandchild') {
    await client.run({ ...addFour, timeoutMs: limitMs }, never); // It may wait for a process that does not answer.
  }
}

function pick(number: number): (typeof hits)[number] {
  let left = number;
  for (const one of hits) {
    left -= one[2];
    if (left < 0) return one;
  }
  return hits[0];
}

/** The process that is to be hit, if it is there now; all that are there are added to `pids`. */
function find(victim: Victim, host: number, pids: Set<number>): number | undefined {
  const [runner] = childrenOf(host);
  const [grandchild] = runner === undefined ? [] : childrenOf(runner);
  for (const pid of [host, runner, grandchild]) if (pid !== undefined) pids.add(pid);
  return { host, runner, grandchild }[victim];
}

function hit(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Whether a process is there, be it only to be waited for. */
export function exists(pid: number): boolean {
  return fs.existsSync(`/proc/${pid}`);
}

/** Has so many calls run into a limit of a millisecond. Throws an error if one ends otherwise, or if the runner suffers. */
export async function timeOuts(
  runner: Runner,
  count: number,
): Promise<{ readonly longestMs: number; readonly unrecorded: number }> {
  let longestMs = 0;
  let unrecorded = 0;
  for (let index = 1; index <= count; index++) {
    const started = performance.now();
    const words = inWords(await runner.run(requestFor(loop, { timeoutMs: 1 }), never));
    longestMs = Math.max(longestMs, performance.now() - started);
    if (!words.startsWith('timeout')) throw new Error(`time-out ${index} ended as "${words}"`);
    if (words === 'timeout not recorded') unrecorded++;
    if (index % 100 === 0) await assertWorks(runner, `${index} time-outs`);
  }
  return { longestMs, unrecorded };
}

/** With more process ids than this, going through all of them takes too long. */
const mostPids = 100_000;

/** Makes more calls than the system has process ids. Returns their number, or why it was not done; throws if one fails. */
export async function wrapAround(runner: Runner): Promise<number | string> {
  const most = Number(fs.readFileSync('/proc/sys/kernel/pid_max', 'utf8'));
  if (most > mostPids) return `this system has ${most} process ids, too many to go through`;
  const program = requestFor(Uint8Array.of(0xb8, 9, 0, 0, 0, 0xc3)); // mov eax, 9; ret
  const calls = most + 1000;
  for (let index = 0; index < calls; index++) {
    const words = inWords(await runner.run(program, never));
    if (words !== 'returned 9') throw new Error(`call ${index} ended as "${words}"`);
  }
  return calls;
}
