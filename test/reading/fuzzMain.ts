/** What `npm run fuzz -- read` runs. */
import { fuzzReading, type MemoryUse, type ReadingCounts } from './fuzz.ts';
import { watchWebAssembly } from './webAssemblyMemory.ts';

const mebibyte = 1 << 20;

/** Bytes by which memory may grow between the warm-up and the end; the process' also holds garbage not yet given back. */
const mayGrow: MemoryUse = { rss: 48 * mebibyte, heap: 8 * mebibyte, webAssembly: 0 };

/** Milliseconds of processor time that one string or one block of comments may take. */
const slowMs = 500;

/** Reads random bytes and comments, prints figures, and returns the exit status: 0 if memory stayed within its bounds. */
export async function main(counts: ReadingCounts): Promise<number> {
  console.log(
    `${counts.strings} byte strings and ${counts.comments} comments, seed ${counts.seed}`,
  );
  watchWebAssembly();
  const started = performance.now();
  const figures = await fuzzReading(counts, (line) => console.log(line));
  const { warm, end, slowestString, slowestBlock } = figures;
  console.log(
    `${figures.strings} byte strings, ${figures.instructions} instructions, ${figures.warnings} warnings, slowest ${slowestString.toFixed(1)} ms; ` +
      `${figures.comments} comments, ${figures.mismatches} said to be wrong, slowest block ${slowestBlock.toFixed(1)} ms; ` +
      `${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  let isWell = true;
  for (const [key, name] of [
    ['rss', 'process'],
    ['heap', 'heap'],
    ['webAssembly', 'WebAssembly'],
  ] as const) {
    const [before, after, most] = [warm[key], end[key], mayGrow[key]].map(
      (size) => size / mebibyte,
    );
    const tooMuch = end[key] - warm[key] > mayGrow[key];
    if (tooMuch) isWell = false;
    console.log(
      `${name}: ${before?.toFixed(1)} MiB after the warm-up, ${after?.toFixed(1)} MiB at the end (may grow by ${most})${tooMuch ? ': TOO MUCH' : ''}`,
    );
  }
  if (Math.max(slowestString, slowestBlock) > slowMs) {
    console.log(`slower than ${slowMs} ms`);
    isWell = false;
  }
  return isWell ? 0 : 1;
}
