/** Benchmarks in words. */
import { formatCall } from '../format.ts';
import type { BenchReport, BlockComparison } from './benchBlocks.ts';
import { isAboveNoise, type Comparison } from './compare.ts';
import { NotMeasured, type Measured, type Timing } from './measure.ts';
import { noiseOf, type Noise } from './noise.ts';

const units = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** Digits behind the point at most. */
const mostDecimals = 2;

/** `12.3 ns`, `4.56 µs`, `120 ms`: three digits that count, at most two of them behind the point. */
export function timeText(ns: number): string {
  const [unit, size] = unitOf(ns);
  const value = ns / size;
  const whole = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : mostDecimals;
  return `${value.toFixed(whole)} ${unit}`;
}

/** `52.2 ns ±0.3 ns`: no more digits than the error leaves. */
export function uncertainText(ns: number, errorNs: number): string {
  return `${roundedText(ns, errorNs)} ±${roundedText(errorNs, errorNs, ns)}`;
}

/** A time to the first digit of its error, in its own unit or that of another time. */
function roundedText(ns: number, errorNs: number, unitNs = ns): string {
  const [unit, size] = unitOf(unitNs);
  const digit = -Math.floor(Math.log10(errorNs / size));
  return `${(ns / size).toFixed(Math.min(mostDecimals, Math.max(0, digit)))} ${unit}`;
}

function unitOf(ns: number): (typeof units)[number] {
  return units.find(([, size]) => Math.abs(ns) >= size) ?? ['ns', 1];
}

/** From here on cycles are told in millions. */
const millionsFrom = 1e6;

/** `41 cycles`, `1 cycle`, `26.0 million cycles`. */
export function cyclesText(cycles: number): string {
  if (cycles >= millionsFrom) return `${(cycles / millionsFrom).toFixed(1)} million cycles`;
  return counted(Math.round(cycles));
}

function counted(cycles: number): string {
  return `${cycles} ${Math.abs(cycles) === 1 ? 'cycle' : 'cycles'}`;
}

/** What is printed before any result: how much is no difference, and what calling costs. */
export function noiseLines(noise: Noise): string[] {
  const { ns, cycles, floatNs, fenceNs, fenceCycles, overheadNs, overheadCycles, pinned } = noise;
  const inCycles = (count: number | undefined): string =>
    count === undefined ? '' : ` (${counted(Number(count.toFixed(1)))})`;
  const clock =
    cycles === undefined
      ? 'no cycles: the processor’s clock was not steady'
      : 'cycles are estimated by a chain of additions, one a cycle';
  return [
    `noise: ±${timeText(ns)}${inCycles(cycles)}; what takes less cannot be told from an empty function`,
    `  with a float result ±${timeText(floatNs)}; without a result or a parameter ±${timeText(fenceNs)}${inCycles(fenceCycles)}`,
    `calling: ${timeText(overheadNs)}${inCycles(overheadCycles)}, an empty function's time, subtracted`,
    `${pinned ? 'pinned to one processor' : 'not pinned to one processor'}; ${clock}`,
  ];
}

/** `12.3 ns ±0.3 ns`, or that it is too little to tell. */
export function timingText(timing: Timing, noiseNs: number): string {
  if (!isAboveNoise(timing, noiseNs)) return 'below the noise';
  return uncertainText(timing.ns, Math.max(timing.errorNs, noiseNs));
}

/** `≈ 12.3 ns · 41 cycles · 1.9 × faster than mul_v1 (±3 %)` */
export function briefText({ end, comparison }: BenchReport, noise: Noise): string {
  if (end instanceof NotMeasured) return `≈ ${end.message}`;
  const noiseNs = noiseOf(noise, end.waiting);
  const { alone } = end;
  const seen = isAboveNoise(alone, noiseNs);
  const parts = [
    seen ? `≈ ${roundedText(alone.ns, Math.max(alone.errorNs, noiseNs))}` : '≈ below the noise',
  ];
  if (seen && alone.cycles) parts.push(cyclesText(alone.cycles.net));
  if (comparison) parts.push(blockComparisonText(comparison));
  return parts.join(' · ');
}

/** Everything about a measurement, a line each. */
export function measuredLines({ alone, together, waiting }: Measured): string[] {
  const waits =
    waiting !== 'fence'
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
    timeText(ns),
    `rounds within ±${timeText(errorNs)}`,
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
