/** Reading `@call (args) => expectation`, fitted to the signature. */
import type { Architecture } from '../model/architecture.ts';
import type {
  Argument,
  Call,
  ExpectedBuffer,
  ExpectedValue,
  Expectation,
  Problem,
  RegisterValue,
} from '../model/block.ts';
import { formatType, isAddress, type Signature, type Type } from '../model/signature.ts';
import { limits } from '../model/run.ts';
import type { Span } from '../model/text.ts';
import {
  bytesAt,
  fitArgument,
  fitInteger,
  floatBits,
  readLiteral,
  type CallLiteral,
} from './callLiteral.ts';
import { ReadError, type Cursor } from './cursor.ts';
import { problem } from './elements.ts';
import { registerPart } from '../model/registers.ts';
import { isRegister } from './registers.ts';

export interface CallContext {
  readonly kind: 'function' | 'fragment';
  readonly signature: Signature;
  readonly architecture: Architecture;
  readonly pointerBits: number;
  /** Takes the problems of single arguments, so that each is said. */
  readonly problems: Problem[];
}

/** Reads what stands after `@call`. `tag` is the tag itself. Throws `ReadError`. */
export function readCall(cursor: Cursor, tag: Span, context: CallContext): Call {
  const { signature } = context;
  cursor.skipBlank();
  const nameAt = cursor.at;
  const name = cursor.code === 40 ? undefined : cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
  if (name !== undefined && name !== signature.name) {
    throw cursor.error(
      signature.name === undefined
        ? `the signature has no name, so this call cannot name "${name}"`
        : `this calls "${name}", but the signature is that of "${signature.name}"`,
      cursor.spanSince(nameAt),
    );
  }
  cursor.skipBlank();
  if (!cursor.peek('(')) throw cursor.error('expected the arguments in brackets, as in @call (4)');
  const open = cursor.at;
  const openSpan = (): Span => {
    const saved = cursor.at;
    cursor.at = open + 1;
    const span = cursor.spanSince(open);
    cursor.at = saved;
    return span;
  };
  cursor.accept('(');
  const isFragment = context.kind === 'fragment';
  const registers = isFragment ? readStartRegisters(cursor, context) : [];
  const args = isFragment ? [] : readArguments(cursor, context, openSpan);
  let total = 0;
  for (const { value } of args) if (value.kind === 'buffer') total += value.bytes.length;
  if (total > limits.callBytes) {
    throw cursor.error(
      `the buffers of one call are limited to ${limits.callBytes} bytes`,
      openSpan(),
      'bad-argument',
    );
  }
  let expectation: Expectation | undefined;
  if (cursor.accept('=>')) {
    cursor.skipBlank();
    expectation = readExpectation(cursor, context);
  }
  if (!cursor.done)
    throw cursor.error('this does not belong to a call; prose goes on a line of its own');
  const end = cursor.spanSince(nameAt).end;
  return {
    span: { start: tag.start, end: Math.max(tag.end, end) },
    tag,
    implied: false,
    arguments: args,
    expectation,
    registers,
    broken: args.length !== signature.parameters.length && context.kind === 'function',
  };
}

function readArguments(cursor: Cursor, context: CallContext, openSpan: () => Span): Argument[] {
  const { parameters } = context.signature;
  const args: Argument[] = [];
  const literals: CallLiteral[] = [];
  while (!cursor.accept(')')) {
    if (cursor.done) throw cursor.error('this argument list never closes', openSpan());
    literals.push(readLiteral(cursor));
    if (cursor.accept(',')) continue;
    if (cursor.accept(')')) break;
    throw cursor.done
      ? cursor.error('this argument list never closes', openSpan())
      : cursor.error('expected "," or ")" after this argument');
  }
  if (literals.length !== parameters.length) {
    const count = (n: number): string => (n === 1 ? '1 argument' : `${n} arguments`);
    throw cursor.error(
      `the signature takes ${count(parameters.length)}, this call gives ${literals.length}`,
      openSpan(),
    );
  }
  literals.forEach((literal, index) => {
    const parameter = parameters[index];
    if (!parameter) return;
    try {
      const value = fitArgument(cursor, literal, parameter.type, context.pointerBits);
      args.push({ text: literal.text, span: literal.span, value });
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      context.problems.push(problem(error.span, error.code, error.message));
    }
  });
  return args;
}

const register = /^([A-Za-z][\w.]*)\s*=(?![=>])/;

/** `rax = 5, rbx = 7`: what a fragment starts with, up to the closing bracket. */
function readStartRegisters(cursor: Cursor, context: CallContext): RegisterValue[] {
  if (cursor.accept(')')) return [];
  const registers = readRegisters(cursor, context, 'bad-argument');
  cursor.expect(')', 'or "," after this register');
  return registers;
}

function readExpectation(cursor: Cursor, context: CallContext): Expectation {
  const start = cursor.at;
  const place = (): { span: Span; text: string } => ({
    span: cursor.spanSince(start),
    text: cursor.since(start),
  });
  if (cursor.done)
    throw cursor.error('expected what the call gives after "=>"', undefined, 'bad-expectation');
  const word = cursor.atNumber
    ? undefined
    : cursor.take(/^(fault|timeout|blocked|exited|abi|end)\b(?!\s*=)/)?.[1];
  switch (word) {
    case 'fault': {
      const signal = cursor.take(/^SIG[A-Z0-9]+\b/)?.[0];
      let offset: number | undefined;
      if (cursor.take(/^at\b/)) {
        const digits = cursor.take(/^\+?(0x[0-9a-f]+|[0-9]+)\b/i)?.[1];
        if (digits === undefined)
          throw cursor.error(
            'expected an offset after "at", as in at +0x2',
            undefined,
            'bad-expectation',
          );
        offset = Number(digits);
      }
      return { kind: 'fault', signal, offset, ...place() };
    }
    case 'timeout':
    case 'end':
      return { kind: word, ...place() };
    case 'blocked':
      return {
        kind: 'blocked',
        systemCall: cursor.take(/^(?:syscall [0-9]+\b|[a-z_][a-z0-9_]*)/)?.[0],
        ...place(),
      };
    case 'exited': {
      const status = cursor.take(/^(?:0x[0-9a-f]+|[0-9]+)\b/i)?.[0];
      return {
        kind: 'exited',
        status: status === undefined ? undefined : Number(status),
        ...place(),
      };
    }
    case 'abi':
      return { kind: 'abi', register: cursor.take(/^[a-z][a-z0-9]*/)?.[0], ...place() };
    default:
      break;
  }
  if (context.kind === 'fragment')
    return {
      kind: 'registers',
      registers: readRegisters(cursor, context, 'bad-expectation'),
      ...place(),
    };
  return readReturned(cursor, context, place);
}

function checkRegister(cursor: Cursor, name: string, start: number, context: CallContext): void {
  if (isRegister(name, context.architecture)) return;
  const { start: from } = cursor.spanSince(start);
  throw cursor.error(`"${name}" is no register of ${context.architecture}`, {
    start: from,
    end: from + name.length,
  });
}

function readRegisters(
  cursor: Cursor,
  context: CallContext,
  code: 'bad-argument' | 'bad-expectation',
): RegisterValue[] {
  const registers: RegisterValue[] = [];
  do {
    cursor.skipBlank();
    const start = cursor.at;
    const name = cursor.take(register)?.[1];
    if (name === undefined) {
      throw cursor.error('expected a register and its value, as in rax = 12', undefined, code);
    }
    checkRegister(cursor, name, start, context);
    const literal = readLiteral(cursor);
    if (literal.kind !== 'integer') throw cursor.error('expected an integer', literal.span, code);
    const bits = registerPart(context.architecture, name)?.bits ?? 64;
    const most = 1n << BigInt(bits);
    if (literal.value >= most || literal.value < -(most >> 1n)) {
      throw cursor.error(
        `${literal.text} does not fit the ${bits} bits of ${name}`,
        literal.span,
        code,
      );
    }
    registers.push({ register: name, value: BigInt.asUintN(bits, literal.value) });
  } while (cursor.accept(','));
  return registers;
}

function readReturned(
  cursor: Cursor,
  context: CallContext,
  place: () => { span: Span; text: string },
): Expectation {
  let value: ExpectedValue | undefined;
  const buffers: ExpectedBuffer[] = [];
  let first = true;
  do {
    cursor.skipBlank();
    const at = cursor.at;
    const named = cursor.atNumber ? undefined : cursor.take(/^([A-Za-z_$][\w$]*)\s*=(?![=>])/);
    if (named) {
      cursor.at = at;
      buffers.push(readExpectedBuffer(cursor, context));
    } else if (first) {
      value = readExpectedValue(cursor, context);
    } else {
      throw cursor.error(
        'expected a parameter and what it holds afterwards, as in out = [1, 2]',
        undefined,
        'bad-expectation',
      );
    }
    first = false;
  } while (cursor.accept(','));
  return { kind: 'returned', value, buffers, ...place() };
}

function readExpectedBuffer(cursor: Cursor, context: CallContext): ExpectedBuffer {
  const { signature, pointerBits } = context;
  cursor.skipBlank();
  const at = cursor.at;
  const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0] ?? '';
  const span = cursor.spanSince(at);
  const parameter = signature.parameters.findIndex((entry) => entry.name === name);
  const type = signature.parameters[parameter]?.type;
  if (!type)
    throw cursor.error(`the signature has no parameter "${name}"`, span, 'bad-expectation');
  if (!isAddress(type))
    throw cursor.error(
      `"${name}" is no pointer, so nothing is there afterwards`,
      span,
      'bad-expectation',
    );
  cursor.expect('=', 'after the parameter');
  const literal = readLiteral(cursor);
  const target: Type =
    type.kind === 'string' ? { kind: 'integer', bits: 8, signed: true } : type.target;
  const bytes = bytesAt(cursor, literal, target, pointerBits);
  if (!bytes) throw cursor.error('expected an array or a string', literal.span, 'bad-expectation');
  return { parameter, bytes };
}

function readExpectedValue(cursor: Cursor, context: CallContext): ExpectedValue {
  const { signature, pointerBits } = context;
  const type = signature.result;
  cursor.skipBlank();
  const at = cursor.at;
  const wrong = (message: string, span = cursor.spanSince(at)): never => {
    throw cursor.error(message, span, 'bad-expectation');
  };
  const name = cursor.atNumber
    ? undefined
    : cursor.take(
        /^(?!(?:true|false|null|nullptr|NULL|inf|infinity|nan|align)\b)[A-Za-z_$][\w$]*/i,
      )?.[0];
  if (name !== undefined) {
    const parameter = signature.parameters.findIndex((entry) => entry.name === name);
    if (parameter < 0)
      return wrong(`"${name}" is neither an outcome nor a parameter of the signature`);
    if (!isAddress(type))
      return wrong(`${formatType(type)} is no pointer, so it cannot equal "${name}"`);
    return { kind: 'parameter', parameter };
  }
  const literal = readLiteral(cursor);
  switch (type.kind) {
    case 'void':
      return wrong('this function returns nothing, so no value can be expected', literal.span);
    case 'vector':
      return { kind: 'bytes', bytes: bytesOf(cursor, literal, type, pointerBits) };
    case 'integer': {
      if (literal.kind === 'bool') return { kind: 'integer', value: literal.value ? 1n : 0n };
      if (literal.kind === 'null') return { kind: 'integer', value: 0n };
      if (literal.kind !== 'integer')
        return wrong(`expected an integer for ${formatType(type)}`, literal.span);
      const value = fitInteger(literal, type, false);
      if (value === undefined)
        return wrong(`${literal.text} is out of the range of ${formatType(type)}`, literal.span);
      return { kind: 'integer', value };
    }
    case 'bool':
      if (literal.kind === 'bool') return { kind: 'integer', value: literal.value ? 1n : 0n };
      if (literal.kind === 'integer' && (literal.value === 0n || literal.value === 1n)) {
        return { kind: 'integer', value: literal.value };
      }
      return wrong('expected true or false', literal.span);
    case 'float': {
      if (literal.kind !== 'float' && literal.kind !== 'integer') {
        return wrong(`expected a number for ${formatType(type)}`, literal.span);
      }
      const given = Number(literal.value);
      const value = type.bits === 32 ? Math.fround(given) : given;
      let tolerance: number | undefined;
      if (cursor.take(/^(?:\+-|±)/)) {
        const bound = readLiteral(cursor);
        if ((bound.kind !== 'float' && bound.kind !== 'integer') || !(Number(bound.value) >= 0)) {
          return wrong('expected a tolerance of zero or more', bound.span);
        }
        tolerance = Number(bound.value);
      }
      return { kind: 'float', value, bits: floatBits(value, type.bits), tolerance };
    }
    case 'pointer':
    case 'string': {
      if (literal.kind === 'null') return { kind: 'integer', value: 0n };
      if (literal.kind === 'integer')
        return { kind: 'integer', value: BigInt.asUintN(pointerBits, literal.value) };
      const target: Type =
        type.kind === 'string' ? { kind: 'integer', bits: 8, signed: true } : type.target;
      const bytes = bytesAt(cursor, literal, target, pointerBits);
      if (!bytes)
        return wrong('expected a string, an array, null, an address or a parameter', literal.span);
      return { kind: 'bytes', bytes };
    }
  }
}

function bytesOf(
  cursor: Cursor,
  literal: CallLiteral,
  type: Type,
  pointerBits: number,
): Uint8Array {
  const value = fitArgument(cursor, literal, type, pointerBits);
  return value.kind === 'vector' ? value.bytes : new Uint8Array();
}
