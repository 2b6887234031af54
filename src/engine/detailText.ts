/** All that is known of how a call ended, in lines: notes, output, code, registers. */
import type { Registers } from '../model/registers.ts';
import type { RunResult } from '../model/run.ts';
import { escapeControls } from './escape.ts';
import { listing } from './crashListing.ts';
import { bytesText } from './numberText.ts';
import { registerTable } from './registerTable.ts';
import type { CallReport } from './runBlock.ts';

/** Characters of captured output and lines of it that are shown. */
const bounds = { output: 4000, lines: 40 } as const;

/** Lines without control characters, bounded in number and length. None where a value is all there is. */
export function detailLines({ block, result, explanation }: CallReport): string[] {
  const { notes, around, instruction } = explanation;
  const registers = registersOf(result) ?? fragmentRegisters(block.kind, result);
  return [
    ...notes.map((note) => `note: ${note}`),
    ...(result.output ? outputLines(result.output) : []),
    ...listing(around, instruction),
    ...(registers ? registerTable(block.architecture, registers) : []),
  ].map(escapeControls);
}

/** The registers at a place where a call was ended. */
export function registersOf(result: RunResult): Registers | undefined {
  switch (result.outcome) {
    case 'fault':
      return result.fault.registers;
    case 'timeout':
      return result.stuck?.registers;
    case 'blocked':
      return result.at?.registers;
    default:
      return undefined;
  }
}

function fragmentRegisters(
  kind: 'function' | 'fragment',
  result: RunResult,
): Registers | undefined {
  return kind === 'fragment' && result.outcome === 'returned' ? result.registers : undefined;
}

/** What was written to standard output and error, each line marked. */
export function outputLines(output: Uint8Array): readonly string[] {
  if (output.length === 0) return [];
  const text = new TextDecoder().decode(output.subarray(0, bounds.output));
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, bounds.lines).map((line) => `| ${line}`);
  const isWhole = output.length <= bounds.output && lines.length <= bounds.lines;
  return [`output, ${bytesText(output.length)}:`, ...shown, ...(isWhole ? [] : ['| …'])];
}
