/** What `npm run soak` runs. */
import { JitClient } from '../../../src/jit/client.ts';
import { eventually, runs } from '../clientSetup.ts';
import { startRunner } from './ground.ts';
import { killAtRandom, timeOuts, wrapAround } from './kill.ts';

/** Runs it all, prints figures, and returns the exit status. Rejects at the first call that does not work. */
export async function main({
  kills,
  timeouts,
  seed,
  hostPath,
}: {
  kills: number;
  timeouts: number;
  seed: number;
  hostPath: string;
}): Promise<number> {
  const runner = await startRunner();
  const { pid } = runner;
  const { longestMs, unrecorded } = await timeOuts(runner, timeouts);
  console.log(
    `${timeouts} time-outs of 1 ms: longest ${longestMs.toFixed(1)} ms, ${unrecorded} not recorded`,
  );
  const wrapped = await wrapAround(runner);
  console.log(
    typeof wrapped === 'number'
      ? `${wrapped} calls, more than there are process ids`
      : `not covered here: process ids that wrap around (${wrapped})`,
  );
  const same = runner.pid === pid;
  console.log(same ? 'one runner served them all' : 'the runner was lost');
  runner.dispose();

  const client = new JitClient({ hostPath });
  const figures = await killAtRandom(client, { count: kills, seed });
  client.dispose();
  for (const counts of [figures.hits, figures.outcomes]) {
    console.log([...counts].map(([what, count]) => `${what}: ${count}`).join(', '));
  }
  const gone = await eventually(() => [...figures.pids].every((pid) => !runs(pid)));
  console.log(`${kills} hits, seed ${seed}: ${gone ? 'no process is left' : 'processes are left'}`);
  return same && gone ? 0 : 1;
}
