/** The fields of `requests` that tell runner and grandchild about one call. */
import { registerPart } from '../../model/registers.ts';
import type { RunRequest } from '../../model/run.ts';
import type { CallFrame, CallingConvention } from '../abi.ts';
import { conventions, keptGeneral, keptVector } from '../abi.ts';
import { maxCopied, maxUnmapped, parts, request as fields, stackTop } from './layout.ts';
import type { Port } from './port.ts';

/** Milliseconds after a guest's own timer at which the runner ends it. */
export const watchdogGraceMs = 50;
/** Milliseconds between repetitions of the guest's timer: a first one may come before its handler can be met. */
const repeatMs = 10;

/** Bits of the widest vector register that can be set, and its bytes. */
const settableVectorBits = 256;
const settableVectorBytes = settableVectorBits / 8;

export class CallPage {
  readonly bytes = new Uint8Array(fields.requestPipe);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #port: Port;
  #unmapped = 0;
  #copied = 0;

  constructor(port: Port) {
    this.#port = port;
  }

  /**
   * Entry, stack and registers of a call. Returns the general registers that a function has to leave as they are, by number.
   * Throws an error if a fragment starts with a register that cannot be set.
   */
  setRegisters(
    request: RunRequest,
    convention: CallingConvention,
    frame: CallFrame,
  ): ReadonlyMap<number, bigint> {
    const port = this.#port;
    const stackPointer = this.#address(stackTop - frame.stack.length);
    const general = new Map(frame.general);
    const vectors = new Map(frame.vectors);
    const kept = new Map<number, bigint>();
    let flags = port.initialFlags;
    if (request.fragment) {
      const full = startOf(port, request.fragment);
      for (const [number, name] of port.generalNames.entries()) {
        const value = full.get(name);
        if (value !== undefined) general.set(number, value);
      }
      for (let number = 0; number < vectorRegisters; number++) {
        const value = full.get(port.vectorNames(number).full);
        if (value !== undefined) vectors.set(number, littleEndian(value));
      }
      flags |= full.get(port.flagsName) ?? 0n;
    } else {
      const { savedGeneral, savedVectors, savedVectorBits } = conventions[convention];
      for (const number of savedGeneral) kept.set(number, keptGeneral(number));
      for (const number of savedVectors) {
        vectors.set(number, littleEndian(keptVector(number, savedVectorBits)));
      }
    }
    kept.set(port.stackPointer, stackPointer);
    for (const [number, value] of [...general, ...kept]) {
      this.#word(fields.registers + 8 * number, value);
    }
    this.#word(fields.flags, flags);
    this.#word(fields.entry, this.#address(parts.guest.offset + request.entry));
    this.#word(fields.stackWords, frame.stack.length / 8);
    this.bytes.set(frame.stack, fields.stack);
    this.#word(fields.imageWords, port.imageBytes / 8);
    const image = this.bytes.subarray(fields.image, fields.requestPipe);
    const code = parts.guest.offset;
    port.writeImage(image, vectors, [
      this.#address(code),
      this.#address(code + request.bytes.length),
    ]);
    return kept;
  }

  /** Bounds on the call's time: the guest's own timer, the runner's watchdog, and the processor's time. */
  setLimits(timeoutMs: number): void {
    this.#time(fields.timer, repeatMs, usPerMs);
    this.#time(fields.timer + 16, timeoutMs, usPerMs);
    this.#time(fields.watchdog, timeoutMs + watchdogGraceMs, nsPerMs);
    const seconds = Math.ceil(timeoutMs / 1000) + 1;
    this.#word(fields.processorTime, seconds); // SIGXCPU
    this.#word(fields.processorTime + 8, seconds + 1); // SIGKILL
  }

  /** Has memory unmapped before the guest runs: offset in the arena, and bytes, in whole pages. */
  addUnmapped(offset: number, size: number): void {
    if (size === 0) return;
    if (this.#unmapped === maxUnmapped - 1) throw new RangeError('a call has too many buffers');
    const at = fields.unmapped + 16 * this.#unmapped++;
    this.#word(at, this.#address(offset));
    this.#word(at + 8, size);
  }

  /** Has a buffer copied out after the call: its offset from the start of the arena's buffers, and its bytes. */
  addCopy(offset: number, size: number): void {
    if (size === 0) return;
    if (this.#copied === maxCopied) throw new RangeError('a call has too many buffers');
    const at = fields.copied + 24 * this.#copied++;
    this.#word(at, this.#address(parts.buffers.offset + offset));
    this.#word(at + 8, this.#address(parts.outgoing.offset + offset));
    this.#word(at + 16, size);
  }

  #address(offset: number): bigint {
    return this.#port.base + BigInt(offset);
  }

  #word(offset: number, value: bigint | number): void {
    this.#view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  }

  /** Seconds, and the rest in parts of a millisecond; never nothing at all, which would mean no limit. */
  #time(offset: number, milliseconds: number, partsPerMs: number): void {
    const seconds = Math.floor(milliseconds / 1000);
    const rest = Math.floor((milliseconds % 1000) * partsPerMs);
    this.#word(offset, seconds);
    this.#word(offset + 8, seconds === 0 ? Math.max(1, rest) : rest);
  }
}

const usPerMs = 1000;
const nsPerMs = 1_000_000;
const vectorRegisters = 16;

/** What a fragment's registers start with: full registers, put together from the parts that were given. */
function startOf(port: Port, given: NonNullable<RunRequest['fragment']>): Map<string, bigint> {
  const full = new Map<string, bigint>();
  for (const { register, value } of given) {
    const part = registerPart(port.architecture, register);
    const isVector =
      part && port.vectorNames(0).full.replace(/\d/, '') === part.register.replace(/\d+$/, '');
    const isSettable =
      part &&
      part.register !== port.generalNames[port.stackPointer] &&
      (isVector
        ? part.bits <= settableVectorBits &&
          Number(/\d+$/.exec(part.register)?.[0]) < vectorRegisters
        : port.generalNames.includes(part.register) || part.register === port.flagsName);
    if (!isSettable) throw new Error(`a fragment cannot start with ${register}`);
    const mask = ((1n << BigInt(part.bits)) - 1n) << BigInt(part.shift);
    const before = full.get(part.register) ?? 0n;
    full.set(part.register, (before & ~mask) | ((value << BigInt(part.shift)) & mask));
  }
  return full;
}

function littleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(value < 1n << 128n ? 16 : settableVectorBytes);
  for (let index = 0, rest = value; rest > 0n && index < bytes.length; index++, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn);
  }
  return bytes;
}
