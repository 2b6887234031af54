/** Annotated literals of random instructions, for properties of rewrites. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JitBlock } from '../../../src/model/block.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';
import type { Form, Writing } from './forms.ts';

/** x86-64 instructions of many lengths, one a line. */
const instructions: readonly string[] = [
  'c3',
  '90',
  '55',
  '5d',
  '4889f8',
  '4883c004',
  '31c0',
  '0fb6c0',
  'b82a000000',
  '48b88877665544332211',
  'f20f58c1',
  'c5f458c2',
  '8b0411',
  '488d04bd10000000',
  '66900f1f840000000000',
  'f348ab',
  '480fafc7',
  'c7050000000001000000',
];

/** Mostly instructions, sometimes bytes that are none in particular. */
export const code: fc.Arbitrary<readonly number[]> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(...instructions).map((one) => [...Buffer.from(one, 'hex')]),
      },
      { weight: 1, arbitrary: fc.nat(255).map((byte) => [byte]) },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.flat())
  .filter((bytes) => bytes.length > 2);

/** Nothing but instructions. */
export const instructionsOnly: fc.Arbitrary<readonly number[]> = fc
  .array(fc.constantFrom(...instructions), { minLength: 3, maxLength: 10 })
  .map((parts) => [...Buffer.from(parts.join(''), 'hex')]);

export const writing: fc.Arbitrary<Writing> = fc.record({
  newline: fc.constantFrom('\n', '\r\n'),
  indent: fc.constantFrom('    ', '  ', '\t'),
  trailing: fc.boolean(),
  perLine: fc.constantFrom(0, 1, 4, 8),
});

/** A text in which a literal of that form is annotated. */
export function annotated(
  { comment: [open, close], write }: Form,
  bytes: readonly number[],
  how: Writing,
): string {
  return `${open}@jit () -> i64${close}${how.newline}${write(bytes, how)}${how.newline}`;
}

export function onlyBlock(text: string, language: string): JitBlock {
  const { blocks, problems } = findJitBlocks(text, language);
  assert.deepEqual(
    problems.map(({ message }) => message),
    [],
    text,
  );
  const [block] = blocks;
  assert.ok(block, text);
  return block;
}

/** The elements of a block as they are written. */
export function writtenElements(text: string, { byteSpans }: JitBlock): readonly string[] {
  return Array.from({ length: byteSpans.length }, (_, index) => {
    const { start, end } = byteSpans.at(index);
    return text.slice(start, end);
  });
}
