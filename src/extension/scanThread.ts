/** The thread that reads large texts, started when one is first seen and ended when it has long been idle. */
import { Worker } from 'node:worker_threads';
import type { JitBlock, Problem } from '../model/block.ts';
import type { ScanOptions } from '../source/findJitBlocks.ts';
import { timed } from './callbackTimes.ts';
import { fromPlain, type ScanAnswer, type ScanNext, type ScanQuestion } from './scanMessages.ts';

/** What is found in a text. */
export interface Found {
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  readonly seams: readonly number[];
}

/** Milliseconds without work after which the thread ends. */
const idleMs = 30_000;

interface Waiting {
  readonly blocks: JitBlock[];
  readonly problems: Problem[];
  seams: readonly number[];
  readonly resolve: (found: Found) => void;
  readonly reject: (reason: Error) => void;
}

export class ScanThread {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** @param path the bundled `scanWorker.ts` */
  constructor(path: string) {
    this.#path = path;
  }

  /** Reads a text. Rejects when the thread fails or is ended. */
  scan(text: string, languageId: string, options: ScanOptions): Promise<Found> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { blocks: [], problems: [], seams: [], resolve, reject });
      worker.postMessage({ id, text, languageId, options } satisfies ScanQuestion);
    });
  }

  dispose(): void {
    this.#end(new Error('the scanning thread was ended'));
  }

  #start(): Worker {
    const worker = new Worker(this.#path);
    worker.unref();
    worker.on(
      'message',
      timed('scan answer', (answer: ScanAnswer) => this.#take(answer)),
    );
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#end(error);
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#end(new Error('the scanning thread has ended'));
    });
    return worker;
  }

  #take({ id, blocks, problems, seams, last }: ScanAnswer): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    for (const block of blocks) waiting.blocks.push(fromPlain(block));
    for (const problem of problems) waiting.problems.push(problem);
    if (!last) {
      this.#worker?.postMessage({ next: id } satisfies ScanNext);
      return;
    }
    this.#waiting.delete(id);
    waiting.seams = seams;
    waiting.resolve(waiting);
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => this.dispose(), idleMs);
    this.#idle.unref();
  }

  #end(reason: Error): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
