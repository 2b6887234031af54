/** Labels, jumps and their lengths, data and padding; against GNU as where it has the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  byte,
  dword,
  eax,
  mem,
  oword,
  qword,
  rax,
  rcx,
  word,
  x64,
  xmm1,
  type Label,
  type Operand,
  type X64,
} from '../../src/asm/x64.ts';
import { formsOf, mnemonics } from '../../src/asm/x64/methods.ts';
import { skipComparison } from '../tools.ts';
import { assemble } from './gnu.ts';

type Untyped = Readonly<Record<string, (...operands: readonly Operand[]) => void>>;

const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$& ');

function emitted(write: (f: X64) => void): string {
  const f = x64();
  write(f);
  return hex(f.bytes());
}

/** A backward jump over so many bytes, the jump's own included. */
function backward(jump: (f: X64, label: Label) => void, distance: number): string {
  return emitted((f) => {
    const label = f.label('back');
    f.bind(label);
    for (let count = 0; count < distance; count++) f.nop();
    jump(f, label);
  }).slice(distance * 3);
}

/** A forward jump over so many bytes, of which only the jump is given back. */
function forward(jump: (f: X64, label: Label) => void, distance: number): string {
  return emitted((f) => {
    const label = f.label('on');
    jump(f, label);
    for (let count = 0; count < distance; count++) f.nop();
    f.bind(label);
  }).replace(/(?: 90)+$/, '');
}

const boundaries: readonly (readonly [what: string, actual: () => string, expected: string])[] = [
  ['jmp to itself', () => backward((f, l) => f.jmp(l), 0), 'eb fe'],
  ['jmp to the next', () => forward((f, l) => f.jmp(l), 0), 'eb 00'],
  ['jmp -128', () => backward((f, l) => f.jmp(l), 126), 'eb 80'],
  ['jmp -129', () => backward((f, l) => f.jmp(l), 127), 'e9 7c ff ff ff'],
  ['jmp +127', () => forward((f, l) => f.jmp(l), 127), 'eb 7f'],
  ['jmp +128', () => forward((f, l) => f.jmp(l), 128), 'e9 80 00 00 00'],
  ['jnz -128', () => backward((f, l) => f.jnz(l), 126), '75 80'],
  ['jnz -129', () => backward((f, l) => f.jnz(l), 127), '0f 85 7b ff ff ff'],
  ['jnz +127', () => forward((f, l) => f.jnz(l), 127), '75 7f'],
  ['jnz +128', () => forward((f, l) => f.jnz(l), 128), '0f 85 80 00 00 00'],
  ['call +0', () => forward((f, l) => f.call(l), 0), 'e8 00 00 00 00'],
  ['near jmp', () => forward((f, l) => f.near.jmp(l), 1), 'e9 01 00 00 00'],
  ['near jz', () => backward((f, l) => f.near.jz(l), 1), '0f 84 f9 ff ff ff'],
  ['short jmp', () => forward((f, l) => f.short.jmp(l), 1), 'eb 01'],
  ['jrcxz', () => backward((f, l) => f.jrcxz(l), 2), 'e3 fc'],
  ['loop', () => backward((f, l) => f.loop(l), 2), 'e2 fc'],
];

for (const [what, actual, expected] of boundaries) {
  test(what, () => assert.equal(actual(), expected));
}

const failures: readonly (readonly [what: string, write: (f: X64) => void, message: RegExp])[] = [
  [
    'a short jump out of range',
    (f) => {
      const label = f.label('far');
      f.short.jmp(label);
      f.data(new Uint8Array(128));
      f.bind(label);
    },
    /^jmp far at offset 0: 128 bytes are out of a short jump's range/,
  ],
  [
    'loop out of range',
    (f) => {
      const label = f.label('far');
      f.bind(label);
      f.data(new Uint8Array(127));
      f.loop(label);
    },
    /^loop far at offset 127: -129 bytes are out/,
  ],
  ['a jump to nowhere', (f) => f.jmp(f.label('nowhere')), /^jmp nowhere: .*nowhere is not bound/],
  ['memory nowhere', (f) => f.mov(rax, qword(f.label('data'))), /the label data is not bound/],
  ['an address of nowhere', (f) => f.dq(f.label('table')), /the label table is not bound/],
  [
    'a label placed twice',
    (f) => {
      const label = f.label('twice');
      f.bind(label);
      f.bind(label);
    },
    /twice is bound already/,
  ],
  [
    'org behind',
    (f) => {
      f.data(new Uint8Array(5));
      f.org(4);
    },
    /^org 4: the code is already at offset 5/,
  ],
];

for (const [what, write, message] of failures) {
  test(`${what} throws`, () => {
    assert.throws(
      () => emitted(write),
      (error) => error instanceof Error && message.test(error.message),
    );
  });
}

test('a jump that grows makes the one before it grow, and so on', () => {
  // Each jump goes just past the next one, over 127 bytes; only the last is out of reach by itself.
  const chain = 300;
  const f = x64();
  const labels = Array.from({ length: chain + 1 }, (_, index) => f.label(`l${index}`));
  const lines: string[] = [];
  for (const [index, label] of labels.entries()) {
    const next = labels[index + 1];
    if (next === undefined) f.data(new Uint8Array(3));
    else f.jmp(next);
    lines.push(next === undefined ? '.zero 3' : `jmp ${next.name}`, `${label.name}:`, '.zero 125');
    f.bind(label);
    f.data(new Uint8Array(125));
  }
  const bytes = f.bytes();
  assert.equal(bytes.length, chain * (5 + 125) + 3 + 125);
  assert.equal(hex(bytes), hex(assemble(lines).bytes));
});

test('a distance counts what follows it in the instruction', () => {
  const f = x64();
  const label = f.label('l');
  f.bind(label);
  f.mov(byte(label), 1);
  f.mov(word(label), 0x1234);
  f.mov(dword(label, 4), 0x12345678);
  f.mov(qword(label, -4), -1);
  f.imul(eax, dword(label), 1000);
  f.shl(qword(label), 3);
  f.pshufd(xmm1, oword(label), 0x1b);
  f.lea(rcx, mem(label, 1));
  f.jmp(qword(label));
  const { bytes } = assemble([
    'l: mov byte ptr [rip+l], 1',
    'mov word ptr [rip+l], 0x1234',
    'mov dword ptr [rip+l+4], 0x12345678',
    'mov qword ptr [rip+l-4], -1',
    'imul eax, dword ptr [rip+l], 1000',
    'shl qword ptr [rip+l], 3',
    'pshufd xmm1, xmmword ptr [rip+l], 0x1b',
    'lea rcx, [rip+l+1]',
    'jmp qword ptr [rip+l]',
  ]);
  assert.equal(hex(f.bytes()), hex(bytes));
});

test('addresses are base plus offset', () => {
  const f = x64({ base: 0x100000000000n });
  const label = f.label('l');
  f.db(0xcc);
  f.bind(label);
  f.dq(label);
  f.mov(rax, label);
  assert.equal(hex(f.bytes()), 'cc 01 00 00 00 00 10 00 00 48 b8 01 00 00 00 00 10 00 00');
});

test('data and padding', () => {
  assert.equal(
    emitted((f) => {
      f.db(1, -1);
      f.dw(0x1234, -2);
      f.align(8, 0xcc);
      f.dd(0xfffffffe);
      f.dq(-5n, 2n ** 64n - 1n);
      f.org(0x20, 0x90);
      f.data(Uint8Array.of(7, 8));
    }),
    '01 ff 34 12 fe ff cc cc fe ff ff ff fb ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 90 90 90 90 07 08',
  );
});

test('symbols and offsets', () => {
  const f = x64();
  const [first, second, third] = [f.label('a'), f.label('b'), f.label('a')];
  f.jmp(third);
  f.bind(first);
  f.data(new Uint8Array(200));
  f.bind(second);
  f.bind(third);
  assert.deepEqual(
    [...f.symbols()],
    [
      ['a', 5],
      ['b', 205],
      ['a.2', 205],
    ],
  );
  assert.equal(f.offsetOf(second), 205);
  f.nop();
  assert.equal(f.bytes().length, 206);
});

test('bytes are a copy, and data is copied', () => {
  const f = x64();
  const data = Uint8Array.of(1);
  f.data(data);
  data[0] = 2;
  f.bytes()[0] = 3;
  assert.equal(hex(f.bytes()), '01');
});

/** Jumps by their names, with no word on their length. */
const jumps = mnemonics.filter(
  (name) =>
    name !== 'jrcxz' &&
    /^(?:j|call)/.test(name) &&
    formsOf(name).some((form) => form.operands[0]?.relative === 32),
);

test('every jump in every length is that of GNU as', { skip: skipComparison }, () => {
  const f = x64();
  const start = f.label('start');
  f.bind(start);
  const lines = ['start:'];
  const emit = (name: string, methods: object) => {
    const label = f.label(`l${lines.length}`);
    f.bind(label);
    (methods as Untyped)[name]?.(label);
    lines.push(`${label.name}: ${methods === f.near ? '{disp32} ' : ''}${name} ${label.name}`);
  };
  for (const name of [...jumps, 'jrcxz', 'loop', 'loope', 'loopne']) emit(name, f);
  for (const name of jumps) emit(name, f.near);
  f.data(new Uint8Array(200));
  lines.push('.zero 200');
  for (const name of jumps) {
    (f as unknown as Untyped)[name]?.(start);
    lines.push(`${name} start`);
  }
  assert.equal(hex(f.bytes()), hex(assemble(lines).bytes));
  assert.equal(jumps.length, 32);
});

test('any program of jumps is the one that GNU as makes', { skip: skipComparison }, () => {
  const step = fc.oneof(
    fc.record({ jump: fc.constantFrom(...jumps), to: fc.nat(19) }),
    fc.record({ zero: fc.integer({ min: 1, max: 70 }) }),
  );
  const program = fc.array(step, { minLength: 20, maxLength: 200 });
  const run = (
    f: X64,
    steps: readonly (Readonly<{ jump: string; to: number }> | Readonly<{ zero: number }>)[],
  ) => {
    const labels = Array.from({ length: 20 }, (_, index) => f.label(`l${index}`));
    const every = Math.ceil(steps.length / labels.length);
    const lines: string[] = [];
    const bind = (index: number) => {
      const label = labels[index];
      if (label === undefined) return;
      f.bind(label);
      lines.push(`${label.name}:`);
    };
    for (const [index, one] of steps.entries()) {
      if (index % every === 0) bind(index / every);
      if ('zero' in one) {
        f.data(new Uint8Array(one.zero));
        lines.push(`.zero ${one.zero}`);
      } else {
        const label = labels[one.to];
        if (label === undefined) continue;
        (f as unknown as Untyped)[one.jump]?.(label);
        lines.push(`${one.jump} ${label.name}`);
      }
    }
    for (let index = Math.ceil(steps.length / every); index < labels.length; index++) bind(index);
    return lines;
  };
  fc.assert(
    fc.property(program, (steps) => {
      const f = x64();
      const lines = run(f, steps);
      assert.equal(hex(f.bytes()), hex(assemble(lines).bytes));
    }),
    { numRuns: 60 },
  );
});

test('prefixes are those of GNU as', { skip: skipComparison }, () => {
  const f = x64();
  const lines: string[] = [];
  const strings = mnemonics.filter((name) =>
    /^(?:movs|stos|lods|scas|cmps|ins|outs)[bwdq]$/.test(name),
  );
  for (const prefix of ['rep', 'repe', 'repne'] as const) {
    for (const name of strings) {
      (f[prefix] as unknown as Untyped)[name]?.();
      lines.push(`${prefix} ${name}`);
    }
  }
  f.lock.add(dword(rax), eax);
  f.lock.xadd(qword(rcx, 8), rax);
  f.lock.cmpxchg16b(oword(rcx));
  f.lock.bts(word(rax), 3);
  f.lock.inc(byte(rcx));
  lines.push(
    'lock add dword ptr [rax], eax',
    'lock xadd qword ptr [rcx+8], rax',
    'lock cmpxchg16b xmmword ptr [rcx]',
    'lock bts word ptr [rax], 3',
    'lock inc byte ptr [rcx]',
  );
  assert.equal(hex(f.bytes()), hex(assemble(lines).bytes));
});
