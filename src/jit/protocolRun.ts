/** Readers of run requests and results, within the bounds of `limits`. */
import type { Architecture } from '../model/architecture.ts';
import { abis, architectures } from '../model/architecture.ts';
import type { RegisterValue } from '../model/block.ts';
import type { Access, Fault, Place, RunRequest, RunResult } from '../model/run.ts';
import { limits } from '../model/run.ts';
import type {
  FloatBits,
  FloatType,
  IntegerBits,
  IntegerType,
  Parameter,
  Signature,
  Type,
} from '../model/signature.ts';
import { maxParameters, sizeOf } from '../model/signature.ts';
import type { AddressTarget, ArgumentValue, BufferState, ReturnValue } from '../model/value.ts';
import type { Read } from './shape.ts';
import {
  bigint,
  boolean,
  bytes,
  dictionary,
  fields,
  float,
  integer,
  list,
  oneOf,
  optional,
  ProtocolError,
  tag,
  text,
  unknownMember,
} from './shape.ts';

/** A wider vector than any that is passed by value, in lanes. */
const maxLanes = 64;
/** Pointers to pointers to pointers, and so on. */
const maxTypeDepth = 32;
/** A day; setTimeout takes 24 of them. */
const maxTimeoutMs = 86_400_000;
/** The largest alignment that a buffer can ask for, in bytes. */
const maxAlign = 2 ** 30;
const maxRegisters = 256;

/** Arguments that a system call can have. */
const maxCallArguments = 8;

const name = text(1000);
const word = bigint(64);
const readRegister = bigint(512);
const readRegisters = dictionary(readRegister, maxRegisters);
const parameterIndex = integer(0, maxParameters - 1);
const buffer = bytes(limits.bufferBytes);
const architectureNames: readonly Architecture[] = architectures.map((entry) => entry.name);

/** A request that is within `limits`. Its arguments may still not suit its signature: the runner refuses such. */
export const readRunRequest: Read<RunRequest> = (value, at) => {
  const read = fields(
    value,
    at,
    'architecture',
    'abi',
    'signature',
    'fragment',
    'bytes',
    'entry',
    'arguments',
    'recordRegisters',
    'timeoutMs',
  );
  const code = read('bytes', bytes(limits.codeBytes));
  const values = read('arguments', list(readArgument, maxParameters));
  const callBytes = values.reduce(
    (sum, one) => sum + (one.kind === 'buffer' ? one.bytes.length : 0),
    0,
  );
  if (callBytes > limits.callBytes) {
    throw new ProtocolError(
      `${at}.arguments have ${callBytes} bytes of buffers, more than ${limits.callBytes}`,
    );
  }
  return {
    architecture: read('architecture', oneOf(...architectureNames)),
    abi: read('abi', optional(oneOf(...abis))),
    signature: read('signature', readSignature),
    fragment: read('fragment', optional(list(readRegisterValue, maxRegisters))),
    bytes: code,
    entry: read('entry', integer(0, limits.codeBytes)),
    arguments: values,
    recordRegisters: read('recordRegisters', boolean),
    timeoutMs: read('timeoutMs', readTimeout),
  };
};

/** A result of the right shape. Whether it is one of the request, {@link checkResult} tells. */
export const readRunResult: Read<RunResult> = (value, at) => {
  const { rest, output } = withoutOutput(value);
  const ended = readEnd(rest, at);
  if (output === undefined) return ended;
  return { ...ended, output: bytes(limits.outputBytes)(output, `${at}.output`) };
};

/** The output is there only where the guest may write any. */
function withoutOutput(value: unknown): { readonly rest: unknown; readonly output: unknown } {
  if (typeof value !== 'object' || value === null || !('output' in value)) {
    return { rest: value, output: undefined };
  }
  const { output, ...rest } = value;
  return { rest, output };
}

const readEnd: Read<RunResult> = (value, at) => {
  const outcome = tag(value, at, 'outcome');
  switch (outcome) {
    case 'returned': {
      const read = fields(value, at, 'outcome', 'value', 'buffers', 'durationNs', 'registers');
      return {
        outcome,
        value: read('value', readReturnValue),
        buffers: read('buffers', list(readBufferState, maxParameters)),
        durationNs: read('durationNs', word),
        registers: read('registers', optional(readRegisters)),
      };
    }
    case 'fault':
      return { outcome, fault: fields(value, at, 'outcome', 'fault')('fault', readFault) };
    case 'timeout': {
      const read = fields(value, at, 'outcome', 'limitMs', 'stuck');
      return {
        outcome,
        limitMs: read('limitMs', readTimeout),
        stuck: read('stuck', optional(readPlace)),
      };
    }
    case 'blocked': {
      const read = fields(value, at, 'outcome', 'systemCall', 'arguments', 'at');
      return {
        outcome,
        systemCall: read('systemCall', name),
        arguments: read('arguments', list(word, maxCallArguments)),
        at: read('at', optional(readPlace)),
      };
    }
    case 'exited':
      return {
        outcome,
        status: fields(value, at, 'outcome', 'status')('status', integer(-(2 ** 31), 2 ** 32 - 1)),
      };
    case 'end':
      fields(value, at, 'outcome');
      return { outcome };
    case 'abi': {
      const read = fields(value, at, 'outcome', 'register', 'expected', 'found');
      return {
        outcome,
        register: read('register', name),
        expected: read('expected', readRegister),
        found: read('found', readRegister),
      };
    }
    case 'refused':
      return { outcome, reason: fields(value, at, 'outcome', 'reason')('reason', text(100_000)) };
    default:
      throw unknownMember(at, 'outcome', outcome);
  }
};

/**
 * Checks that a result can be one of this request: the value's kind and width, the buffers and their lengths. Throws
 * a {@link ProtocolError}. That it is true, nobody can check.
 */
export function checkResult(result: RunResult, { signature, arguments: values }: RunRequest): void {
  if (result.outcome !== 'returned') return;
  const { value, buffers } = result;
  if (!suits(value, signature.result)) {
    throw new ProtocolError(`a ${value.kind} was returned as ${signature.result.kind}`);
  }
  const lengthOf = (parameter: number): number | undefined => {
    const given = values[parameter];
    return given?.kind === 'buffer' ? given.bytes.length : undefined;
  };
  for (const { parameter, before, after } of buffers) {
    const length = lengthOf(parameter);
    if (before.length === length && after.length === length) continue;
    throw new ProtocolError(`the buffer of parameter ${parameter} was not passed in that length`);
  }
  if (value.kind !== 'address' || !value.target) return;
  const { parameter, offset, bytes: found } = value.target;
  if (lengthOf(parameter) === offset + found.length) return;
  throw new ProtocolError(`the returned address is not in the buffer of parameter ${parameter}`);
}

function suits(value: ReturnValue, type: Type): boolean {
  switch (type.kind) {
    case 'void':
      return value.kind === 'void';
    case 'integer':
      if (value.kind !== 'integer') return false;
      return value.value === (type.signed ? BigInt.asIntN : BigInt.asUintN)(type.bits, value.value);
    case 'bool':
      return value.kind === 'integer' && (value.value === 0n || value.value === 1n);
    case 'float':
      return value.kind === 'float' && value.bits === BigInt.asUintN(type.bits, value.bits);
    case 'pointer':
    case 'string':
      return value.kind === 'address' && value.value >= 0n;
    case 'vector':
      return value.kind === 'vector' && value.bytes.length === sizeOf(type, 64);
  }
}

const readRegisterValue: Read<RegisterValue> = (value, at) => {
  const read = fields(value, at, 'register', 'value');
  return { register: read('register', name), value: read('value', readRegister) };
};

const readPlace: Read<Place> = (value, at) => {
  const read = fields(value, at, 'offset', 'registers');
  return {
    offset: read('offset', optional(integer(0, limits.codeBytes))),
    registers: read('registers', readRegisters),
  };
};

const readTimeout: Read<number> = (value, at) => {
  const timeout = float(value, at);
  if (timeout > 0 && timeout <= maxTimeoutMs) return timeout;
  throw new ProtocolError(`${at} is ${timeout} ms, not between 0 and ${maxTimeoutMs}`);
};

const readSignature: Read<Signature> = (value, at) => {
  const read = fields(value, at, 'name', 'parameters', 'result');
  return {
    name: read('name', optional(name)),
    parameters: read('parameters', list(readParameter, maxParameters)),
    result: read('result', typeOfDepth(0)),
  };
};

const readParameter: Read<Parameter> = (value, at) => {
  const read = fields(value, at, 'name', 'type');
  return { name: read('name', optional(name)), type: read('type', typeOfDepth(0)) };
};

function typeOfDepth(depth: number): Read<Type> {
  return (value, at) => {
    if (depth > maxTypeDepth)
      throw new ProtocolError(`a type has more than ${maxTypeDepth} levels`);
    const kind = tag(value, at, 'kind');
    switch (kind) {
      case 'integer':
      case 'float':
        return readLane(value, at);
      case 'vector': {
        const read = fields(value, at, 'kind', 'lane', 'lanes');
        return { kind, lane: read('lane', readLane), lanes: read('lanes', integer(1, maxLanes)) };
      }
      case 'pointer': {
        const read = fields(value, at, 'kind', 'target', 'mutable');
        return {
          kind,
          target: read('target', typeOfDepth(depth + 1)),
          mutable: read('mutable', boolean),
        };
      }
      case 'bool':
      case 'string':
      case 'void':
        fields(value, at, 'kind');
        return { kind };
      default:
        throw unknownMember(at, 'kind', kind);
    }
  };
}

const readLane: Read<IntegerType | FloatType> = (value, at) => {
  const kind = tag(value, at, 'kind');
  if (kind === 'float') {
    const read = fields(value, at, 'kind', 'bits');
    return { kind, bits: read('bits', oneOf<FloatBits>(32, 64)) };
  }
  if (kind !== 'integer') throw unknownMember(at, 'kind', kind);
  const read = fields(value, at, 'kind', 'bits', 'signed');
  return {
    kind,
    bits: read('bits', oneOf<IntegerBits>(8, 16, 32, 64)),
    signed: read('signed', boolean),
  };
};

const readArgument: Read<ArgumentValue> = (value, at) => {
  const kind = tag(value, at, 'kind');
  switch (kind) {
    case 'integer':
      return { kind, value: fields(value, at, 'kind', 'value')('value', word) };
    case 'float':
      return { kind, value: fields(value, at, 'kind', 'value')('value', float) };
    case 'buffer': {
      const read = fields(value, at, 'kind', 'bytes', 'align');
      return { kind, bytes: read('bytes', buffer), align: read('align', integer(1, maxAlign)) };
    }
    case 'vector':
      return { kind, bytes: fields(value, at, 'kind', 'bytes')('bytes', bytes(maxLanes * 8)) };
    default:
      throw unknownMember(at, 'kind', kind);
  }
};

const readReturnValue: Read<ReturnValue> = (value, at) => {
  const kind = tag(value, at, 'kind');
  switch (kind) {
    case 'void':
      fields(value, at, 'kind');
      return { kind };
    case 'integer':
      return { kind, value: fields(value, at, 'kind', 'value')('value', word) };
    case 'float': {
      const read = fields(value, at, 'kind', 'value', 'bits');
      return { kind, value: read('value', float), bits: read('bits', word) };
    }
    case 'vector':
      return { kind, bytes: fields(value, at, 'kind', 'bytes')('bytes', bytes(maxLanes * 8)) };
    case 'address': {
      const read = fields(value, at, 'kind', 'value', 'target');
      return { kind, value: read('value', word), target: read('target', optional(readTarget)) };
    }
    default:
      throw unknownMember(at, 'kind', kind);
  }
};

const readTarget: Read<AddressTarget> = (value, at) => {
  const read = fields(value, at, 'parameter', 'offset', 'bytes');
  return {
    parameter: read('parameter', parameterIndex),
    offset: read('offset', integer(0, limits.bufferBytes)),
    bytes: read('bytes', buffer),
  };
};

const readBufferState: Read<BufferState> = (value, at) => {
  const read = fields(value, at, 'parameter', 'before', 'after');
  return {
    parameter: read('parameter', parameterIndex),
    before: read('before', buffer),
    after: read('after', buffer),
  };
};

const readFault: Read<Fault> = (value, at) => {
  const read = fields(value, at, 'signal', 'code', 'access', 'address', 'offset', 'registers');
  return {
    signal: read('signal', name),
    code: read('code', optional(name)),
    access: read('access', optional(oneOf<Access>('read', 'write', 'execute'))),
    address: read('address', optional(word)),
    offset: read('offset', optional(integer(0, limits.codeBytes))),
    registers: read('registers', optional(readRegisters)),
  };
};
