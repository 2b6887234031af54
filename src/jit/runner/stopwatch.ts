/** Turns the processor's time stamps into nanoseconds by comparing them with the system's clock. */

/** Ticks of the processor and nanoseconds of the system's clock at about the same moment. */
interface Reading {
  readonly ticks: bigint;
  readonly ns: bigint;
}

export class Stopwatch {
  readonly #first: Reading;
  readonly #read: () => bigint;
  #last: Reading;

  /** `readTicks` reads the time stamp counter. */
  constructor(readTicks: () => bigint) {
    this.#read = readTicks;
    this.#first = this.#now();
    this.#last = this.#first;
  }

  /**
   * The nanoseconds that so many ticks take. The longer this stopwatch has lived, the more exact: after a millisecond to about
   * a thousandth. At least 0, whatever the ticks.
   */
  nanoseconds(ticks: bigint): bigint {
    // A second is a base long enough.
    if (this.#last.ns - this.#first.ns < 1_000_000_000n) this.#last = this.#now();
    const baseTicks = this.#last.ticks - this.#first.ticks;
    if (ticks <= 0n || baseTicks <= 0n) return 0n;
    return (ticks * (this.#last.ns - this.#first.ns)) / baseTicks;
  }

  #now(): Reading {
    // The tightest of a few pairs: whoever is interrupted between the two is not believed.
    let best: Reading | undefined;
    let tightest = 0n;
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = process.hrtime.bigint();
      const ticks = this.#read();
      const width = process.hrtime.bigint() - before;
      if (best && width >= tightest) continue;
      tightest = width;
      best = { ticks, ns: before + width / 2n };
    }
    return best ?? { ticks: 0n, ns: 0n };
  }
}
