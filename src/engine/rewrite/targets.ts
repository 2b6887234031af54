/** The places that comments name. */
import type { BlockInstructions } from '../blockInstructions.ts';
import type { AssemblyComments } from './commentStatements.ts';
import { CannotRewrite } from './edit.ts';

/** The place that a branch or an address names, as an offset into the old code. */
export function targetOf(
  written: string,
  start: number,
  decoded: BlockInstructions,
  { labels }: AssemblyComments,
): number {
  const size = decoded.block.bytes.length;
  const name = written.toLowerCase();
  const named = labels.get(name);
  if (named !== undefined) return named;
  for (const { offset } of decoded.instructions) {
    if (decoded.labelAt(offset)?.toLowerCase() === name) return offset;
  }
  const relative = /^[.$]\s*([+-])\s*(0x[\da-f]+|\d+)$/.exec(name);
  const number = relative ? Number(relative[2]) : numberOf(name);
  if (number === undefined || Number.isNaN(number)) {
    throw new CannotRewrite(`no comment of these bytes says where "${written}" is`);
  }
  const target = relative ? start + (relative[1] === '-' ? -number : number) : number;
  if (target < 0 || target > size) {
    throw new CannotRewrite(`"${written}" is not inside these bytes, which are ${size}`);
  }
  return target;
}

/** The value of a number in a comment, or undefined for a name. */
export function numberOf(name: string): number | undefined {
  if (/^(?:0x[\da-f]+|\d+)$/.test(name)) return Number(name);
  const hexadecimal = /^([\da-f]+)h$/.exec(name)?.[1];
  return hexadecimal === undefined || !/^\d/.test(name)
    ? undefined
    : Number.parseInt(hexadecimal, 16);
}
