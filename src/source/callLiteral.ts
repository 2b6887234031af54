/** Literals in calls and expectations, and fitting them to a type. */
import { limits } from '../model/run.ts';
import {
  formatType,
  sizeOf,
  wrapInteger,
  type FloatBits,
  type IntegerType,
  type Type,
} from '../model/signature.ts';
import type { Span } from '../model/text.ts';
import type { ArgumentValue } from '../model/value.ts';
import type { Cursor } from './cursor.ts';
import { escapeByte } from './numbers.ts';

/** A literal as written, with its place. */
export type CallLiteral = { readonly span: Span; readonly text: string } & (
  | { readonly kind: 'integer'; readonly value: bigint; readonly pattern: boolean }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'string'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'array';
      readonly elements: readonly CallLiteral[];
      readonly times: number;
      readonly align: number | undefined;
    }
  | { readonly kind: 'vector'; readonly lanes: readonly CallLiteral[] }
);

const number =
  /^-?(?:0x[0-9a-f][0-9a-f_']*|0b[01][01_']*|0o[0-7][0-7_']*|(?:[0-9][0-9_']*)?\.?[0-9][0-9_']*\.?(?:e[+-]?[0-9]+)?)(?![\w.])/i;

/** Reads one literal. Throws `ReadError`. */
export function readLiteral(cursor: Cursor): CallLiteral {
  cursor.skipBlank();
  const start = cursor.at;
  const place = (): { span: Span; text: string } => ({
    span: cursor.spanSince(start),
    text: cursor.since(start),
  });
  if (cursor.atNumber) {
    const literal = readNumber(cursor, place);
    if (literal) return literal;
  }
  if (cursor.peek('"')) {
    const bytes = readString(cursor);
    return { kind: 'string', bytes, ...place() };
  }
  if (cursor.peek("'")) {
    const found = cursor.take(/^'(?:\\x([0-9a-f]{2})|\\(.)|([^'\\]))'/iu);
    if (!found) throw cursor.error("expected one character between single quotes, as in 'A'");
    const [, byHex, escaped, itself] = found;
    const value =
      byHex !== undefined
        ? Number.parseInt(byHex, 16)
        : escaped !== undefined
          ? escapeByte(escaped)
          : itself?.codePointAt(0);
    if (value === undefined)
      throw cursor.error('this escape is not known', cursor.spanSince(start));
    return { kind: 'integer', value: BigInt(value), pattern: false, ...place() };
  }
  const aligned = cursor.take(/^align\s+(\d+)\s*(?=\[)/);
  if (aligned || cursor.peek('[')) {
    const align = aligned ? Number(aligned[1]) : undefined;
    if (align !== undefined && (align < 1 || align > 4096 || (align & (align - 1)) !== 0)) {
      throw cursor.error('an alignment is a power of two up to 4096', cursor.spanSince(start));
    }
    const { elements, times } = readArray(cursor);
    return { kind: 'array', elements, times, align, ...place() };
  }
  if (cursor.accept('<')) {
    const lanes = readElements(cursor, '>');
    return { kind: 'vector', lanes, ...place() };
  }
  const word = cursor.take(
    /^(?:true|false|null|nullptr|NULL|[+-]?(?:inf|infinity)|[+-]?nan)\b/i,
  )?.[0];
  if (word !== undefined) {
    const lower = word.toLowerCase();
    if (lower === 'true' || lower === 'false')
      return { kind: 'bool', value: lower === 'true', ...place() };
    if (lower.startsWith('null')) return { kind: 'null', ...place() };
    const value = lower.includes('nan') ? NaN : lower.startsWith('-') ? -Infinity : Infinity;
    return { kind: 'float', value, ...place() };
  }
  throw cursor.error('expected a literal: a number, a string, an array, true, false or null');
}

function readNumber(
  cursor: Cursor,
  place: () => { span: Span; text: string },
): CallLiteral | undefined {
  const digits = cursor.take(number)?.[0];
  if (digits === undefined) return undefined;
  const plain = digits.replace(/[_']/g, '');
  const isInteger = /^-?(?:0[xbo]|[0-9]+$)/i.test(plain);
  if (!isInteger) return { kind: 'float', value: Number(plain), ...place() };
  const negative = plain.startsWith('-');
  const magnitude = BigInt(negative ? plain.slice(1) : plain);
  const value = negative ? -magnitude : magnitude;
  return { kind: 'integer', value, pattern: /^0[xbo]/i.test(plain), ...place() };
}

function readElements(cursor: Cursor, close: string): CallLiteral[] {
  const elements: CallLiteral[] = [];
  while (!cursor.accept(close)) {
    elements.push(readLiteral(cursor));
    if (elements.length > limits.bufferBytes)
      throw cursor.error('this array has too many elements');
    if (cursor.accept(',')) continue;
    cursor.expect(close, 'or "," after this element');
    break;
  }
  return elements;
}

function readArray(cursor: Cursor): { elements: CallLiteral[]; times: number } {
  cursor.expect('[', 'here');
  if (cursor.accept(']')) return { elements: [], times: 1 };
  const first = readLiteral(cursor);
  if (cursor.accept(';')) {
    const times = cursor.take(/^(?:0x[0-9a-f]+|[0-9_]+)/i)?.[0];
    if (times === undefined) throw cursor.error('expected how often the element repeats');
    cursor.expect(']', 'after the number of elements');
    const count = Number(times.replace(/_/g, ''));
    if (count > limits.bufferBytes) throw cursor.error(`more than ${limits.bufferBytes} elements`);
    return { elements: [first], times: count };
  }
  if (cursor.accept(']')) return { elements: [first], times: 1 };
  cursor.expect(',', 'or "]" after this element');
  return { elements: [first, ...readElements(cursor, ']')], times: 1 };
}

function readString(cursor: Cursor): Uint8Array {
  const start = cursor.at;
  const found = cursor.take(/^"((?:[^"\\\n]|\\.)*)"/);
  if (!found) throw cursor.error('this string never closes');
  const content = found[1] ?? '';
  const bytes: number[] = [];
  for (let i = 0; i < content.length;) {
    if (content.charAt(i) !== '\\') {
      const character = String.fromCodePoint(content.codePointAt(i) ?? 0);
      bytes.push(...Buffer.from(character, 'utf8'));
      i += character.length;
      continue;
    }
    const escape = /^\\(?:x([0-9a-f]{2})|u\{?([0-9a-f]{2,6})\}?|([0-7]{1,3})|(.))/i.exec(
      content.slice(i),
    );
    const [whole = '\\', byHex, byUnicode, byOctal, letter] = escape ?? [];
    if (byHex !== undefined) bytes.push(Number.parseInt(byHex, 16));
    else if (byUnicode !== undefined) {
      const code = Number.parseInt(byUnicode, 16);
      if (code > 0x10ffff)
        throw cursor.error(`"${whole}" is no character`, cursor.spanSince(start));
      bytes.push(...Buffer.from(String.fromCodePoint(code), 'utf8'));
    } else if (byOctal !== undefined) bytes.push(Number.parseInt(byOctal, 8) & 0xff);
    else {
      const byte = letter === undefined ? undefined : escapeByte(letter);
      if (byte === undefined)
        throw cursor.error(`the escape "${whole}" is not known`, cursor.spanSince(start));
      bytes.push(byte);
    }
    i += whole.length;
  }
  return Uint8Array.from(bytes);
}

/** The IEEE 754 pattern of a number in a format. */
export function floatBits(value: number, bits: FloatBits): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (bits === 32) {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** An integer literal as a value of the type, or undefined where it is out of range. */
export function fitInteger(
  literal: CallLiteral & { readonly kind: 'integer' },
  type: IntegerType,
  strict: boolean,
): bigint | undefined {
  const low = type.signed || !strict ? -(1n << BigInt(type.bits - 1)) : 0n;
  const high =
    type.signed && strict && !literal.pattern
      ? (1n << BigInt(type.bits - 1)) - 1n
      : (1n << BigInt(type.bits)) - 1n;
  if (literal.value < low || literal.value > high) return undefined;
  return wrapInteger(literal.value, type);
}

/** The literal as one argument of the type. Throws `ReadError` at the literal. */
export function fitArgument(
  cursor: Cursor,
  literal: CallLiteral,
  type: Type,
  pointerBits: number,
): ArgumentValue {
  const wrong = (message: string, span = literal.span): never => {
    throw cursor.error(message, span, 'bad-argument');
  };
  switch (type.kind) {
    case 'integer': {
      if (literal.kind === 'bool') return { kind: 'integer', value: literal.value ? 1n : 0n };
      if (literal.kind !== 'integer') return wrong(`expected an integer for ${formatType(type)}`);
      const value = fitInteger(literal, type, true);
      if (value === undefined)
        return wrong(`${literal.text} is out of the range of ${formatType(type)}`);
      return { kind: 'integer', value };
    }
    case 'bool':
      if (literal.kind === 'bool') return { kind: 'integer', value: literal.value ? 1n : 0n };
      if (literal.kind === 'integer' && (literal.value === 0n || literal.value === 1n)) {
        return { kind: 'integer', value: literal.value };
      }
      return wrong('expected true or false');
    case 'float':
      if (literal.kind === 'float') return { kind: 'float', value: literal.value };
      if (literal.kind === 'integer') return { kind: 'float', value: Number(literal.value) };
      return wrong(`expected a number for ${formatType(type)}`);
    case 'vector': {
      if (literal.kind !== 'vector') return wrong(`expected <…> with ${type.lanes} lanes`);
      if (literal.lanes.length !== type.lanes) {
        return wrong(`${literal.lanes.length} lanes given, ${formatType(type)} has ${type.lanes}`);
      }
      return { kind: 'vector', bytes: pack(cursor, literal.lanes, type.lane, pointerBits) };
    }
    case 'pointer':
    case 'string': {
      if (literal.kind === 'null') return { kind: 'integer', value: 0n };
      if (literal.kind === 'integer') {
        const address: IntegerType = {
          kind: 'integer',
          bits: pointerBits === 64 ? 64 : 32,
          signed: false,
        };
        const value = fitInteger(literal, address, true);
        if (value === undefined)
          return wrong(`${literal.text} is no address of ${pointerBits} bits`);
        return { kind: 'integer', value };
      }
      const target: Type =
        type.kind === 'string' ? { kind: 'integer', bits: 8, signed: true } : type.target;
      const bytes = bytesAt(cursor, literal, target, pointerBits);
      if (!bytes) return wrong('expected an array, a string, null or an address for a pointer');
      if (bytes.length > limits.bufferBytes)
        return wrong(`a buffer of more than ${limits.bufferBytes} bytes`);
      const own = literal.kind === 'array' ? literal.align : undefined;
      return { kind: 'buffer', bytes, align: own ?? sizeOf(target, pointerBits) };
    }
    case 'void':
      return wrong('nothing can be passed as void');
  }
}

/** What a pointer to `target` leads to where the literal stands: a string with its NUL, or elements. */
export function bytesAt(
  cursor: Cursor,
  literal: CallLiteral,
  target: Type,
  pointerBits: number,
): Uint8Array | undefined {
  if (literal.kind === 'string') return Uint8Array.from([...literal.bytes, 0]);
  if (literal.kind !== 'array') return undefined;
  const unit = pack(cursor, literal.elements, target, pointerBits);
  if (literal.times === 1) return unit;
  if (unit.length * literal.times > limits.bufferBytes) {
    throw cursor.error(
      `a buffer of more than ${limits.bufferBytes} bytes`,
      literal.span,
      'bad-argument',
    );
  }
  const bytes = new Uint8Array(unit.length * literal.times);
  for (let n = 0; n < literal.times; n++) bytes.set(unit, n * unit.length);
  return bytes;
}

/** Elements as they stand in memory, little-endian. */
function pack(
  cursor: Cursor,
  elements: readonly CallLiteral[],
  type: Type,
  pointerBits: number,
): Uint8Array {
  const size = sizeOf(type, pointerBits);
  const bytes = new Uint8Array(size * elements.length);
  const view = new DataView(bytes.buffer);
  elements.forEach((element, index) => {
    const at = index * size;
    if (type.kind === 'void') {
      // An untyped pointer: bytes, of either sign.
      const value = element.kind === 'integer' ? element.value : undefined;
      if (value === undefined || value < -128n || value > 255n) {
        throw cursor.error(`${element.text} is no byte`, element.span, 'bad-argument');
      }
      view.setUint8(at, Number(BigInt.asUintN(8, value)));
      return;
    }
    const value = fitArgument(cursor, element, type, pointerBits);
    switch (value.kind) {
      case 'float':
        if (size === 4) view.setFloat32(at, value.value, true);
        else view.setFloat64(at, value.value, true);
        return;
      case 'vector':
        bytes.set(value.bytes, at);
        return;
      case 'buffer':
        throw cursor.error(
          'an array inside an array cannot be passed',
          element.span,
          'bad-argument',
        );
      case 'integer':
        for (let n = 0; n < size; n++) {
          view.setUint8(at + n, Number(BigInt.asUintN(8, value.value >> BigInt(8 * n))));
        }
    }
  });
  return bytes;
}
