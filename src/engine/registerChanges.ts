/** What a call has done to the registers: those that changed first, flags by name, vectors by lanes. */
import type { Architecture } from '../model/architecture.ts';
import { x64Flags, x64General, type Registers } from '../model/registers.ts';
import type { RunRequest, Runner, RunResult } from '../model/run.ts';
import { registersOf } from './detailText.ts';
import { formatElements } from './format.ts';
import { hexText } from './numberText.ts';
import { partInUse } from './registerTable.ts';

/** Registers before and after a call. */
export interface RegisterChanges {
  readonly architecture: Architecture;
  readonly before: Registers;
  readonly after: Registers;
}

/** A function that returns at once: what it ends with is what any other one begins with. */
const returnOnly: Partial<Record<Architecture, Uint8Array>> = {
  x86_64: Uint8Array.of(0xc3),
  aarch64: Uint8Array.of(0xc0, 0x03, 0x5f, 0xd6),
};

/** Makes a call again and records its registers; undefined where there are none to see. */
export async function recordRegisters(
  request: RunRequest,
  runner: Runner,
  signal: AbortSignal,
): Promise<RegisterChanges | undefined> {
  const bytes = returnOnly[request.architecture];
  if (!bytes) return undefined;
  const recording = { ...request, recordRegisters: true };
  const [first, last] = await Promise.all([
    runner.run({ ...recording, bytes, entry: 0 }, signal),
    runner.run(recording, signal),
  ]);
  const before = registersAfter(first);
  const after = registersAfter(last);
  return before && after && { architecture: request.architecture, before, after };
}

function registersAfter(result: RunResult): Registers | undefined {
  return result.outcome === 'returned' ? result.registers : registersOf(result);
}

/** Where the code stands says nothing about what it did. */
const unshown: ReadonlySet<string> = new Set(['rip', 'pc', 'rflags', 'pstate']);

/** Lines of the registers that changed, or `none`. */
export function changedLines({ architecture, before, after }: RegisterChanges): string[] {
  const names = ordered(architecture, after).filter((name) => before[name] !== after[name]);
  const lines = names.flatMap((name) => registerLines(name, after[name] ?? 0n, before[name] ?? 0n));
  const flags = flagsLine(architecture, before, after);
  return flags === undefined ? lines : [...lines, flags];
}

/** Lines of the registers that are as they were, those without content left out. */
export function unchangedLines({ architecture, before, after }: RegisterChanges): string[] {
  return ordered(architecture, after)
    .filter((name) => before[name] === after[name] && after[name] !== 0n)
    .flatMap((name) => registerLines(name, after[name] ?? 0n));
}

function ordered(architecture: Architecture, registers: Registers): readonly string[] {
  const rank = (name: string): number => {
    const at = architecture === 'x86_64' ? x64General.findIndex((one) => one === name) : -1;
    return at < 0 ? x64General.length : at;
  };
  return Object.keys(registers)
    .filter((name) => !unshown.has(name))
    .toSorted((a, b) => rank(a) - rank(b));
}

const nameWidth = 6;

/** Bits of numbers that say something in decimal where nothing changed; larger ones are addresses and marks. */
const tellingBits = 32;
const wordDigits = 16;

function registerLines(name: string, value: bigint, was?: bigint): string[] {
  if (/^(?:zmm|v)\d+$/.test(name)) return vectorLines(name, value);
  const hex = `0x${value.toString(16).padStart(wordDigits, '0')}`;
  const signed = BigInt.asIntN(64, value);
  const isTelling = was !== undefined || BigInt.asIntN(tellingBits, value) === signed;
  const reading = name.startsWith('st') || value >> 64n !== 0n || !isTelling ? '' : `  ${signed}`;
  const before = was === undefined ? '' : `  (was ${was < 10n ? String(was) : hexText(was)})`;
  return [`${name.padEnd(nameWidth)}${hex}${reading}${before}`];
}

const laneTypes = [
  ['f64', { kind: 'float', bits: 64 }],
  ['f32', { kind: 'float', bits: 32 }],
  ['i64', { kind: 'integer', bits: 64, signed: true }],
  ['i32', { kind: 'integer', bits: 32, signed: true }],
  ['i16', { kind: 'integer', bits: 16, signed: true }],
  ['u8', { kind: 'integer', bits: 8, signed: false }],
] as const;

const bitsOfPart: Readonly<Record<string, number>> = { xmm: 128, ymm: 256, zmm: 512 };

/** A vector register in every width of its lanes, the lowest lane first. */
function vectorLines(name: string, value: bigint): string[] {
  const part = partInUse(name, value);
  const bits = bitsOfPart[part.replace(/\d+$/, '')] ?? 128;
  const bytes = Uint8Array.from({ length: bits / 8 }, (_, n) =>
    Number((value >> BigInt(8 * n)) & 0xffn),
  );
  return laneTypes.map(([lane, type], index) => {
    const label = index === 0 ? part : '';
    const lanes = formatElements(bytes, type, bytes.length).slice(1, -1);
    return `${label.padEnd(nameWidth)}${lane}x${bits / type.bits}`.padEnd(nameWidth + 8) + lanes;
  });
}

/** `rflags zf=1 sf=0 …`, those that changed marked; undefined where none did. */
function flagsLine(
  architecture: Architecture,
  before: Registers,
  after: Registers,
): string | undefined {
  const [was, is] = [before['rflags'], after['rflags']];
  if (architecture !== 'x86_64' || was === undefined || is === undefined) return undefined;
  const flags = Object.entries(x64Flags).flatMap(([name, bit]) => {
    const [old, now] = [was, is].map((value) => (value >> BigInt(bit)) & 1n);
    return old === now ? [] : [`${name} = ${now}`];
  });
  return flags.length === 0 ? undefined : `${'flags'.padEnd(nameWidth)}${flags.join('  ')}`;
}
