/** What a call gave, written into its annotation as what it is to give, and further calls. */
import type { Call, JitBlock } from '../../model/block.ts';
import type { RunResult } from '../../model/run.ts';
import type { Type } from '../../model/signature.ts';
import type { ReturnValue } from '../../model/value.ts';
import { findJitBlocks, type ScanOptions } from '../../source/findJitBlocks.ts';
import { formatElements, formatReturn } from '../format.ts';
import { formatOffset } from '../instructionText.ts';
import { changedRegisters } from '../fragmentText.ts';
import { hexText } from '../numberText.ts';
import { registerValue } from '../../model/registers.ts';
import { judge } from '../verdict.ts';
import { applyEdits, attempt, CannotRewrite, type Rewrite } from './edit.ts';

/** Elements of a buffer that an expectation names; more are no help to a reader. */
const mostElements = 64;

/** A call as it stands in a text. */
export interface CallInText {
  readonly text: string;
  readonly languageId: string;
  readonly options: ScanOptions;
  readonly block: JitBlock;
  readonly call: Call;
}

/** What follows `=>` for a result, or undefined where no expectation can say it. */
export function expectationOf(block: JitBlock, call: Call, result: RunResult): string | undefined {
  switch (result.outcome) {
    case 'returned':
      return block.kind === 'fragment'
        ? registersText(block, call, result)
        : returnedText(block, result);
    case 'fault': {
      const { signal, offset } = result.fault;
      return `fault ${signal}${offset === undefined ? '' : ` at ${formatOffset(offset)}`}`;
    }
    case 'timeout':
    case 'end':
      return result.outcome;
    case 'blocked':
      return /^\w+$/.test(result.systemCall) ? `blocked ${result.systemCall}` : 'blocked';
    case 'exited':
      return `exited ${result.status}`;
    case 'abi':
      return `abi ${result.register}`;
    case 'refused':
      return undefined;
  }
}

type Returned = RunResult & { readonly outcome: 'returned' };

function returnedText({ signature }: JitBlock, { value, buffers }: Returned): string | undefined {
  const parts: string[] = [];
  if (value.kind === 'address' && value.target?.offset === 0) {
    const name = signature.parameters[value.target.parameter]?.name;
    if (name !== undefined) parts.push(name);
  } else if (value.kind === 'address' && value.value !== 0n && !value.target) {
    return undefined;
  }
  if (parts.length === 0 && value.kind !== 'void') {
    const written = valueText(value, signature.result);
    if (written === undefined) return undefined;
    parts.push(written);
  }
  for (const { parameter, before, after } of buffers) {
    const { name, type } = signature.parameters[parameter] ?? {};
    if (name === undefined || !type || Buffer.from(before).equals(after)) continue;
    const written = elementsText(after, type);
    if (written !== undefined) parts.push(`${name} = ${written}`);
  }
  return parts.length === 0 ? undefined : parts.join(', ');
}

function valueText(value: ReturnValue, type: Type): string | undefined {
  if (value.kind === 'address' && value.target) return elementsText(value.target.bytes, type);
  // Without a point it would be the integer, which has no sign.
  return value.kind === 'float' && Object.is(value.value, -0) ? '-0.0' : formatReturn(value, type);
}

function elementsText(bytes: Uint8Array, type: Type): string | undefined {
  if (type.kind === 'string') return formatReturn(addressOf(bytes), type);
  const target: Type =
    type.kind === 'pointer' && type.target.kind !== 'void'
      ? type.target
      : { kind: 'integer', bits: 8, signed: false };
  const text = formatElements(bytes, target, mostElements);
  return text.includes('…') ? undefined : text;
}

/** A value that leads to these bytes, for writing it as text. */
function addressOf(bytes: Uint8Array) {
  return { kind: 'address', value: 1n, target: { parameter: 0, offset: 0, bytes } } as const;
}

function registersText(block: JitBlock, call: Call, { registers }: Returned): string | undefined {
  if (!registers) return undefined;
  const changed = changedRegisters(block.architecture, call.registers, registers);
  const texts = changed.map((name) => {
    const value = registerValue(block.architecture, registers, name) ?? 0n;
    return `${name} = ${value < 1n << 32n ? String(value) : hexText(value)}`;
  });
  return texts.length === 0 ? undefined : texts.join(', ');
}

/** Makes the call expect what it gave. */
export function useAsExpectation(place: CallInText, result: RunResult): Rewrite {
  return attempt(() => {
    const { text, block, call } = place;
    const words = expectationOf(block, call, result);
    if (words === undefined) throw new CannotRewrite('no expectation can say this');
    const edit = call.implied
      ? newCall(text, block, `() => ${words}`)
      : call.expectation
        ? { span: call.expectation.span, text: words }
        : { span: { start: call.span.end, end: call.span.end }, text: ` => ${words}` };
    const after = applyEdits(text, [edit]);
    const { blocks } = findJitBlocks(after, place.languageId, place.options);
    const again = blocks.find(({ tag }) => tag.start === block.tag.start);
    const written = again?.calls.find(({ tag }) =>
      call.implied ? tag.start >= edit.span.start : tag.start === call.tag.start,
    );
    if (!again || !written || judge(written, again, result).status !== 'passed') {
      throw new CannotRewrite(`"=> ${words}" would not be read as what came`);
    }
    return [edit];
  });
}

/**
 * Adds a call to a block.
 * @param words as after `@call`
 */
export function addCall(text: string, block: JitBlock, words: string): Rewrite {
  return { edits: [newCall(text, block, words)] };
}

/** A call after the last tag: on a line of its own below line comments, otherwise behind it. */
function newCall(text: string, { annotation, calls }: JitBlock, words: string) {
  const last = calls.findLast(({ implied }) => !implied)?.span.end;
  const at = Math.max(last ?? 0, last === undefined ? annotation.end : 0);
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(lineStart, at);
  const sign = /^[ \t]*(?:\/\/[/!]?|#+|;+|--|%+|!|\*)[ \t]*(?=@)/.exec(line)?.[0];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const added = sign === undefined ? `  @call ${words}` : `${newline}${sign}@call ${words}`;
  return { span: { start: at, end: at }, text: added };
}
