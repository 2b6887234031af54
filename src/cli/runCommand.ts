/** `jit-bytes run`: reads, runs, reports. */
import path from 'node:path';
import { machineOf, type RunSettings } from '../engine/plan.ts';
import { runBlock } from '../engine/runBlock.ts';
import { escapeControls } from '../engine/escape.ts';
import { JitClient, type HostInfo } from '../jit/client.ts';
import type { Runner } from '../model/run.ts';
import { LineIndex } from '../model/text.ts';
import { painter, wantsColours } from './colours.ts';
import { watchInterrupt } from './interrupt.ts';
import { JsonReport } from './jsonReport.ts';
import type { RunOptions } from './options.ts';
import { Progress } from './progress.ts';
import type { FileProblem, Report } from './report.ts';
import { scanSource, unreadableProblem } from './scanSource.ts';
import { readSources, type Source } from './sources.ts';
import { Tally } from './tally.ts';
import { problemText, TextReport } from './textReport.ts';

/** The bundled host, from the bundled command line. */
export const hostPath = path.join(__dirname, '..', 'host', 'main.js');

/**
 * Runs what the options ask for, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export async function runCommand(options: RunOptions, closed: AbortSignal): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  using progress = new Progress(process.stderr);
  const { sandbox } = options;
  using client = new JitClient({ hostPath, sandbox, onReady: warnOnce(progress) });
  const machine = machineOf(process.platform, process.arch);
  const run = new Run(client, { timeoutMs: options.timeoutMs, machine }, options, progress);
  try {
    for await (const source of readSources(options.paths, options.language, signal)) {
      await run.source(source, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  run.end(signal.aborted);
  return interrupt.status ?? run.status;
}

class Run {
  readonly #runner: Runner;
  readonly #settings: RunSettings;
  readonly #progress: Progress;
  readonly #tally = new Tally();
  readonly #report: Report;

  constructor(
    runner: Runner,
    settings: RunSettings,
    { json, verbose }: RunOptions,
    progress: Progress,
  ) {
    this.#runner = runner;
    this.#settings = settings;
    this.#progress = progress;
    const write = (text: string): void => {
      progress.hide();
      process.stdout.write(text);
    };
    const paint = painter(wantsColours(process.env, process.stdout.isTTY));
    this.#report = json
      ? new JsonReport(write)
      : new TextReport(write, paint, this.#tally, verbose);
  }

  get status(): number {
    return this.#tally.status;
  }

  async source(source: Source, signal: AbortSignal): Promise<void> {
    this.#progress.file(source.file);
    if (source.kind === 'text') await this.#text(source, signal);
    else this.#unreadable(source.file, source.reason);
  }

  end(interrupted: boolean): void {
    this.#report.end(interrupted);
    const { calls, errors } = this.#tally;
    if (calls === 0 && errors === 0 && !interrupted)
      this.#complain('jit-bytes: found no calls to run');
  }

  #unreadable(file: string, message: string): void {
    const problem = unreadableProblem(message);
    this.#beginFile(file, new LineIndex(''), [problem]);
    const paint = painter(wantsColours(process.env, process.stderr.isTTY));
    this.#complain(problemText(file, problem, paint));
  }

  async #text(source: Source & { kind: 'text' }, signal: AbortSignal): Promise<void> {
    const { machine } = this.#settings;
    const { blocks, lines, problems } = await scanSource(source, machine, signal);
    this.#beginFile(source.file, lines, problems);
    for (const block of blocks) {
      this.#report.beginBlock(block);
      for await (const report of runBlock(block, this.#runner, this.#settings, signal)) {
        this.#progress.call();
        this.#tally.call(report);
        this.#report.call(report);
      }
    }
  }

  #beginFile(file: string, lines: LineIndex, problems: readonly FileProblem[]): void {
    this.#tally.problems(problems);
    this.#report.beginFile({ file, lines, problems });
  }

  #complain(line: string): void {
    this.#progress.hide();
    process.stderr.write(`${line}\n`);
  }
}

/** Says once on standard error that calls are protected less than they could be. */
function warnOnce(progress: Progress): (info: HostInfo) => void {
  let warned = false;
  return ({ protection: { level, sandbox, reason } }) => {
    if (warned || (level === 'isolated' && sandbox !== 'off')) return;
    warned = true;
    progress.hide();
    process.stderr.write(`jit-bytes: protection is ${level}: ${escapeControls(reason)}\n`);
  };
}
