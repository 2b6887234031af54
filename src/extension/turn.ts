/** A stretch of work that is kept short, so that the extension host stays free. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export class Turn {
  readonly #mostMs: number;
  #started = performance.now();

  /** @param mostMs milliseconds of work after which the editor gets its turn */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  get isOver(): boolean {
    return performance.now() - this.#started > this.#mostMs;
  }

  /** Gives the editor its turn if this one is over. */
  async given(): Promise<void> {
    if (!this.isOver) return;
    await nextTurn();
    this.#started = performance.now();
  }
}
