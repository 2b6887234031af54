/** Bytes copied as another language's literal: what it looks like, and that it means the same bytes. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Disassembler, disassembler } from '../../../src/asm/disassembler.ts';
import { byteFormats, copyAs } from '../../../src/engine/rewrite/copyAs.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';
import { code } from './blocks.ts';

const addFour = Buffer.from('4889f84883c004c3', 'hex');

/** The bytes of `mov rax, rdi; add rax, 4; ret` on one line. */
const short: Readonly<Record<string, string>> = {
  rust: '[0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3]',
  c: '{0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3}',
  cString: '"\\x48\\x89\\xf8\\x48\\x83\\xc0\\x04\\xc3"',
  go: '[]byte{0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3}',
  zig: '[_]u8{0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3}',
  python: 'bytes([0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3])',
  pythonString: 'b"\\x48\\x89\\xf8\\x48\\x83\\xc0\\x04\\xc3"',
  javascript: 'new Uint8Array([0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3])',
  java: 'new byte[] {0x48, (byte) 0x89, (byte) 0xf8, 0x48, (byte) 0x83, (byte) 0xc0, 0x04, (byte) 0xc3}',
  kotlin:
    'byteArrayOf(0x48, 0x89.toByte(), 0xf8.toByte(), 0x48, 0x83.toByte(), 0xc0.toByte(), 0x04, 0xc3.toByte())',
  csharp: 'new byte[] {0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3}',
  fsharp: '[|0x48uy; 0x89uy; 0xf8uy; 0x48uy; 0x83uy; 0xc0uy; 0x04uy; 0xc3uy|]',
  swift: '[0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3] as [UInt8]',
  gas: '.byte 0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3',
  nasm: 'db 48h, 89h, 0f8h, 48h, 83h, 0c0h, 04h, 0c3h',
  hex: '48 89 f8 48 83 c0 04 c3',
  hexText: '4889f84883c004c3',
  base64: 'SIn4SIPABMM=',
};

/** How a copied literal is read back: language, what stands before it and after it. */
const sources: Readonly<
  Record<string, readonly [language: string, before: string, after: string]>
> = {
  rust: ['rust', '// @jit\nlet a = ', ';'],
  c: ['c', '// @jit\nunsigned char a[] = ', ';'],
  cString: ['c', '// @jit\nchar a[] =\n', ';'],
  go: ['go', '// @jit\nvar a = ', ''],
  zig: ['zig', '// @jit\nconst a = ', ';'],
  python: ['python', '# @jit () -> i64\na = ', ''],
  pythonString: ['python', '# @jit () -> i64\na = (\n', ')'],
  javascript: ['javascript', '// @jit\nconst a = ', ';'],
  java: ['java', '// @jit\nbyte[] a = ', ';'],
  kotlin: ['kotlin', '// @jit\nval a = ', ''],
  csharp: ['csharp', '// @jit\nvar a = ', ';'],
  fsharp: ['fsharp', '// @jit\nlet a = ', ''],
  swift: ['swift', '// @jit\nlet a = ', ''],
  gas: ['asm', '# @jit\n', ''],
  nasm: ['nasm', '; @jit\n', ''],
  hex: ['python', '# @jit () -> i64\na = bytes.fromhex("', '")'],
  hexText: ['python', '# @jit () -> i64\na = bytes.fromhex("', '")'],
  base64: ['python', '# @jit () -> i64\na = base64.b64decode("', '")'],
};

describe('copy bytes as', () => {
  let x64: Disassembler;
  before(async () => {
    x64 = await disassembler('x86_64');
  });

  for (const format of byteFormats) {
    test(`${format.label}: one line`, () => {
      assert.equal(copyAs(addFour, format), short[format.id]);
    });

    test(`${format.label}: the same bytes, with and without comments`, () => {
      const [language, lead, end] = sources[format.id] ?? ['', '', ''];
      fc.assert(
        fc.property(code, fc.boolean(), (given, isCommented) => {
          const bytes = Uint8Array.from(given);
          const commented = { instructions: x64.decode(bytes), syntax: 'intel' } as const;
          const text = `${lead}${copyAs(bytes, format, isCommented ? commented : undefined)}${end}\n`;
          const { blocks, problems } = findJitBlocks(text, language);
          assert.deepEqual(
            problems.map(({ message }) => message),
            [],
            text,
          );
          assert.deepEqual([...(blocks[0]?.bytes ?? [])], given, text);
        }),
        { numRuns: 60 },
      );
    });
  }

  test('comments stand in a column, one instruction a line', () => {
    const commented = { instructions: x64.decode(addFour), syntax: 'att' } as const;
    const [rust, nasm] = ['rust', 'nasm'].map((id) =>
      byteFormats.find((format) => format.id === id),
    );
    assert.ok(rust && nasm);
    assert.equal(
      copyAs(addFour, rust, commented),
      `[
    0x48, 0x89, 0xf8,        // mov %rdi, %rax
    0x48, 0x83, 0xc0, 0x04,  // add $0x4, %rax
    0xc3,                    // ret
]`,
    );
    assert.equal(
      copyAs(addFour, nasm, { ...commented, syntax: 'intel' }),
      `db 48h, 89h, 0f8h        ; mov rax, rdi
db 48h, 83h, 0c0h, 04h   ; add rax, 0x4
db 0c3h                  ; ret`.replaceAll(/ {2,}(?=;)/g, (blanks) => blanks.slice(1)),
    );
  });
});
