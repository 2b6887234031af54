/** Benchmarks in words. */
import { formatCall } from '../format.ts';
import type { BenchReport, BlockComparison } from './benchBlocks.ts';
import { isAboveNoise, type Comparison } from './compare.ts';
import { NotMeasured, type Measured, type Timing } from './measure.ts';
import type { Noise } from './noise.ts';

/** `12.3 ns`, `4.56 µs`, `1.20 ms`: three digits that count, and the least a tenth of a picosecond. */
export function timeText(ns: number): string {
  const size = Math.abs(ns);
  if (size >= 1e9) return `${digits(ns / 1e9)} s`;
  if (size >= 1e6) return `${digits(ns / 1e6)} ms`;
  if (size >= 1e3) return `${digits(ns / 1e3)} µs`;
  return `${digits(ns)} ns`;
}

/** A number with three digits that count, at most two of them behind the point. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return size >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** `41 cycles`, `1.9 cycles`. */
export function cyclesText(cycles: number): string {
  const text = Math.abs(cycles) >= 9.95 ? cycles.toFixed(0) : cycles.toFixed(1);
  return `${text} cycles`;
}

/** What is printed before any result: how much is no difference, and what calling costs. */
export function noiseLines({ ns, cycles, overheadNs, overheadCycles, pinned }: Noise): string[] {
  const inCycles = (count: number | undefined): string =>
    count === undefined ? '' : ` (${cyclesText(count)})`;
  const clock =
    cycles === undefined
      ? 'no cycles: the processor’s clock was not steady'
      : 'cycles are estimated by a chain of additions, one a cycle';
  return [
    `noise: ±${timeText(ns)}${inCycles(cycles)}; what takes less cannot be told from an empty function`,
    `calling: ${timeText(overheadNs)}${inCycles(overheadCycles)}, an empty function's time, subtracted`,
    `${pinned ? 'pinned to one processor' : 'not pinned to one processor'}; ${clock}`,
  ];
}

/** `12.3 ns`, or that it is too little to tell. */
export function timingText(timing: Timing, noiseNs: number): string {
  return isAboveNoise(timing, noiseNs) ? timeText(timing.ns) : `below the noise`;
}

/** `⏱ 12.3 ns · 41 cycles · 1.9 × faster than mul_v1 (±3 %)` */
export function briefText({ end, comparison }: BenchReport, noiseNs: number): string {
  if (end instanceof NotMeasured) return `⏱ ${end.message}`;
  const { alone } = end;
  const seen = isAboveNoise(alone, noiseNs);
  const parts = [`⏱ ${timingText(alone, noiseNs)}`];
  if (seen && alone.cycles) parts.push(cyclesText(alone.cycles.net));
  if (comparison) parts.push(blockComparisonText(comparison));
  return parts.join(' · ');
}

/** Everything about a measurement, a line each. */
export function measuredLines({ alone, together, waiting }: Measured): string[] {
  const waits =
    waiting === 'result'
      ? 'each call waits for the result of the one before'
      : 'each call begins when the one before has ended';
  const lines = [timingLine(alone), `  ${waits}`];
  if (together) lines.push(timingLine(together), '  calls may overlap in the processor');
  lines.push(
    `  ${alone.samples} samples in ${alone.rounds.length} rounds, n and 2n calls each, n = ${alone.copies}`,
  );
  return lines;
}

function timingLine({ mode, ns, spreadNs, errorNs, grossNs, overheadNs, cycles }: Timing): string {
  const parts = [
    `${timeText(ns)} ±${timeText(errorNs)}`,
    `half of the samples within ±${timeText(spreadNs)}`,
    `with calling ${timeText(grossNs)}`,
    `calling ${timeText(overheadNs)}`,
  ];
  if (cycles) parts.splice(1, 0, cyclesText(cycles.net));
  return `${mode === 'alone' ? 'one after another' : 'back to back'}: ${parts.join(', ')}`;
}

/** `1.8 × faster than mul_v1 (±3 %)` */
export function blockComparisonText({
  with: other,
  sameArguments,
  result,
}: BlockComparison): string {
  const name = other.name ?? 'the first of this signature';
  const text = comparisonText(result, `than ${name}`, name);
  return sameArguments ? text : `${text}, given other arguments`;
}

/** How a call compares with the same one of an earlier run: `7 % slower than last time (±3 %)`. */
export function earlierText(result: Comparison): string {
  return comparisonText(result, 'than last time', 'last time');
}

/** A factor below this is told in percent. */
const factorFrom = 1.5;

/** @param than `than mul_v1` @param name `mul_v1` */
export function comparisonText(comparison: Comparison, than: string, name: string): string {
  if (comparison.kind === 'near the noise') {
    if (comparison.which === 'other')
      return `slower ${than}, which is too near the noise for a ratio`;
    if (comparison.which === 'this') return `faster ${than}, too near the noise for a ratio`;
    return `as near to the noise as ${name}`;
  }
  const { kind, ratio, error } = comparison;
  const percent = Math.max(1, Math.ceil((error / ratio) * 100));
  if (kind === 'no difference') {
    return `no difference to ${name} beyond the noise (±${percent} %)`;
  }
  const factor = ratio < 1 ? 1 / ratio : ratio;
  if (factor < factorFrom) {
    const change = Math.abs(1 - ratio) * 100;
    return `${change.toFixed(change < 9.95 ? 1 : 0)} % ${kind} ${than} (±${percent} %)`;
  }
  return `${factor.toFixed(factor < 9.95 ? 1 : 0)} × ${kind} ${than} (±${percent} %)`;
}

/** `mul_v1(3)` */
export function benchName({ block, call }: Pick<BenchReport, 'block' | 'call'>): string {
  return formatCall(block, call);
}
