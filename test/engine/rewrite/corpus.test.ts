/** Every literal that the scanner's tests have: laid out, its bytes and elements are the same, and a second time changes nothing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { disassembler, supports } from '../../../src/asm/disassembler.ts';
import { commentEveryLine } from '../../../src/engine/rewrite/commentEveryLine.ts';
import { applyEdits } from '../../../src/engine/rewrite/edit.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';
import { writtenElements } from './blocks.ts';

const folder = 'test/source/corpus';
const example = /^=== (.*)\nlanguage: (.*)\n(?:[^=-].*\n)*--- text\n([^]*?)--- blocks\n/gm;

/** Reasons that are none of a mistake. */
const reasons =
  /^(?:base64|these bytes are repeated|the list is part of a macro|the bytes are part of a macro|strings on lines|a string of this form|something else stands|a list without brackets|there are no bytes|the bytes stand in|the annotation stands beside)/;

for (const name of readdirSync(folder)) {
  test(`literals of ${name}`, async () => {
    let changed = 0;
    const refused = new Map<string, number>();
    const source = readFileSync(path.join(folder, name), 'utf8');
    for (const [, title = '', language = '', text = ''] of source.matchAll(example)) {
      const { blocks } = findJitBlocks(text, language);
      for (const [index, block] of blocks.entries()) {
        if (block.broken || !supports(block.architecture)) continue;
        const options = {
          languageId: language,
          disassembler: await disassembler(block.architecture),
          syntax: 'intel',
        } as const;
        const { edits, ...reason } = commentEveryLine(text, block, options);
        if (!edits) {
          const words = 'reason' in reason ? reason.reason : '';
          assert.match(words, reasons, `${title}\n${text}`);
          refused.set(words, (refused.get(words) ?? 0) + 1);
          continue;
        }
        changed++;
        const once = applyEdits(text, edits);
        const after = findJitBlocks(once, language).blocks[index];
        assert.ok(after, `${title}\n${once}`);
        assert.deepEqual(writtenElements(once, after), writtenElements(text, block), once);
        const again = commentEveryLine(once, after, options);
        assert.deepEqual(again.edits, [], `${title}\n${once}`);
      }
    }
    assert.ok(changed + refused.size > 0);
  });
}
