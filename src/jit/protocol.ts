/** The messages between client and host, and their checks: whatever comes from the other end is read here. */
import type { RunRequest, RunResult } from '../model/run.ts';
import type { ParentDeath } from './raw.ts';
import type { Protection, ProtectionLevel, RunnerFacts } from './protection.ts';
import { sandboxes } from './protection.ts';
import { readRunRequest, readRunResult } from './protocolRun.ts';
import type { Read } from './shape.ts';
import { boolean, fields, integer, oneOf, optional, tag, text, unknownMember } from './shape.ts';

export { readRunRequest } from './protocolRun.ts';
export { ProtocolError } from './shape.ts';

/** To be raised with every change of a message, so that a host of another version is recognized. */
export const protocolVersion = 2;

/** What a host says of itself. */
export interface HostInfo {
  readonly protocol: number;
  readonly pid: number;
  /** Versions of what takes part, `node` and `koffi` among them. */
  readonly node: string;
  readonly koffi: string;
  readonly protection: Protection;
  readonly parentDeath: ParentDeath;
}

/** From client to host. `id` is the client's number of the call. */
export type ToHost =
  | { readonly type: 'run'; readonly id: number; readonly request: RunRequest }
  /** Its result is not wanted any more: a refusal comes at once. */
  | { readonly type: 'cancel'; readonly id: number };

/** From host to client. */
export type ToClient =
  /** Once, first of all. */
  | { readonly type: 'hello'; readonly host: HostInfo }
  /** The call begins now: the client's clock starts. Only at the level `crash-only`; elsewhere the host keeps the time. */
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'result'; readonly id: number; readonly result: RunResult };

/** A message as the host takes it. Throws a {@link ProtocolError}. */
export function readToHost(value: unknown): ToHost {
  const at = 'message';
  const type = tag(value, at, 'type');
  switch (type) {
    case 'run': {
      const read = fields(value, at, 'type', 'id', 'request');
      return { type, id: read('id', callId), request: read('request', readRunRequest) };
    }
    case 'cancel':
      return { type, id: fields(value, at, 'type', 'id')('id', callId) };
    default:
      throw unknownMember(at, 'type', type);
  }
}

/** A message as the client takes it. Throws a {@link ProtocolError}. */
export function readToClient(value: unknown): ToClient {
  const at = 'message';
  const type = tag(value, at, 'type');
  switch (type) {
    case 'hello':
      return { type, host: fields(value, at, 'type', 'host')('host', readHostInfo) };
    case 'started':
      return { type, id: fields(value, at, 'type', 'id')('id', callId) };
    case 'result': {
      const read = fields(value, at, 'type', 'id', 'result');
      return { type, id: read('id', callId), result: read('result', readRunResult) };
    }
    default:
      throw unknownMember(at, 'type', type);
  }
}

const callId = integer(0, Number.MAX_SAFE_INTEGER);
const processId = integer(1, 2 ** 31 - 1);
const version = text(64);

const readRunnerFacts: Read<RunnerFacts> = (value, at) => {
  const read = fields(value, at, 'pid', 'namespaces', 'noExecuteFile', 'denyWriteExecute');
  return {
    pid: read('pid', processId),
    namespaces: read('namespaces', boolean),
    noExecuteFile: read('noExecuteFile', boolean),
    denyWriteExecute: read('denyWriteExecute', boolean),
  };
};

const readProtection: Read<Protection> = (value, at) => {
  const read = fields(value, at, 'level', 'sandbox', 'reason', 'runner');
  return {
    level: read('level', oneOf<ProtectionLevel>('isolated', 'process', 'crash-only')),
    sandbox: read('sandbox', oneOf(...sandboxes)),
    reason: read('reason', text(5000)),
    runner: read('runner', optional(readRunnerFacts)),
  };
};

const readHostInfo: Read<HostInfo> = (value, at) => {
  const read = fields(value, at, 'protocol', 'pid', 'node', 'koffi', 'protection', 'parentDeath');
  return {
    protocol: read('protocol', oneOf(protocolVersion)),
    pid: read('pid', processId),
    node: read('node', version),
    koffi: read('koffi', version),
    protection: read('protection', readProtection),
    parentDeath: read('parentDeath', oneOf<ParentDeath>('parent-death-signal', 'channel-close')),
  };
};
