/** The thread that reads large texts and files, started when it is first needed and ended when it has long been idle. */
import { Worker } from 'node:worker_threads';
import type { JitBlock, Problem } from '../model/block.ts';
import { LineIndex } from '../model/text.ts';
import type { ScanOptions } from '../source/findJitBlocks.ts';
import { timed } from './callbackTimes.ts';
import {
  fromPlain,
  type FileAnswer,
  type FileQuestion,
  type FindAnswer,
  type FindQuestion,
  type ScanAnswer,
  type ScanNext,
  type ScanQuestion,
} from './scanMessages.ts';

/** What is found in a text. */
export interface Found {
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  readonly seams: readonly number[];
}

/** What is found in a file. */
export interface FoundInFile extends Found {
  readonly lines: LineIndex;
}

/** Milliseconds without work after which the thread ends. */
const idleMs = 30_000;

type Question = ScanQuestion | FileQuestion | FindQuestion;
type Answer = ScanAnswer | FileAnswer | FindAnswer;

/** Who waits for an answer. */
interface Waiting {
  readonly take: (part: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/** A question that was asked. */
interface Asked {
  /** Asks for the next part. */
  readonly next: () => void;
  /** No part is wanted any more. */
  readonly end: () => void;
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
  async scan(text: string, languageId: string, options: ScanOptions): Promise<Found> {
    const { found } = await this.#scanned((id) => ({ id, text, languageId, options }));
    return found;
  }

  /** Reads a file; undefined if it cannot be read. Rejects when the thread fails or is ended. */
  async scanFile(
    file: string,
    languageId: string,
    options: ScanOptions,
  ): Promise<FoundInFile | undefined> {
    const { found, lineStarts } = await this.#scanned((id) => ({ id, file, languageId, options }));
    return lineStarts && { ...found, lines: new LineIndex(lineStarts) };
  }

  /**
   * Finds the files with annotations at a place in a folder, as `findFilesAt` does, and yields them a few at a time.
   * Throws when the thread fails or is ended.
   * @param exclude glob patterns of what is passed over, for paths from the folder
   */
  async *find(
    folder: string,
    place: string,
    exclude: readonly string[],
  ): AsyncGenerator<readonly string[], void, undefined> {
    let take = (_answer: Answer): void => undefined;
    let reject = (_reason: Error): void => undefined;
    // The thread may end while nobody waits for a part.
    let failure: Error | undefined;
    const part = (): Promise<Answer> =>
      new Promise((resolve, fail) => {
        take = resolve;
        reject = fail;
      });
    let coming = part();
    const ask = this.#ask((id) => ({ id, folder, place, exclude }), {
      take: (answer) => take(answer),
      reject: (reason) => {
        failure = reason;
        reject(reason);
      },
    });
    try {
      for (;;) {
        const answer = await coming;
        if ('files' in answer) yield answer.files;
        if (answer.last) return;
        if (failure) throw failure;
        coming = part();
        ask.next();
      }
    } finally {
      ask.end();
    }
  }

  dispose(): void {
    this.#end(new Error('the scanning thread was ended'));
  }

  #scanned(
    question: (id: number) => ScanQuestion | FileQuestion,
  ): Promise<{ readonly found: Found; readonly lineStarts: Uint32Array | undefined }> {
    const blocks: JitBlock[] = [];
    const problems: Problem[] = [];
    return new Promise((resolve, reject) => {
      const ask = this.#ask(question, {
        take: (answer) => {
          if ('files' in answer) return;
          for (const block of answer.blocks) blocks.push(fromPlain(block));
          for (const problem of answer.problems) problems.push(problem);
          if (!answer.last) {
            ask.next();
            return;
          }
          ask.end();
          const lineStarts = 'lineStarts' in answer ? answer.lineStarts : undefined;
          resolve({ found: { blocks, problems, seams: answer.seams }, lineStarts });
        },
        reject,
      });
    });
  }

  #ask(question: (id: number) => Question, waiting: Waiting): Asked {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    this.#waiting.set(id, waiting);
    worker.postMessage(question(id));
    return {
      next: () => worker.postMessage({ next: id } satisfies ScanNext),
      end: () => this.#ended(id),
    };
  }

  #start(): Worker {
    const worker = new Worker(this.#path);
    worker.unref();
    worker.on(
      'message',
      timed('scan answer', (answer: Answer) => this.#take(answer)),
    );
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#end(error);
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#end(new Error('the scanning thread has ended'));
    });
    return worker;
  }

  #take(answer: Answer): void {
    this.#waiting.get(answer.id)?.take(answer);
  }

  #ended(id: number): void {
    if (!this.#waiting.delete(id) || this.#waiting.size > 0) return;
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
