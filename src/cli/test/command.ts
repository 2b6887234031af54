/** `jit-bytes test`: every call with an expectation is a test. */
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { machineOf } from '../../engine/plan.ts';
import { escapeControls } from '../../engine/escape.ts';
import { watchInterrupt } from '../interrupt.ts';
import { systemMessage } from '../output.ts';
import { findPlaces, type Place } from '../places.ts';
import { Progress } from '../progress.ts';
import { hostPath } from '../runCommand.ts';
import { exitStatus } from '../tally.ts';
import { FolderWatch, type Changed } from './folderWatch.ts';
import { seedLimit, type TestOptions } from './options.ts';
import { Outputs, ReportFileError } from './outputs.ts';
import { RunnerPool } from './pool.ts';
import { TestRun } from './testRun.ts';

/**
 * Runs the tests that the options ask for, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export async function testCommand(options: TestOptions, closed: AbortSignal): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  using command = new TestCommand(options);
  try {
    const status = await (options.watch ? command.watch(signal) : command.once(signal));
    return interrupt.status ?? status;
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    command.complain(error.message);
    return exitStatus.unreadable;
  }
}

class TestCommand implements Disposable {
  readonly #options: TestOptions;
  readonly #pool: RunnerPool;
  readonly #progress = new Progress(process.stderr);
  /** Never read as tests: they quote what they report. */
  readonly #reportFiles: ReadonlySet<string>;

  constructor(options: TestOptions) {
    const seed = options.shuffle ? (options.seed ?? randomInt(seedLimit)) : undefined;
    this.#options = { ...options, seed };
    this.#pool = new RunnerPool(hostPath, options.jobs);
    const files = options.reporters.flatMap(({ file }) => file ?? []);
    this.#reportFiles = new Set(files.map((file) => path.resolve(file)));
    if (seed !== undefined) {
      this.complain(`shuffled; for the same order again: --shuffle --seed ${seed}`);
    }
  }

  /** Runs everything, and gives the exit status. */
  async once(signal: AbortSignal): Promise<number> {
    return this.#run(await this.#find(signal), signal);
  }

  /** Runs everything, and what changes, until the signal is aborted. Gives the exit status of the last run. */
  async watch(signal: AbortSignal): Promise<number> {
    using folders = new FolderWatch();
    const find = (): Promise<readonly Place[]> => {
      return this.#find(signal, (folder) => this.#watchFolder(folders, folder));
    };
    let status = await this.#run(await find(), signal);
    this.complain(`watching for changes; Ctrl+C ends`);
    let changed: Changed | undefined;
    while ((changed = await folders.next(signal))) {
      const isChanged = changed;
      const places = (await find()).filter(
        (place) => place.kind === 'place' && isChanged(place.file),
      );
      if (places.length > 0) status = await this.#run(places, signal);
    }
    return status;
  }

  /** Says something on standard error. */
  complain(message: string): void {
    this.#progress.hide();
    process.stderr.write(`jit-bytes: ${escapeControls(message)}\n`);
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
    this.#progress[Symbol.dispose]();
  }

  /** A folder that is not there, or cannot be read, is told of as a place. */
  #watchFolder(folders: FolderWatch, folder: string): void {
    try {
      folders.add(folder);
    } catch (error) {
      this.complain(`${folder}: cannot be watched: ${systemMessage(error)}`);
    }
  }

  async #run(places: readonly Place[], signal: AbortSignal): Promise<number> {
    using outputs = new Outputs(this.#options.reporters, (text) => {
      this.#progress.hide();
      process.stdout.write(text);
    });
    const settings = {
      timeoutMs: this.#options.timeoutMs,
      machine: machineOf(process.platform, process.arch),
    };
    const run = new TestRun(this.#options, settings, this.#pool, outputs.reporters, this.#progress);
    await run.run(places, signal);
    const { tests, errors, status } = run.tally;
    if (tests + errors === 0 && !signal.aborted) this.complain('found no tests');
    return status;
  }

  /** What is found until an interruption. */
  async #find(signal: AbortSignal, entering?: (folder: string) => void): Promise<readonly Place[]> {
    const places: Place[] = [];
    try {
      for await (const place of findPlaces(this.#options.paths, signal, entering)) {
        if (!this.#reportFiles.has(path.resolve(place.file))) places.push(place);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return places;
  }
}
