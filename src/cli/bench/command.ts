/** `jit-bytes bench`: measures how long calls take. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  benchBlocks,
  levelRefusal,
  type BenchReport,
  type BenchSettings,
} from '../../engine/bench/benchBlocks.ts';
import { compareWithEarlier } from '../../engine/bench/compare.ts';
import { NotMeasured } from '../../engine/bench/measure.ts';
import { measureNoise, type Noise } from '../../engine/bench/noise.ts';
import { noiseLines } from '../../engine/bench/words.ts';
import { escapeControls } from '../../engine/escape.ts';
import { machineOf } from '../../engine/plan.ts';
import { JitClient } from '../../jit/client.ts';
import type { JitBlock } from '../../model/block.ts';
import { LineIndex } from '../../model/text.ts';
import { painter, wantsColours } from '../colours.ts';
import { watchInterrupt } from '../interrupt.ts';
import { systemMessage } from '../output.ts';
import { Progress } from '../progress.ts';
import type { FileProblem } from '../report.ts';
import { scanSource, unreadableProblem } from '../scanSource.ts';
import { readSources, type Source } from '../sources.ts';
import { exitStatus } from '../tally.ts';
import { problemText } from '../textReport.ts';
import { UsageError } from '../words.ts';
import {
  benchDocument,
  earlierKey,
  readEarlierRun,
  type BenchFile,
  type ComparedReport,
  type EarlierRun,
} from './benchJson.ts';
import { groupLines, typesText } from './benchText.ts';
import type { BenchOptions } from './options.ts';

/** The bundled host, from the bundled command line. */
const hostPath = path.join(__dirname, '..', 'host', 'main.js');

/**
 * Measures what the options ask for, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export async function benchCommand(options: BenchOptions, closed: AbortSignal): Promise<number> {
  const earlier = options.compare === undefined ? undefined : readEarlier(options.compare);
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  using progress = new Progress(process.stderr);
  using client = new JitClient({ hostPath });
  const run = new BenchRun(client, options, earlier, progress, signal);
  try {
    for await (const source of readSources(options.paths, options.language, signal)) {
      await run.source(source);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  run.end();
  return interrupt.status ?? run.status;
}

function readEarlier(file: string): EarlierRun {
  try {
    return readEarlierRun(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--compare ${file}: ${systemMessage(error)}`, { cause: error });
  }
}

class BenchRun {
  readonly #client: JitClient;
  readonly #options: BenchOptions;
  readonly #earlier: EarlierRun | undefined;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #settings: BenchSettings;
  readonly #paint = painter(wantsColours(process.env, process.stdout.isTTY));
  readonly #files: BenchFile[] = [];
  readonly #statuses = new Set<number>();
  /** Measured before the first block. */
  #noise: Noise | NotMeasured | undefined;
  #blocks = 0;

  constructor(
    client: JitClient,
    options: BenchOptions,
    earlier: EarlierRun | undefined,
    progress: Progress,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#options = options;
    this.#earlier = earlier;
    this.#progress = progress;
    this.#signal = signal;
    const { timeMs, timeoutMs } = options;
    const machine = machineOf(process.platform, process.arch);
    this.#settings = { timeMs, timeoutMs, machine };
  }

  /** The first of 2, 3 and 0 that a file asks for. */
  get status(): number {
    const { unreadable, refused, well } = exitStatus;
    return [unreadable, refused].find((status) => this.#statuses.has(status)) ?? well;
  }

  async source(source: Source): Promise<void> {
    const { file } = source;
    this.#progress.file(file);
    if (source.kind === 'unreadable') {
      const problem = unreadableProblem(source.reason);
      const paint = painter(wantsColours(process.env, process.stderr.isTTY));
      this.#complain(problemText(file, problem, paint));
      this.#file(file, new LineIndex(''), [problem], []);
      return;
    }
    const { blocks, lines, problems } = await scanSource(source, this.#settings.machine);
    const chosen = blocks.filter((block) => !block.broken && this.#isChosen(file, block));
    const reports: ComparedReport[] = [];
    this.#file(file, lines, problems, reports);
    if (chosen.length === 0) return;
    this.#blocks += chosen.length;
    const noise = await this.#measureNoise();
    if (noise instanceof NotMeasured) return;
    this.#say(this.#paint('bold', escapeControls(file)));
    for await (const report of this.#reports(chosen, noise)) reports.push(report);
  }

  /** Reports as they come, said group by group. */
  async *#reports(
    blocks: readonly JitBlock[],
    noise: Noise,
  ): AsyncGenerator<ComparedReport, void, undefined> {
    const { verbose } = this.#options;
    let group: ComparedReport[] = [];
    const sayGroup = (): void => {
      for (const line of groupLines(group, noise, verbose, this.#paint)) this.#say(line);
      group = [];
    };
    const types = ({ block: { kind, abi, signature } }: BenchReport): string =>
      `${kind} ${abi} ${typesText(signature)}`;
    for await (const report of benchBlocks(
      blocks,
      this.#client,
      this.#settings,
      noise,
      this.#signal,
    )) {
      this.#progress.call();
      if (report.end instanceof NotMeasured) this.#statuses.add(exitStatus.refused);
      const compared = { report, earlier: this.#compare(report, noise) };
      if (group[0] && types(group[0].report) !== types(report)) sayGroup();
      group.push(compared);
      yield compared;
    }
    sayGroup();
  }

  end(): void {
    const { json, save, all, filter } = this.#options;
    const noise = this.#noise instanceof NotMeasured ? undefined : this.#noise;
    const document = benchDocument(noise, this.#files);
    if (json) process.stdout.write(document);
    if (save !== undefined && !this.#signal.aborted) {
      try {
        writeFileSync(save, document);
      } catch (error) {
        this.#complain(`jit-bytes: --save ${escapeControls(save)}: ${systemMessage(error)}`);
        this.#statuses.add(exitStatus.unreadable);
      }
    }
    if (this.#blocks > 0 || this.#signal.aborted || this.#statuses.has(exitStatus.unreadable))
      return;
    const hint = all || filter ? '' : '; --all measures every block';
    this.#complain(`jit-bytes: found nothing to measure${hint}`);
  }

  #isChosen(file: string, block: JitBlock): boolean {
    const { filter, all } = this.#options;
    if (filter) return filter(`${file} > ${block.name ?? ''}`);
    return all || block.bench;
  }

  #compare(report: BenchReport, noise: Noise): ComparedReport['earlier'] {
    const file = this.#files.at(-1)?.file ?? '';
    const earlier = this.#earlier?.get(earlierKey(file, report));
    if (!earlier || report.end instanceof NotMeasured) return undefined;
    return compareWithEarlier(report.end, earlier, noise);
  }

  /** Says once how exact the results can be. */
  async #measureNoise(): Promise<Noise | NotMeasured> {
    if (this.#noise) return this.#noise;
    this.#noise = await this.#noiseHere();
    if (this.#noise instanceof NotMeasured) {
      this.#complain(`jit-bytes: ${escapeControls(this.#noise.message)}`);
      this.#statuses.add(exitStatus.refused);
    } else {
      for (const line of noiseLines(this.#noise)) this.#say(line);
    }
    return this.#noise;
  }

  async #noiseHere(): Promise<Noise | NotMeasured> {
    const { architecture } = this.#settings.machine;
    if (architecture !== 'x86_64') {
      return new NotMeasured('benchmarks are for x86_64 only for now');
    }
    const { protection } = await this.#client.ready();
    const refusal = levelRefusal(protection.level);
    if (refusal !== undefined) return new NotMeasured(`${refusal} (${protection.reason})`);
    return measureNoise(this.#client, this.#settings, this.#signal);
  }

  #file(
    file: string,
    lines: LineIndex,
    problems: readonly FileProblem[],
    reports: readonly ComparedReport[],
  ): void {
    this.#files.push({ file, lines, problems, reports });
    if (problems.some(({ severity }) => severity === 'error')) {
      this.#statuses.add(exitStatus.unreadable);
    }
    for (const problem of problems) {
      if (problem.range) this.#say(problemText(file, problem, this.#paint));
    }
  }

  #say(line: string): void {
    if (this.#options.json) return;
    this.#progress.hide();
    process.stdout.write(`${line}\n`);
  }

  #complain(line: string): void {
    this.#progress.hide();
    process.stderr.write(`${line}\n`);
  }
}
