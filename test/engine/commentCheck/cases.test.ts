/** What the check of comments says, case by case; and that it never throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { disassembler } from '../../../src/asm/disassembler.ts';
import {
  checkComments,
  type CommentMismatch,
} from '../../../src/engine/commentCheck/checkComments.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';

async function check(text: string, language = 'c'): Promise<CommentMismatch[]> {
  const { blocks, lines } = findJitBlocks(text, language);
  const found: CommentMismatch[] = [];
  for (const block of blocks) {
    found.push(...checkComments(block, text, lines, await disassembler(block.architecture)));
  }
  return found;
}

function array(rows: string, tags = '@jit void f(void)'): string {
  return `// ${tags}\nconst unsigned char f[] = {\n${rows}\n};\n`;
}

/** Bytes, a wrong comment, what the alarm says they are. */
const wrong: readonly (readonly [bytes: string, comment: string, decoded: string])[] = [
  ['0x48, 0x89, 0xf8,', 'mov rax, rsi', 'mov rax, rdi'],
  ['0x48, 0x89, 0xf8,', 'mov rdi, rax', 'mov rax, rdi'],
  ['0x48, 0x89, 0xf8,', 'mov %rax, %rdi', 'mov %rdi, %rax'],
  ['0x48, 0x89, 0xf8,', 'mov eax, edi', 'mov rax, rdi'],
  ['0x48, 0x89, 0xf8,', 'movl %rdi, %rax', 'mov %rdi, %rax'],
  ['0x48, 0x83, 0xc0, 0x04,', 'add rax, 5', 'add rax, 0x4'],
  ['0x48, 0x83, 0xc0, 0x04,', 'sub rax, 4', 'add rax, 0x4'],
  ['0x48, 0x83, 0xc0, 0x04,', 'addq $8, %rax    # next', 'add $0x4, %rax'],
  ['0x48, 0x83, 0xc0, 0x04,', 'again: add rax, 5 ; or four', 'add rax, 0x4'],
  ['0x8b, 0x44, 0x8b, 0xf8,', 'mov eax, [rbx+rcx*4+8]', 'mov eax, [rbx+rcx*4-0x8]'],
  ['0x8b, 0x44, 0x8b, 0xf8,', 'mov eax, [rbx+rcx*8-8]', 'mov eax, [rbx+rcx*4-0x8]'],
  ['0x8b, 0x44, 0x8b, 0xf8,', 'mov eax, qword ptr [rbx+rcx*4-8]', 'mov eax, [rbx+rcx*4-0x8]'],
  ['0x8b, 0x44, 0x8b, 0xf8,', 'mov -8(%rcx,%rbx,4), %eax', 'mov -0x8(%rbx,%rcx,4), %eax'],
  ['0x64, 0x8b, 0x00,', 'mov eax, [rax]', 'mov eax, fs:[rax]'],
  ['0x75, 0x02, 0x90, 0x90,', 'je done', 'jne 0x4; nop; nop'],
  ['0x75, 0x02,', 'jnz +3', 'jne 0x4'],
  ['0xeb, 0xfe,', 'jmp $+2', 'jmp 0x0'],
  ['0xc3,', 'nop', 'ret'],
  ['0x90,', 'ret', 'nop'],
  ['0xff, 0xd0,', 'jmp rax', 'call rax'],
  ['0xf3, 0xa4,', 'movsb', 'rep movsb [rdi], [rsi]'],
  ['0xf3, 0xa4,', 'rep movsq', 'rep movsb [rdi], [rsi]'],
  ['0x0f, 0xb1, 0x0f,', 'lock cmpxchg [rdi], ecx', 'cmpxchg [rdi], ecx'],
  ['0x0f, 0xc2, 0xc1, 0x01,', 'cmpleps xmm0, xmm1', 'cmpltps xmm0, xmm1'],
  ['0x0f, 0xc2, 0xc1, 0x01,', 'cmpps xmm0, xmm1, 2', 'cmpltps xmm0, xmm1'],
  ['0x55, 0x48, 0x89, 0xe5,', 'push rbp; mov rsp, rbp', 'push rbp; mov rbp, rsp'],
  ['0x55, 0x48, 0x89, 0xe5,', 'push rbx; mov rbp, rsp', 'push rbp; mov rbp, rsp'],
  ['0x55, 0x90,', 'push rbp; pop rbp; nop', 'push rbp; nop'],
  ['0x06,', 'push rax', '(bad)'],
  ['0xe9, 0x00,', 'jmp done', '(bad); (bad)'],
];

for (const [bytes, comment, decoded] of wrong) {
  test(`an alarm: ${comment}`, async () => {
    const text = array(`    ${bytes}  // ${comment}`);
    const [found, ...more] = await check(text);
    assert.equal(more.length, 0);
    assert.equal(found?.decoded, decoded);
    assert.equal(found.comment, comment);
    assert.equal(text.slice(found.commentSpan.start, found.commentSpan.end), `// ${comment}`);
    assert.equal(found.byteRange.start, 0);
    assert.equal(found.byteRange.end, bytes.split(',').length - 1);
  });
}

/** Arrays that raise none. */
const quiet: readonly (readonly [name: string, rows: string])[] = [
  ['above its bytes', '  // ret\n  0x90,\n  // nop\n  0xc3,'],
  ['the next line, which has none', '  0x48, 0x89, 0xf8, // add rax, 4\n  0x48, 0x83, 0xc0, 0x04,'],
  ['one instruction of several', '  0x48, 0x89, 0xf8, 0xc3, // ret'],
  [
    'an instruction over two lines',
    '  0x48, 0xb8, // mov rax, imm64\n  1, 2, 3, 4, 5, 6, 7, 8, // ret',
  ],
  [
    'each byte with its comment',
    '  0x48, // REX.W prefix\n  0x89, // MOV opcode\n  0xf8, // ModRM: mov rax, rdi',
  ],
  ["the manual's notation", '  0xb0, 0x7b, // mov r8, imm8'],
  ['a note with another instruction', '  0x48, 0x83, 0xec, 8, // sub rsp, 8 ; push rax'],
  ['between bytes', '  0x90 /* nop */, 0xc3 /* ret */'],
  ['before bytes', '  /* nop */ 0x90, /* ret */ 0xc3'],
  ['several lines in one comment', '  0xc3, /* ret\n  nop */'],
  [
    'symbols',
    '  0xe8, 0, 0, 0, 0, // call printf\n  0x48, 0x8d, 0x3d, 0, 0, 0, 0, // lea rdi, [rip+text]',
  ],
  ["far from the block's own addresses", '  0xe9, 0, 0, 0, 0, // jmp 0x401136'],
  ["Go's assembler", '  0x48, 0x89, 0xf8, // MOVQ DI, AX'],
];

for (const [name, rows] of quiet) {
  test(`no alarm: ${name}`, async () => {
    assert.deepEqual(await check(array(rows)), []);
  });
}

test('each comment between bytes goes with its own', async () => {
  const found = await check(array('  0x90 /* ret */, 0xc3 /* ret */'));
  assert.deepEqual(
    found.map(({ byteRange }) => byteRange),
    [{ start: 0, end: 1 }],
  );
  const before = await check(array('  /* nop */ 0x90, /* nop */ 0xc3'));
  assert.deepEqual(
    before.map(({ byteRange }) => byteRange),
    [{ start: 1, end: 2 }],
  );
});

test('addresses: an origin that most agree on', async () => {
  const rows = (last: string) =>
    `0xeb, 0x02, // jmp 401004\n 0xeb, 0x02, // jmp 401006\n 0xeb, 0x02, // jmp ${last}`;
  assert.deepEqual(await check(array(rows('401008 <f+0x8>'))), []);
  assert.equal((await check(array(rows('401009 <f+0x9>')))).length, 1);
});

test('data and patches', async () => {
  const rest = array('0xc3, 0x90, // nop', '@jit void f(void) @data +1');
  assert.equal((await check(rest)).length, 1);
  assert.deepEqual(
    await check(array('0xc3, // ret\n 0x90, // ret', '@jit void f(void) @data +1')),
    [],
  );
  const patched = array('0xb8, 0, 0, 0, 0, // mov eax, 42', '@jit void f(void) @patch +1 = u32 42');
  assert.deepEqual(await check(patched), []);
  const other = patched.replace('eax, 42', 'eax, 43');
  assert.equal((await check(other)).length, 1);
});

test('32 and 16 bits', async () => {
  assert.deepEqual(await check(array('0x40, // inc eax', '@jit void f(void) @arch x86')), []);
  assert.equal((await check(array('0x40, // dec eax', '@jit void f(void) @arch x86'))).length, 1);
  assert.deepEqual(
    await check(array('0xb8, 1, 0, // mov ax, 1', '@jit void f(void) @arch x86_16')),
    [],
  );
});

test('other comment signs', async () => {
  const python = '# @jit f() -> i64\nf = bytes([\n  0x90, # ret\n  0xc3, # ret\n])\n';
  assert.equal((await check(python, 'python')).length, 1);
  const haskell = '-- @jit f()\nf = [\n  0x90, -- ret\n  0xc3 -- ret\n  ]\n';
  assert.equal((await check(haskell, 'haskell')).length, 1);
  const strings = `# @jit f(n: i64) -> i64
f = (
  b"\\x48\\x89\\xf8"  # mov rax, rsi
  + b"\\x90" * 2  # nop
  + b"\\x90" +  # ret
  b"\\xc3"  # nop
)
`;
  assert.equal((await check(strings, 'python')).length, 3);
});

/** What assembly is made of, and a little that it is not. */
const pieces = fc.constantFrom(
  ' ',
  '\t',
  ...[
    'mov add rep lock jmp call nop ret vaddps cmpltps movs and loop rax %rdi eax st(1) xmm0 %st k1 {k1} {z} {sae}',
    '[ ] ( ) [rax+rcx*4-8] -8(%rbp) $ $4 0x 0x10 1fh - + * , : ; / | . <f+0x1> dword ptr short far rel fs: %fs:',
    `'a' " \\ again: 99999999999999999999 << ~ save the é \u{1f600} 0 7 h b _ =`,
  ].flatMap((line) => line.split(' ')),
);
const armPieces = fc.constantFrom(
  ' ',
  ...[
    'mov add ldr stp b.eq beq bl cbz ret nop adrp fmov ld1 csel mrs x0 w1 xzr sp v0.4s d1 fp lr eq tpidr_el0',
    '[ ] { } [x1, #8]! {v0.16b-v3.16b} lsl #3 # #- 0x10 1.5 1e3 . , ; : ! = sxtw <f> 1f save 99999999999999999999',
  ].flatMap((line) => line.split(' ')),
);

const fuzz = [
  { architecture: 'x86_64', pieces, fuzzLines: 100_000 },
  { architecture: 'aarch64', pieces: armPieces, fuzzLines: 20_000 },
];
const fuzzBlock = 250;

for (const { architecture, pieces: parts, fuzzLines } of fuzz) {
  test(`${architecture}: ${fuzzLines} random comments, nothing is thrown`, async () => {
    const line = fc.tuple(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.oneof(
        fc.array(parts, { maxLength: 14 }).map((chosen) => chosen.join('')),
        fc.array(parts, { maxLength: 14 }).map((chosen) => chosen.join(' ')),
        fc.string({ maxLength: 60 }),
      ),
    );
    const block = fc.array(line, { minLength: fuzzBlock, maxLength: fuzzBlock, size: 'max' });
    await fc.assert(
      fc.asyncProperty(block, async (rows) => {
        const lines = rows.map(([bytes, comment]) => {
          const plain = comment.replaceAll(/[\r\n@\u2028\u2029]/g, ' ');
          return `${bytes.join(', ')}, // ${plain}`;
        });
        const text = array(lines.join('\n'), `@jit void f(void) @arch ${architecture}`);
        for (const mismatch of await check(text)) {
          assert.ok(mismatch.byteRange.start < mismatch.byteRange.end);
          assert.ok(mismatch.commentSpan.end <= text.length);
        }
      }),
      { numRuns: fuzzLines / fuzzBlock },
    );
  });
}
