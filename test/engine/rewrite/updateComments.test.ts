/** Comments changed by hand, mended from their bytes. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Disassembler, disassembler } from '../../../src/asm/disassembler.ts';
import { commentedBytes, commentText } from '../../../src/engine/commentCheck/lines.ts';
import { commentEveryLine } from '../../../src/engine/rewrite/commentEveryLine.ts';
import { applyEdits, type TextEdit } from '../../../src/engine/rewrite/edit.ts';
import { updateComments } from '../../../src/engine/rewrite/updateComments.ts';
import { LineIndex } from '../../../src/model/text.ts';
import { annotated, instructionsOnly, onlyBlock, writing, writtenElements } from './blocks.ts';
import { forms } from './forms.ts';

/** What no instruction of the tests is. */
const wrong = 'xor r15d, 0x1234';

describe('update comments from bytes', () => {
  let x64: Disassembler;
  before(async () => {
    x64 = await disassembler('x86_64');
  });

  const commented = (text: string, language: string): string => {
    const options = { languageId: language, disassembler: x64, syntax: 'intel' } as const;
    const { edits } = commentEveryLine(text, onlyBlock(text, language), options);
    assert.ok(edits);
    return applyEdits(text, edits);
  };

  for (const form of forms) {
    test(`wrong comments become what they were: ${form.language}, ${form.name}`, () => {
      fc.assert(
        fc.property(instructionsOnly, writing, fc.func(fc.boolean()), (bytes, how, isChanged) => {
          const text = commented(annotated(form, bytes, how), form.language);
          const block = onlyBlock(text, form.language);
          const changes = commentedBytes(block, new LineIndex(text))
            .filter(({ start }) => isChanged(start))
            .map(({ comment }): TextEdit => {
              const words = commentText(text, comment);
              const start = text.indexOf(words, comment.start);
              return { span: { start, end: start + words.length }, text: wrong };
            });
          const changed = applyEdits(text, changes);
          const changedBlock = onlyBlock(changed, form.language);
          assert.deepEqual([...changedBlock.bytes], [...bytes]);
          assert.deepEqual(writtenElements(changed, changedBlock), writtenElements(text, block));
          const edits = updateComments(changed, changedBlock, x64);
          assert.equal(applyEdits(changed, edits), text);
        }),
        { numRuns: 40 },
      );
    });
  }

  test('only the comment of one line', () => {
    const text = `// @jit () -> i64\nlet a = [\n  0x90, // ret\n  0xc3, // nop\n];\n`;
    const edits = updateComments(text, onlyBlock(text, 'rust'), x64, text.indexOf('0xc3'));
    assert.equal(applyEdits(text, edits), text.replace('0xc3, // nop', '0xc3, // ret'));
  });
});
