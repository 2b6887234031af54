/** What stands in a text: its blocks, and every problem it has. */
import { assembleBlocks } from '../engine/assembleBlock.ts';
import type { Machine } from '../engine/plan.ts';
import type { JitBlock } from '../model/block.ts';
import type { LineIndex } from '../model/text.ts';
import { findJitBlocks } from '../source/findJitBlocks.ts';
import type { FileProblem } from './report.ts';
import type { Source } from './sources.ts';

export interface Scanned {
  readonly blocks: readonly JitBlock[];
  readonly lines: LineIndex;
  readonly problems: readonly FileProblem[];
}

/**
 * Scans a text as code of a machine, where it does not say of which, and assembles what it has of `@asm`.
 * Rejects with the signal's reason when it is aborted.
 */
export async function scanSource(
  source: Source & { kind: 'text' },
  machine: Machine,
  signal?: AbortSignal,
): Promise<Scanned> {
  const scanned = findJitBlocks(source.decoded.text, source.languageId, {
    windows: machine.windows,
    ...(machine.architecture && { defaultArchitecture: machine.architecture }),
  });
  const { lines } = scanned;
  const { blocks, problems } = await assembleBlocks(scanned, signal);
  const found: FileProblem[] = problems.map(({ span, ...problem }) => ({
    ...problem,
    range: lines.range(span),
  }));
  return { blocks, lines, problems: [...invalidText(source, lines), ...found] };
}

/** The problem of a file that cannot be read at all. */
export function unreadableProblem(message: string): FileProblem {
  return { range: undefined, severity: 'error', code: 'unreadable', message };
}

/** A warning only: bytes are ASCII, so that what runs is never what could not be decoded. */
function invalidText({ decoded }: Source & { kind: 'text' }, lines: LineIndex): FileProblem[] {
  const { invalidAt, encoding } = decoded;
  if (invalidAt === undefined) return [];
  return [
    {
      range: lines.range({ start: invalidAt, end: invalidAt + 1 }),
      severity: 'warning',
      code: 'invalid-text',
      message: `this is not valid ${encoding}`,
    },
  ];
}
