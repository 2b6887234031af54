/** Operands as people write them, in either syntax. Text is in lower case. */
import { type NumberRead, readNumber } from './numbers.ts';
import { canonicalRegister, isNoIndex } from './registers.ts';

/** An address as a sum: what is not said, or said by names, matches anything. */
export interface WrittenMemory {
  readonly kind: 'memory';
  /** Register → factor. */
  readonly registers: ReadonlyMap<string, bigint>;
  /** Values the displacement may have; undefined where a symbol is part of it. */
  readonly displacement: readonly bigint[] | undefined;
  /** Whether names stand where registers could. */
  readonly symbolic: boolean;
  readonly segment: string | undefined;
  /** In bytes, by a word such as `dword`. */
  readonly size: number | undefined;
  /** Whether the number is an address rather than a distance (`[rel 0x1000]`, `0x1000`). */
  readonly absolute: boolean;
}

export type WrittenOperand =
  | { readonly kind: 'register'; readonly register: string }
  /**
   * `from`: `here` counts from the instruction's first byte (`$+5`). `bare`: AT&T's sign of a number is
   * missing, so that it may be an address.
   */
  | {
      readonly kind: 'number';
      readonly values: readonly bigint[];
      readonly from: 'here' | undefined;
      readonly signed: boolean;
      readonly bare: boolean;
    }
  | WrittenMemory
  /** A name that stands for anything. */
  | { readonly kind: 'symbol'; readonly size: number | undefined };

/** An operand, what gives its syntax away, and where it ends. */
export interface OperandRead {
  readonly operand: WrittenOperand;
  readonly end: number;
  /** `att`: `%`, `$4`, `8(%rax)`. `intel`: `[rax]`, `ptr`. */
  readonly syntax: 'att' | 'intel' | undefined;
  readonly far: boolean;
}

const sizes: Readonly<Record<string, number>> = {
  byte: 1,
  word: 2,
  dword: 4,
  qword: 8,
  mmword: 8,
  fword: 6,
  pword: 6,
  tbyte: 10,
  tword: 10,
  oword: 16,
  xmmword: 16,
  dqword: 16,
  yword: 32,
  ymmword: 32,
  qqword: 32,
  zword: 64,
  zmmword: 64,
  real4: 4,
  real8: 8,
  real10: 10,
};

const keyword =
  /(?:(byte|word|dword|qword|mmword|fword|pword|tbyte|tword|oword|xmmword|dqword|yword|ymmword|qqword|zword|zmmword|real4|real8|real10)(?:\s+(ptr|bcst)(?=[\s[])|(?=[\s[]))|(ptr|bcst|short|near|far|strict|offset|rel|to)(?=[\s[])|(flat):)\s*/y;
const segmentPrefix = /(%?)([c-gs]s)\s*:\s*/y;
const percentRegister = /%(st\s*\(\s*[0-7]\s*\)|[a-z]\w*)/y;
const nakedRegister = /st\s*\(\s*[0-7]\s*\)|[a-z]\w*/y;
const symbol = /[&=]?(?:[a-z_.@?<"][\w.@$?>"-]*(?:[+-](?:0x)?[\da-f]+>?)?(?:\[\d+\])?|<[^<>]*>)/y;
/** GNU as's `1f` and `1b`: the next and the last label 1. */
const localLabel = /\d{1,2}[fb](?![\w.])/y;
const decoration = /\s*\{[^{}]*\}/y;
const mostKeywords = 6;

/** The operand at a place. `branch`: the instruction goes there, so `$` is "here". */
export function readOperand(text: string, at: number, branch: boolean): OperandRead | undefined {
  let position = skipBlanks(text, at);
  let syntax: OperandRead['syntax'];
  let size: number | undefined;
  let far = false;
  if (text[position] === '*') {
    syntax = 'att';
    position = skipBlanks(text, position + 1);
  }
  for (let words = 0; words < mostKeywords; words++) {
    keyword.lastIndex = position;
    const match = keyword.exec(text);
    if (!match) break;
    if (match[1] !== undefined) size = sizes[match[1]];
    if (match[1] !== undefined || match[2] !== undefined || match[3] === 'ptr') syntax = 'intel';
    if (match[3] === 'far') far = true;
    position = keyword.lastIndex;
  }
  // Of a far pointer the word says how long the offset is.
  if (far) size = undefined;
  const segment = matchAt(segmentPrefix, text, position);
  if (segment) {
    position += segment[0].length;
    if (segment[1] === '%') syntax = 'att';
  }
  const read = readBody(text, position, branch, size, segment?.[2]);
  if (!read) return undefined;
  let { end } = read;
  for (let match = matchAt(decoration, text, end); match; match = matchAt(decoration, text, end)) {
    end += match[0].length;
  }
  return { operand: read.operand, end, syntax: read.syntax ?? syntax, far };
}

type Body = Omit<OperandRead, 'far'>;

function readBody(
  text: string,
  at: number,
  branch: boolean,
  size: number | undefined,
  segment: string | undefined,
): Body | undefined {
  if (text[at] === '[') return readBracketed(text, at, emptySum, size, segment);
  if (text[at] === '(') return readParenthesized(text, at, [0n], size, segment);
  const register = readRegister(text, at);
  if (register) return { ...register, operand: { kind: 'register', register: register.register } };
  if (text[at] === '$' || (branch && text[at] === '.')) {
    const dollar = readDollar(text, at, branch);
    if (dollar) return dollar;
  }
  const local = branch ? matchAt(localLabel, text, at) : null;
  if (local) {
    const end = at + local[0].length;
    return { end, syntax: undefined, operand: { kind: 'symbol', size: undefined } };
  }
  const number = (branch ? readListedAddress(text, at) : undefined) ?? readNumber(text, at);
  if (number) {
    const { values, end } = number;
    if (text[end] === '(') {
      const memory = readParenthesized(text, end, values, size, segment);
      if (memory) return memory;
    }
    if (text[end] === '[') {
      return readBracketed(text, end, { ...emptySum, displacement: values }, size, segment);
    }
    if (segment !== undefined) {
      return {
        end,
        syntax: undefined,
        operand: { ...plainMemory, displacement: values, segment, size, absolute: true },
      };
    }
    const signed = /^[+-]/.test(text.slice(at));
    const operand = { kind: 'number', values, from: undefined, signed, bare: true } as const;
    return { end, syntax: undefined, operand };
  }
  const name = matchAt(symbol, text, at);
  if (!name) return undefined;
  const end = at + name[0].length;
  if (text[end] === '(' || text[end] === '[') {
    const sum = { ...emptySum, displacement: undefined };
    const memory =
      text[end] === '('
        ? readParenthesized(text, end, undefined, size, segment)
        : readBracketed(text, end, sum, size, segment);
    if (memory) return memory;
  }
  return { end, syntax: undefined, operand: { kind: 'symbol', size } };
}

/** `401136`, `40113f <main+0x9>`: an address as objdump lists it, hexadecimal without saying so. */
function readListedAddress(text: string, at: number): NumberRead | undefined {
  const match = matchAt(
    /(?!\d{1,2}[fb]\b)(?:\d[\da-f]*|[\da-f]{3,}(?=\s+<))(?![\w.+*-])/y,
    text,
    at,
  );
  if (!match) return undefined;
  const values = [BigInt(`0x${match[0]}`)];
  if (/^\d+$/.test(match[0])) values.unshift(BigInt(match[0]));
  return { values, end: at + match[0].length };
}

function readRegister(
  text: string,
  at: number,
): { register: string; end: number; syntax: 'att' | undefined } | undefined {
  const percent = matchAt(percentRegister, text, at);
  const match = percent ?? matchAt(nakedRegister, text, at);
  if (!match) return undefined;
  const register = canonicalRegister(percent ? (percent[1] ?? '') : match[0]);
  if (register === undefined) return undefined;
  const end = at + match[0].length;
  // A name such as `ax.field`, or a function's such as `cx(…)`.
  if (!percent && /^[.@$?(]/.test(text.slice(end, end + 1))) return undefined;
  return { register, end, syntax: percent ? 'att' : undefined };
}

/** `$4`, `$symbol`; in a branch `$`, `$+5`, `.-2`. */
function readDollar(text: string, at: number, branch: boolean): Body | undefined {
  const after = at + 1;
  if (branch) {
    const offset = /^\s*[+-]/.test(text.slice(after, after + 8))
      ? readNumber(text, after)
      : undefined;
    if (offset || !/^[\w.]/.test(text.slice(after, after + 1))) {
      return {
        end: offset?.end ?? after,
        syntax: undefined,
        operand: {
          kind: 'number',
          values: offset?.values ?? [0n],
          from: 'here',
          signed: true,
          bare: false,
        },
      };
    }
    if (text[at] === '.') return undefined;
  }
  const number = readNumber(text, after);
  if (number) {
    const operand = {
      kind: 'number',
      values: number.values,
      from: undefined,
      signed: false,
      bare: false,
    } as const;
    return { end: number.end, syntax: 'att', operand };
  }
  const name = matchAt(symbol, text, after);
  if (!name) return undefined;
  return {
    end: after + name[0].length,
    syntax: 'att',
    operand: { kind: 'symbol', size: undefined },
  };
}

interface Sum {
  readonly registers: Map<string, bigint>;
  readonly displacement: readonly bigint[] | undefined;
  readonly symbolic: boolean;
  readonly absolute: boolean;
}

const emptySum = {
  registers: new Map<string, bigint>(),
  displacement: [0n] as readonly bigint[],
  symbolic: false,
  absolute: false,
} as const;

const plainMemory = {
  kind: 'memory',
  registers: new Map<string, bigint>(),
  symbolic: false,
} as const;

/** `[rax+rbx*4-8]`, `[rel 0x1000]`, `[rax][rbx]`. */
function readBracketed(
  text: string,
  at: number,
  before: Sum,
  size: number | undefined,
  outerSegment: string | undefined,
): Body | undefined {
  let sum: Sum = { ...before, registers: new Map(before.registers) };
  let segment = outerSegment;
  let end = at;
  while (text[end] === '[') {
    const close = text.indexOf(']', end);
    if (close < 0) return undefined;
    let inside = text.slice(end + 1, close).trim();
    const inner = /^%?([c-gs]s)\s*:\s*/.exec(inside);
    if (inner) {
      segment = inner[1];
      inside = inside.slice(inner[0].length);
    }
    const next = addTerms(sum, inside);
    if (!next) return undefined;
    sum = next;
    end = close + 1;
  }
  const trailing = matchAt(/\.[a-z_]\w*|[+-]\d+(?![\w.])/y, text, end);
  if (trailing) {
    sum = { ...sum, displacement: undefined };
    end += trailing[0].length;
  }
  return { end, syntax: 'intel', operand: { kind: 'memory', ...sum, segment, size } };
}

function addTerms(before: Sum, written: string): Sum | undefined {
  let inside = written;
  let absolute = before.absolute;
  for (let words = 0; words < mostKeywords; words++) {
    const word = /^(rel|abs|byte|word|dword|qword|nosplit)\s+/.exec(inside);
    if (!word) break;
    if (word[1] === 'rel') absolute = true;
    inside = inside.slice(word[0].length);
  }
  const registers = new Map(before.registers);
  let displacement = before.displacement;
  let symbolic = before.symbolic;
  const terms = inside.match(/[+-]?[^+-]+/g);
  if (!terms) return undefined;
  for (const term of terms) {
    const [, sign = '', body = ''] = /^([+-]?)\s*(.*?)\s*$/.exec(term) ?? [];
    const [first = '', second, ...more] = body.split('*').map((part) => part.trim());
    const names = [first, second ?? ''].map((part) => canonicalRegister(part.replace(/^%/, '')));
    const register = names[0] ?? names[1];
    if (register !== undefined && more.length === 0 && sign !== '-') {
      const factor = second === undefined ? 1n : numberIn(names[0] === undefined ? first : second);
      if (factor === undefined) symbolic = true;
      else registers.set(register, (registers.get(register) ?? 0n) + factor);
      continue;
    }
    if (isNoIndex(first)) continue;
    const number = readNumber(body, 0);
    if (number?.end === body.length) {
      const signed = sign === '-' ? number.values.map((value) => -value) : number.values;
      displacement = displacement?.flatMap((base) => signed.map((value) => base + value));
      continue;
    }
    // A name: a displacement, or (with a factor, or alone) perhaps what is in a register.
    if (!/^[\w.@$?&<>"]/.test(body)) return undefined;
    displacement = undefined;
    if (second !== undefined || terms.length === 1 || registers.size === 0) symbolic = true;
  }
  return { registers, displacement, symbolic, absolute };
}

function numberIn(text: string): bigint | undefined {
  const number = readNumber(text, 0);
  return number?.end === text.length ? number.values[0] : undefined;
}

/** AT&T's `(%rax,%rbx,4)`, after its displacement. */
function readParenthesized(
  text: string,
  at: number,
  displacement: readonly bigint[] | undefined,
  size: number | undefined,
  segment: string | undefined,
): Body | undefined {
  const close = text.indexOf(')', at);
  if (close < 0) return undefined;
  const parts = text
    .slice(at + 1, close)
    .split(',')
    .map((part) => part.trim());
  if (parts.length > 3) return undefined;
  const [base = '', index = '', factor = '1'] = parts;
  const registers = new Map<string, bigint>();
  for (const [name, times] of [
    [base, 1n],
    [index, numberIn(factor === '' ? '1' : factor)],
  ] as const) {
    const plain = name.replace(/^%/, '');
    if (plain === '' || isNoIndex(plain)) continue;
    const register = canonicalRegister(plain);
    if (register === undefined || times === undefined) return undefined;
    registers.set(register, (registers.get(register) ?? 0n) + times);
  }
  if (registers.size === 0) return undefined;
  return {
    end: close + 1,
    syntax: 'att',
    operand: {
      kind: 'memory',
      registers,
      displacement,
      symbolic: false,
      segment,
      size,
      absolute: false,
    },
  };
}

/** The first place at or after `at` that holds no blank. */
export function skipBlanks(text: string, at: number): number {
  let position = at;
  while (text[position] === ' ' || text[position] === '\t') position++;
  return position;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
