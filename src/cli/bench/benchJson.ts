/** The document of `bench --json` and `bench --save`, described in docs/json.md; and what `--compare` reads of it. */
import type { BenchReport } from '../../engine/bench/benchBlocks.ts';
import type { Comparison, EarlierTiming } from '../../engine/bench/compare.ts';
import { NotMeasured, type Timing } from '../../engine/bench/measure.ts';
import type { Noise } from '../../engine/bench/noise.ts';
import { formatSignature } from '../../model/signature.ts';
import type { LineIndex } from '../../model/text.ts';
import { hexOf, problemJson, textOf, type Json } from '../jsonText.ts';
import type { FileProblem } from '../report.ts';

/** A report with what it is compared with. */
export interface ComparedReport {
  readonly report: BenchReport;
  /** Undefined where no earlier run was given, or it has no such call. */
  readonly earlier: Comparison | undefined;
}

export interface BenchFile {
  readonly file: string;
  readonly lines: LineIndex;
  readonly problems: readonly FileProblem[];
  readonly reports: readonly ComparedReport[];
}

/** The whole document, a line for each call. `noise` is undefined where nothing was measured. */
export function benchDocument(noise: Noise | undefined, files: readonly BenchFile[]): string {
  const head = textOf({ version: 1, noise: noise ? noiseJson(noise) : null }).slice(0, -1);
  const shown = files.map(({ file, lines, problems, reports }) => {
    const inner = textOf({ file, problems: problems.map(problemJson) }).slice(0, -1);
    const benchmarks = reports.map((one) => `\n${textOf(reportJson(one, lines))}`);
    return `\n${inner},"benchmarks":[${benchmarks.join(',')}]}`;
  });
  return `${head},"files":[${shown.join(',')}]}\n`;
}

function noiseJson(noise: Noise): Json {
  const { ns, cycles, floatNs, fenceNs, fenceCycles, overheadNs, overheadCycles, pinned } = noise;
  return {
    ns: rounded(ns),
    cycles: rounded(cycles),
    floatNs: rounded(floatNs),
    fenceNs: rounded(fenceNs),
    fenceCycles: rounded(fenceCycles),
    overheadNs: rounded(overheadNs),
    overheadCycles: rounded(overheadCycles),
    pinned,
  };
}

function reportJson({ report, earlier }: ComparedReport, lines: LineIndex): Json {
  const { block, call, end, comparison } = report;
  const measured = end instanceof NotMeasured ? undefined : end;
  return {
    line: lines.lineAt(call.tag.start) + 1,
    name: block.name ?? null,
    arch: block.architecture,
    signature: formatSignature(block.signature),
    bytes: hexOf(block.bytes),
    args: call.arguments.map(({ text }) => text),
    reason: end instanceof NotMeasured ? end.message : null,
    waiting: measured?.waiting ?? null,
    alone: measured ? timingJson(measured.alone) : null,
    together: measured?.together ? timingJson(measured.together) : null,
    comparison: comparison
      ? {
          with: comparison.with.name ?? null,
          line: lines.lineAt(comparison.with.tag.start) + 1,
          sameArguments: comparison.sameArguments,
          ...comparisonJson(comparison.result),
        }
      : null,
    earlier: earlier ? comparisonJson(earlier) : null,
  };
}

function timingJson(timing: Timing): Json {
  const { ns, spreadNs, errorNs, grossNs, overheadNs, cycles, rounds } = timing;
  return {
    ns: rounded(ns),
    spreadNs: rounded(spreadNs),
    errorNs: rounded(errorNs),
    grossNs: rounded(grossNs),
    overheadNs: rounded(overheadNs),
    cycles: rounded(cycles?.net),
    grossCycles: rounded(cycles?.gross),
    rounds: rounds.map(rounded),
    copies: timing.copies,
    samples: timing.samples,
    pinned: timing.pinned,
  };
}

function comparisonJson(comparison: Comparison): { readonly [key: string]: Json } {
  if (comparison.kind === 'near the noise') {
    return { kind: comparison.kind, ratio: null, error: null };
  }
  const { kind, ratio, error } = comparison;
  return { kind, ratio: rounded(ratio), error: rounded(error) };
}

/** Six decimals: a femtosecond. */
function rounded(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1e6) / 1e6;
}

/** Timings of an earlier run, by {@link earlierKey}. */
export type EarlierRun = ReadonlyMap<string, EarlierTiming>;

/** What makes a call the same one in another run: its file, block, signature and arguments, but not its bytes. */
export function earlierKey(file: string, { block, call }: BenchReport): string {
  const args = call.arguments.map(({ text }) => text);
  return keyOf(file, block.name ?? null, formatSignature(block.signature), args);
}

function keyOf(file: string, name: unknown, signature: unknown, args: unknown): string {
  return JSON.stringify([file, name, signature, args]);
}

/** Reads a document of {@link benchDocument}. Throws an error that says what is wrong with it. */
export function readEarlierRun(text: string): EarlierRun {
  const document: unknown = JSON.parse(text);
  const run = new Map<string, EarlierTiming>();
  if (field(document, 'version') !== 1) throw new Error('this is no document of bench --save');
  for (const file of list(field(document, 'files'))) {
    const name = field(file, 'file');
    for (const benchmark of list(field(file, 'benchmarks'))) {
      const alone = field(benchmark, 'alone');
      const [ns, errorNs] = [field(alone, 'ns'), field(alone, 'errorNs')];
      if (typeof name !== 'string' || typeof ns !== 'number' || typeof errorNs !== 'number')
        continue;
      const key = keyOf(
        name,
        field(benchmark, 'name'),
        field(benchmark, 'signature'),
        field(benchmark, 'args'),
      );
      if (!run.has(key)) run.set(key, { ns, errorNs });
    }
  }
  return run;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error('this is no document of bench --save');
}
