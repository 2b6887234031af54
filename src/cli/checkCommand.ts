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
import type { Span } from '../model/text.ts';
import { escapeControls } from '../engine/escape.ts';
import type { JitBlock } from '../model/block.ts';
import { findJitBlocks } from '../source/findJitBlocks.ts';
import { type Fixed, fixComments } from './fixComments.ts';
import type { Paint } from './colours.ts';
import type { Json } from './jsonText.ts';
import { hexOf, rangeJson } from './jsonText.ts';
import type { CheckOptions } from './options.ts';
import { type Findings, type ReadFile, readingCommand } from './readingCommand.ts';
import type { FileProblem } from './report.ts';
import { exitStatus } from './tally.ts';
import { problemText } from './textReport.ts';

/**
 * Checks comments and bytes of what the options name, rewrites the comments if told to, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export function checkCommand(options: CheckOptions, closed: AbortSignal): Promise<number> {
  return readingCommand(options, closed, { mismatches: [], warnings: [] }, async (read, paint) => {
    const found = await mismatchesIn(read);
    const warned = await warningsIn(read);
    const fixed = options.fix && found.length > 0 ? await fix(read, found) : undefined;
    const texts = fixed && 'texts' in fixed ? fixed.texts : [];
    const said = [
      ...found.map((each, index) => ({
        start: each.mismatch.commentSpan.start,
        line: mismatchLine(read, each, texts[index], paint),
      })),
      ...warned.map(({ span, warning: { code, message } }) => {
        const range = read.lines.range(span);
        const problem = { range, severity: 'warning', code, message } as const;
        return { start: span.start, line: problemText(read.file, problem, paint) };
      }),
    ];
    const status = statusOf(found, fixed);
    const isStrict = options.strict && warned.length > 0 && status === exitStatus.well;
    return {
      problems: fixed && 'failure' in fixed ? [notFixed(read, found, fixed.failure)] : [],
      lines: said.toSorted((a, b) => a.start - b.start).map(({ line }) => line),
      json: {
        mismatches: found.map((each, index) => mismatchJson(read, each, texts[index])),
        warnings: warned.map((each) => warningJson(read, each)),
      },
      status: isStrict ? exitStatus.failed : status,
    } satisfies Findings;
  });
}

/** A wrong comment, or what it is now. */
function mismatchLine(
  { file, lines }: ReadFile,
  { mismatch: { comment, commentSpan, decoded } }: Found,
  now: string | undefined,
  paint: Paint,
): string {
  const range = lines.range(commentSpan);
  if (now !== undefined) {
    const { line, column } = range.start;
    const place = `${escapeControls(file)}:${line + 1}:${column + 1}`;
    return `${place}: ${paint('green', 'fixed:')} ${escapeControls(`"${comment}" is now "${now}"`)}`;
  }
  const message = `the comment says "${comment}", the bytes are: ${decoded}`;
  const problem = { range, severity: 'warning', code: 'comment-mismatch', message } as const;
  return problemText(file, problem, paint);
}

/** The problem of comments that could not be written, at the first of them. */
function notFixed({ lines }: ReadFile, [first]: readonly Found[], failure: string): FileProblem {
  return {
    range: first && lines.range(first.mismatch.commentSpan),
    severity: 'error',
    code: 'not-fixed',
    message: `the comments of this file cannot be fixed: ${failure}`,
  };
}

function statusOf(found: readonly Found[], fixed: Fixed | undefined): number {
  if (found.length === 0) return exitStatus.well;
  if (!fixed) return exitStatus.failed;
  return 'failure' in fixed ? exitStatus.unreadable : exitStatus.well;
}

/** Rewrites the comments of a file, unless its blocks would then have other bytes. */
async function fix(read: ReadFile, found: readonly Found[]): Promise<Fixed> {
  const bytesOf = (blocks: readonly JitBlock[]) => blocks.map(({ bytes }) => hexOf(bytes)).join();
  const scanned = (text: string) => bytesOf(findJitBlocks(text, read.languageId).blocks);
  const before = scanned(read.text);
  return fixComments(
    read.file,
    read.text,
    found.map(({ mismatch }) => mismatch),
    (text) => scanned(text) === before,
  );
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
  return {
    ...rangeJson(lines.range(span)),
    name: block.name ?? null,
    arch: block.architecture,
    offset,
    bytes: hexOf(block.bytes.subarray(offset, offset + length)),
    code,
    message,
  };
}

function mismatchJson(
  { lines }: ReadFile,
  { block, mismatch }: Found,
  fixed: string | undefined,
): Json {
  const { commentSpan, byteRange, comment, decoded } = mismatch;
  return {
    ...rangeJson(lines.range(commentSpan)),
    name: block.name ?? null,
    arch: block.architecture,
    offset: byteRange.start,
    bytes: hexOf(block.bytes.subarray(byteRange.start, byteRange.end)),
    comment,
    decoded,
    fixed: fixed ?? null,
  };
}
