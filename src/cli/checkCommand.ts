/** `jit-bytes check`: comments against the bytes beside them, and what is wrong with the bytes before they run. */
import process from 'node:process';
import { disassembler, supports } from '../asm/disassembler.ts';
import { spanOfBytes } from '../engine/blockInstructions.ts';
import { type CodeWarning, canWarn, codeWarnings } from '../engine/codeWarnings.ts';
import {
  canCheckComments,
  checkComments,
  type CommentMismatch,
} from '../engine/commentCheck/checkComments.ts';
import { machineOf } from '../engine/plan.ts';
import type { JitBlock } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import type { Json } from './jsonText.ts';
import { hexOf } from './jsonText.ts';
import type { CheckOptions } from './options.ts';
import { type Findings, type ReadFile, readingCommand } from './readingCommand.ts';
import { exitStatus } from './tally.ts';
import { problemText } from './textReport.ts';

/**
 * Checks comments and bytes of what the options name, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export function checkCommand(options: CheckOptions, closed: AbortSignal): Promise<number> {
  return readingCommand(options, closed, { mismatches: [], warnings: [] }, async (read, paint) => {
    const found = await mismatchesIn(read);
    const warned = await warningsIn(read);
    const problems = [
      ...found.map(({ mismatch: { comment, commentSpan, decoded } }) => ({
        span: commentSpan,
        code: 'comment-mismatch' as const,
        message: `the comment says "${comment}", the bytes are: ${decoded}`,
      })),
      ...warned.map(({ span, warning: { code, message } }) => ({ span, code, message })),
    ].toSorted((a, b) => a.span.start - b.span.start);
    const failed = found.length > 0 || (options.strict && warned.length > 0);
    return {
      lines: problems.map(({ span, code, message }) => {
        const range = read.lines.range(span);
        return problemText(read.file, { range, severity: 'warning', code, message }, paint);
      }),
      json: {
        mismatches: found.map((each) => mismatchJson(read, each)),
        warnings: warned.map((each) => warningJson(read, each)),
      },
      status: failed ? exitStatus.failed : exitStatus.well,
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

interface Warned {
  readonly block: JitBlock;
  readonly warning: CodeWarning;
  /** The bytes that it is about, in the text. */
  readonly span: Span;
}

async function warningsIn({ blocks }: ReadFile): Promise<Warned[]> {
  const machine = machineOf(process.platform, process.arch);
  const found: Warned[] = [];
  for (const block of blocks) {
    if (!canWarn(block) || !supports(block.architecture)) continue;
    const decoder = await disassembler(block.architecture);
    for (const warning of codeWarnings(block, decoder, { machine })) {
      found.push({ block, warning, span: spanOfBytes(block, warning) });
    }
  }
  return found;
}

function warningJson({ lines }: ReadFile, { block, warning, span }: Warned): Json {
  const { code, offset, length, message } = warning;
  const range = lines.range(span);
  return {
    line: range.start.line + 1,
    column: range.start.column + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.column + 1,
    name: block.name ?? null,
    arch: block.architecture,
    offset,
    bytes: hexOf(block.bytes.subarray(offset, offset + length)),
    code,
    message,
  };
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
