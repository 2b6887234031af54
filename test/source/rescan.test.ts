/** Reading again after an edit gives what reading the whole text gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JitBlock, Problem } from '../../src/model/block.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';
import { rescan, type Scanned } from '../../src/source/rescan.ts';

/** Annotated arrays as they stand in files, in code of their language. */
const texts: Readonly<Record<string, readonly string[]>> = {
  rust: [
    '// @jit  add(n: i64) -> i64\n// @call (4)  => 8\nlet code = [\n    0x48, 0x89, 0xf8, // mov\n    0xc3,\n];\n',
    '// @jit () -> i64\n// @call () => 1\nstatic B: [u8; 2] = *b"\\xc3\\x90"; // "not\n',
    'fn f() {\n    // @jit\n    let a = [0xc3];\n    // @call () => 0\n    let s = r#"a " b"#;\n}\n',
    'let t = [\n    // @jit () -> i64\n    [0xc3, 0x90],\n    // @jit () -> i64\n    [0xc3],\n];\n',
    '/* a comment\n over lines */\nlet code = [0xc3, 0x90]; // @jit\n',
    'let x = "a string"; // prose\n\n// prose\n// @jit nothing() -> i64\nlet y = 1;\n',
  ],
  c: [
    '/* @jit long add(long n)   @call (4) => 8 */\nstatic const unsigned char code[] = "\\x48\\x89\\xf8\\xc3";\n',
    '// @jit () -> i64\nunsigned char code[] = {\n  0xc3, // ret\n};\n',
    '#ifdef X\n#define Y "text\n#endif\nint f(void) { return g(1, 2); }\n',
    "// @jit () -> i64\nchar a[] = { 'A', 0xc3 };\n",
  ],
  python: [
    '# @jit (f64, f64) -> f64\n# @call (1.5, 2.25) => 3.75\nCODE = bytes.fromhex("f2 0f 58 c1 c3")\n',
    '"""\nprose\n"""\n',
    '# @jit () -> i64\n# @call ()\nCODE = b"\\xb8\\x01\\x00\\x00\\x00\\xc3"\n\n',
    '# @jit () -> i64\nCODE = [\n    0xc3,\n]\n',
  ],
  lua: [
    '-- @jit () -> i64\n-- @call () => 1\nlocal code = "\\184\\1\\0\\0\\0\\195"\n',
    'local text = [[ a long\n string ]]\n--[[ a long\n comment ]]\n',
    '-- @jit () -> i64 @entry +1\nlocal t = {0x90, 0xc3}\n',
  ],
  php: [
    '<?php\n// @jit () -> i64\n$code = "\\xc3";\n',
    '# @jit () -> i64\n# @patch +1 = u8 7\n$c = [0xb0, 0, 0xc3];\n',
    '$text = <<<END\n it "is\nEND;\n/* prose */\n',
  ],
  javascript: [
    '// @jit () -> i64\nconst code = new Uint8Array([0xc3, 0x90]);\n',
    'const s = `a ${b("`")} c`;\nconst r = /["\']/g;\n',
    '/* @jit () -> i64 @data +1 */ const c = [0xc3, 1, 2];\nf(() => {\n',
    '});\n',
  ],
  ocaml: [
    '(* @jit () -> i64 *)\nlet code = "\\xc3\\x90"\n',
    "(* a (* nested *) comment *)\nlet x = '\"'\n",
    '(* @jit () -> i64\n   @call () => 0 *)\nlet code = [|0x31; 0xc0; 0xc3|]\n',
  ],
  ruby: [
    '# @jit () -> i64\nCODE = [0xc3].pack("C*")\n',
    '=begin\n prose\n=end\nx = "#{y}"\n',
    '# @jit () -> i64\nCODE = "\\xb8\\x01\\xc3"\n',
  ],
  asm: [
    '; @jit () -> i64\n; @call () => 1\ncode:\n  db 0xb8, 1, 0, 0, 0\n  db 0xc3\n',
    'label:\n  mov eax, 1\n  ret\n',
    '# @jit () -> i64\n  .byte 0xc3\n',
  ],
};

const snippets = [
  '',
  ' ',
  '\n',
  '\n\n',
  '0x90, ',
  '0x',
  '1',
  ',',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '"',
  "'",
  '"""',
  '/*',
  '*/',
  '//',
  '#',
  ';',
  '// @jit () -> i64\n',
  '# @jit () -> i64\n',
  '@call (1)',
  '// @call () => 2\n',
  '@more',
  'r#"',
  '\\',
  'é',
  '\r\n',
  '\r',
  '`',
  '[[',
  ']]',
  '(*',
  '*)',
  '@entry +1',
  '@data +0',
  '@arch arm64',
  '-- @jit () -> i64\n',
];

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 90 }),
    ),
    insert: fc.constantFrom(...snippets),
  }),
  { minLength: 1, maxLength: 6 },
);

const programs = fc.constantFrom(...Object.keys(texts)).chain((languageId) =>
  fc.record({
    languageId: fc.constant(languageId),
    pieces: fc.array(fc.constantFrom(...(texts[languageId] ?? [])), {
      minLength: 4,
      maxLength: 12,
    }),
    joint: fc.constantFrom('\n', '', '\n\n'),
    edits,
  }),
);

function plainBlock(block: JitBlock): unknown {
  const { byteSpans, ...rest } = block;
  return {
    ...rest,
    byteSpans: Array.from({ length: byteSpans.length }, (_, n) => byteSpans.at(n)),
  };
}

interface Plain {
  readonly blocks: readonly unknown[];
  readonly problems: readonly Problem[];
}

function plain({ blocks, problems }: Pick<Scanned, 'blocks' | 'problems'>): Plain {
  return { blocks: blocks.map(plainBlock), problems };
}

test('a text read again after edits is read as if it were new', () => {
  let incremental = 0;
  let whole = 0;
  fc.assert(
    fc.property(programs, ({ languageId, pieces, joint, edits: changes }) => {
      let text = pieces.join(joint);
      let known: Scanned = { text, ...findJitBlocks(text, languageId) };
      for (const { at, remove, insert } of changes) {
        const start = Math.floor(at * text.length);
        text = text.slice(0, start) + insert + text.slice(start + remove);
        const expected = findJitBlocks(text, languageId);
        const found = rescan(known, text, languageId, {});
        if (found) {
          incremental++;
          assert.deepEqual(plain(found), plain(expected));
          known = found;
        } else {
          whole++;
          known = { text, ...expected };
        }
      }
    }),
    { numRuns: 3000 },
  );
  assert(incremental > whole / 2, `${incremental} edits were read on the spot, ${whole} not`);
});

test('an edit in one of many annotations keeps the others as they are', () => {
  const one = texts['rust']?.[0] ?? '';
  const text = Array.from({ length: 100 }, () => one).join('\n');
  const known = { text, ...findJitBlocks(text, 'rust') };
  assert.equal(known.seams.length, 100);
  const at = text.indexOf('0xf8', text.length / 2);
  const edited = `${text.slice(0, at)}0xf9${text.slice(at + 4)}`;
  const found = rescan(known, edited, 'rust', {});
  assert(found);
  const same = found.blocks.filter((block, index) => block === known.blocks[index]);
  assert.equal(same.length, 99);
});

test('an annotation in a list of one element is no place to begin', () => {
  const text = 'bytes!(\n// @jit () -> i64\n0xc3\n);\nlet x = 1;\n';
  const known = { text, ...findJitBlocks(text, 'rust') };
  const edited = `${text}// prose\n`;
  const found = rescan(known, edited, 'rust', {});
  if (found) assert.deepEqual(plain(found), plain(findJitBlocks(edited, 'rust')));
  assert.deepEqual(known.seams, []);
});
