/** What is proposed for bytes without an annotation. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disassembler } from '../../../src/asm/disassembler.ts';
import { applyEdits } from '../../../src/engine/rewrite/edit.ts';
import { propose, proposeAnnotation } from '../../../src/engine/rewrite/proposeAnnotation.ts';
import type { Abi, Architecture } from '../../../src/model/architecture.ts';
import { onlyBlock } from './blocks.ts';

/** Bytes, what they are, the annotation proposed for them on Linux where x86-64 is the default. */
const proposals: readonly (readonly [hex: string, code: string, annotation: string])[] = [
  ['4889f84883c004c3', 'mov rax, rdi; add rax, 4; ret', '(i64) -> i64'],
  ['89f801f0c3', 'mov eax, edi; add eax, esi; ret', '(i32, i32) -> i32'],
  ['b82a000000c3', 'mov eax, 42; ret', '() -> i32'],
  ['c3', 'ret', '() -> void'],
  ['f20f58c1c3', 'addsd xmm0, xmm1; ret', '(f64, f64) -> f64'],
  ['f30f59c0c3', 'mulss xmm0, xmm0; ret', '(f32) -> f32'],
  ['0f58c1c3', 'addps xmm0, xmm1; ret', '(f32x4, f32x4) -> f32x4'],
  ['8b07c3', 'mov eax, [rdi]; ret', '(*const i32) -> i32'],
  ['0fb60437c3', 'movzx eax, byte [rdi+rsi]; ret', '(*const u8, i64) -> i32'],
  ['488937c3', 'mov [rdi], rsi; ret', '(*mut i64, i64) -> void'],
  ['f20f1007f20f5807c3', 'movsd xmm0, [rdi]; addsd xmm0, [rdi]; ret', '(*const f64) -> f64'],
  ['31c0c3', 'xor eax, eax; ret', '() -> i32'],
  ['f2480f2ac7c3', 'cvtsi2sd xmm0, rdi; ret', '(i64) -> f64'],
  ['f2480f2cc0c3', 'cvttsd2si rax, xmm0; ret', '(f64) -> i64'],
  ['85ff0f94c0c3', 'test edi, edi; sete al; ret', '(i32) -> bool'],
  ['488d0437c3', 'lea rax, [rdi+rsi]; ret', '(i64, i64) -> i64'],
  ['4889c8c3', 'mov rax, rcx; ret', '(i64) -> i64 @abi win64'],
  ['8b44240403442408c3', 'mov eax, [esp+4]; add eax, [esp+8]; ret', '(i32, i32) -> i32 @arch x86'],
  ['00100091c0035fd6', 'add x0, x0, #4; ret', '(i64) -> i64 @arch aarch64'],
  ['0028611ec0035fd6', 'fadd d0, d0, d1; ret', '(f64, f64) -> f64 @arch aarch64'],
  ['000040b9c0035fd6', 'ldr w0, [x0]; ret', '(*const i32) -> i32 @arch aarch64'],
  ['010080e01eff2fe1', 'add r0, r0, r1; bx lr', '(i32, i32) -> i32 @arch arm'],
  ['3305b50067800000', 'add a0, a0, a1; ret', '() -> i64 @arch riscv64'],
];

const options = {
  defaultArchitecture: 'x86_64' as Architecture,
  platform: 'sysv' as Abi,
  load: disassembler,
};

describe('a proposed annotation', () => {
  for (const [hex, code, annotation] of proposals) {
    test(`${code} is ${annotation}`, async () => {
      const { architecture, signature } = await propose(Buffer.from(hex, 'hex'), options);
      const words = [`(${signature.parameters.join(', ')}) -> ${signature.result}`];
      if (architecture !== 'x86_64') words.push(`@arch ${architecture}`);
      if (signature.abi) words.push(`@abi ${signature.abi}`);
      assert.equal(words.join(' '), annotation);
    });
  }

  /** Language, a text without annotation, the text with one. */
  const places: readonly (readonly [language: string, text: string, expected: string])[] = [
    [
      'rust',
      'fn f() {\n    let code = [0x48, 0x89, 0xf8, 0xc3];\n}\n',
      'fn f() {\n    // @jit (i64) -> i64\n    let code = [0x48, 0x89, 0xf8, 0xc3];\n}\n',
    ],
    [
      'c',
      '/* code */\r\nchar code[] =\r\n\t"\\x48\\x89\\xf8\\xc3";\r\n',
      '/* code */\r\n// @jit (i64) -> i64\r\nchar code[] =\r\n\t"\\x48\\x89\\xf8\\xc3";\r\n',
    ],
    [
      'ocaml',
      'let a = [|0x31; 0xc0; 0xc3|]\n',
      '(* @jit () -> i32 *)\nlet a = [|0x31; 0xc0; 0xc3|]\n',
    ],
    [
      'asm',
      'f:\n    .byte 0x31, 0xc0, 0xc3\n',
      'f:\n    # @jit () -> i32\n    .byte 0x31, 0xc0, 0xc3\n',
    ],
    ['nasm', 'f:\n\tdb 31h, 0c0h, 0c3h\n', 'f:\n\t; @jit () -> i32\n\tdb 31h, 0c0h, 0c3h\n'],
    [
      'python',
      'CODE = bytes([0xc0, 0x03, 0x5f, 0xd6])\n',
      '# @jit () -> void\n# @arch aarch64\nCODE = bytes([0xc0, 0x03, 0x5f, 0xd6])\n',
    ],
  ];

  for (const [language, text, expected] of places) {
    test(`stands above the bytes: ${language}`, async () => {
      const comment =
        language === 'ocaml'
          ? '(* @jit () -> i64 *)\n'
          : language === 'python'
            ? '# @jit () -> i64\n'
            : /asm/.test(language)
              ? '; @jit\n'
              : '// @jit\n';
      const block = onlyBlock(comment + text, language);
      const { start, end } = block.literal;
      const literal = { start: start - comment.length, end: end - comment.length };
      const { edits, ...refused } = await proposeAnnotation(
        text,
        { ...block, literal },
        { ...options, languageId: language },
      );
      assert.ok(edits, JSON.stringify(refused));
      assert.equal(applyEdits(text, edits), expected);
    });
  }
});
