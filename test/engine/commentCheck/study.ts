/** Measures the check of comments over listings: false alarms, and changes that are missed. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Disassembler } from '../../../src/asm/disassembler.ts';
import { checkComments } from '../../../src/engine/commentCheck/checkComments.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';
import { type Listed, program, stretches, varied } from './listing.ts';
import { dice, mutate, type Vocabulary } from './mutate.ts';

/** Alarms in a hundred true comments, and changed comments in a hundred without one, that are borne. */
export const mostFalseAlarms = 0.5;
const mostMissed = 1;
const fewestLines = 2000;

/** Lines in one block with branches, so that the origin of their addresses can be told. */
const stretchLength = 150;
const stretchesEach = 8;

/** The comments that raise an alarm. */
export function alarms(disassembler: Disassembler, lines: readonly Listed[]): string[] {
  const text = program(lines, disassembler.architecture);
  const { blocks, lines: index } = findJitBlocks(text, 'c');
  const [block] = blocks;
  assert.ok(block && !block.broken && block.comments.length === lines.length);
  return checkComments(block, text, index, disassembler).map(
    ({ comment, decoded }) => `${comment}  |  ${decoded}`,
  );
}

/** Fails where the bounds are not kept; the figures are told as a diagnostic. */
export function study(
  context: TestContext,
  decoder: Disassembler,
  vocabulary: Vocabulary,
  lists: readonly Listed[][],
): void {
  const lines = varied(lists.flat());
  assert.ok(lines.length >= fewestLines, `only ${lines.length} lines`);
  const blocks = [
    lines,
    ...lists.flatMap((list) => stretches(list, stretchLength).slice(0, stretchesEach)),
  ];
  const compared = blocks.reduce((sum, block) => sum + block.length, 0);
  const falseAlarms = blocks.flatMap((block) => alarms(decoder, block));

  const roll = dice(1);
  let changed = 0;
  const missed: string[] = [];
  for (const block of blocks) {
    // Every other line, so that the others still tell the syntax and the origin.
    const mutants = new Map<number, Listed>();
    block.forEach((line, index) => {
      if (index % 2 === 1 && block !== lines) return;
      const text = isNothing(line.text) ? undefined : mutate(line.text, roll, vocabulary);
      if (text !== undefined && text !== line.text) mutants.set(index, { ...line, text });
    });
    changed += mutants.size;
    const found = alarms(
      decoder,
      block.map((line, index) => mutants.get(index) ?? line),
    );
    const caught = new Set(found.map((alarm) => alarm.replace(/ {2}\|.*$/, '')));
    for (const [index, { text }] of mutants) {
      if (!caught.has(text)) missed.push(`${block[index]?.text ?? ''}  >  ${text}`);
    }
  }
  const percent = (count: number, of: number) => (100 * count) / of;
  context.diagnostic(
    `${compared} lines (${lines.length} distinct, without branches), ` +
      `${falseAlarms.length} false alarms (${percent(falseAlarms.length, compared).toFixed(3)} %); ` +
      `${changed} changed, ${missed.length} missed (${percent(missed.length, changed).toFixed(3)} %)`,
  );
  assert.ok(
    percent(falseAlarms.length, compared) < mostFalseAlarms,
    falseAlarms.slice(0, 40).join('\n'),
  );
  assert.ok(percent(missed.length, changed) <= mostMissed, missed.slice(0, 40).join('\n'));
}

/** Instructions that do nothing whatever they name. */
function isNothing(text: string): boolean {
  return /^(?:\S+ )*?(?:nop|xchg %?ax, ?%?ax|prefetch\w*|ud[01])/i.test(text);
}
