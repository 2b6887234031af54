/**
 * How far the check of comments can be trusted: true comments of real code in four spellings must raise no
 * alarm, and comments with one thing changed must. Needs objdump, and ndisasm (package nasm).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { type Disassembler, disassembler } from '../../../src/asm/disassembler.ts';
import { checkComments } from '../../../src/engine/commentCheck/checkComments.ts';
import { readInstructions } from '../../../src/engine/commentCheck/parse.ts';
import { type Architecture, findArchitecture } from '../../../src/model/architecture.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';
import {
  chunks,
  type Listed,
  masm,
  ndisasm,
  objdump,
  program,
  stretches,
  varied,
} from './listing.ts';
import { dice, mutate } from './mutate.ts';

/** Alarms in a hundred true comments, and changed comments in a hundred without one, that are borne. */
const mostFalseAlarms = 0.5;
const mostMissed = 1;
const fewestLines = 2000;

const spellings = ['att', 'intel', 'nasm', 'masm'] as const;

function listsIn(spelling: (typeof spellings)[number]): Listed[][] {
  return chunks().map((chunk) => {
    if (spelling === 'nasm') return ndisasm(chunk);
    return spelling === 'masm' ? masm(objdump(chunk, 'intel')) : objdump(chunk, spelling);
  });
}

/** The comments that raise an alarm. */
function alarms(disassembler: Disassembler, lines: readonly Listed[]): string[] {
  const text = program(lines, disassembler.architecture);
  const { blocks, lines: index } = findJitBlocks(text, 'c');
  const [block] = blocks;
  assert.ok(block && !block.broken && block.comments.length === lines.length);
  return checkComments(block, text, index, disassembler).map(
    ({ comment, decoded }) => `${comment}  |  ${decoded}`,
  );
}

/** Lines in one block with branches, so that the origin of their addresses can be told. */
const stretchLength = 150;
const stretchesEach = 8;

for (const spelling of spellings) {
  test(`true and changed comments: ${spelling}`, async (context) => {
    const decoder = await disassembler('x86_64');
    const lists = listsIn(spelling);
    const lines = varied(lists.flat());
    assert.ok(lines.length >= fewestLines, `only ${lines.length} lines`);
    const unread = lines.filter(
      ({ text }) => readInstructions(text, decoder.mnemonics).length === 0,
    );
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
        const text = isNothing(line.text) ? undefined : mutate(line.text, roll);
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
      `${compared} lines (${lines.length} distinct, without branches; ${unread.length} not read), ` +
        `${falseAlarms.length} false alarms (${percent(falseAlarms.length, compared).toFixed(3)} %); ` +
        `${changed} changed, ${missed.length} missed (${percent(missed.length, changed).toFixed(3)} %)`,
    );
    assert.ok(
      percent(falseAlarms.length, compared) < mostFalseAlarms,
      falseAlarms.slice(0, 40).join('\n'),
    );
    assert.ok(percent(missed.length, changed) <= mostMissed, missed.slice(0, 40).join('\n'));
  });
}

/** Instructions that do nothing whatever they name. */
function isNothing(text: string): boolean {
  return /^(?:\S+ )*?(?:nop|xchg %?ax, ?%?ax|prefetch\w*|ud[01])/i.test(text);
}

test('true comments by hand', async (context) => {
  const decoder = await disassembler('x86_64');
  const text = fs.readFileSync('test/engine/commentCheck/handwritten.txt', 'utf8');
  const sections = text.split(/^\[/m).slice(1).map(readSection);
  const count = sections.reduce((sum, { lines }) => sum + lines.length, 0);
  assert.ok(count >= 300, `only ${count} lines`);
  const found: string[] = [];
  for (const { architecture, lines } of sections) {
    found.push(...alarms(await disassembler(architecture), lines));
  }
  const read = sections
    .flatMap(({ lines }) => lines)
    .filter(({ text }) => readInstructions(text, decoder.mnemonics).length > 0);
  context.diagnostic(
    `${count} lines, ${read.length} read as assembly, ${found.length} false alarms`,
  );
  if (found.length > 0) context.diagnostic(found.join('; '));
  assert.ok((100 * found.length) / count < mostFalseAlarms, found.join('\n'));
});

/** A section: its name with the architecture, and its lines. */
function readSection(section: string): { architecture: Architecture; lines: Listed[] } {
  const [name = '', ...rows] = section.split('\n');
  const architecture = findArchitecture(/@ (\w+)\]$/.exec(name)?.[1] ?? 'x86_64')?.name ?? 'x86_64';
  const lines = rows
    .filter((row) => row.includes(' | '))
    .map((row): Listed => {
      const [hex = '', text = ''] = row.split(/ \| (.*)/);
      const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
      return { address: 0, bytes, text };
    });
  return { architecture, lines };
}
