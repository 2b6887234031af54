/**
 * From what a grandchild left behind to a result. The record lies in memory that the guest could write, so that it can at
 * worst tell lies about its own call; where it contradicts what the kernel told the runner, it is not believed at all.
 */
import os from 'node:os';
import type { Registers } from '../../model/registers.ts';
import type { Place, RunRequest, RunResult } from '../../model/run.ts';
import type { CallingConvention } from '../abi.ts';
import { conventions, keptVector } from '../abi.ts';
import type { BufferPlaces } from './bufferPlaces.ts';
import { ends, exitCodes, parts, recordKinds, result, steps } from './layout.ts';
import type { FaultRecord, Port } from './port.ts';
import { returnedValue } from './returnedValue.ts';
import type { Answer } from './runnerProcess.ts';

/** What was asked, as far as reading the answer needs it. */
export interface Asked {
  readonly port: Port;
  readonly request: RunRequest;
  readonly convention: CallingConvention;
  readonly buffers: BufferPlaces;
  /** Value at the entry of every general register that must come back as it was, by number. */
  readonly kept: ReadonlyMap<number, bigint>;
  /** A buffer's bytes after the call, by parameter: of those that were asked for. */
  readonly after: (parameter: number) => Uint8Array | undefined;
  readonly nanoseconds: (ticks: bigint) => bigint;
  /** Whether the guest's system calls are stopped; if not, it can exit by itself. */
  readonly filtered: boolean;
}

const { SIGALRM, SIGKILL, SIGSYS, SIGTRAP, SIGXCPU } = os.constants.signals;

/** Reads a result from the runner's answer and the page `results`. */
export function readRecord(asked: Asked, answer: Answer, results: Uint8Array): RunResult {
  const { request } = asked;
  const limitMs = request.timeoutMs;
  if (answer.end === ends.notStarted) {
    return refused(`the process for the call could not be started: ${errorName(-answer.pid)}`);
  }
  if (answer.end === ends.killed) return { outcome: 'timeout', limitMs, stuck: undefined };
  const signal = answer.status & 0x7f;
  if (signal === SIGKILL) return refused('the process of the call was killed from outside');
  if (signal !== 0) return killedBy(signal);
  const code = (answer.status >> 8) & 0xff;
  const kind = new DataView(results.buffer, results.byteOffset).getUint32(result.kind, true);
  if (code === exitCodes.returned && kind === recordKinds.returned) return returned(asked, results);
  if (code === exitCodes.fault && kind === recordKinds.fault) return faulted(asked, results);
  const step = Object.entries(steps).find(([, number]) => number === code)?.[0];
  if (step?.startsWith('child') && kind === 0) {
    return refused(`the process for the call failed at the step ${step}`);
  }
  if (!asked.filtered && kind === 0) return { outcome: 'exited', status: code };
  return garbled(`exit code ${code} with a record of kind ${kind}`);
}

function refused(reason: string): RunResult {
  return { outcome: 'refused', reason };
}

function garbled(what: string): RunResult {
  return refused(`garbled: the record of the call contradicts its end (${what})`);
}

/** A signal that even the handler could not record: the guest has taken its stack, or the code that records. */
function killedBy(signal: number): RunResult {
  const unknown = { code: undefined, access: undefined, address: undefined, offset: undefined };
  const fault = { signal: signalName(signal), ...unknown, registers: undefined };
  return { outcome: 'fault', fault };
}

function signalName(signal: number): string {
  const found = Object.entries(os.constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}

function errorName(errno: number): string {
  const found = Object.entries(os.constants.errno).find(([, number]) => number === errno);
  return found?.[0] ?? `error ${errno}`;
}

function returned(asked: Asked, results: Uint8Array): RunResult {
  const { port, request } = asked;
  const registers = port.readReturned(results, needsVectors(asked) ? 'all' : 'general');
  if (request.fragment) return fragmentEnd(registers, durationOf(asked, results));
  const broken = brokenConvention(asked, registers);
  if (broken) return { outcome: 'abi', ...broken };
  const { places } = asked.buffers;
  const buffers = places.flatMap(({ parameter, bytes }) => {
    const type = request.signature.parameters[parameter]?.type;
    const after = asked.after(parameter);
    const isShown = type?.kind === 'pointer' && type.mutable && after !== undefined;
    return isShown ? [{ parameter, before: bytes, after }] : [];
  });
  return {
    outcome: 'returned',
    value: returnedValue(asked, registers),
    buffers,
    durationNs: durationOf(asked, results),
    registers: request.recordRegisters ? registers : undefined,
  };
}

function needsVectors({ request, convention }: Asked): boolean {
  const { kind } = request.signature.result;
  return (
    request.recordRegisters ||
    request.fragment !== undefined ||
    kind === 'float' ||
    kind === 'vector' ||
    conventions[convention].savedVectors.length > 0
  );
}

function fragmentEnd(registers: Registers, durationNs: bigint): RunResult {
  return { outcome: 'returned', value: { kind: 'void' }, buffers: [], durationNs, registers };
}

function durationOf(asked: Asked, results: Uint8Array): bigint {
  const view = new DataView(results.buffer, results.byteOffset);
  const ticks = view.getBigUint64(result.ended, true) - view.getBigUint64(result.started, true);
  const most = BigInt(Math.ceil(asked.request.timeoutMs * 1e6));
  const ns = asked.nanoseconds(ticks);
  return ns > most ? most : ns;
}

/** The first register or control word that was not left as it was. */
function brokenConvention(
  { port, convention, kept }: Asked,
  registers: Registers,
): { readonly register: string; readonly expected: bigint; readonly found: bigint } | undefined {
  for (const [number, expected] of kept) {
    const register = port.generalNames[number] ?? `#${number}`;
    const found = registers[register] ?? 0n;
    if (found !== expected) return { register, expected, found };
  }
  const { savedVectors, savedVectorBits } = conventions[convention];
  for (const number of savedVectors) {
    const expected = keptVector(number, savedVectorBits);
    const { full, kept: register } = port.vectorNames(number);
    const found = BigInt.asUintN(savedVectorBits, registers[full] ?? 0n);
    if (found !== expected) return { register, expected, found };
  }
  for (const { register, name, mask, value } of port.keptControl) {
    const found = (registers[register] ?? 0n) & mask;
    if (found !== value) return { register: name, expected: value, found };
  }
  return undefined;
}

function faulted(asked: Asked, results: Uint8Array): RunResult {
  const { port, request } = asked;
  const record = port.readFault(results);
  const { signal, registers } = record;
  const offset = Number(record.at - port.base) - parts.guest.offset - bytesPast(asked, record);
  const place: Place = { offset: offset in request.bytes ? offset : undefined, registers };
  if (signal === SIGALRM || signal === SIGXCPU) {
    return { outcome: 'timeout', limitMs: request.timeoutMs, stuck: place };
  }
  if (signal === SIGSYS) return stopped(port, record, place);
  const isBehind = offset >= request.bytes.length && offset < parts.guest.size;
  const ranOff = isBehind && port.isFill(record);
  if (request.fragment && (ranOff || port.isTrap(record))) return fragmentEnd(registers, 0n);
  if (ranOff) return { outcome: 'end' };
  if (!port.faultSignals.includes(signal)) return garbled(`a fault by ${signalName(signal)}`);
  const { kind, access, addressKnown } = port.describe(record);
  const address = addressKnown ? record.address : undefined;
  return {
    outcome: 'fault',
    fault: { signal: signalName(signal), code: kind, access, address, ...place },
  };
}

/** How far behind the instruction the reported address lies: traps and system calls are told of after the fact. */
function bytesPast({ port, request }: Asked, record: FaultRecord): number {
  if (record.signal === SIGSYS) return port.systemCalls.instructionBytes;
  if (record.signal !== SIGTRAP) return 0;
  const after = Number(record.at - port.base) - parts.guest.offset;
  const byteAt = (offset: number): number | undefined =>
    offset < 0 ? undefined : (request.bytes[offset] ?? port.fillByte);
  return port.trapBytes(byteAt, after, record);
}

function stopped({ systemCalls }: Port, record: FaultRecord, at: Place): RunResult {
  const status = systemCalls.exitStatus(record);
  if (status !== undefined) return { outcome: 'exited', status };
  const { systemCall, callArchitecture, registers } = record;
  return {
    outcome: 'blocked',
    systemCall: systemCalls.name(systemCall, callArchitecture),
    arguments: systemCalls.arguments(registers, callArchitecture),
    at,
  };
}
