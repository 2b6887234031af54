/** Samples in every language are read as the same bytes, and say what they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disassembler } from '../../src/asm/disassembler.ts';
import { checkComments } from '../../src/engine/commentCheck/checkComments.ts';
import { sampleDocument, sampleLanguages, sampleSnippet } from '../../src/engine/samples.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

const words = { addFour: 'Adds four.', sum: 'Sums.', readNull: 'Crashes.' };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const bytes = {
  x86_64: ['4889f84883c004c3', '31c04885f6740848ffce0304b7ebf3c3', '31c08b00c3'],
  aarch64: [
    '00100091c0035fd6',
    '02008052a10000b4034440b84200030b210400d1fcffff17e003022ac0035fd6',
    '000080d2000040b9c0035fd6',
  ],
} as const;

for (const language of sampleLanguages) {
  for (const architecture of ['x86_64', 'aarch64'] as const) {
    test(`${language.name}, ${architecture}`, async () => {
      const decoder = await disassembler(architecture);
      const machine = { architecture, windows: false };
      const text = sampleDocument(language, machine, words);
      for (const id of language.ids) {
        const { blocks, problems, lines } = findJitBlocks(text, id);
        assert.deepEqual(problems, [], text);
        assert.deepEqual(
          blocks.map((block) => hex(block.bytes)),
          bytes[architecture],
          text,
        );
        assert.deepEqual(
          blocks.map((block) => [block.name, block.architecture, block.calls.length]),
          [
            ['add_four', architecture, 2],
            ['sum', architecture, 2],
            ['read_null', architecture, 1],
          ],
        );
        for (const block of blocks) {
          assert.deepEqual(checkComments(block, text, lines, decoder), [], text);
        }
      }
    });
  }

  test(`${language.name}, as a snippet, on Windows`, () => {
    const snippet = sampleSnippet(language, { architecture: 'x86_64', windows: true });
    assert.match(snippet, /\$\{1:add_four\}[\s\S]*\$\{2:code\}[\s\S]*\n\$0$/i);
    const text = snippet.replaceAll(/\$\{\d:(\w+)\}/g, '$1').replace('$0', '');
    const plain = text.replaceAll(/\\([\\$}])/g, '$1');
    const { blocks, problems } = findJitBlocks(plain, language.ids[0] ?? '');
    assert.deepEqual(problems, [], plain);
    assert.deepEqual(
      blocks.map((block) => [hex(block.bytes), block.abi]),
      [[bytes.x86_64[0], 'sysv']],
    );
  });
}
