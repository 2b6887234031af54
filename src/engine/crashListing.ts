/** The instructions around a crash, in lines. */
import type { Instruction } from '../model/instruction.ts';
import { formatBytes, formatOffset } from './instructionText.ts';

/** Characters of one instruction that are shown. */
const longest = 120;

/** In Intel's syntax; where a branch goes as an offset from the first byte, like all places in the code. */
export function instructionText({ intel, target }: Instruction): string {
  const text = intel.slice(0, longest);
  if (target === undefined) return text;
  const there = target < 0 ? `-0x${(-target).toString(16)}` : formatOffset(target);
  return text.replace(/0x[0-9a-f]+$/, there);
}

/** Lines with offset, bytes and text, the instruction that matters marked with ▶. */
export function listing(
  instructions: readonly Instruction[],
  marked: Instruction | undefined,
): readonly string[] {
  const rows = instructions.map((instruction) => ({
    mark: instruction === marked ? '▶' : ' ',
    offset: formatOffset(instruction.offset),
    bytes: formatBytes(instruction.bytes),
    text: instructionText(instruction),
  }));
  const widest = (key: 'offset' | 'bytes'): number =>
    Math.max(0, ...rows.map((row) => row[key].length));
  const [offsets, bytes] = [widest('offset'), widest('bytes')];
  return rows.map(
    (row) => `${row.mark} ${row.offset.padStart(offsets)}  ${row.bytes.padEnd(bytes)}  ${row.text}`,
  );
}
