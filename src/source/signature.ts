/** Reading signatures: Rust-like and as a C prototype. */
import type { ArchitectureFacts } from '../model/architecture.ts';
import {
  maxParameters,
  type IntegerBits,
  type Parameter,
  type PointerType,
  type Signature,
  type Type,
} from '../model/signature.ts';
import type { Cursor } from './cursor.ts';

/** How wide the platform's types are. */
export interface DataModel {
  readonly pointerBits: 32 | 64;
  readonly longBits: 32 | 64;
  readonly unsignedChar: boolean;
}

/** The data model of an architecture; `long` is 32 bits on Windows. */
export function dataModel(architecture: ArchitectureFacts, windows: boolean): DataModel {
  const pointerBits = architecture.pointerBits === 64 ? 64 : 32;
  return {
    pointerBits,
    longBits: windows ? 32 : pointerBits,
    unsignedChar: architecture.unsignedChar,
  };
}

const integer = (bits: IntegerBits, signed: boolean): Type => ({ kind: 'integer', bits, signed });
const voidType: Type = { kind: 'void' };

/** Type names that are one word and mean the same in both spellings. */
function namedType(name: string, model: DataModel): Type | undefined {
  const fixed = /^(?:([iu])(8|16|32|64)|(u?)int(8|16|32|64)_t)$/.exec(name);
  if (fixed) {
    const bits = Number(fixed[2] ?? fixed[4]) as IntegerBits;
    return integer(bits, fixed[1] === 'i' || (fixed[1] === undefined && fixed[3] === ''));
  }
  const vector = /^([iuf])(8|16|32|64)x(\d+)$/.exec(name);
  if (vector) {
    const bits = Number(vector[2]) as IntegerBits;
    const lanes = Number(vector[3]);
    if (bits * lanes !== 128) return undefined;
    if (vector[1] === 'f') {
      if (bits !== 32 && bits !== 64) return undefined;
      return { kind: 'vector', lane: { kind: 'float', bits }, lanes };
    }
    return { kind: 'vector', lane: { kind: 'integer', bits, signed: vector[1] === 'i' }, lanes };
  }
  switch (name) {
    case 'isize':
    case 'ssize_t':
    case 'intptr_t':
    case 'ptrdiff_t':
      return integer(model.pointerBits, true);
    case 'usize':
    case 'size_t':
    case 'uintptr_t':
      return integer(model.pointerBits, false);
    case 'bool':
    case '_Bool':
      return { kind: 'bool' };
    case 'f32':
    case 'float':
      return { kind: 'float', bits: 32 };
    case 'f64':
    case 'double':
      return { kind: 'float', bits: 64 };
    case '__m128':
      return { kind: 'vector', lane: { kind: 'float', bits: 32 }, lanes: 4 };
    case '__m128d':
      return { kind: 'vector', lane: { kind: 'float', bits: 64 }, lanes: 2 };
    case '__m128i':
      return { kind: 'vector', lane: { kind: 'integer', bits: 32, signed: true }, lanes: 4 };
    case 'ptr':
      return { kind: 'pointer', target: voidType, mutable: true };
    case 'str':
      return { kind: 'string' };
    case 'void':
    case 'c_void':
      return voidType;
    default:
      return undefined;
  }
}

const specifiers = new Set([
  'char',
  'short',
  'int',
  'long',
  'signed',
  'unsigned',
  'double',
  'float',
  '__signed__',
]);
const qualifiers = new Set([
  'const',
  'volatile',
  'restrict',
  '__restrict',
  '__restrict__',
  'static',
  'inline',
  'extern',
  'register',
  '__inline',
]);

/** Reads the whole text of a `@jit` tag. Throws `ReadError`. */
export function readSignature(cursor: Cursor, model: DataModel): Signature {
  if (cursor.done) return { name: undefined, parameters: [], result: integer(64, true) };
  const start = cursor.at;
  const signature = readRustLike(cursor, model);
  if (signature) return signature;
  cursor.at = start;
  return readPrototype(cursor, model);
}

/** `name(a: i64) -> i64`, `(i64)`, `fn(i64) -> i64`, `name`. Undefined: this is no such spelling. */
function readRustLike(cursor: Cursor, model: DataModel): Signature | undefined {
  cursor.take(/^(?:pub\s+)?(?:unsafe\s+)?(?:extern\s+"[^"]*"\s+)?fn\b/);
  const fn = cursor.since(Math.max(0, cursor.at - 2)).endsWith('fn');
  const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
  if (cursor.done) return { name, parameters: [], result: integer(64, true) };
  if (!cursor.peek('(')) return undefined;
  const open = cursor.at;
  const close = closingBracket(cursor, open);
  if (close < 0) throw cursor.error('this parameter list never closes');
  const after = cursor.rest.slice(close + 1 - open);
  if (!fn && name !== undefined && !/^\s*(?:->|$)/.test(after)) {
    throw cursor.error('expected "->" and a result type after the parameters', undefined);
  }
  cursor.accept('(');
  const parameters = readParameters(cursor, model);
  let result: Type = voidType;
  if (cursor.accept('->')) {
    if (cursor.accept('(')) cursor.expect(')', 'after "(": "()" is no result');
    else result = readType(cursor, model);
  }
  cursor.accept(';');
  if (!cursor.done)
    throw cursor.error('this does not belong to a signature; prose goes on a line of its own');
  return { name, parameters, result };
}

function closingBracket(cursor: Cursor, open: number): number {
  let depth = 0;
  const text = cursor.rest;
  for (let i = 0; i < text.length; i++) {
    const sign = text.charAt(i);
    if (sign === '(') depth++;
    else if (sign === ')' && --depth === 0) return open + i;
  }
  return -1;
}

/** `long name(long a, const uint8_t *b)`. */
function readPrototype(cursor: Cursor, model: DataModel): Signature {
  const result = readType(cursor, model);
  const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
  if (!cursor.peek('(')) {
    throw cursor.error(
      name === undefined
        ? 'expected a function name and its parameters'
        : 'expected the parameters of the function in brackets',
    );
  }
  cursor.accept('(');
  if (cursor.peek('*'))
    throw cursor.error('a function pointer cannot be called here; write the function itself');
  const parameters = readParameters(cursor, model);
  cursor.accept(';');
  if (!cursor.done)
    throw cursor.error('this does not belong to a prototype; prose goes on a line of its own');
  return { name, parameters, result };
}

function readParameters(cursor: Cursor, model: DataModel): Parameter[] {
  const parameters: Parameter[] = [];
  if (cursor.accept(')')) return parameters;
  if (cursor.take(/^void\s*\)/)) return parameters;
  for (;;) {
    const start = cursor.at;
    if (cursor.done) throw cursor.error('this parameter list never closes');
    if (cursor.accept('...'))
      throw cursor.error('variable arguments cannot be passed', cursor.spanSince(start));
    const parameter = readParameter(cursor, model);
    if (parameter.type.kind === 'void') {
      throw cursor.error(
        'a parameter cannot be void',
        cursor.spanSince(start + leading(cursor.since(start))),
      );
    }
    parameters.push(parameter);
    if (parameters.length > maxParameters) {
      throw cursor.error(`more than ${maxParameters} parameters`, cursor.spanSince(start));
    }
    if (cursor.accept(')')) return parameters;
    if (!cursor.accept(',')) throw cursor.error('expected "," or ")" after this parameter');
    if (cursor.accept(')')) return parameters;
  }
}

function leading(text: string): number {
  return text.length - text.trimStart().length;
}

function readParameter(cursor: Cursor, model: DataModel): Parameter {
  const named = cursor.take(/^(?:mut\s+)?([A-Za-z_$][\w$]*)\s*:(?!:)/);
  if (named) return { name: named[1], type: readType(cursor, model) };
  const type = readType(cursor, model);
  // In C the name follows the type; with brackets after it, it is a pointer.
  const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
  let result = type;
  while (cursor.take(/^\[\s*(?:static\s+)?[\w+* ]*\]/)) {
    result = { kind: 'pointer', target: result, mutable: !constants.has(type) };
  }
  if (cursor.peek('(')) throw cursor.error('a function pointer cannot be passed');
  return { name, type: result };
}

/** Types read with `const`, so that `const int a[]` is a pointer to constants. */
const constants = new WeakSet<Type>();

/** A type in either spelling. */
function readType(cursor: Cursor, model: DataModel): Type {
  const start = cursor.at;
  // Rust-like pointers.
  if (cursor.accept('&')) return readReference(cursor, model);
  const raw = cursor.take(/^\*\s*(?:(const|mut)\b)?\s*/);
  if (raw) {
    const target = readType(cursor, model);
    return pointerTo(target, raw[1] !== 'const');
  }
  let constant = false;
  const words: string[] = [];
  let base: Type | undefined;
  for (;;) {
    const before = cursor.at;
    const word = cursor.take(
      /^(?:std::(?:ffi|os::raw)::|core::ffi::|libc::|std::)?([A-Za-z_]\w*)/,
    )?.[1];
    if (word === undefined) break;
    if (word === 'const') {
      constant = true;
      continue;
    }
    if (qualifiers.has(word)) continue;
    if (/^(?:struct|union|class|enum)$/.test(word)) {
      cursor.at = before;
      if (/^\s*\w+\s+\w+\s*(?:const\s*)?\*/.test(cursor.rest)) {
        cursor.take(/^\w+\s+\w+/);
        base = voidType;
        continue;
      }
      throw cursor.error('a struct or union by value cannot be passed yet; pass a pointer');
    }
    if (specifiers.has(word) && base === undefined) {
      words.push(word);
      continue;
    }
    if (base === undefined && words.length === 0) {
      const found = namedType(word, model) ?? rustAlias(word, model);
      if (found) {
        base = found;
        continue;
      }
    }
    cursor.at = before;
    break;
  }
  if (words.length > 0) {
    base = cType(words, model);
    if (!base)
      throw cursor.error(
        `"${words.join(' ')}" is no type`,
        cursor.spanSince(start + leadingBlank(cursor, start)),
      );
  }
  if (!base) {
    if (cursor.done) throw cursor.error('expected a type');
    const word = /^[A-Za-z_][\w:]*/.exec(cursor.rest)?.[0];
    if (word !== undefined && cursor.rest.slice(word.length).trimStart().startsWith('*')) {
      // A pointer to a type we do not know is a pointer to bytes.
      cursor.take(/^[A-Za-z_][\w:]*/);
      base = voidType;
    } else if (word === 'fn') {
      throw cursor.error('a function pointer cannot be passed');
    } else {
      throw cursor.error(
        word === undefined
          ? 'expected a type'
          : `"${word}" is no type known here (a struct by value cannot be passed yet)`,
      );
    }
  }
  let type: Type = base;
  let first = true;
  for (;;) {
    const star = cursor.take(/^\*/);
    if (!star) break;
    if (first && constant && isPlainChar(words)) type = { kind: 'string' };
    else type = pointerTo(type, !constant);
    first = false;
    constant = false;
    for (;;) {
      const qualifier = cursor.take(/^(?:const|volatile|restrict|__restrict(?:__)?)\b/)?.[0];
      if (qualifier === undefined) break;
      if (qualifier === 'const') constant = true;
    }
  }
  if (constant && first) {
    if (cursor.take(/^&/)) return pointerTo(type, false);
    const copy: Type = { ...type };
    constants.add(copy);
    return copy;
  }
  return type;
}

function leadingBlank(cursor: Cursor, start: number): number {
  const saved = cursor.at;
  cursor.at = start;
  cursor.skipBlank();
  const blank = cursor.at - start;
  cursor.at = saved;
  return blank;
}

function isPlainChar(words: readonly string[]): boolean {
  return words.length === 1 && words[0] === 'char';
}

function rustAlias(word: string, model: DataModel): Type | undefined {
  switch (word) {
    case 'c_char':
      return cType(['char'], model);
    case 'c_schar':
      return integer(8, true);
    case 'c_uchar':
    case 'byte':
      return integer(8, false);
    case 'c_short':
      return integer(16, true);
    case 'c_ushort':
      return integer(16, false);
    case 'c_int':
      return integer(32, true);
    case 'c_uint':
    case 'uint':
      return integer(32, false);
    case 'c_long':
      return integer(model.longBits, true);
    case 'c_ulong':
    case 'ulong':
      return integer(model.longBits, false);
    case 'c_longlong':
      return integer(64, true);
    case 'c_ulonglong':
      return integer(64, false);
    case 'c_float':
      return { kind: 'float', bits: 32 };
    case 'c_double':
      return { kind: 'float', bits: 64 };
    default:
      return undefined;
  }
}

/** `&[T]`, `&mut [T]`, `&CStr`, `&str`, `&T`. */
function readReference(cursor: Cursor, model: DataModel): Type {
  const mutable = cursor.take(/^mut\b/) !== undefined;
  cursor.take(/^'\w+\s+(?:mut\b)?/);
  if (cursor.take(/^(?:(?:std::ffi::|core::ffi::)?CStr|str)\b/)) return { kind: 'string' };
  if (cursor.accept('[')) {
    const target = readType(cursor, model);
    cursor.take(/^;\s*\w+/);
    cursor.expect(']', 'after the element type');
    return pointerTo(target, mutable);
  }
  return pointerTo(readType(cursor, model), mutable);
}

function pointerTo(target: Type, mutable: boolean): PointerType {
  return { kind: 'pointer', target, mutable };
}

/** C's specifiers in any order and combination. */
function cType(words: readonly string[], model: DataModel): Type | undefined {
  const count = (word: string): number => words.filter((entry) => entry === word).length;
  const long = count('long');
  const unsigned = count('unsigned');
  const signed = count('signed') + count('__signed__');
  if (unsigned + signed > 1 || count('int') > 1) return undefined;
  if (count('float') > 0) return words.length === 1 ? { kind: 'float', bits: 32 } : undefined;
  if (count('double') > 0) return words.length === 1 ? { kind: 'float', bits: 64 } : undefined;
  if (count('char') > 0) {
    if (words.length !== 1 + unsigned + signed || count('char') > 1) return undefined;
    return integer(8, signed > 0 || (unsigned === 0 && !model.unsignedChar));
  }
  if (count('short') > 0)
    return count('short') === 1 && long === 0 ? integer(16, unsigned === 0) : undefined;
  if (long > 2) return undefined;
  if (long === 2) return integer(64, unsigned === 0);
  if (long === 1) return integer(model.longBits, unsigned === 0);
  return integer(32, unsigned === 0);
}
