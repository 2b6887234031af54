/** Medians, and lines that tell them. */

/** The median of so many measurements, in milliseconds. */
export async function median(times: number, work: () => unknown): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken.toSorted((a, b) => a - b)[times >> 1] ?? NaN;
}

export function print(what: string, ms: number, note = ''): void {
  const unit = ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(1)} µs`;
  console.log(`${what.padEnd(52)} ${unit.padStart(12)}  ${note}`);
}
