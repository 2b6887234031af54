/** Assembly text of x86-64: what becomes bytes, what is refused and where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assembler, type AssembleOptions } from '../../src/asm/assembler.ts';
import type { AssemblySyntax } from '../../src/model/assembly.ts';
import { assembledText } from './assembled.ts';

const x64 = {
  assemble: async (text: string, options: AssembleOptions) =>
    (await assembler('x86_64')).assemble(text, options),
};

async function outcome(syntax: AssemblySyntax, text: string): Promise<string> {
  return assembledText(text, await x64.assemble(text, { syntax }));
}

/** Text and what must come out; the bytes are those of GNU as 2.40. */
const readings: readonly (readonly [AssemblySyntax, string, string])[] = [
  ['att', 'mov %rdi, %rax\nadd $4, %rax # four\n\nret', '1:4889f8 2:4883c004 4:c3'],
  ['intel', 'mov rax, rdi\r\nadd rax, 4 ; four\r\nret', '1:4889f8 2:4883c004 3:c3'],
  ['intel', 'mov eax, 1; ret', '1:b801000000c3'],
  ['att', 'mov $1, %eax; ret', '1:b801000000c3'],
  ['att', '.intel_syntax noprefix\nmov eax, 1', '2:b801000000'],
  ['intel', '.att_syntax\nmov $1, %eax', '2:b801000000'],
  // Labels, with and without names.
  ['att', 'top: dec %ecx\njnz top\nret', '1:ffc9 2:75fc 3:c3'],
  ['att', '1: dec %ecx\njnz 1b\njmp 1f\n1: ret', '1:ffc9 2:75fc 3:eb00 4:c3'],
  ['att', 'lea text(%rip), %rax\nret\ntext: .string "hi"', '1:488d0501000000 2:c3 3:686900'],
  ['intel', 'lea rax, [rip+text]\nret\ntext: db "hi", 0', '1:488d0501000000 2:c3 3:686900'],
  // What the back end reads otherwise than GNU as, or not at all.
  ['att', '.4byte 1', '1:01000000'],
  ['att', '.ascii "a"\n.asciz "b"\n.string "c"', '1:61 2:6200 3:6300'],
  ['intel', '.string "c"\n.byte 1\n.quad 2', '1:6300 2:01 3:0200000000000000'],
  ['att', '.zero 3\n.skip 2, 0x90', '1:000000 2:9090'],
  ['att', "mov $'A, %al\nmov $'B', %bl\nmov $'\\n, %cl", '1:b041 2:b342 3:b10a'],
  ['intel', "db 'ab', 0\nmov al, 'x'", '1:616200 2:b078'],
  ['att', 'nop /* two\nlines */\nnop // one', '1:90 3:90'],
  ['att', '.text\n.globl f\n.type f, @function\nf: .cfi_startproc\nret\n.cfi_endproc', '5:c3'],
  ['intel', 'bits 64\nsection .text\nglobal f\nf: ret', '4:c3'],
  ['intel', 'fsub st(1), st\nfdivp st(2), st', '1:dce9 2:defa'],
  ['intel', 'movsd xmm0, qword ptr [rdi]\naddss xmm1, dword ptr [rsi]', '1:f20f1007 2:f30f580e'],
  ['intel', 'movabs rax, 0x1122334455667788', '1:48b88877665544332211'],
  ['intel', 'movabs rdi, 1\nnop', '1:48bf0100000000000000 2:90'],
  [
    'att',
    'and $0xfffffff0, %eax\nadd $-16, %rax\nmov $0xffffffff, %eax',
    '1:25f0ffffff 2:4883c0f0 3:b8ffffffff',
  ],
  ['intel', 'times 3 nop\ntimes 2 db 1, 2', '1:909090 2:01020102'],
  ['intel', 'x: lea rax, [rel x]\nmov eax, [rel x]', '1:488d05f9ffffff 2:8b05f3ffffff'],
  ['att', '', ''],
  ['att', '# nothing\n', ''],
];

/** Text and the errors that it must give. */
const refusals: readonly (readonly [AssemblySyntax, string, string])[] = [
  [
    'intel',
    'mov rax, foo\n  jmp bar',
    '1:10 foo: nothing here defines "foo"\n2:7 bar: nothing here defines "bar"',
  ],
  [
    'att',
    'x: mov $x, %rax',
    '1:4 mov $x, %rax: the address of "x" is known only when the bytes lie in memory; use it relative to rip',
  ],
  [
    'att',
    '\n jmp 0x1234',
    '2:2 jmp 0x1234: this depends on the address at which the bytes will lie; name a label',
  ],
  ['att', 'nop\n.data\nnop', '2:1 .data: only the section .text becomes bytes, not .data'],
  ['att', 'mov $1, %rax more', '1:14 more: expected end of line'],
  ['att', 'movl %rax, %ebx', '1:6 %rax, %ebx: wrong operand sizes'],
  ['att', 'blub', '1:1 blub: unknown opcode'],
  ['att', '.byte 300', '1:7 300: 300 does not fit into 8 bits'],
  ['att', '.byte 1<<0x3fffffff', '1:7 1<<0x3fffffff: this does not fit into 8 bits'],
  ['att', 'mov $010, %al', '1:6 010: 010 is octal to GNU as and decimal to others'],
  ['att', '.incbin "/etc/passwd"', '1:1 .incbin "/etc/passwd": unknown directive'],
  ['att', '.ascii "open', '1:8 "open: this string never closes'],
  ['att', 'nop /* open', '1:5 /*: this comment never closes'],
  ['att', 'lretq', '1:1 lretq: "lretq" cannot be assembled here: lretl came out'],
  [
    'intel',
    'nop\nret ; ret',
    '2:7 ret: a comment or an instruction? Put an instruction on a line of its own, or begin the comment with #',
  ],
  [
    'att',
    '.zero 1000000000',
    '1:1 .zero 1000000000: expected a number of bytes up to 65536, and perhaps the value of each',
  ],
];

for (const [syntax, text, expected] of [...readings, ...refusals]) {
  test(`${syntax}: ${JSON.stringify(text)}`, async () => {
    assert.equal(await outcome(syntax, text), expected);
  });
}

/** A definition that takes the back end 2^40 steps. */
const endless = [
  's0 = 1',
  ...Array.from({ length: 40 }, (_, n) => `s${n + 1} = s${n} + s${n}`),
].join('\n');

test('a text that never ends is given up, and the next is assembled', async () => {
  assert.match(await outcome('att', endless), /gave up: it took longer than 5 s/);
  assert.equal(await outcome('att', 'ret'), '1:c3');
});

test('an aborted text rejects at once, and others wait in vain for nothing', async () => {
  const stop = new AbortController();
  const stuck = x64.assemble(endless, { syntax: 'att', signal: stop.signal });
  const next = outcome('att', 'ret');
  setTimeout(() => stop.abort(new Error('enough')), 50);
  const start = performance.now();
  await assert.rejects(stuck, /enough/);
  assert.equal(await next, '1:c3');
  assert.ok(performance.now() - start < 3000);
});

test('a text that takes all memory is given up, and the next is assembled', async () => {
  const text = [
    'a = 1 << 0x3fffffff',
    ...Array.from({ length: 60 }, (_, n) => `b${n} = a * ${n + 3}`),
  ];
  const start = await outcome('att', text.join('\n'));
  assert.notEqual(start, undefined);
  assert.equal(await outcome('att', 'ret'), '1:c3');
});

test('a text longer than may be', async () => {
  assert.match(await outcome('att', 'nop\n'.repeat(1 << 19)), /more than 1048576 characters/);
});

const piece = fc.oneof(
  fc.constantFrom(
    ...'mov add %rax rax [rdi $1 , ( ) : ; # " \' \\ \n \r . .byte db .string 1b 1: = equ - ! {k1} { } ptr qword * // /* */ rep lock .intel_syntax noprefix .section .set x 0x 010 <<'.split(
      ' ',
    ),
  ),
  fc.string({ maxLength: 4, unit: 'grapheme' }),
);

test('no text makes it throw', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 24 }),
      fc.constantFrom('att' as const, 'intel' as const),
      async (pieces, syntax) => {
        const text = pieces.join(' ');
        const result = await x64.assemble(text, { syntax });
        for (const { span } of 'errors' in result ? result.errors : []) {
          assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
        }
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
  );
});
