/** Whether a call ended as its author expects. */
import type { Call, ExpectedBuffer, ExpectedValue, JitBlock } from '../model/block.ts';
import type { RunResult } from '../model/run.ts';
import { registerValue } from '../model/registers.ts';
import type { Signature, Type } from '../model/signature.ts';
import type { ReturnValue } from '../model/value.ts';
import { registerText } from './fragmentText.ts';
import { formatElements, formatResult } from './format.ts';

/**
 * - `passed`: ended well, or as expected;
 * - `failed`: the expectation does not hold;
 * - `ended-badly`: without an expectation, it crashed, hung or the like;
 * - `refused`: it could not be run here.
 */
export type Status = 'passed' | 'failed' | 'ended-badly' | 'refused';

export interface Verdict {
  readonly status: Status;
  /** Whether the expectation holds; undefined without one, or where the call was refused. */
  readonly expectation: 'held' | 'failed' | undefined;
  /** Why it failed or what went wrong, for a person; undefined where all is well. */
  readonly message: string | undefined;
}

/**
 * Compares a result with the call's expectation.
 * @param text the result in one line
 */
export function judge(
  call: Call,
  block: JitBlock,
  result: RunResult,
  text = formatResult(result, block.signature),
): Verdict {
  const { expectation } = call;
  if (result.outcome === 'refused')
    return { status: 'refused', expectation: undefined, message: result.reason };
  if (!expectation) {
    if (result.outcome === 'returned')
      return { status: 'passed', expectation: undefined, message: undefined };
    return {
      status: 'ended-badly',
      expectation: undefined,
      message: text,
    };
  }
  const reason = mismatch(call, block, result, text);
  if (reason === undefined) return { status: 'passed', expectation: 'held', message: undefined };
  return {
    status: 'failed',
    expectation: 'failed',
    message: `expected ${expectation.text}, ${reason}`,
  };
}

/** How the result differs from the expectation, as "got …", or undefined where it holds. */
function mismatch(
  call: Call,
  block: JitBlock,
  result: RunResult,
  text: string,
): string | undefined {
  const { expectation } = call;
  const { signature } = block;
  const got = `got ${text}`;
  if (!expectation) return undefined;
  switch (expectation.kind) {
    case 'returned': {
      if (result.outcome !== 'returned') return got;
      if (expectation.value && !valueHolds(expectation.value, result.value, signature.result))
        return got;
      for (const expected of expectation.buffers) {
        const different = bufferMismatch(expected, signature, result);
        if (different !== undefined) return different;
      }
      return undefined;
    }
    case 'fault':
      if (result.outcome !== 'fault') return got;
      if (expectation.signal !== undefined && expectation.signal !== result.fault.signal)
        return got;
      return expectation.offset === undefined || expectation.offset === result.fault.offset
        ? undefined
        : got;
    case 'timeout':
    case 'end':
      return result.outcome === expectation.kind ? undefined : got;
    case 'blocked':
      if (result.outcome !== 'blocked') return got;
      return expectation.systemCall === undefined || expectation.systemCall === result.systemCall
        ? undefined
        : got;
    case 'exited':
      if (result.outcome !== 'exited') return got;
      return expectation.status === undefined || expectation.status === result.status
        ? undefined
        : got;
    case 'abi':
      if (result.outcome !== 'abi') return got;
      return expectation.register === undefined || expectation.register === result.register
        ? undefined
        : got;
    case 'registers': {
      if (result.outcome !== 'returned') return got;
      const different = expectation.registers.filter(
        ({ register, value }) => registerOf(block, result, register) !== value,
      );
      if (different.length === 0) return undefined;
      const found = different.map(
        ({ register }) => `${register} = ${registerText(registerOf(block, result, register))}`,
      );
      return `got ${found.join(', ')}`;
    }
  }
}

function registerOf(
  { architecture }: JitBlock,
  { registers }: RunResult & { readonly outcome: 'returned' },
  name: string,
): bigint | undefined {
  return registers && registerValue(architecture, registers, name);
}

function valueHolds(expected: ExpectedValue, actual: ReturnValue, type: Type): boolean {
  switch (expected.kind) {
    case 'integer':
      return (
        (actual.kind === 'integer' || actual.kind === 'address') && actual.value === expected.value
      );
    case 'float':
      if (actual.kind !== 'float') return false;
      if (Number.isNaN(expected.value) || Number.isNaN(actual.value)) {
        return Number.isNaN(expected.value) && Number.isNaN(actual.value);
      }
      if (expected.tolerance === undefined) return actual.bits === expected.bits;
      return (
        actual.value === expected.value ||
        Math.abs(actual.value - expected.value) <= expected.tolerance
      );
    case 'bytes':
      if (actual.kind === 'vector') return sameLanes(actual.bytes, expected.bytes, type);
      return (
        actual.kind === 'address' &&
        actual.target !== undefined &&
        startsWith(actual.target.bytes, expected.bytes)
      );
    case 'parameter':
      return (
        actual.kind === 'address' &&
        actual.target !== undefined &&
        actual.target.parameter === expected.parameter &&
        actual.target.offset === 0
      );
  }
}

/** Bit for bit, but that a NaN equals every NaN, as among floats. */
function sameLanes(actual: Uint8Array, expected: Uint8Array, type: Type): boolean {
  if (actual.length !== expected.length) return false;
  const isDouble = type.kind === 'vector' && type.lane.kind === 'float' && type.lane.bits === 64;
  const isSingle = type.kind === 'vector' && type.lane.kind === 'float' && type.lane.bits === 32;
  const size = isDouble ? 8 : isSingle ? 4 : 1;
  const laneOf = (bytes: Uint8Array, at: number): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isDouble) return view.getFloat64(at, true);
    return isSingle ? view.getFloat32(at, true) : view.getUint8(at);
  };
  for (let at = 0; at < actual.length; at += size) {
    if (!Object.is(laneOf(actual, at), laneOf(expected, at))) return false;
  }
  return true;
}

function bufferMismatch(
  expected: ExpectedBuffer,
  signature: Signature,
  result: RunResult & { readonly outcome: 'returned' },
): string | undefined {
  const parameter = signature.parameters[expected.parameter];
  const name = parameter?.name ?? `#${expected.parameter}`;
  const buffer = result.buffers.find((entry) => entry.parameter === expected.parameter);
  if (!buffer) return `but no buffer was passed for ${name}`;
  if (startsWith(buffer.after, expected.bytes)) return undefined;
  const type = parameter?.type;
  const element =
    type?.kind === 'pointer' ? type.target : ({ kind: 'integer', bits: 8, signed: false } as const);
  return `got ${name} = ${formatElements(buffer.after, element)}`;
}

function startsWith(actual: Uint8Array, expected: Uint8Array): boolean {
  if (actual.length < expected.length) return false;
  return expected.every((byte, index) => actual[index] === byte);
}
