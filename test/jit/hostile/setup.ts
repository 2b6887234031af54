/** A runner of the tests' own, calls for it, and results in a few words. */
import { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { Stopwatch } from '../../../src/jit/runner/stopwatch.ts';
import { timeStamp } from '../../../src/jit/runner/x64/cpu.ts';
import { x64Port } from '../../../src/jit/runner/x64/port.ts';
import type { Sandbox } from '../../../src/jit/protection.ts';
import type { RunRequest, RunResult } from '../../../src/model/run.ts';
import { request } from '../clientSetup.ts';
import { i64, signature } from '../functionTypes.ts';

export const isolatedHere = process.platform === 'linux' && process.arch === 'x64';

export async function startRunner(sandbox: Sandbox = 'strict'): Promise<IsolatedRunner> {
  const options = { port: x64Port(), sandbox, filtered: sandbox !== 'off', namespaces: true };
  return (await IsolatedRunner.start(options, new Stopwatch(timeStamp()))).runner;
}

/** A call of `() -> i64` made of these bytes. */
export function callOf(bytes: Uint8Array, timeoutMs: number): RunRequest {
  return { ...request('c3'), signature: signature([], i64), arguments: [], bytes, timeoutMs };
}

/** `SIGSEGV address not mapped read 0x0 at +0x2`, `blocked execve at +0x5`, `returned 8`, `refused …`. */
export function briefly(result: RunResult): string {
  const place = (offset: number | undefined): string =>
    offset === undefined ? '' : ` at +0x${offset.toString(16)}`;
  switch (result.outcome) {
    case 'returned':
      return `returned ${result.value.kind === 'integer' ? result.value.value : result.value.kind}`;
    case 'fault': {
      const { signal, code, access, address, offset } = result.fault;
      const where = address === undefined ? '' : ` 0x${address.toString(16)}`;
      return (
        [signal, code, access].filter((word) => word !== undefined).join(' ') +
        where +
        place(offset)
      );
    }
    case 'timeout':
      return `timeout${place(result.stuck?.offset)}`;
    case 'blocked':
      return `blocked ${result.systemCall}${place(result.at?.offset)}`;
    case 'exited':
      return `exited ${result.status}`;
    case 'end':
      return 'end';
    case 'abi':
      return `abi ${result.register}`;
    case 'refused':
      return `refused ${result.reason}`;
  }
}
