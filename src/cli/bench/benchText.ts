/** Benchmarks for people: a table for each signature of a file. */
import {
  benchName,
  blockComparisonText,
  cyclesText,
  earlierText,
  measuredLines,
  timeText,
  timingText,
} from '../../engine/bench/words.ts';
import { isAboveNoise } from '../../engine/bench/compare.ts';
import { NotMeasured } from '../../engine/bench/measure.ts';
import { noiseOf, type Noise } from '../../engine/bench/noise.ts';
import { escapeControls } from '../../engine/escape.ts';
import { formatType, type Signature } from '../../model/signature.ts';
import type { Paint } from '../colours.ts';
import type { ComparedReport } from './benchJson.ts';

/** The lines of a group of reports whose blocks have the same signature. */
export function groupLines(
  reports: readonly ComparedReport[],
  noise: Noise,
  verbose: boolean,
  paint: Paint,
): string[] {
  const [first] = reports;
  if (!first) return [];
  const rows = reports.map((one) => rowOf(one, noise));
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => [...(row.cells[column] ?? '')].length)),
  );
  const lines = [`  ${paint('dim', typesText(first.report.block.signature))}`];
  for (const [index, { cells, said }] of rows.entries()) {
    const [name = '', ...numbers] = cells;
    const aligned = [
      name.padEnd(widths[0] ?? 0),
      ...numbers.map((text, column) => text.padStart(widths[column + 1] ?? 0)),
    ];
    const report = reports[index]?.report;
    const failed = report?.end instanceof NotMeasured;
    lines.push(
      `    ${(failed ? [aligned[0], paint('yellow', said)] : [...aligned, said]).join('  ').trimEnd()}`,
    );
    if (verbose && report && !(report.end instanceof NotMeasured)) {
      for (const line of measuredLines(report.end)) lines.push(paint('dim', `      ${line}`));
    }
  }
  return lines;
}

/** `(i64, *mut u8) -> i64` */
export function typesText({ parameters, result }: Signature): string {
  return `(${parameters.map(({ type }) => formatType(type)).join(', ')}) -> ${formatType(result)}`;
}

interface Row {
  readonly cells: readonly string[];
  readonly said: string;
}

function rowOf({ report, earlier }: ComparedReport, noise: Noise): Row {
  const name = escapeControls(benchName(report));
  const { end, comparison } = report;
  if (end instanceof NotMeasured) return { cells: [name], said: escapeControls(end.message) };
  const { alone, together, waiting } = end;
  const noiseNs = noiseOf(noise, waiting);
  const seen = isAboveNoise(alone, noiseNs);
  const cells = [
    name,
    timingText(alone, noiseNs),
    seen && alone.cycles ? cyclesText(alone.cycles.net) : '',
    `${timeText(alone.grossNs)} with calling`,
    together && isAboveNoise(together, noise.ns) ? `${timeText(together.ns)} back to back` : '',
  ];
  const said: string[] = [];
  if (comparison) said.push(escapeControls(blockComparisonText(comparison)));
  if (earlier) said.push(earlierText(earlier));
  return { cells, said: said.join('; ') };
}
