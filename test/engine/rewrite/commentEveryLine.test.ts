/** A literal laid out one instruction a line: what it looks like, and what it leaves as it was. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Disassembler, disassembler } from '../../../src/asm/disassembler.ts';
import { checkComments } from '../../../src/engine/commentCheck/checkComments.ts';
import { commentEveryLine } from '../../../src/engine/rewrite/commentEveryLine.ts';
import { applyEdits } from '../../../src/engine/rewrite/edit.ts';
import { LineIndex } from '../../../src/model/text.ts';
import { annotated, code, onlyBlock, writing, writtenElements } from './blocks.ts';
import { forms } from './forms.ts';

/** Examples to read: a text, and what becomes of it or why nothing does. `UPDATE_GOLDEN=1` writes them anew. */
const examplesFile = 'test/engine/rewrite/commentEveryLine.txt';
const example = /^=== (.*)\nlanguage: (.*)\n--- text\n([^]*?)--- commented\n([^]*?)===END$/gm;

test('examples', async () => {
  const written = readFileSync(examplesFile, 'utf8');
  const now: string[] = [];
  for (const [, name = '', language = '', text = ''] of written.matchAll(example)) {
    const block = onlyBlock(text, language);
    const decoder = await disassembler(block.architecture);
    const options = { languageId: language, disassembler: decoder, syntax: 'intel' } as const;
    const { edits, ...refused } = commentEveryLine(text, block, options);
    const result = edits
      ? applyEdits(text, edits)
      : `refused: ${'reason' in refused ? refused.reason : ''}\n`;
    now.push(
      `=== ${name}\nlanguage: ${language}\n--- text\n${text}--- commented\n${result}===END\n`,
    );
  }
  assert.ok(now.length > 20);
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(examplesFile, now.join('\n'));
  else assert.equal(now.join('\n'), written);
});

describe('comment every line', () => {
  let x64: Disassembler;
  before(async () => {
    x64 = await disassembler('x86_64');
  });

  const commented = (text: string, language: string): string => {
    const block = onlyBlock(text, language);
    const options = { languageId: language, disassembler: x64, syntax: 'intel' } as const;
    const { edits, ...refused } = commentEveryLine(text, block, options);
    assert.ok(edits, `${JSON.stringify(refused)}\n${text}`);
    return applyEdits(text, edits);
  };

  for (const form of forms) {
    test(`keeps bytes, numbers and line ends: ${form.language}, ${form.name}`, () => {
      fc.assert(
        fc.property(code, writing, (bytes, how) => {
          const text = annotated(form, bytes, how);
          const block = onlyBlock(text, form.language);
          const once = commented(text, form.language);
          const after = onlyBlock(once, form.language);
          assert.deepEqual([...after.bytes], [...bytes], once);
          assert.deepEqual(writtenElements(once, after), writtenElements(text, block), once);
          assert.equal(/(?<!\r)\n/.test(once), how.newline === '\n', once);
          assert.doesNotMatch(once, /[ \t]\r?\n/, once);
          for (const wrong of checkComments(after, once, new LineIndex(once), x64)) {
            // Of rare prefixes the check does not understand the disassembler's own words.
            assert.equal(wrong.comment, wrong.decoded);
          }
          assert.equal(commented(once, form.language), once);
        }),
        { numRuns: 60 },
      );
    });
  }
});
