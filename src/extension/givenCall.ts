/** A call that the user gives to an annotated block that has none of its own. */
import { type JitBlock, spanOfBlock } from '../model/block.ts';
import { findJitBlocks, type ScanOptions } from '../source/findJitBlocks.ts';
import type { LiteralReading } from './byteLiteralAtCursor.ts';

/** Longer texts are read only from the annotation to the end of its bytes. */
const readWhole = 60_000;

/**
 * The block with this call, its value shown at the tag.
 * @param call as after `@call`
 */
export function withCall(
  block: JitBlock,
  call: string,
  text: string,
  languageId: string,
  options: ScanOptions,
): LiteralReading {
  const whole = text.length <= readWhole;
  const span = spanOfBlock(block);
  const from = whole ? 0 : text.lastIndexOf('\n', span.start) + 1;
  const to = whole ? text.length : span.end;
  const { end } = block.annotation;
  const words = call.replace(/[\r\n]+/g, ' ');
  const asked = `${text.slice(from, end)} @call ${words} ${text.slice(end, to)}`;
  const { blocks, problems } = findJitBlocks(asked, languageId, options);
  const found = blocks.find(({ tag }) => tag.start + from === block.tag.start);
  const given = found?.calls.at(-1);
  if (found && given && !given.broken && !found.broken) {
    const { tag } = block;
    return { block: { ...block, calls: [{ ...given, implied: true, tag, span: tag }] } };
  }
  const stop = end - from + words.length + ' @call  '.length;
  const problem = problems.find(({ span }) => span.start >= end - from && span.start <= stop);
  return { block: undefined, problem };
}
