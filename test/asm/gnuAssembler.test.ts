/**
 * Assembly text by GNU as. That of x86 and AArch64 must be installed, as for other tests; for other architectures
 * what is not installed is skipped.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { assembler, NoAssembler } from '../../src/asm/assembler.ts';
import { disassembler } from '../../src/asm/disassembler.ts';
import type { Architecture } from '../../src/model/architecture.ts';
import type { AssemblySyntax } from '../../src/model/assembly.ts';
import { assembledText } from './assembled.ts';
import { skipComparison } from '../tools.ts';

async function outcome(
  architecture: Architecture,
  text: string,
  syntax: AssemblySyntax = 'intel',
): Promise<string> {
  const { assemble } = await assembler(architecture);
  return assembledText(text, await assemble(text, { syntax }));
}

/** What is always there where these tests run: architecture, text, what must come out. */
const cases: readonly (readonly [Architecture, string, string])[] = [
  ['x86', 'mov eax, 1 ; one\n\nl: jmp l\nret', '1:b801000000 3:ebfe 4:c3'],
  ['x86', 'mov eax, 1; ret', '1:b801000000c3'],
  ['x86_16', 'mov ax, 1\nret', '1:b80100 2:c3'],
  ['aarch64', 'l: add x0, x0, #4\r\ncbz x0, l\r\nret', '1:00100091 2:e0ffffb4 3:c0035fd6'],
  ['aarch64', '.macro two\nnop\nret\n.endm\ntwo\n.ascii "abc"', '5:1f2003d5c0035fd6 6:616263'],
  ['x86', 'mov al, 300', '1:1 mov al, 300: 0x12c shortened to 0x2c'],
  ['x86', 'nop\n frob eax', "2:2 frob eax: no such instruction: `frob eax'"],
  [
    'x86',
    'nop\nret ; add eax, 4',
    '2:6  add eax, 4: a comment or an instruction? Put an instruction on a line of its own, or begin the comment with #',
  ],
  ['aarch64', 'nop\n  bl outside', '2:3 bl outside: nothing here defines "outside"'],
  [
    'aarch64',
    'x: nop\n  .quad x',
    '2:3 .quad x: this depends on the address at which the bytes will lie',
  ],
  [
    'aarch64',
    '.data\n.word 1',
    '1:1 .data\n.word 1: only the section .text becomes bytes, not .data',
  ],
  ['x86', '.incbin "/etc/passwd"', '1:1 .incbin: no file is read'],
  [
    'x86',
    '.macro m a\n.inc\\a "/etc/passwd"\n.endm\nm bin',
    '2:4 c\\a: names are not put together here',
  ],
  [
    'aarch64',
    '.fill 1000000000',
    '1:1 .fill 1000000000: the assembler gave up: it made too many bytes',
  ],
  ['aarch64', '.macro m\nm\n.endm\nm', '2:1 m: macros nested too deeply'],
];
for (const [architecture, text, expected] of cases) {
  test(`${architecture}: ${JSON.stringify(text)}`, { skip: skipComparison }, async () => {
    assert.equal(await outcome(architecture, text), expected);
  });
}

test("x86 in AT&T's syntax", { skip: skipComparison }, async () => {
  assert.equal(await outcome('x86', 'mov $1, %eax # one\nret', 'att'), '1:b801000000 2:c3');
});

/** A loop and a return of each: what its own disassembler must read. */
const others: readonly (readonly [Architecture, string, string])[] = [
  ['arm', '1: add r0, r0, #4\n b 1b\n bx lr', 'add b bx'],
  ['thumb', '1: adds r0, r0, #4\n b 1b\n bx lr', 'adds b bx'],
  ['riscv64', '1: addi a0, a0, 100\n bnez a0, 1b\n j f\nf: ret', 'addi c.bnez c.j c.jr'],
  ['riscv32', '1: addi a0, a0, 100\n bnez a0, 1b\n j f\nf: ret', 'addi c.bnez c.j c.jr'],
  ['mips', '1: addiu $2, $4, 4\n b 1b\n jr $31', 'addiu b nop jr nop'],
  ['mipsel', '1: addiu $2, $4, 4\n b 1b\n jr $31', 'addiu b nop jr nop'],
  ['mips64', '1: addiu $2, $4, 4\n b 1b\n jr $31', 'addiu b nop jr nop'],
  ['mips64el', '1: addiu $2, $4, 4\n b 1b\n jr $31', 'addiu b nop jr nop'],
  ['ppc', '1: addi r3, r3, 4\n b 1b\n blr', 'addi b blr'],
  ['ppc64', '1: addi r3, r3, 4\n b 1b\n blr', 'addi b blr'],
  ['ppc64le', '1: addi r3, r3, 4\n b 1b\n blr', 'addi b blr'],
  ['s390x', '1: aghi %r2, 4\n j 1b\n br %r14', 'aghi j br'],
  ['sparc', ' add %o0, 4, %o0\n retl\n nop', 'add retl nop'],
  ['sparc64', ' add %o0, 4, %o0\n retl\n nop', 'add retl nop'],
  ['m68k', ' addq.l #4, %d0\n rts', 'addq.l rts'],
  ['sh4', ' add #4, r0\n rts\n nop', 'add rts nop'],
];
for (const [architecture, text, mnemonics] of others) {
  test(`${architecture}: what comes out is what was written`, async (context) => {
    let found;
    try {
      found = await assembler(architecture);
    } catch (error) {
      assert.ok(error instanceof NoAssembler);
      assert.match(error.message, /\(on Debian: apt install binutils-[\w-]+\)$/);
      context.skip(error.message);
      return;
    }
    const result = await found.assemble(text, { syntax: 'att' });
    assert.ok('bytes' in result, JSON.stringify(result));
    const decoded = (await disassembler(architecture)).decode(result.bytes);
    assert.equal(decoded.map(({ mnemonic }) => mnemonic).join(' '), mnemonics);
    const [first, second] = decoded;
    if (second?.target !== undefined) assert.equal(second.target, first?.offset);
    assert.equal(result.lines.length, text.split('\n').length);
  });
}

test('where no program may be started there is only our own', async () => {
  await assert.rejects(assembler('aarch64', 'refused'), NoAssembler);
  assert.equal((await assembler('x86_64', 'refused')).architecture, 'x86_64');
});

test('an aborted text leaves nothing behind', { skip: skipComparison }, async (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'jit-bytes-test-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  context.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true });
  });
  const { assemble } = await assembler('aarch64');
  const stop = new AbortController();
  const stuck = assemble('.rept 100000000\nnop\n.endr', { syntax: 'att', signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 50);
  await assert.rejects(stuck, /enough/);
  assert.deepEqual(readdirSync(folder), []);
});
