// `npm run fuzz -- read`: random bytes through the disassemblers (`--count N`, 1,000,000) and random comments through their check
// (`--comments N`, 100,000); nothing is run. `--seed N` repeats a run.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundled } from './bundled.mjs';

/** Runs it with the words behind `read`, and returns the exit status. */
export async function fuzzReading(words) {
  const { values } = parseArgs({
    args: words,
    options: {
      count: { type: 'string', default: '1000000' },
      comments: { type: 'string', default: '100000' },
      seed: { type: 'string' },
    },
  });
  const counts = {
    strings: Number(values.count),
    comments: Number(values.comments),
    seed: Number(values.seed ?? Date.now() % 1_000_000_007),
  };
  if (!Object.values(counts).every((number) => Number.isInteger(number) && number >= 0)) {
    console.error('usage: npm run fuzz -- read [--count N] [--comments N] [--seed N]');
    process.exit(2);
  }
  const { main } = await bundled('test/reading/fuzzMain.ts');
  return main(counts);
}
