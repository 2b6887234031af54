/** What `npm run fuzz` runs. */
import { JitClient } from '../../../src/jit/client.ts';
import { fuzz, inOneLine } from './fuzz.ts';

/** Runs the programs, prints what became of them, and returns the exit status: 0 if nothing was lost. */
export async function main({
  count,
  seed,
  hostPath,
}: {
  count: number;
  seed: number;
  hostPath: string;
}): Promise<number> {
  using client = new JitClient({ hostPath });
  const { protection } = await client.ready();
  console.log(
    `${count} programs, seed ${seed}, protection ${protection.level}: ${protection.reason}`,
  );
  if (protection.level !== 'isolated') {
    console.error('random bytes are run in the isolated level alone');
    return 1;
  }
  const started = performance.now();
  const figures = await fuzz(client, { count, seed, log: (line) => console.log(line) });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${inOneLine(figures)}; ${seconds.toFixed(0)} s`);
  return figures.runnersLost + figures.hostsLost === 0 ? 0 : 1;
}
