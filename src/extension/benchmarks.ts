/** The commands that measure blocks, with progress, and what is remembered of the last time. */
import * as vscode from 'vscode';
import {
  benchBlocks,
  defaultBenchMs,
  levelRefusal,
  type BenchReport,
  type BenchSettings,
} from '../engine/bench/benchBlocks.ts';
import {
  compareWithEarlier,
  type Comparison,
  type EarlierTiming,
} from '../engine/bench/compare.ts';
import { NotMeasured } from '../engine/bench/measure.ts';
import { measureNoise, type Noise } from '../engine/bench/noise.ts';
import { noiseLines } from '../engine/bench/words.ts';
import type { JitClient } from '../jit/client.ts';
import type { JitBlock } from '../model/block.ts';
import { formatSignature, formatType } from '../model/signature.ts';
import type { BenchResults } from './benchmarkResults.ts';
import { benchLines, benchmarkCommand } from './benchmarkView.ts';
import { timed } from './callbackTimes.ts';
import { placeOf } from './documents.ts';
import type { OutputChannel } from './outputChannel.ts';
import { findTarget, isLensTarget } from './runCommands.ts';
import { mayStart } from './runs.ts';
import { blockOnLine } from './blockAtPlace.ts';
import { documentWith } from './documents.ts';
import { explain } from './messages.ts';
import type { DocumentScan, ScanCache } from './scanCache.ts';
import { runSettings } from './settings.ts';

/** What benchmarks need of the rest. */
export interface BenchmarkParts {
  /** Called before each benchmark, to make the runner ready for it. */
  readonly prepare: () => void;
  readonly client: JitClient;
  readonly scans: ScanCache;
  readonly results: BenchResults;
  readonly output: OutputChannel;
  /** Remembers the last timings. */
  readonly memory: vscode.Memento;
}

const benchmarkAllCommand = 'jitBytes.benchmarkAll';

/** Milliseconds for each call, and for the noise before. */
const callMs = defaultBenchMs;
const noiseMs = 200;

/** Where the last timings are remembered, and how many at most: the oldest go first. */
const memoryKey = 'jitBytes.benchmarks';
const mostRemembered = 500;

export class Benchmarks {
  readonly #parts: BenchmarkParts;
  readonly #disposables: readonly vscode.Disposable[];
  /** The benchmark under way: another one would disturb it. */
  #running: AbortController | undefined;

  constructor(parts: BenchmarkParts) {
    this.#parts = parts;
    const { workspace } = vscode;
    this.#disposables = [
      vscode.commands.registerCommand(
        benchmarkCommand,
        timed(benchmarkCommand, (target?: unknown) => this.#one(target)),
      ),
      vscode.commands.registerCommand(
        benchmarkAllCommand,
        timed(benchmarkAllCommand, () => this.#all()),
      ),
      workspace.onDidChangeTextDocument(
        timed('benchmarks follow', ({ document, contentChanges }) => {
          if (contentChanges.length === 0 || parts.results.of(document).length === 0) return;
          parts.results.follow(document, contentChanges, parts.scans.now(document));
        }),
      ),
      workspace.onDidCloseTextDocument((document) => parts.results.clear(document)),
    ];
  }

  /** Ends the benchmark under way. Returns how many there were. */
  stop(): number {
    if (!this.#running) return 0;
    this.#running.abort(new Error('the benchmark was stopped'));
    return 1;
  }

  clear(): void {
    this.#parts.results.clear();
  }

  dispose(): void {
    this.#running?.abort(new Error('the extension ends'));
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** The block that a lens means, or the one at the cursor, with the others of its signature that have `@bench`. */
  async #one(target: unknown): Promise<number | undefined> {
    const editor = vscode.window.activeTextEditor;
    const document = isLensTarget(target) ? documentWith(target.uri) : editor?.document;
    if (!document) return explain(vscode.l10n.t('Open a file with machine code first.'));
    if (!mayStart(document)) return undefined;
    const scan = await this.#parts.scans.current(document);
    const block = isLensTarget(target)
      ? findTarget(scan, target)
      : editor && blockOnLine(scan, document.offsetAt(editor.selection.active));
    if (!block) {
      return explain(
        vscode.l10n.t('No annotated bytes here: put the cursor into a block with @jit.'),
      );
    }
    if (block.broken || block.calls.every(({ broken }) => broken)) {
      return explain(
        vscode.l10n.t('There is nothing to measure: the block needs a @call that can run.'),
      );
    }
    const types = typesOf(block);
    const beside = scan.blocks.filter(
      (other) => other === block || (other.bench && !other.broken && typesOf(other) === types),
    );
    return this.#measure(document, scan, beside);
  }

  async #all(): Promise<number | undefined> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) return explain(vscode.l10n.t('Open a file with machine code first.'));
    if (!mayStart(document)) return undefined;
    const scan = await this.#parts.scans.current(document);
    const blocks = scan.blocks.filter(({ bench, broken }) => bench && !broken);
    if (blocks.length === 0) return explain(vscode.l10n.t('No block in this file has @bench.'));
    return this.#measure(document, scan, blocks);
  }

  /** Measures blocks, and resolves with the number of calls measured; undefined if none could be, which the user has been told. */
  async #measure(
    document: vscode.TextDocument,
    { version }: DocumentScan,
    blocks: readonly JitBlock[],
  ): Promise<number | undefined> {
    if (this.#running) {
      return explain(
        vscode.l10n.t('A benchmark is running already; another one would disturb it.'),
      );
    }
    if (document.version !== version) {
      return explain(
        vscode.l10n.t('The document has changed in the meantime: start the benchmark again.'),
      );
    }
    const controller = new AbortController();
    this.#running = controller;
    const location = vscode.ProgressLocation.Notification;
    const title = vscode.l10n.t('Measuring JIT bytes');
    try {
      return await vscode.window.withProgress(
        { location, title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => controller.abort(new Error('cancelled')));
          let shown = 0;
          return this.#run(document, blocks, controller.signal, (part) => {
            progress.report({ increment: 100 * (part - shown) });
            shown = part;
          });
        },
      );
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.output.error(reason);
      return explain(vscode.l10n.t('The benchmark broke off: {0}', reason));
    } finally {
      this.#running = undefined;
    }
  }

  async #run(
    document: vscode.TextDocument,
    blocks: readonly JitBlock[],
    signal: AbortSignal,
    progress: (part: number) => void,
  ): Promise<number | undefined> {
    const { client, prepare, scans, results, output } = this.#parts;
    prepare();
    const settings: BenchSettings = { ...runSettings(), timeMs: callMs };
    if (settings.machine.architecture !== 'x86_64') {
      return explain(vscode.l10n.t('Benchmarks are for x86-64 only for now.'));
    }
    const { protection } = await client.ready();
    const refusal = levelRefusal(protection.level);
    if (refusal !== undefined) {
      return explain(vscode.l10n.t('No benchmark: {0} ({1}).', refusal, protection.reason));
    }
    const noise = await measureNoise(client, { ...settings, timeMs: noiseMs }, signal);
    if (noise instanceof NotMeasured) {
      return explain(vscode.l10n.t('No benchmark: {0}.', noise.message));
    }
    output.benchmark(noiseLines(noise));
    let measured = 0;
    for await (const report of benchBlocks(blocks, client, settings, noise, signal, progress)) {
      if (!(report.end instanceof NotMeasured)) measured++;
      const earlier = await this.#remember(document, report, noise);
      const { start } = report.call.tag;
      const [first = '', ...more] = benchLines({ report, noise, earlier });
      output.benchmark([`${placeOf(document, start)}  ${first}`, ...more]);
      if (!document.isClosed) {
        results.add(document, { report, noise, earlier }, scans.now(document));
      }
    }
    return measured;
  }

  /** Compares with the last time, and takes its place. */
  async #remember(
    document: vscode.TextDocument,
    { block, call, end }: BenchReport,
    noise: Noise,
  ): Promise<Comparison | undefined> {
    if (end instanceof NotMeasured) return undefined;
    const key = JSON.stringify([
      document.uri.toString(),
      block.name ?? '',
      formatSignature(block.signature),
      ...call.arguments.map(({ text }) => text),
    ]);
    const known = readMemory(this.#parts.memory.get<unknown>(memoryKey));
    const last = known.get(key);
    known.delete(key);
    known.set(key, { ns: end.alone.ns, errorNs: end.alone.errorNs });
    const kept = [...known].slice(-mostRemembered);
    await this.#parts.memory.update(memoryKey, Object.fromEntries(kept));
    return last && compareWithEarlier(end, last, noise);
  }
}

/** Blocks with the same can be compared. */
function typesOf({ kind, architecture, abi, signature }: JitBlock): string {
  const { parameters, result } = signature;
  const types = [...parameters.map(({ type }) => type), result].map(formatType);
  return [kind, architecture, abi ?? '', ...types].join();
}

function readMemory(value: unknown): Map<string, EarlierTiming> {
  const known = new Map<string, EarlierTiming>();
  if (typeof value !== 'object' || value === null) return known;
  for (const [key, timing] of Object.entries(value)) {
    if (isTiming(timing)) known.set(key, timing);
  }
  return known;
}

function isTiming(value: unknown): value is EarlierTiming {
  if (typeof value !== 'object' || value === null) return false;
  const { ns, errorNs } = value as Partial<Record<keyof EarlierTiming, unknown>>;
  return typeof ns === 'number' && typeof errorNs === 'number';
}
