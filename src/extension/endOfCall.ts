/** Where in the text a call came to its end: the bytes of the instruction that faulted, was stuck or was stopped. */
import { spanOfBlock } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import type { BlockResults, CallValue } from './results.ts';

/**
 * The bytes at which a call ended, in the text as it is now: of one instruction, from its first byte to its last, or the last byte
 * of all where it ran off. Undefined where that is not known, or is no place in the code.
 */
export function endOfCall(
  { block, span }: Pick<BlockResults, 'block' | 'span'>,
  { report }: Pick<CallValue, 'report'>,
): Span | undefined {
  const { explanation, result } = report;
  const { instruction } = explanation;
  const { byteSpans } = block;
  const last = byteSpans.length - 1;
  if (last < 0) return undefined;
  // An edit moves a block's span, and its bytes with it; a scan then finds both anew.
  const moved = span.start - spanOfBlock(block).start;
  const shift = ({ start, end }: Span): Span => ({ start: start + moved, end: end + moved });
  if (result.outcome === 'end') return shift(byteSpans.at(last));
  if (!instruction || instruction.offset > last) return undefined;
  const first = byteSpans.at(instruction.offset);
  const end = byteSpans.at(Math.min(last, instruction.offset + instruction.length - 1));
  return shift(end.end > first.start ? { start: first.start, end: end.end } : first);
}
