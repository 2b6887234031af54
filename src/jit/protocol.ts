/** The messages between client and host, and their checks: whatever comes from the other end is read here. */
import type { RunRequest, RunResult } from '../model/run.ts';
import type { ParentDeath } from './raw.ts';
import { readRunRequest, readRunResult } from './protocolRun.ts';
import type { Read } from './shape.ts';
import { fields, integer, oneOf, tag, text, unknownMember } from './shape.ts';

export { readRunRequest } from './protocolRun.ts';
export { ProtocolError } from './shape.ts';

/** To be raised with every change of a message, so that a host of another version is recognized. */
export const protocolVersion = 1;

/**
 * How far the host keeps calls apart: `isolated`, a fresh process per call that can make no system call;
 * `process`, a fresh process per call; `crash-only`, calls happen in the host and a crash is its end.
 */
export type ProtectionLevel = 'isolated' | 'process' | 'crash-only';

/** What a host says of itself. */
export interface HostInfo {
  readonly protocol: number;
  readonly pid: number;
  /** Versions of what takes part, `node` and `koffi` among them. */
  readonly node: string;
  readonly koffi: string;
  readonly level: ProtectionLevel;
  /** Why it is this level and no higher one, in words. */
  readonly reason: string;
  readonly parentDeath: ParentDeath;
}

/** From client to host. `id` is the client's number of the call. */
export interface ToHost {
  readonly type: 'run';
  readonly id: number;
  readonly request: RunRequest;
}

/** From host to client. */
export type ToClient =
  /** Once, first of all. */
  | { readonly type: 'hello'; readonly host: HostInfo }
  /** The call begins now: the client's clock starts. */
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'result'; readonly id: number; readonly result: RunResult };

/** A message as the host takes it. Throws a {@link ProtocolError}. */
export function readToHost(value: unknown): ToHost {
  const at = 'message';
  const read = fields(value, at, 'type', 'id', 'request');
  return {
    type: read('type', oneOf('run')),
    id: read('id', callId),
    request: read('request', readRunRequest),
  };
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
const version = text(64);

const readHostInfo: Read<HostInfo> = (value, at) => {
  const read = fields(
    value,
    at,
    'protocol',
    'pid',
    'node',
    'koffi',
    'level',
    'reason',
    'parentDeath',
  );
  return {
    protocol: read('protocol', oneOf(protocolVersion)),
    pid: read('pid', integer(1, 2 ** 31 - 1)),
    node: read('node', version),
    koffi: read('koffi', version),
    level: read('level', oneOf<ProtectionLevel>('isolated', 'process', 'crash-only')),
    reason: read('reason', text(1000)),
    parentDeath: read('parentDeath', oneOf<ParentDeath>('parent-death-signal', 'channel-close')),
  };
};
