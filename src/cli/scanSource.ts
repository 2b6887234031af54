/** What stands in a text that was read, with everything wrong with it. */
import type { Machine } from '../engine/plan.ts';
import type { JitBlock } from '../model/block.ts';
import type { LineIndex } from '../model/text.ts';
import { findJitBlocks } from '../source/findJitBlocks.ts';
import type { DecodedText } from './decodeText.ts';
import type { FileProblem } from './report.ts';
import type { Source } from './sources.ts';

export interface ScannedSource {
  readonly blocks: readonly JitBlock[];
  readonly lines: LineIndex;
  readonly problems: readonly FileProblem[];
}

/** Finds the blocks of a text. What it says nothing of is the machine's own. */
export function scanSource(
  { decoded, languageId }: Source & { kind: 'text' },
  { architecture, windows }: Machine,
): ScannedSource {
  const { blocks, problems, lines } = findJitBlocks(decoded.text, languageId, {
    windows,
    ...(architecture && { defaultArchitecture: architecture }),
  });
  const found = problems.map(({ span, ...problem }) => ({ ...problem, range: lines.range(span) }));
  return { blocks, lines, problems: [...invalidText(decoded, lines), ...found] };
}

/** The problem of a file that cannot be read. */
export function unreadableProblem(message: string): FileProblem {
  return { range: undefined, severity: 'error', code: 'unreadable', message };
}

/** A warning only: bytes are ASCII, so that what runs is never what could not be decoded. */
function invalidText({ invalidAt, encoding }: DecodedText, lines: LineIndex): FileProblem[] {
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
