/** Comments assembled into the bytes beside them: what becomes of the bytes, of jumps, and of everything else. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Assembler, assembler } from '../../../src/asm/assembler.ts';
import { type Disassembler, disassembler } from '../../../src/asm/disassembler.ts';
import { checkComments } from '../../../src/engine/commentCheck/checkComments.ts';
import { commentedBytes, commentText } from '../../../src/engine/commentCheck/lines.ts';
import type { Assembled } from '../../../src/model/assembly.ts';
import { assembleComments } from '../../../src/engine/rewrite/assembleComments.ts';
import { commentEveryLine } from '../../../src/engine/rewrite/commentEveryLine.ts';
import { applyEdits, type TextEdit } from '../../../src/engine/rewrite/edit.ts';
import { LineIndex } from '../../../src/model/text.ts';
import { annotated, onlyBlock, writing } from './blocks.ts';
import { forms } from './forms.ts';

const assemble = async (...args: Parameters<Assembler['assemble']>): Promise<Assembled> =>
  (await assembler('x86_64')).assemble(...args);

/** Examples to read: the place of the line that is assembled is where `<here>` stands; without one all lines are. `UPDATE_GOLDEN=1` writes them anew. */
const examplesFile = 'test/engine/rewrite/assembleComments.txt';
const example = /^=== (.*)\nlanguage: (.*)\n--- text\n([^]*?)--- assembled\n([^]*?)===END$/gm;

test('examples', async () => {
  const written = readFileSync(examplesFile, 'utf8');
  const now: string[] = [];
  for (const [, name = '', language = '', source = ''] of written.matchAll(example)) {
    const mark = source.indexOf('<here>');
    const text = source.replace('<here>', '');
    const block = onlyBlock(text, language);
    const { edits, ...refused } = await assembleComments(text, block, assemble, {
      languageId: language,
      disassembler: await disassembler(block.architecture),
      syntax: 'intel',
      place: mark < 0 ? undefined : mark,
    });
    const result = edits
      ? applyEdits(text, edits)
      : `refused: ${'reason' in refused ? refused.reason : ''}\n`;
    now.push(
      `=== ${name}\nlanguage: ${language}\n--- text\n${source}--- assembled\n${result}===END\n`,
    );
  }
  assert.ok(now.length > 10);
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(examplesFile, now.join('\n'));
  else assert.equal(now.join('\n'), written);
});

/** Instructions in Intel's syntax; `L` stands for a label between two of them. */
const table: readonly string[] = [
  'ret',
  'nop',
  'push rbp',
  'pop rbp',
  'mov rax, rdi',
  'add rax, 4',
  'xor eax, eax',
  'mov eax, 0x2a',
  'mov rax, 0x1122334455667788',
  'addsd xmm0, xmm1',
  'imul rax, rdi',
  'lea rax, [rdi+rsi*4+0x10]',
  'mov eax, [rdi]',
  'mov [rdi+0x8], rsi',
  'cmp rdi, rsi',
  'jmp L',
  'jne L',
  'jl L',
  'call L',
];

/** Programs of the table with their labels filled in. */
const programs = fc
  .array(fc.tuple(fc.constantFrom(...table), fc.nat(1000)), { minLength: 3, maxLength: 14 })
  .map((lines) =>
    lines.map(
      ([text, target], index) => `l${index}: ${text.replace('L', `l${target % lines.length}`)}`,
    ),
  );

describe('assemble comments', () => {
  let x64: Disassembler;
  before(async () => {
    x64 = await disassembler('x86_64');
  });

  const options = (language: string) =>
    ({ languageId: language, disassembler: x64, syntax: 'intel' }) as const;

  for (const form of forms) {
    test(`bytes that were lost come back: ${form.language}, ${form.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(programs, writing, fc.nat(255), async (lines, how, filling) => {
          const made = await assemble(lines.join('\n'), { syntax: 'intel' });
          assert.ok('bytes' in made);
          const bytes = [...made.bytes];
          const plain = annotated(form, bytes, how);
          const { edits } = commentEveryLine(
            plain,
            onlyBlock(plain, form.language),
            options(form.language),
          );
          assert.ok(edits);
          const text = applyEdits(plain, edits);
          const block = onlyBlock(text, form.language);
          const sample = annotated(
            form,
            Array.from({ length: 3 }, () => filling),
            { ...how, perLine: 0 },
          );
          const filler = onlyBlock(sample, form.language).byteSpans.at(1);
          const word = sample.slice(filler.start, filler.end);
          const changes = bytes.map((_, index): TextEdit => ({
            span: block.byteSpans.at(index),
            text: word,
          }));
          const changed = applyEdits(text, changes);
          const changedBlock = onlyBlock(changed, form.language);
          assert.ok(changedBlock.bytes.every((byte) => byte === filling));
          const result = await assembleComments(
            changed,
            changedBlock,
            assemble,
            options(form.language),
          );
          assert.ok(result.edits, `${JSON.stringify(result)}\n${changed}`);
          const again = applyEdits(changed, result.edits);
          assert.deepEqual(
            [...onlyBlock(again, form.language).bytes],
            bytes,
            `${changed}\n${again}`,
          );
        }),
        { numRuns: 15 },
      );
    });
  }

  /** Enough of them that some jumps do not fit into a byte any more. */
  const longPrograms = fc
    .array(fc.tuple(fc.constantFrom(...table), fc.nat(1000)), { minLength: 3, maxLength: 70 })
    .map((lines) =>
      lines.map(
        ([text, target], index) => `l${index}: ${text.replace('L', `l${target % lines.length}`)}`,
      ),
    );
  const still = table.filter((text) => !text.includes('L'));

  for (const form of forms.filter(({ language }) => ['rust', 'python', 'asm'].includes(language))) {
    test(`jumps follow a line that changes its length: ${form.language}, ${form.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          longPrograms,
          writing,
          fc.nat(1000),
          fc.constantFrom(...still),
          async (lines, how, at, instruction) => {
            const changedLine = at % lines.length;
            const made = await assemble(lines.join('\n'), { syntax: 'intel' });
            assert.ok('bytes' in made);
            const plain = annotated(form, [...made.bytes], how);
            const { edits } = commentEveryLine(
              plain,
              onlyBlock(plain, form.language),
              options(form.language),
            );
            assert.ok(edits);
            const text = applyEdits(plain, edits);
            const block = onlyBlock(text, form.language);
            const offset = made.lines[changedLine]?.offset ?? 0;
            const pair = commentedBytes(block, new LineIndex(text)).find(
              ({ start }) => start === offset,
            );
            assert.ok(pair);
            const words = commentText(text, pair.comment);
            const start = text.indexOf(words, pair.comment.start);
            const span = { start, end: start + words.length };
            const changed = applyEdits(text, [{ span, text: instruction }]);
            const result = await assembleComments(
              changed,
              onlyBlock(changed, form.language),
              assemble,
              { ...options(form.language), place: start },
            );
            assert.ok(result.edits, JSON.stringify(result));
            const again = applyEdits(changed, result.edits);
            const after = onlyBlock(again, form.language);
            const program = lines.with(changedLine, `l${changedLine}: ${instruction}`);
            const wanted = await assemble(program.join('\n'), { syntax: 'intel' });
            assert.ok('bytes' in wanted);
            assert.deepEqual(meaningOf(x64, after.bytes), meaningOf(x64, wanted.bytes), again);
            assert.deepEqual(checkComments(after, again, new LineIndex(again), x64), [], again);
          },
        ),
        { numRuns: 25 },
      );
    });
  }
});

/** The instructions of bytes, a branch by the number of the instruction that it leads to: long ones are like short ones. */
function meaningOf(disassembler: Disassembler, bytes: Uint8Array): readonly string[] {
  const instructions = disassembler.decode(bytes);
  const numbers = new Map(instructions.map(({ offset }, index) => [offset, index]));
  return instructions.map(({ target, mnemonic, intel }) =>
    target === undefined ? intel : `${mnemonic} #${numbers.get(target) ?? '?'}`,
  );
}
