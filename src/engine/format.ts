/** Values, calls and outcomes as text for people. */
import type { Call, JitBlock } from '../model/block.ts';
import type { Fault, RunResult } from '../model/run.ts';
import { registerText } from './fragmentText.ts';
import { parameterName, sizeOf, type Signature, type Type } from '../model/signature.ts';
import type { BufferState, ReturnValue } from '../model/value.ts';
import { formatOffset } from './instructionText.ts';

/** `add_four(4)`; a block without a name is called by its signature's brackets alone. */
export function formatCall(block: JitBlock, call: Call): string {
  const registers = call.registers.map(
    ({ register, value }) => `${register} = ${registerText(value)}`,
  );
  const given = call.arguments.map(({ text }) => abbreviate(text, 40));
  const shown = [...given, ...registers].join(', ');
  return `${block.name ?? ''}(${shown})`;
}

/** Shortens text to one line of so many characters, marking what is left out. */
export function abbreviate(text: string, most: number): string {
  // Only line ends and their indentation: blanks inside a string argument are the author's.
  const oneLine = text.replace(/\s*[\r\n]\s*/g, ' ');
  const characters = [...oneLine];
  return characters.length <= most ? oneLine : `${characters.slice(0, most - 1).join('')}…`;
}

/** A number as the shortest text that reads back the same; `nan`, `inf`, `-0`. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest text of a float that reads back the same in 32 bits. */
export function formatFloat32(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatFloat(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

/** What a call gave, short: `8`, `true`, `3.14`, `"text"`, `0x7f00…`. */
export function formatReturn(value: ReturnValue, type: Type): string {
  switch (value.kind) {
    case 'void':
      return 'void';
    case 'integer':
      return type.kind === 'bool' ? String(value.value !== 0n) : String(value.value);
    case 'float':
      return type.kind === 'float' && type.bits === 32
        ? formatFloat32(value.value)
        : formatFloat(value.value);
    case 'vector':
      return formatVector(value.bytes, type);
    case 'address': {
      if (value.value === 0n) return 'null';
      const target = value.target;
      const pointee = pointeeOf(type);
      if (target && pointee) {
        const text = type.kind === 'string' ? formatText(target.bytes) : undefined;
        return text ?? formatElements(target.bytes, pointee);
      }
      return `0x${value.value.toString(16)}`;
    }
  }
}

/** A SIMD value by lanes, the first one first: `<1, 2, 3, 4>`. */
function formatVector(bytes: Uint8Array, type: Type): string {
  const lane = type.kind === 'vector' ? type.lane : bytesType;
  return formatElements(bytes, lane).replace('[', '<').replace(']', '>');
}

const bytesType: Type = { kind: 'integer', bits: 8, signed: false };

function pointeeOf(type: Type): Type | undefined {
  if (type.kind === 'string') return { kind: 'integer', bits: 8, signed: false };
  return type.kind === 'pointer' ? type.target : undefined;
}

/** Bytes up to their NUL as a quoted string, or undefined where they are no printable text. */
function formatText(bytes: Uint8Array): string | undefined {
  const stop = bytes.indexOf(0);
  const text = Buffer.from(stop < 0 ? bytes : bytes.subarray(0, stop)).toString('utf8');
  if (text.includes('\ufffd')) return undefined;
  return JSON.stringify(text);
}

/** Memory as elements of a type: `[1, 2, 3]`. */
export function formatElements(bytes: Uint8Array, type: Type, most = 16): string {
  const size = sizeOf(type, 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shown: string[] = [];
  const count = Math.floor(bytes.length / size);
  for (let i = 0; i < Math.min(count, most); i++)
    shown.push(formatElement(view, i * size, size, type));
  if (count > most) shown.push(`… ${count - most} more`);
  return `[${shown.join(', ')}]`;
}

/** Memory before and after a call as elements of a type, those that changed as `before→after`: `[1, 2→3]`. */
export function formatChanges(
  before: Uint8Array,
  after: Uint8Array,
  type: Type,
  most: number,
): string {
  const elements = (bytes: Uint8Array): readonly string[] =>
    formatElements(bytes, type, most).slice(1, -1).split(', ');
  const were = elements(before);
  const shown = elements(after).map((now, index) => {
    const was = were[index];
    return was === undefined || was === now ? now : `${was}→${now}`;
  });
  return `[${shown.join(', ')}]`;
}

function formatElement(view: DataView, at: number, size: number, type: Type): string {
  if (type.kind === 'float') {
    return type.bits === 32
      ? formatFloat32(view.getFloat32(at, true))
      : formatFloat(view.getFloat64(at, true));
  }
  let value = 0n;
  for (let n = size - 1; n >= 0; n--) value = (value << 8n) | BigInt(view.getUint8(at + n));
  if (type.kind === 'integer' && type.signed) return String(BigInt.asIntN(type.bits, value));
  if (type.kind === 'bool') return String(value !== 0n);
  return type.kind === 'pointer' || type.kind === 'string'
    ? `0x${value.toString(16)}`
    : String(value);
}

/** A buffer after the call: `out = [1, 2, 3]`. */
export function formatBuffer(signature: Signature, buffer: BufferState): string {
  const type = signature.parameters[buffer.parameter]?.type;
  const pointee = type && pointeeOf(type);
  const shown = formatElements(
    buffer.after,
    pointee ?? { kind: 'integer', bits: 8, signed: false },
  );
  return `${parameterName(signature, buffer.parameter)} = ${shown}`;
}

/** The whole end of a call in one line: `8`, `void, out = [1, 2]`, `SIGSEGV`, `timeout after 50 ms`. */
export function formatResult(result: RunResult, signature: Signature): string {
  switch (result.outcome) {
    case 'returned': {
      const value = formatReturn(result.value, signature.result);
      const buffers = result.buffers.map((buffer) => formatBuffer(signature, buffer));
      if (result.value.kind === 'void' && buffers.length > 0) return buffers.join(', ');
      return [value, ...buffers].join(', ');
    }
    case 'fault':
      return formatFault(result.fault);
    case 'timeout':
      return `timeout after ${formatMilliseconds(result.limitMs)}`;
    case 'blocked':
      return `blocked ${result.systemCall}`;
    case 'exited':
      return `exited ${result.status}`;
    case 'end':
      return 'end: ran off the last byte';
    case 'abi':
      return `abi: ${result.register} was not preserved`;
    case 'refused':
      return `refused: ${result.reason}`;
  }
}

/** `fault SIGSEGV at +0x2: address not mapped`, as far as it is known. */
function formatFault({ signal, code, offset }: Fault): string {
  const at = offset === undefined ? '' : ` at ${formatOffset(offset)}`;
  return `fault ${signal}${at}${code === undefined ? '' : `: ${code}`}`;
}

export function formatMilliseconds(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((ms * 1000).toPrecision(3))} µs`;
}

/** A view of a value for a hover: what it is called and how it reads. */
export interface ValueView {
  readonly label:
    | 'decimal'
    | 'unsigned'
    | 'signed'
    | 'hex'
    | 'binary'
    | 'character'
    | 'as float'
    | 'bits'
    | 'address';
  readonly text: string;
}

/** The smallest normal numbers (IEEE 754): those below have leading zeros in their significand. */
const leastNormal64 = 2 ** -1022;
const leastNormal32 = 2 ** -126;

/** Every representation of a returned value that says something. */
export function valueViews(value: ReturnValue, type: Type): ValueView[] {
  const views: ValueView[] = [];
  if (value.kind === 'integer' && type.kind === 'integer') {
    const bits = type.bits;
    const unsigned = BigInt.asUintN(bits, value.value);
    const signed = BigInt.asIntN(bits, value.value);
    views.push({ label: 'decimal', text: String(value.value) });
    if (signed !== unsigned) {
      views.push(
        type.signed
          ? { label: 'unsigned', text: String(unsigned) }
          : { label: 'signed', text: String(signed) },
      );
    }
    views.push({ label: 'hex', text: `0x${unsigned.toString(16).padStart(bits / 4, '0')}` });
    views.push({ label: 'binary', text: groupsOf(unsigned.toString(2).padStart(bits, '0'), 8) });
    if (unsigned >= 0x20n && unsigned < 0x7fn) {
      views.push({ label: 'character', text: `'${String.fromCharCode(Number(unsigned))}'` });
    }
    if (bits >= 32) {
      const view = new DataView(new ArrayBuffer(8));
      if (bits === 64) view.setBigUint64(0, unsigned);
      else view.setUint32(0, Number(unsigned));
      const float = bits === 64 ? view.getFloat64(0) : view.getFloat32(0);
      const least = bits === 64 ? leastNormal64 : leastNormal32;
      // A small integer read as a float is nearly nothing, which says nothing.
      if (!(Math.abs(float) < least)) {
        views.push({
          label: 'as float',
          text: bits === 64 ? formatFloat(float) : formatFloat32(float),
        });
      }
    }
  } else if (value.kind === 'float') {
    views.push({ label: 'decimal', text: formatReturn(value, type) });
    const bits = type.kind === 'float' ? type.bits : 64;
    views.push({ label: 'bits', text: `0x${value.bits.toString(16).padStart(bits / 4, '0')}` });
  } else if (value.kind === 'address') {
    views.push({ label: 'address', text: `0x${value.value.toString(16).padStart(16, '0')}` });
    if (value.target) {
      const pointee = pointeeOf(type) ?? { kind: 'integer', bits: 8, signed: false };
      views.push({ label: 'decimal', text: formatElements(value.target.bytes, pointee, 64) });
    }
  }
  return views;
}

function groupsOf(digits: string, size: number): string {
  return digits.match(new RegExp(`.{1,${size}}`, 'g'))?.join(' ') ?? digits;
}
