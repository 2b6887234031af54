// `npm run fuzz`: random programs through the real host, one after another. `--count N` (100,000), `--seed N` (a new one each
// time), which repeats a run. `npm run fuzz -- read` reads random bytes instead (fuzzReading.mjs).
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundled } from './bundled.mjs';
import { fuzzReading } from './fuzzReading.mjs';

const [what, ...rest] = process.argv.slice(2);
if (what === 'read') process.exit(await fuzzReading(rest));

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const count = Number(values.count);
const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--count N] [--seed N]');
  process.exit(2);
}
const { main } = await bundled('test/jit/hostile/fuzzMain.ts');
process.exitCode = await main({ count, seed, hostPath: path.resolve('out/host/main.js') });
