/** `@asm` in many languages: the bytes that the text becomes, where they stand, and what is wrong where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleBlocks } from '../../src/engine/assembleBlock.ts';
import { LineIndex } from '../../src/model/text.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

interface Case {
  readonly name: string;
  readonly language: string;
  readonly text: string;
  /** Of each block `hexadecimal bytes @ text of their spans | …`. */
  readonly blocks: readonly string[];
  /** `line:column message`. */
  readonly problems?: readonly string[];
}

const addFour = '4889f8 @ mov %rdi, %rax | 4883c004 @ add $4, %rax | c3 @ ret';

const cases: readonly Case[] = [
  {
    name: 'the rest of a line comment block',
    language: 'c',
    text: '// @jit f(n: i64) -> i64 @asm\n// @call (4) => 8\n//   mov %rdi, %rax\n//   add $4, %rax\n//   ret\nint x;',
    blocks: [addFour],
  },
  {
    name: 'the rest of a block comment with stars',
    language: 'c',
    text: '/* @jit f(n: i64) -> i64\n * @asm att\n *   mov %rdi, %rax\n *   add $4, %rax\n *   ret\n * @call (4) => 8\n */',
    blocks: [addFour],
  },
  {
    name: "the rest of the tag's own line",
    language: 'python',
    text: '# @jit () -> i64 @asm intel mov eax, 7; ret\n# @call () => 7\n',
    blocks: ['b807000000c3 @ mov eax, 7; ret'],
  },
  {
    name: 'adjacent strings of C, one line each',
    language: 'c',
    text: '// @jit f(n: i64) -> i64 @asm\nconst char *code =\n  "mov %rdi, %rax\\n" // copied\n  "add $4, %rax\\n\\t"\n  "ret";',
    blocks: [addFour],
  },
  {
    name: 'strings joined by an operator',
    language: 'javascript',
    text: "// @jit () -> i64 @asm\nconst code = 'mov eax, 7\\n' +\n  'ret\\n';",
    blocks: ['b807000000 @ mov eax, 7 | c3 @ ret'],
  },
  {
    name: 'a triple-quoted string',
    language: 'python',
    text: '# @jit () -> i64 @asm\nCODE = """\n    mov eax, 7  # seven\n    ret\n"""',
    blocks: ['b807000000 @ mov eax, 7  # seven | c3 @ ret'],
  },
  {
    name: 'raw strings',
    language: 'rust',
    text: '// @jit () -> i64 @asm\nconst A: &str = r#"mov eax, 7\nret"#;\n\n// @jit () -> i64 @asm\nconst B: &str = r"nop";\n',
    blocks: ['b807000000 @ mov eax, 7 | c3 @ ret', '90 @ nop'],
  },
  {
    name: 'a template string, and one of Go',
    language: 'go',
    text: '// @jit () -> i64 @asm\nconst a = `\n\tmov $7, %eax\n\tret\n`',
    blocks: ['b807000000 @ mov $7, %eax | c3 @ ret'],
  },
  {
    name: 'a string before its annotation',
    language: 'c',
    text: 'char a[] = "mov $7, %eax\\n"\n  "ret"; // @jit () -> i64 @asm\n',
    blocks: ['b807000000 @ mov $7, %eax | c3 @ ret'],
  },
  {
    name: 'inline assembly, in brackets',
    language: 'c',
    text: '// @jit () -> i64 @asm\nasm("mov $7, %eax; ret"\n    : : );',
    blocks: ['b807000000c3 @ mov $7, %eax; ret'],
  },
  {
    name: 'carriage returns',
    language: 'c',
    text: '// @jit () -> i64 @asm\r\n// mov $7, %eax\r\n// ret\r\n',
    blocks: ['b807000000 @ mov $7, %eax | c3 @ ret'],
  },
  {
    name: 'bytes that tags speak of',
    language: 'c',
    text: '// @jit () -> i64 @asm @patch +1 = u32 9 @entry +0 @data +5\n// mov $7, %eax\n// ret',
    blocks: ['b807000000 @ mov $7, %eax | c3 @ ret'],
  },
  {
    name: 'an error in a comment',
    language: 'c',
    text: '// @jit () -> i64 @asm\n//   mov %rdi, nowhere\n//   ret',
    blocks: [''],
    problems: ['2:16 nothing here defines "nowhere"'],
  },
  {
    name: 'an error behind escapes and in the second string',
    language: 'c',
    text: '// @jit () -> i64 @asm\n"\\tnop\\n"\n"\\x72et\\tx";',
    blocks: [''],
    problems: ['3:10 '],
  },
  {
    name: 'offsets past the end',
    language: 'c',
    text: '// @jit () -> i64 @asm @patch +4 = u32 9 @entry +7\n// mov $7, %eax\n// ret',
    blocks: [''],
    problems: [
      '1:31 4 bytes at +4 reach past the end of the 6 bytes',
      '1:49 the block has only 6 bytes',
    ],
  },
  {
    name: 'no text',
    language: 'c',
    text: '// @jit () -> i64 @asm\nint x = 1;',
    blocks: [''],
    problems: ['1:19 no assembly text follows this @asm'],
  },
  {
    name: 'no bytes',
    language: 'c',
    text: '// @jit () -> i64 @asm\n"# nothing";',
    blocks: [''],
    problems: ['1:19 this assembly has no bytes'],
  },
  {
    name: 'a value put into a string',
    language: 'javascript',
    text: '// @jit () -> i64 @asm\nconst a = `mov eax, ${n}`;',
    blocks: [''],
    problems: ['2:21 a value put into a string is not literal'],
  },
  {
    name: 'a text of which only part is literal',
    language: 'javascript',
    text: "// @jit () -> i64 @asm\nconst a = 'nop\\n' + rest;",
    blocks: [''],
    problems: ['2:19 only part of this text is literal'],
  },
  {
    name: 'bytes cannot follow text',
    language: 'c',
    text: '// @jit () -> i64 @asm\n// ret\n\n// @more\nchar a[] = {0x90, 0xc3};',
    blocks: ['c3 @ ret'],
    problems: ['4:4 @more continues bytes, and @asm has none'],
  },
];

for (const { name, language, text, blocks, problems = [] } of cases) {
  test(name, async () => {
    const found = await assembleBlocks(findJitBlocks(text, language));
    const told = found.blocks.map(({ bytes, byteSpans }) => {
      const parts = new Map<string, number[]>();
      bytes.forEach((byte, index) => {
        const { start, end } = byteSpans.at(index);
        const said = text.slice(start, end);
        parts.set(said, [...(parts.get(said) ?? []), byte]);
      });
      return [...parts]
        .map(([said, part]) => {
          const plain = said.replace(/(?:\\[nt])+$/, '');
          return `${Buffer.from(part).toString('hex')} @ ${plain}`;
        })
        .join(' | ');
    });
    assert.deepEqual(told, blocks);
    const lines = new LineIndex(text);
    const places = found.problems.map(({ span, message }) => {
      const { line, column } = lines.position(span.start);
      return `${line + 1}:${column + 1} ${message}`;
    });
    assert.equal(places.length, problems.length, places.join('\n'));
    problems.forEach((expected, index) => {
      assert.ok(places[index]?.startsWith(expected), `${places[index]}, not ${expected}`);
    });
  });
}

test('an architecture without an assembler is refused, not broken', async () => {
  const text = '// @jit () -> i64 @asm @arch alpha\n// ret\n';
  const found = findJitBlocks(text, 'c');
  const { blocks, problems } = await assembleBlocks(found, undefined, 'refused');
  assert.deepEqual(problems, []);
  assert.match(blocks[0]?.refused?.reason ?? '', /no program may be started here/);
  assert.equal(blocks[0]?.broken, false);
});
