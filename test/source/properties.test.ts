/** What must hold for every text: it never throws, ranges lie inside, bytes survive every literal form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

const languageIds = [
  'rust',
  'c',
  'cpp',
  'csharp',
  'go',
  'zig',
  'javascript',
  'java',
  'kotlin',
  'swift',
  'd',
  'nim',
  'python',
  'ruby',
  'perl',
  'lua',
  'tcl',
  'julia',
  'haskell',
  'ocaml',
  'pascal',
  'ada',
  'commonlisp',
  'scheme',
  'racket',
  'clojure',
  'asm',
  'nasm',
  'markdown',
  'php',
  'powershell',
  'erlang',
  'elixir',
  'vb',
  'unknown',
];

/** Texts made of the pieces that mean something to the scanner, so that its corners are reached. */
const pieces = fc.constantFrom(
  '// ',
  '# ',
  '/* ',
  ' */',
  '; ',
  '-- ',
  '(* ',
  ' *)',
  '<!-- ',
  '\n',
  '\r\n',
  '\n\n',
  ' ',
  '\t',
  '@jit',
  '@call ',
  '@fragment',
  '@more',
  '@arch x86_64',
  '@patch +1 = u8 2',
  '@entry +1',
  '@timeout 5ms',
  '@abi',
  '@asm',
  '@asm intel ',
  'mov %rdi, %rax\n',
  '@data',
  ' (i64) -> i64',
  ' long f(long)',
  '(4) => 8',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<<',
  '>>',
  '"',
  "'",
  '`',
  '"""',
  '\\',
  '\\x48',
  '"\\x48\\x89"',
  '0x48, ',
  '0x48',
  '72, ',
  '48h',
  '$48',
  ',',
  ';',
  '...',
  '..',
  ' + ',
  '* 8',
  'b"',
  'r#"',
  'R"x(',
  '.byte 0x48',
  'db 48h',
  'times 3 ',
  '#if 1\n',
  '#endif\n',
  '😀',
  'é',
  '\u2028',
  '\0',
  '```rust\n',
  '```\n',
  'EMIT1(0x55); ',
  '[0x90; 8]',
  'u32',
  '"4889f8c3"',
  'fromhex("',
  '=> fault',
  '=> out = [1]',
  '-1',
  '0',
  '09',
);

function check(text: string, languageId: string): void {
  const { blocks, problems, lines } = findJitBlocks(text, languageId);
  const inside = ({ start, end }: { start: number; end: number }, what: string): void => {
    assert.ok(
      0 <= start && start <= end && end <= text.length,
      `${what} ${start}-${end} of ${text.length}`,
    );
    const range = lines.range({ start, end });
    assert.ok(range.start.line <= range.end.line);
  };
  for (const { span, message } of problems) {
    inside(span, 'problem');
    assert.ok(message.length > 0);
  }
  for (const block of blocks) {
    inside(block.tag, 'tag');
    inside(block.annotation, 'annotation');
    inside(block.literal, 'literal');
    assert.match(text.slice(block.tag.start, block.tag.end), /^@(?:jit|fragment)$/);
    assert.equal(block.byteSpans.length, block.bytes.length);
    for (let i = 0; i < block.bytes.length; i++) inside(block.byteSpans.at(i), 'byte');
    for (const call of block.calls) {
      inside(call.span, 'call');
      for (const { span } of call.arguments) inside(span, 'argument');
      if (call.expectation) inside(call.expectation.span, 'expectation');
    }
    const { assembly } = block;
    if (assembly) {
      assert.equal(assembly.offsets.length, 2 * assembly.text.length);
      for (let i = 0; i < assembly.text.length; i++) {
        const [start = -1, end = -1] = assembly.offsets.subarray(2 * i, 2 * i + 2);
        inside({ start, end }, 'assembly');
        assert.ok(start < end);
      }
    }
    if (!block.broken && !assembly) {
      assert.ok(block.bytes.length > 0 || block.refused, 'a block that can run has bytes');
      for (const { offset, bytes } of block.patches)
        assert.ok(offset + bytes.length <= block.bytes.length);
      assert.ok(block.entry <= block.bytes.length);
    }
  }
}

test('no text makes it throw, and ranges lie inside the text', () => {
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }).map((noise) => `// @jit\n${noise}`),
    fc.array(pieces, { maxLength: 20 }).map((parts) => `// @jit f() @asm\n${parts.join('')}`),
    fc.array(pieces, { maxLength: 20 }).map((parts) => `// @jit f() @asm\n"${parts.join('')}";`),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...languageIds), (value, id) => check(value, id)),
    { numRuns: 4000, examples: [['// @jit f() @asm\nb"\\', 'rust']] },
  );
});

test('every kind of line end gives the same blocks', () => {
  const text = '// @jit f(i64) -> i64\n// @call (4) => 8\nlet a = [\n  0x48, // mov\n  0xc3,\n];\n';
  const seen = ['\n', '\r\n', '\r'].map((end) => {
    const { blocks, problems, lines } = findJitBlocks(text.replaceAll('\n', end), 'rust');
    assert.deepEqual(problems, []);
    const [block] = blocks;
    assert.ok(block);
    const last = lines.position(block.byteSpans.at(1).start);
    return [Buffer.from(block.bytes).toString('hex'), block.calls.length, last.line, last.column];
  });
  assert.deepEqual(seen, [
    ['48c3', 1, 4, 2],
    ['48c3', 1, 4, 2],
    ['48c3', 1, 4, 2],
  ]);
});

/** How a byte list is written, by language. */
const forms: readonly (readonly [string, string, (bytes: readonly number[]) => string])[] = [
  ['rust', 'list', (bytes) => `let a = [${bytes.map((b) => `0x${b.toString(16)}`).join(', ')}];`],
  ['rust', 'decimal', (bytes) => `let a: [u8; ${bytes.length}] = [${bytes.join(',\n  ')},];`],
  ['rust', 'suffix', (bytes) => `let a = vec![${bytes.map((b) => `${b}u8`).join(', ')}];`],
  [
    'rust',
    'binary',
    (bytes) => `let a = [${bytes.map((b) => `0b${b.toString(2).padStart(8, '0')}`).join(', ')}];`,
  ],
  ['rust', 'string', (bytes) => `let a = b"${escaped(bytes)}";`],
  [
    'c',
    'braces',
    (bytes) =>
      `unsigned char a[] = {${bytes.map((b) => `0x${b.toString(16).padStart(2, '0')}`).join(',')}};`,
  ],
  ['c', 'strings', (bytes) => `char a[] = ${bytes.map((b) => `"${escaped([b])}"`).join('\n  ')};`],
  [
    'c',
    'octal',
    (bytes) => `char a[] = "${bytes.map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('')}";`,
  ],
  [
    'c',
    'signed',
    (bytes) => `char a[] = {${bytes.map((b) => String((b << 24) >> 24)).join(', ')}};`,
  ],
  [
    'csharp',
    'array',
    (bytes) => `var a = new byte[] { ${bytes.map((b) => `0x${b.toString(16)}`).join(', ')} };`,
  ],
  [
    'go',
    'slice',
    (bytes) => `var a = []byte{${bytes.map((b) => `0x${b.toString(16)}`).join(', ')}}`,
  ],
  [
    'java',
    'casts',
    (bytes) => `byte[] a = { ${bytes.map((b) => `(byte) 0x${b.toString(16)}`).join(', ')} };`,
  ],
  [
    'zig',
    'array',
    (bytes) => `const a = [_]u8{ ${bytes.map((b) => `0x${b.toString(16)}`).join(', ')} };`,
  ],
  ['python', 'fromhex', (bytes) => `a = bytes.fromhex("${Buffer.from(bytes).toString('hex')}")`],
  ['python', 'string', (bytes) => `a = (b"${escaped(bytes)}")`],
  [
    'python',
    'base64',
    (bytes) => `a = base64.b64decode("${Buffer.from(bytes).toString('base64')}")`,
  ],
  [
    'lua',
    'decimal escapes',
    (bytes) => `a = "${bytes.map((b) => `\\${String(b).padStart(3, '0')}`).join('')}"`,
  ],
  ['ocaml', 'semicolons', (bytes) => `let a = [| ${bytes.join('; ')} |]`],
  [
    'scheme',
    'blanks',
    (bytes) => `(define a #u8(${bytes.map((b) => `#x${b.toString(16)}`).join(' ')}))`,
  ],
  [
    'pascal',
    'dollar',
    (bytes) => `A: array[0..9] of Byte = (${bytes.map((b) => `$${b.toString(16)}`).join(', ')});`,
  ],
  [
    'ada',
    'based',
    (bytes) => `A : Bytes := (${bytes.map((b) => `16#${b.toString(16)}#`).join(', ')});`,
  ],
  [
    'vb',
    '&H',
    (bytes) => `Dim a() As Byte = {${bytes.map((b) => `&H${b.toString(16)}`).join(', ')}}`,
  ],
  ['asm', '.byte', (bytes) => `  .byte ${bytes.map((b) => `0x${b.toString(16)}`).join(', ')}`],
  [
    'nasm',
    'db',
    (bytes) => bytes.map((b) => `  db 0${b.toString(16).padStart(2, '0')}h`).join('\n'),
  ],
];

function escaped(bytes: readonly number[]): string {
  return bytes.map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('');
}

const comment: Readonly<Record<string, string>> = {
  python: '#',
  lua: '--',
  scheme: ';',
  ada: '--',
  vb: "'",
  asm: '#',
  nasm: ';',
};

for (const [languageId, name, write] of forms) {
  test(`bytes survive: ${languageId}, ${name}`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 2, maxLength: 40 }), (bytes) => {
        const sign = comment[languageId] ?? '//';
        const tag =
          languageId === 'ocaml' ? '(* @jit (i64) -> i64 *)' : `${sign} @jit (i64) -> i64`;
        const text = `${tag}\n${write(bytes)}\n`;
        const { blocks, problems } = findJitBlocks(text, languageId);
        assert.deepEqual(
          problems.map(({ message }) => message),
          [],
          text,
        );
        assert.deepEqual([...(blocks[0]?.bytes ?? [])], bytes, text);
      }),
      { numRuns: 200 },
    );
  });
}
