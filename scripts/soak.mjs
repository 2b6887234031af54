// `npm run soak`: processes killed and stopped at random moments (`--kills N`, 2,000), time-outs in a row (`--timeouts N`,
// 10,000), and more calls than there are process ids. `--seed N` repeats a run.
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundled } from './bundled.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    timeouts: { type: 'string', default: '10000' },
    seed: { type: 'string' },
  },
});
const numbers = {
  kills: Number(values.kills),
  timeouts: Number(values.timeouts),
  seed: Number(values.seed ?? Date.now() % 1_000_000_007),
};
if (!Object.values(numbers).every((number) => Number.isInteger(number) && number >= 0)) {
  console.error('usage: npm run soak -- [--kills N] [--timeouts N] [--seed N]');
  process.exit(2);
}
const { main } = await bundled('test/jit/hostile/soakMain.ts');
process.exitCode = await main({ ...numbers, hostPath: path.resolve('out/host/main.js') });
