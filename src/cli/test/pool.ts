/** Several hosts, each with one call at a time. */
import { JitClient } from '../../jit/client.ts';
import type { RunRequest, RunResult } from '../../model/run.ts';

/** A call that has ended, and how long it took in milliseconds, without waiting for a free host. */
export interface TimedResult {
  readonly result: RunResult;
  readonly milliseconds: number;
}

/** Runs so many calls side by side. Hosts start when they are needed first. */
export class RunnerPool implements Disposable {
  readonly #hostPath: string;
  readonly #most: number;
  readonly #all: JitClient[] = [];
  readonly #idle: JitClient[] = [];
  readonly #waiting: ((client: JitClient) => void)[] = [];

  constructor(hostPath: string, most: number) {
    this.#hostPath = hostPath;
    this.#most = most;
  }

  /** Waits for a free host, then as {@link JitClient.run}. */
  async run(request: RunRequest, signal: AbortSignal): Promise<TimedResult> {
    const client = await this.#take();
    try {
      signal.throwIfAborted();
      const start = performance.now();
      const result = await client.run(request, signal);
      const measured = performance.now() - start;
      // The host's own measure knows nothing of starting hosts and of messages.
      const milliseconds =
        result.outcome === 'returned' ? Number(result.durationNs) / 1e6 : measured;
      return { result, milliseconds };
    } finally {
      this.#giveBack(client);
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.#all) client.dispose();
  }

  #take(): JitClient | Promise<JitClient> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#all.length < this.#most) {
      const client = new JitClient({ hostPath: this.#hostPath });
      this.#all.push(client);
      return client;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(client: JitClient): void {
    const next = this.#waiting.shift();
    if (next) next(client);
    else this.#idle.push(client);
  }
}
