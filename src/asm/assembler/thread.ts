/** The thread in which @defasm/core works: started when first needed, ended when idle, stuck or spoilt. */
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AssemblyAnswer, AssemblyQuestion } from './defasmMessages.ts';

/** Milliseconds for one text; the longest allowed takes a second or two. */
const limitMs = 5000;
/** Milliseconds without work after which the thread ends. */
const idleMs = 30_000;
/** Mebibytes that it may fill. */
const memoryMb = 512;

/** The thread gave no answer: it was stuck, out of memory, or could not start. */
export class ThreadFailure extends Error {}

/** The bundled `defasmWorker.ts`: `assembler/main.js` in the folder of builds, at or above the running bundle's. */
function workerPath(): string {
  let folder = path.dirname(__filename);
  for (let up = 0; up < 5; up++) {
    const file = path.join(folder, 'assembler', 'main.js');
    if (fs.existsSync(file)) return file;
    folder = path.dirname(folder);
  }
  throw new ThreadFailure(`no assembler/main.js above ${__filename}`);
}

export class AssemblingThread {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;
  /** Settles when the work before is done: one text at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Asks for a text. Rejects with a {@link ThreadFailure}, or with the signal's reason when it is aborted. */
  async ask(
    question: Omit<AssemblyQuestion, 'id'>,
    signal: AbortSignal | undefined,
  ): Promise<AssemblyAnswer> {
    const answer = this.#turn.then(() => this.#ask(question, signal));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #ask(
    question: Omit<AssemblyQuestion, 'id'>,
    signal: AbortSignal | undefined,
  ): Promise<AssemblyAnswer> {
    signal?.throwIfAborted();
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const ended = new AbortController();
    const timer = setTimeout(
      () => ended.abort(new ThreadFailure(`it took longer than ${limitMs / 1000} s`)),
      limitMs,
    );
    const stop = AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]);
    worker.ref();
    try {
      return await new Promise<AssemblyAnswer>((resolve, reject) => {
        const fail = (error: Error): void => {
          this.#end();
          reject(error);
        };
        worker.removeAllListeners();
        worker.on('message', (answer: AssemblyAnswer) => {
          if (answer.id !== id) return;
          if (answer.spoilt) this.#end();
          resolve(answer);
        });
        worker.on('error', (cause) => fail(new ThreadFailure(cause.message, { cause })));
        worker.on('exit', () => fail(new ThreadFailure('its thread has ended')));
        stop.addEventListener('abort', () => fail(stop.reason as Error), { once: true });
        worker.postMessage({ id, ...question } satisfies AssemblyQuestion);
      });
    } finally {
      clearTimeout(timer);
      this.#worker?.unref();
      if (this.#worker) {
        this.#idle = setTimeout(() => this.#end(), idleMs);
        this.#idle.unref();
      }
    }
  }

  #start(): Worker {
    return new Worker(workerPath(), {
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
  }

  #end(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.removeAllListeners();
    // What it still says is of no interest, not even an error.
    worker?.on('error', () => undefined);
    void worker?.terminate();
  }
}
