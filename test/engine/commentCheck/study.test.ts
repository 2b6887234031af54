/**
 * How far the check of comments can be trusted: true comments of real code in four spellings must raise no
 * alarm, and comments with one thing changed must. Needs objdump, and ndisasm (package nasm).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { disassembler } from '../../../src/asm/disassembler.ts';
import { readInstructions } from '../../../src/engine/commentCheck/parse.ts';
import { type Architecture, findArchitecture } from '../../../src/model/architecture.ts';
import { chunks, type Listed, masm, ndisasm, objdump } from './listing.ts';
import { x86Vocabulary } from './mutate.ts';
import { alarms, mostFalseAlarms, study } from './study.ts';
import { skipComparison } from '../../tools.ts';

const spellings = ['att', 'intel', 'nasm', 'masm'] as const;

function listsIn(spelling: (typeof spellings)[number]): Listed[][] {
  return chunks().map((chunk) => {
    if (spelling === 'nasm') return ndisasm(chunk);
    return spelling === 'masm' ? masm(objdump(chunk, 'intel')) : objdump(chunk, spelling);
  });
}

for (const spelling of spellings) {
  test(`true and changed comments: ${spelling}`, { skip: skipComparison }, async (context) => {
    const decoder = await disassembler('x86_64');
    const lists = listsIn(spelling);
    study(context, decoder, x86Vocabulary, lists);
  });
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
