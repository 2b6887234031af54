/** Operands to try a form with: registers low and high, zero and stack pointer, values at their bounds. */
import * as a64 from '../../src/asm/aarch64.ts';
import type { Form } from '../../src/asm/aarch64/form.ts';
import * as names from '../../src/asm/aarch64/names.ts';
import type { Label, Operand } from '../../src/asm/aarch64/operands.ts';
import type { Register } from '../../src/asm/aarch64/registers.ts';

const { at, pre, post } = a64;

/**
 * Register numbers by place. Loads must not meet their base, nor pairs each other: the manual leaves open what
 * happens then, and GNU as refuses or warns.
 */
const numbersOf: Readonly<Record<string, readonly number[]>> = {
  d: [0, 9, 21, 30],
  n: [1, 10, 28, 16],
  m: [2, 11, 27, 18],
  a: [6, 12, 26],
  t: [3, 19, 24, 8],
  t2: [4, 20, 25],
  s: [5, 23, 29],
};

const byName: ReadonlyMap<string, Register> = new Map(
  Object.values(a64).flatMap((one): [string, Register][] => {
    if (typeof one !== 'object') return [];
    const members = 'kind' in one ? [one] : Object.values(one);
    return members.map((register: Register) => [register.name, register]);
  }),
);

function registerNamed(name: string): Register {
  const found = byName.get(name);
  if (!found) throw new Error(`no register ${name}`);
  return found;
}

function registersOf(token: string): readonly Operand[] | undefined {
  const match = /^([WXBHSDQV])(d|n|m|a|t2?|s)(\|SP)?(?:\.(\w+))?$/.exec(token);
  if (!match) return undefined;
  const [, letter = '', place = '', stack, arrangement] = match;
  const prefix = letter.toLowerCase();
  const suffix = arrangement === undefined ? '' : `.${arrangement}`;
  const found = (numbersOf[place] ?? []).map((number) => registerNamed(prefix + number + suffix));
  if (letter === 'X') found.push(stack ? a64.sp : a64.xzr);
  else if (letter === 'W') found.push(stack ? a64.wsp : a64.wzr);
  else found.push(registerNamed(`${prefix}31${suffix}`));
  return found;
}

const bases = [a64.x1, a64.sp, a64.x28, a64.x16, a64.x0];

const offsets: Readonly<Record<string, readonly number[]>> = {
  uimm12: [0, 1, 2, 100, 2047, 2048, 4095],
  simm9: [-256, -1, 0, 1, 3, 255, -100],
  simm7: [-64, -1, 0, 1, 2, 63],
};

function addressesOf(token: string): readonly Operand[] | undefined {
  if (!token.startsWith('[')) return undefined;
  if (token === '[Xn|SP]') return bases.map((base) => at(base));
  const indexed = /Rm,(\d+)/.exec(token);
  if (indexed) {
    const log2 = Math.log2(Number(indexed[1]));
    return [
      at(a64.x1, a64.x2),
      at(a64.sp, a64.x27, log2),
      at(a64.x28, a64.xzr, a64.lsl(0)),
      at(a64.x1, a64.w2, a64.uxtw()),
      at(a64.sp, a64.w11, a64.uxtw(log2)),
      at(a64.x16, a64.wzr, a64.sxtw()),
      at(a64.x0, a64.w30, a64.sxtw(log2)),
      at(a64.x1, a64.x2, a64.sxtx()),
      at(a64.x28, a64.x7, a64.sxtx(log2)),
    ];
  }
  const [, field = '', scale = 1] = /#(\w+)(?:\*(\d+))?/.exec(token) ?? [];
  const make = token.endsWith('!') ? pre : token.includes('],') ? post : at;
  return (offsets[field] ?? []).flatMap((offset, index) => {
    const base = bases[index % bases.length];
    return base ? [make(base, offset * Number(scale))] : [];
  });
}

const anyNumber = (high: number): readonly Operand[] => [0, 1, Math.floor(high / 3), high];

const bitmasks64 = [
  1n,
  0xffn,
  0x8000000000000000n,
  0x5555555555555555n,
  0xaaaaaaaaaaaaaaaan,
  0x0f0f0f0f0f0f0f0fn,
  0xf00000000000000fn,
  0x00ff00ff00ff00ffn,
  0x0001000100010001n,
  0x0000ffff0000ffffn,
  0xfffffffffffffffen,
  0x7fffffffffffffffn,
  0xfffffff0n,
  -2n,
  -4096n,
];
const bitmasks32 = [
  1, 0xff, 0x80000000, 0x55555555, 0xf000000f, 0xfffffffe, 0x3c3c3c3c, -2, 0x7fff,
];

function immediatesOf(token: string, bits: 32 | 64): readonly Operand[] | undefined {
  const top = bits - 1;
  const all: Readonly<Record<string, readonly Operand[]>> = {
    '#imm12': [0, 1, 0x123, 4095, 0x1000, 0xfff000, 0x123000],
    '#imm16': [0, 1, 0x1234, 0xffff],
    '#imm5': anyNumber(31),
    '#imm7': [6, 7, 24, 31, 33, 127],
    '#nzcv': anyNumber(15),
    '#immr': [1, 7, top],
    '#imms': [3, 8, top - 1],
    '#lsl': [1, 4, top],
    '#lsb': [1, 5, 0, top - 8],
    '#to': [1, 5, top - 8],
    '#xwidth': [1, 8, 5],
    '#zwidth': [1, 8, 5],
    '#bit': [0, 3, top],
    '#movz':
      bits === 64
        ? [0, 0xffff, 0x12340000, 0x123400000000n, 0xffffn << 48n]
        : [0, 0xabcd, 0xffff0000],
    '#movn':
      bits === 64
        ? [-1, -2, -0x10000, -0x12340001, 0xffff1234ffffffffn]
        : [-1, -2, 0xffff1234, 0x1234ffff],
    '#bitmask': bits === 64 ? bitmasks64 : bitmasks32,
    '#imm8': anyNumber(255),
    '#bytemask': [0, 0xffn, 0xff00ff00ff00ff00n, 0xffffffffffffffffn, 0x00000000ffffffffn],
    '#fpimm': [1, -1, 2, 0.125, 31, -0.5, 1.9375, 10],
    '#zero': [0],
  };
  return all[token];
}

function othersOf(token: string, bits: 32 | 64, labels: readonly Label[]): readonly Operand[] {
  const { lsl, lsr, asr, ror } = a64;
  const top = bits - 1;
  const all: Readonly<Record<string, readonly Operand[]>> = {
    lsl12: [0, 12, lsl(12)],
    hw: Array.from({ length: bits / 16 }, (_, index) => 16 * index),
    lsl8: [0, 8, 16, 24],
    shift: [1, lsl(top), lsr(3), asr(top)],
    shiftr: [1, lsl(top), lsr(3), asr(top), ror(7)],
    extend: [
      a64.uxtb(),
      a64.uxth(1),
      a64.uxtw(2),
      a64.sxtb(3),
      a64.sxth(4),
      a64.sxtw(),
      a64.sxtw(2),
    ],
    extendx: [1, lsl(3), a64.uxtx(4), a64.sxtx(), a64.sxtx(2)],
    extendw: [1, lsl(4)],
    cond: Object.keys(names.conditions) as readonly Operand[],
    invcond: ['eq', 'ne', 'cs', 'hs', 'cc', 'lo', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt'],
    sysreg: Object.keys(names.systemRegisters) as readonly Operand[],
    sysregw: ['nzcv', 'fpcr', 'fpsr', 'tpidr_el0'],
    dcop: Object.keys(names.dataCacheOperations) as readonly Operand[],
    icop: Object.keys(names.instructionCacheOperations) as readonly Operand[],
    barrier: Object.keys(names.barriers) as readonly Operand[],
  };
  const found = /^(?:label|page)\d/.test(token) ? labels : all[token];
  if (!found) throw new Error(`no samples for ${token}`);
  return found;
}

/**
 * Lists of operands for a form: every sample of every place at least once, in changing company, and
 * also without what may be left out.
 * @param labels to be used where a label goes
 */
export function operandLists(
  form: Form,
  labels: readonly Label[],
): readonly (readonly Operand[])[] {
  const { bits, places } = form;
  const samples = places.map(
    ({ token }) =>
      registersOf(token) ??
      addressesOf(token) ??
      immediatesOf(token, bits) ??
      othersOf(token, bits, labels),
  );
  const rounds = Math.max(1, ...samples.map((list) => list.length));
  const all = Array.from({ length: rounds }, (_, round) =>
    samples.flatMap((list, index) => list.slice((round + index) % list.length).slice(0, 1)),
  );
  const lists = all.filter((list) => {
    // An immediate beyond 12 bits is shifted by 12 already.
    const beyond = list.some(
      (operand, index) => places[index]?.token === '#imm12' && Number(operand) > 0xfff,
    );
    return !beyond || places.at(-1)?.token !== 'lsl12';
  });
  if (places.at(-1)?.optional !== true) return lists;
  return [...lists, ...all.map((list) => list.slice(0, -1))];
}
