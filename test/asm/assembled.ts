/** What an assembler makes of a text, in a line that tests can compare. */
import type { Assembled } from '../../src/model/assembly.ts';
import { LineIndex } from '../../src/model/text.ts';

/** The bytes of each line as `line:hex`, or each error as `line:column text: message`, all from 1. */
export function assembledText(text: string, result: Assembled): string {
  if ('bytes' in result) {
    const hex = (from: number, to: number) =>
      Buffer.from(result.bytes.subarray(from, to)).toString('hex');
    return result.lines
      .map(({ line, offset, length }) => `${line + 1}:${hex(offset, offset + length)}`)
      .join(' ');
  }
  const index = new LineIndex(text);
  return result.errors
    .map(({ span, message }) => {
      const { line, column } = index.position(span.start);
      return `${line + 1}:${column + 1} ${text.slice(span.start, span.end)}: ${message}`;
    })
    .join('\n');
}
