/** Operands of AArch64's assembly, as people and disassemblers write them. Text is in lower case. */
import { readNumber } from './numbers.ts';

export type ArmOperand =
  | { readonly kind: 'number'; readonly values: readonly bigint[]; readonly here: boolean }
  /** A floating-point number, which a dot or an exponent tells. */
  | { readonly kind: 'float'; readonly value: number }
  /** A name that stands for anything. */
  | { readonly kind: 'symbol' }
  /** Registers, shifts, conditions, options: the same text means the same. */
  | { readonly kind: 'word'; readonly text: string; readonly register: boolean }
  /** `[x1, x2, lsl #3]`; `!` where the address is written back. */
  | { readonly kind: 'memory'; readonly parts: readonly ArmOperand[]; readonly writesBack: boolean }
  /** `{v0.4s, v1.4s}[1]`. */
  | {
      readonly kind: 'list';
      readonly parts: readonly ArmOperand[];
      readonly lane: bigint | undefined;
    }
  /** `lsl #3`, `sxtw #2`. */
  | { readonly kind: 'shift'; readonly name: string; readonly amount: ArmOperand };

export interface ArmOperandRead {
  readonly operand: ArmOperand;
  readonly end: number;
}

const registerAliases = new Map([
  ['fp', 'x29'],
  ['lr', 'x30'],
  ['ip0', 'x16'],
  ['ip1', 'x17'],
  ['wfp', 'w29'],
]);
const register =
  /^(?:[xw](?:[0-9]|[12][0-9]|30|zr)|w?sp|pc|[bhsdqvz](?:[0-9]|[12][0-9]|3[01])(?:\.\d*[bhsdq])?(?:\[\d+\])?|p(?:[0-9]|1[0-5])(?:\.[bhsd]|\/[mz])?)$/;
const shift = /(lsl|lsr|asr|ror|msl|[us]xt[bhwx])(?:\s+#?(?=[\d-])|(?=\s*(?:$|[\],;])))/y;
/** Conditions, barriers, prefetches, hints: words that an operand may be. */
const option =
  /^(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al|nv|sy|st|ld|ish|ishst|ishld|nsh|nshst|nshld|osh|oshst|oshld|p(?:ld|st|li)l[123](?:keep|strm)|c|j|jc|csync|[a-z][\da-z]*_el[0123]|s\d_\d_c\d+_c\d+_\d|nzcv|fpcr|fpsr|daif|daifset|daifclr|spsel|currentel|[iapcd]?v[am][a-z0-9]+|ivau|cvau|cvac|civac|zva)$/;
const word =
  /[a-z_.@:<"=][\w.@$:<>"]*(?:\[\d+\])?(?:\/[mz])?(?:[+-](?:0x)?[\da-f]+>?)?|\d+[fb](?![\w.])/y;
/** `1322e0`, `b8f30 <_exit>`: an address as objdump lists it; `1f` and `1b` are labels. */
const listedAddress = /^(?!\d{1,2}[fb]\b)(?:\d[\da-f]*(?=$|\s)|[\da-f]{3,}(?=\s+<))/;
const float = /#?([+-]?\d+\.\d+(?:e[+-]?\d+)?|[+-]?\d+e[+-]?\d+)(?![\w.])/y;

/** Conditions with two names. */
const sameCondition = new Map([
  ['hs', 'cs'],
  ['lo', 'cc'],
]);

const mostParts = 5;

/** The operand at a place in lower-case text. `relative`: it may be an address, hexadecimal without a sign. */
export function readArmOperand(
  text: string,
  at: number,
  relative: boolean,
): ArmOperandRead | undefined {
  let position = at;
  while (text[position] === ' ' || text[position] === '\t') position++;
  const first = text[position];
  if (first === '[') return readMemory(text, position);
  if (first === '{') return readList(text, position);
  const shifted = matchAt(shift, text, position);
  if (shifted) return readShift(text, position, shifted);
  if (relative && (first === '.' || first === '#')) {
    const here = /^\.\s*(?=[+-])/.exec(text.slice(position));
    const distance = here ? readNumber(text, position + here[0].length) : undefined;
    if (distance) {
      return {
        operand: { kind: 'number', values: distance.values, here: true },
        end: distance.end,
      };
    }
    if (/^\.(?![\w])/.test(text.slice(position))) {
      return { operand: { kind: 'number', values: [0n], here: true }, end: position + 1 };
    }
  }
  const listed = relative ? listedAddress.exec(text.slice(position)) : null;
  if (listed) {
    const values = [BigInt(`0x${listed[0]}`)];
    if (/^\d+$/.test(listed[0])) values.unshift(BigInt(listed[0]));
    return { operand: { kind: 'number', values, here: false }, end: position + listed[0].length };
  }
  const fraction = matchAt(float, text, position);
  if (fraction) {
    const end = position + fraction[0].length;
    return { operand: { kind: 'float', value: Number(fraction[1]) }, end };
  }
  const number = readNumber(text, first === '#' || first === '=' ? position + 1 : position);
  if (number) {
    return { operand: { kind: 'number', values: number.values, here: false }, end: number.end };
  }
  const name = matchAt(word, text, first === '#' ? position + 1 : position);
  if (!name) return undefined;
  const end = (first === '#' ? position + 1 : position) + name[0].length;
  const plain = registerAliases.get(name[0]) ?? name[0];
  if (register.test(plain)) {
    return { operand: { kind: 'word', text: plain, register: true }, end };
  }
  if (option.test(plain)) {
    const text = sameCondition.get(plain) ?? plain;
    return { operand: { kind: 'word', text, register: false }, end };
  }
  return { operand: { kind: 'symbol' }, end };
}

function readShift(text: string, at: number, match: RegExpExecArray): ArmOperandRead | undefined {
  const name = match[1] ?? '';
  const after = at + match[0].length;
  const number = readNumber(text, after);
  const amount = { kind: 'number', values: number?.values ?? [0n], here: false } as const;
  return { operand: { kind: 'shift', name, amount }, end: number?.end ?? after };
}

function readMemory(text: string, at: number): ArmOperandRead | undefined {
  const close = text.indexOf(']', at);
  if (close < 0) return undefined;
  const parts = readParts(text.slice(at + 1, close));
  if (!parts || parts.length === 0) return undefined;
  const writesBack = text[close + 1] === '!';
  const operand = { kind: 'memory', parts: withoutZero(parts), writesBack } as const;
  return { operand, end: close + (writesBack ? 2 : 1) };
}

/** `[x1, #0]` is `[x1]`, `[x1, x2, lsl #0]` is `[x1, x2]`. */
function withoutZero(parts: readonly ArmOperand[]): readonly ArmOperand[] {
  const last = parts.at(-1);
  const number = last?.kind === 'shift' && last.name === 'lsl' ? last.amount : last;
  const isZero = number?.kind === 'number' && number.values[0] === 0n && parts.length > 1;
  return isZero ? parts.slice(0, -1) : parts;
}

function readList(text: string, at: number): ArmOperandRead | undefined {
  const close = text.indexOf('}', at);
  if (close < 0) return undefined;
  const parts = readParts(spelledOut(text.slice(at + 1, close)));
  if (!parts) return undefined;
  const lane = /^\[(\d+)\]/.exec(text.slice(close + 1));
  const end = close + 1 + (lane?.[0].length ?? 0);
  return {
    operand: { kind: 'list', parts, lane: lane?.[1] === undefined ? undefined : BigInt(lane[1]) },
    end,
  };
}

/** `v0.16b - v3.16b` → each of the four. */
function spelledOut(list: string): string {
  const range = /^\s*([vz])(\d+)(\.\w+)\s*-\s*\1(\d+)\3\s*$/.exec(list);
  if (!range) return list;
  const [, kind = '', from = '', type = '', to = ''] = range;
  const count = Math.min(mostParts, ((Number(to) - Number(from) + 32) % 32) + 1);
  return Array.from(
    { length: count },
    (_, index) => `${kind}${(Number(from) + index) % 32}${type}`,
  ).join(', ');
}

function readParts(inside: string): ArmOperand[] | undefined {
  const parts: ArmOperand[] = [];
  let at = 0;
  while (parts.length < mostParts) {
    const read = readArmOperand(inside, at, false);
    if (!read) return undefined;
    parts.push(read.operand);
    const rest = /^\s*(,?)\s*/.exec(inside.slice(read.end));
    at = read.end + (rest?.[0].length ?? 0);
    if (rest?.[1] !== ',') return at === inside.length ? parts : undefined;
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
