/** `jit-bytes check`: comments against the bytes beside them. */
import { disassembler } from '../asm/disassembler.ts';
import {
  canCheckComments,
  checkComments,
  type CommentMismatch,
} from '../engine/commentCheck/checkComments.ts';
import type { JitBlock } from '../model/block.ts';
import type { Json } from './jsonText.ts';
import { hexOf } from './jsonText.ts';
import type { CheckOptions } from './options.ts';
import { type Findings, type ReadFile, readingCommand } from './readingCommand.ts';
import { exitStatus } from './tally.ts';
import { problemText } from './textReport.ts';

/**
 * Checks the comments that the options name, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export function checkCommand(options: CheckOptions, closed: AbortSignal): Promise<number> {
  return readingCommand(options, closed, { mismatches: [] }, async (read, paint) => {
    const found = await mismatchesIn(read);
    return {
      lines: found.map(({ mismatch }) => {
        const { comment, decoded } = mismatch;
        return problemText(
          read.file,
          {
            range: read.lines.range(mismatch.commentSpan),
            severity: 'warning',
            code: 'comment-mismatch',
            message: `the comment says "${comment}", the bytes are: ${decoded}`,
          },
          paint,
        );
      }),
      json: { mismatches: found.map((each) => mismatchJson(read, each)) },
      status: found.length > 0 ? exitStatus.failed : exitStatus.well,
    } satisfies Findings;
  });
}

interface Found {
  readonly block: JitBlock;
  readonly mismatch: CommentMismatch;
}

async function mismatchesIn({ blocks, text, lines }: ReadFile): Promise<Found[]> {
  const found: Found[] = [];
  for (const block of blocks) {
    // Without a comment to check no disassembler is loaded.
    if (!canCheckComments(block) || block.comments.length === 0) continue;
    const decoder = await disassembler(block.architecture);
    for (const mismatch of checkComments(block, text, lines, decoder)) {
      found.push({ block, mismatch });
    }
  }
  return found;
}

function mismatchJson({ lines }: ReadFile, { block, mismatch }: Found): Json {
  const { commentSpan, byteRange, comment, decoded } = mismatch;
  const range = lines.range(commentSpan);
  return {
    line: range.start.line + 1,
    column: range.start.column + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.column + 1,
    name: block.name ?? null,
    arch: block.architecture,
    offset: byteRange.start,
    bytes: hexOf(block.bytes.subarray(byteRange.start, byteRange.end)),
    comment,
    decoded,
  };
}
