/** Warnings before running: texts as an author writes them, and what must be said of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disassembler } from '../../src/asm/disassembler.ts';
import { spanOfBytes } from '../../src/engine/blockInstructions.ts';
import { codeWarnings } from '../../src/engine/codeWarnings.ts';
import { machineOf } from '../../src/engine/plan.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

/** A machine on which no AVX-512 is. */
const options = {
  machine: machineOf('linux', 'x64'),
  missing: (features: readonly string[]) => features.filter((name) => name.startsWith('AVX512')),
};

/** Tags, bytes in hexadecimal, and for each warning its code and the bytes under it. */
const cases: readonly (readonly [
  what: string,
  tags: string,
  bytes: string,
  warnings: readonly string[],
])[] = [
  ['a function', '@jit long f(long n)', '48 89 f8 48 83 c0 04 c3', []],
  ['no return', '@jit long f(long n)', '48 89 f8 48 83 c0 04', ['falls-off-end 48 83 c0 04']],
  ['… which is expected', '@jit f()\n// @call () => end', '48 83 c0 04', []],
  ['… of a fragment', '@fragment', '48 89 f8 48 83 c0 04', []],
  ['a branch not taken at the end', '@jit f()', '31 c0 74 fc', ['falls-off-end 74 fc']],
  ['a call at the end may not come back', '@jit f()', '31 c0 ff d0', ['no-return ff d0']],
  ['data behind the code', '@jit f()\n// @data +2', '31 c0 c3 90', ['falls-off-end 31 c0']],
  ['data behind a return', '@jit f()\n// @data +3', '31 c0 c3 06', []],
  [
    'the last instruction is cut short',
    '@jit f()',
    '31 c0 48 b8 01 02',
    ['falls-off-end 48 b8 01 02'],
  ],
  ['the entry is elsewhere', '@jit f()\n// @entry +2', '06 07 31 c0 c3', []],
  ['nothing leads there', '@jit f()', 'c3 06 f4 e9 00 00 00 40', []],

  [
    'into an instruction',
    '@jit f()',
    '48 85 ff 74 02 48 89 f8 c3',
    ['jump-inside-instruction 74 02'],
  ],
  ['… backwards', '@jit f()', 'b8 c3 00 00 00 85 c0 75 f8 c3', ['jump-inside-instruction 75 f8']],
  ['over a prefix', '@jit f()', '85 c0 74 01 f0 48 0f b1 0f c3', []],
  ['past bytes that hide', '@jit f()', 'eb 01 e8 31 c0 c3', []],

  ['a call outside', '@jit f()', 'e8 80 00 00 00 c3', ['jump-outside e8 80 00 00 00']],
  ['a jump outside', '@jit f()', '31 c0 e9 00 ff ff ff', ['jump-outside e9 00 ff ff ff']],
  ['a jump to the end', '@jit f()', '31 c0 eb 00', ['jump-outside eb 00']],
  ['… of a fragment', '@fragment', '31 c0 eb 00', []],
  ['a jump into data', '@jit f()\n// @data +3', 'eb 01 c3 90', ['jump-outside eb 01']],
  ['a placeholder', '@jit f()', 'e8 de ad be ef c3', []],
  ['what the linker would fill in', '@jit f()', 'e8 fc ff ff ff c3', []],
  ['the same value at once', '@jit f()', 'e8 00 00 00 00 58 c3', []],
  ['a patch leads inside', '@jit f()\n// @patch +1 = u32 1', 'e9 de ad be ef 90 c3', []],
  [
    'a patch leads outside',
    '@jit f()\n// @patch +1 = u32 9',
    'e9 00 00 00 00 c3',
    ['jump-outside e9 00 00 00 00'],
  ],
  ['outside, and a crash is expected', '@jit f()\n// @call () => fault', 'e8 80 00 00 00 c3', []],

  ['an endless loop', '@jit f()', '31 c0 eb fe', ['no-return eb fe']],
  ['… which is expected', '@jit f()\n// @call () => timeout', '31 c0 eb fe', []],
  ['a loop with a way out', '@jit f()', '31 c0 75 fc c3', []],
  ['a trap', '@jit f()', '31 c0 0f 0b', ['no-return 0f 0b']],
  ['a trap on one path', '@jit f()', '85 c0 74 01 c3 0f 0b', []],
  ['a jump through a register', '@jit f()', 'ff e0', []],
  ['exit', '@jit f()', '31 ff b8 3c 00 00 00 0f 05', ['no-return 0f 05']],
  ['… which is expected', '@jit f()\n// @call () => exited', '31 ff b8 3c 00 00 00 0f 05', []],
  ['exit, then a text', '@jit f()\n// @call () => exited', '0f 05 68 65 6c 6c 6f 0a', []],
  ['a call that reads its text', '@jit f()', 'eb 04 5e 31 c0 c3 e8 f7 ff ff ff 06 f4', []],
  ['a function inside comes back', '@jit f()', 'e8 01 00 00 00 c3 31 c0 c3', []],
  [
    'a function inside never comes back',
    '@jit f()',
    'e8 02 00 00 00 06 c3 0f 0b',
    ['no-return 0f 0b'],
  ],

  ['of the kernel', '@jit f()', 'f4 c3', ['privileged-instruction f4']],
  ['… expected just there', '@jit f()\n// @call () => fault at +0', 'f4 c3', []],
  ['… of a boot stub', '@jit f() @arch x86_16', 'fa f4 eb fd', []],
  ['no instruction', '@jit f()', '31 c0 06 c3', ['no-instruction 06']],
  ['AVX-512', '@jit f()', '62 f1 7c 48 58 c1 c3', ['missing-feature 62 f1 7c 48 58 c1']],
  ['AVX-512 behind cpuid', '@jit f()', '0f a2 62 f1 7c 48 58 c1 c3', []],
  ['AVX-512 that is not reached', '@jit f()', 'c3 62 f1 7c 48 58 c1', []],

  ['AArch64', '@jit f() @arch aarch64', '00 00 80 52 c0 03 5f d6', []],
  [
    'AArch64 without a return',
    '@jit f() @arch aarch64',
    '00 00 80 52',
    ['falls-off-end 00 00 80 52'],
  ],
  ['AArch64, a loop', '@jit f() @arch aarch64', '00 00 00 14', ['no-return 00 00 00 14']],
  [
    'AArch64, of the kernel',
    '@jit f() @arch aarch64',
    'e0 03 9f d6',
    ['privileged-instruction e0 03 9f d6'],
  ],
  [
    'AArch64 called x86-64',
    '@jit f()',
    'fd 7b bf a9 00 00 80 52 fd 7b c1 a8 c0 03 5f d6',
    ['other-architecture fd 7b bf a9'],
  ],
  [
    'x86-64 called AArch64',
    '@jit f() @arch aarch64',
    '55 48 89 e5 53 48 83 ec 08 48 89 fb e8 00 00 00 00 48 8b 5d f8 c9 c3',
    ['other-architecture 55 48 89 e5'],
  ],
  [
    'AArch64 called Alpha',
    '@jit f() @arch alpha',
    'fd 7b bf a9 00 00 80 52 fd 7b c1 a8 c0 03 5f d6',
    [],
  ],
  [
    'a slide of nops',
    '@jit f() @arch aarch64',
    '90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90',
    ['falls-off-end 90 90 90 90'],
  ],
  ['AArch64, a call for the linker', '@jit f() @arch aarch64', '00 00 00 94 c0 03 5f d6', []],
  ['a boot stub that halts', '@jit f() @arch x86_16', 'fa f4', []],
  [
    'a crash expected there by one call of two',
    '@jit f()\n// @call () => fault at +0\n// @call ()',
    'f4 c3',
    [],
  ],
  [
    'outside, where one call of two shall crash',
    '@jit f()\n// @call () => fault\n// @call ()',
    'e8 80 00 00 00 c3',
    [],
  ],
  [
    'two readings that overlap',
    '@jit f()',
    '74 03 b8 00 00 48 b8 75 01 90 90 90 90 90 90 c3',
    ['jump-inside-instruction 74 03'],
  ],
  [
    'nothing is said of what a wrong jump leads to',
    '@jit f()',
    '74 01 b8 f4 00 00 00 c3',
    ['jump-inside-instruction 74 01'],
  ],
  ['AVX-512 for another machine', '@jit f() @arch x86', '62 f1 7c 48 58 c1 c3', []],
  ['bytes that cannot be read', '@jit f()', '31 c0 zz', []],
];

for (const [what, tags, bytes, expected] of cases) {
  test(`${what}: ${tags.replaceAll(/\n\/\/ /g, ' ')}: ${bytes}`, async () => {
    const list = bytes.split(' ').map((byte) => `0x${byte}`);
    const text = `// ${tags}\nunsigned char code[] = { ${list.join(', ')} };\n`;
    const { blocks } = findJitBlocks(text, 'c', { defaultArchitecture: 'x86_64' });
    const found: string[] = [];
    for (const block of blocks) {
      // Alpha has no disassembler; nothing else is asked of one here.
      const decoder = await disassembler(
        block.architecture === 'alpha' ? 'x86_64' : block.architecture,
      );
      for (const warning of codeWarnings(block, decoder, options)) {
        const { start, end } = spanOfBytes(block, warning);
        found.push(`${warning.code} ${text.slice(start, end).replaceAll(/0x|,/g, '')}`);
      }
    }
    assert.equal(blocks.length, 1);
    assert.deepEqual(found, expected);
  });
}
