/** Disassembly: golden tables, and what must hold for every sequence of bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { disassembler, supports } from '../../src/asm/disassembler.ts';
import { type Architecture, architectures } from '../../src/model/architecture.ts';
import type { Instruction } from '../../src/model/instruction.ts';

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** Reads everything there is to read. */
function touch(instruction: Instruction): number {
  const { mnemonic, intel, att, operands, memory, registersRead, registersWritten } = instruction;
  const { flagsRead, flagsWritten, features, category, privileged, target } = instruction;
  assert.ok(mnemonic !== '' && intel !== '' && att !== '' && category !== undefined);
  assert.ok(typeof privileged === 'boolean' && (target === undefined || Number.isInteger(target)));
  return [
    operands,
    memory,
    registersRead,
    registersWritten,
    flagsRead,
    flagsWritten,
    features,
  ].reduce((sum, list) => sum + list.length, 0);
}

/** Bytes, Intel, AT&T; by GNU objdump's reading, in this project's spelling. */
const x64Texts: readonly (readonly [hex: string, intel: string, att: string])[] = [
  ['48 89 f8', 'mov rax, rdi', 'mov %rdi, %rax'],
  ['48 83 c0 04', 'add rax, 0x4', 'add $0x4, %rax'],
  ['c3', 'ret', 'ret'],
  ['90', 'nop', 'nop'],
  ['66 90', 'xchg ax, ax', 'xchg %ax, %ax'],
  ['48 8b 05 10 00 00 00', 'mov rax, [rip+0x10]', 'mov 0x10(%rip), %rax'],
  ['64 48 8b 04 25 28 00 00 00', 'mov rax, fs:[0x28]', 'mov %fs:0x28, %rax'],
  ['83 44 8b f8 04', 'add dword ptr [rbx+rcx*4-0x8], 0x4', 'addl $0x4, -0x8(%rbx,%rcx,4)'],
  ['75 f8', 'jne 0xfffffffffffffffa', 'jne 0xfffffffffffffffa'],
  [
    '48 b8 11 22 33 44 55 66 77 08',
    'mov rax, 0x877665544332211',
    'movabs $0x877665544332211, %rax',
  ],
  ['f3 a4', 'rep movsb [rdi], [rsi]', 'rep movsb (%rsi), (%rdi)'],
  ['f0 0f b1 0f', 'lock cmpxchg [rdi], ecx', 'lock cmpxchg %ecx, (%rdi)'],
  ['0f c2 c1 01', 'cmpltps xmm0, xmm1', 'cmpltps %xmm1, %xmm0'],
  ['c5 fc 58 c1', 'vaddps ymm0, ymm0, ymm1', 'vaddps %ymm1, %ymm0, %ymm0'],
  ['f3 0f 1e fa', 'endbr64', 'endbr64'],
  ['06', '(bad)', '(bad)'],
];

test('x86-64: both syntaxes', async () => {
  const { decode } = await disassembler('x86_64');
  for (const [hex, intel, att] of x64Texts) {
    const found = decode(fromHex(hex));
    assert.deepEqual(
      found.map((instruction) => [instruction.intel, instruction.att]),
      [[intel, att]],
      hex,
    );
  }
});

test('x86-64: details', async () => {
  const { decode } = await disassembler('x86_64');
  const [add] = decode(fromHex('48 03 44 8b f8'));
  assert.deepEqual(add?.operands, [
    { kind: 'register', register: 'rax', access: 'read-write' },
    {
      kind: 'memory',
      memory: {
        base: 'rbx',
        index: 'rcx',
        scale: 4,
        displacement: -8n,
        segment: undefined,
        size: 8,
        access: 'read',
      },
    },
  ]);
  assert.deepEqual(add.registersRead, ['rax', 'rbx', 'rcx']);
  assert.deepEqual(add.registersWritten, ['rax']);
  assert.deepEqual(add.flagsWritten, ['of', 'sf', 'zf', 'af', 'cf', 'pf']);
  const facts: readonly (readonly [hex: string, expected: Partial<Instruction>])[] = [
    ['eb fe', { category: 'jump', target: 0 }],
    ['0f 84 00 00 00 00', { category: 'conditional jump', target: 6, flagsRead: ['zf'] }],
    ['e8 fb ff ff ff', { category: 'call', target: 0 }],
    ['ff e0', { category: 'indirect jump', target: undefined }],
    ['0f 05', { category: 'system call' }],
    ['0f 0b', { category: 'trap' }],
    ['cc', { category: 'interrupt' }],
    ['0f 31', { unpredictable: 'time', features: ['TSC'] }],
    ['0f c7 f0', { unpredictable: 'chance', features: ['RDRAND'] }],
    ['0f a2', { unpredictable: 'processor' }],
    ['f4', { privileged: true }],
    ['06', { valid: false, length: 1, category: 'invalid' }],
    ['0f', { valid: false, length: 1 }],
  ];
  for (const [hex, expected] of facts) {
    const [found] = decode(fromHex(hex));
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(found?.[key as keyof Instruction], value, `${hex}: ${key}`);
    }
  }
});

test('offset, address and count', async () => {
  const { decode } = await disassembler('x86_64');
  const bytes = fromHex('90 90 eb fd c3');
  const [jump, ...more] = decode(bytes, { offset: 2, address: 0x1000n, count: 1 });
  assert.equal(more.length, 0);
  assert.equal(jump?.offset, 2);
  assert.equal(jump.address, 0x1002n);
  assert.equal(jump.target, 1);
  assert.equal(jump.intel, 'jmp 0x1001');
  assert.deepEqual(decode(bytes, { offset: 5 }), []);
  assert.deepEqual(decode(bytes, { offset: 99 }), []);
});

test('what was decoded stays so when the bytes change', async () => {
  const { decode } = await disassembler('x86_64');
  const bytes = fromHex('90');
  const [nop] = decode(bytes);
  bytes[0] = 0xc3;
  assert.equal(nop?.intel, 'nop');
});

/** Hexadecimal, text, category, target; the texts are those of GNU objdump but for spelling. */
const otherTexts: Partial<
  Record<
    Architecture,
    readonly (readonly [hex: string, text: string, category: string, target?: number])[]
  >
> = {
  aarch64: [
    ['c0035fd6', 'ret', 'return'],
    ['00040091', 'add x0, x0, #1', 'ordinary'],
    ['a10240a9', 'ldp x1, x0, [x21]', 'ordinary'],
    ['40000054', 'b.eq #8', 'conditional jump', 8],
    ['ffffff97', 'bl #0xfffffffffffffffc', 'call', -4],
    ['00001fd6', 'br x0', 'indirect jump'],
    ['010000d4', 'svc #0', 'system call'],
    ['20003fd6', 'blr x1', 'indirect call'],
    ['00000000', 'udf #0', 'trap'],
    ['ffffffff', '(bad)', 'invalid'],
  ],
  arm: [
    ['0100a0e1', 'mov r0, r1', 'ordinary'],
    ['1eff2fe1', 'bx lr', 'return'],
    ['fefffeea', 'b #0xfffc0000', 'jump', -0x40000],
  ],
  thumb: [
    ['7047', 'bx lr', 'return'],
    ['08bf', 'it eq', 'ordinary'],
    ['00f002f8', 'bl #8', 'call', 8],
  ],
  riscv64: [
    ['13051500', 'addi a0, a0, 1', 'ordinary'],
    ['6f000001', 'j 0x10', 'jump', 16],
    ['ef000001', 'jal 0x10', 'call', 16],
    ['63040500', 'beqz a0, 8', 'conditional jump', 8],
    ['8280', 'c.jr ra', 'return'],
    ['73000000', 'ecall', 'system call'],
  ],
  mips: [
    ['03e00008', 'jr $ra', 'return'],
    ['10000001', 'b 8', 'jump', 8],
    ['0c000004', 'jal 0x10', 'call', 16],
  ],
  ppc: [
    ['4e800020', 'blr', 'return'],
    ['41820008', 'beq 8', 'conditional jump', 8],
  ],
  sparc: [
    ['81c3e008', 'retl', 'return'],
    ['10800002', 'ba 8', 'jump', 8],
  ],
  s390x: [
    ['07fe', 'br %r14', 'return'],
    ['a7f40004', 'j 8', 'jump', 8],
  ],
  m68k: [['4e75', 'rts', 'return']],
  sh4: [['0b00', 'rts', 'return']],
};

test('other architectures: texts, categories and targets', async () => {
  for (const [name, table] of Object.entries(otherTexts)) {
    const { decode } = await disassembler(name as Architecture);
    for (const [hex, text, category, target] of table) {
      const [found, ...more] = decode(fromHex(hex));
      assert.equal(more.length, 0, hex);
      assert.deepEqual(
        [found?.intel, found?.category, found?.target],
        [text, category, target],
        `${name} ${hex}`,
      );
    }
  }
});

test('aarch64: registers and memory', async () => {
  const { decode } = await disassembler('aarch64');
  const [load] = decode(fromHex('20 78 62 f8'));
  assert.equal(load?.intel, 'ldr x0, [x1, x2, lsl #3]');
  assert.deepEqual(load.registersRead, ['x1', 'x2']);
  assert.deepEqual(load.registersWritten, ['x0']);
  const [memory] = load.memory;
  assert.deepEqual([memory?.base, memory?.index, memory?.scale], ['x1', 'x2', 8]);
  assert.equal(memory?.access, 'read');
  const [time] = decode(fromHex('40 e0 3b d5'));
  assert.equal(time?.unpredictable, 'time');
});

test('aarch64: sizes of memory', async () => {
  const { decode } = await disassembler('aarch64');
  const sizes: readonly (readonly [hex: string, text: string, size: number])[] = [
    ['200040f9', 'ldr x0, [x1]', 8],
    ['200040b9', 'ldr w0, [x1]', 4],
    ['20004039', 'ldrb w0, [x1]', 1],
    ['20004079', 'ldrh w0, [x1]', 2],
    ['200080b9', 'ldrsw x0, [x1]', 4],
    ['20800039', 'strb w0, [x1, #0x20]', 1],
    ['fd7bbfa9', 'stp x29, x30, [sp, #-0x10]!', 16],
    ['2000c03d', 'ldr q0, [x1]', 16],
    ['20fc5fc8', 'ldaxr x0, [x1]', 8],
    ['20fcdf08', 'ldarb w0, [x1]', 1],
    ['20805ff8', 'ldur x0, [x1, #-8]', 8],
  ];
  for (const [hex, text, size] of sizes) {
    const [found] = decode(fromHex(hex));
    assert.equal(found?.intel, text);
    assert.equal(found.memory[0]?.size, size, text);
  }
});

test('thumb: an it block changes what follows, and nothing after the bytes', async () => {
  const { decode } = await disassembler('thumb');
  assert.deepEqual(
    decode(fromHex('08bf 0120')).map(({ intel }) => intel),
    ['it eq', 'moveq r0, #1'],
  );
  assert.equal(decode(fromHex('08bf')).length, 1);
  assert.equal(decode(fromHex('0120'))[0]?.intel, 'movs r0, #1');
});

for (const { name } of architectures.filter((facts) => supports(facts.name))) {
  test(`${name}: never throws, and the lengths sum to the input`, async () => {
    const { decode } = await disassembler(name);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.bigInt(0n, (1n << 64n) - 1n),
        (bytes, address) => {
          let at = 0;
          for (const instruction of decode(bytes, { address })) {
            assert.equal(instruction.offset, at);
            assert.ok(instruction.length > 0);
            touch(instruction);
            at += instruction.length;
          }
          assert.equal(at, bytes.length);
        },
      ),
      { numRuns: name.startsWith('x86') ? 2000 : 1000 },
    );
  });
}

test('an architecture without a disassembler is refused', async () => {
  assert.equal(supports('alpha'), false);
  await assert.rejects(disassembler('alpha'), /no disassembler for alpha/);
});

/** Inputs decoded, with every detail read, while memory is watched. */
const floodInputs = 100_000;

for (const name of ['x86_64', 'aarch64'] as const) {
  test(`${name}: memory stays flat`, async () => {
    const { decode } = await disassembler(name);
    const bytes = new Uint8Array(16);
    let state = 1;
    const flood = (inputs: number): void => {
      for (let input = 0; input < inputs; input++) {
        for (let at = 0; at < bytes.length; at++) {
          // A linear congruential generator (Numerical Recipes, 7.1): every run reads the same bytes.
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          bytes[at] = state >>> 24;
        }
        const [first] = decode(bytes, { count: 2 });
        if (first) touch(first);
      }
    };
    flood(floodInputs / 10);
    const before = process.memoryUsage.rss();
    flood(floodInputs);
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 32 << 20, `grew by ${grown} bytes`);
  });
}
