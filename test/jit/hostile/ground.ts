/** What the programs against the isolated runner stand on: its map, its code, a runner, and results as one line of text. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { X64 } from '../../../src/asm/x64.ts';
import { eax, x64 } from '../../../src/asm/x64.ts';
import type { Sandbox } from '../../../src/jit/protection.ts';
import { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import type { Part } from '../../../src/jit/runner/layout.ts';
import { parts } from '../../../src/jit/runner/layout.ts';
import type { RunnerCode } from '../../../src/jit/runner/port.ts';
import { Stopwatch } from '../../../src/jit/runner/stopwatch.ts';
import { timeStamp } from '../../../src/jit/runner/x64/cpu.ts';
import { x64Port } from '../../../src/jit/runner/x64/port.ts';
import type { Place, RunRequest, Runner, RunResult } from '../../../src/model/run.ts';
import type { ArgumentValue } from '../../../src/model/value.ts';
import { i64, mutBytes, signature } from '../functionTypes.ts';

/** The runner is there on Linux on x86-64 alone. */
export const isolatedHere = process.platform === 'linux' && process.arch === 'x64';

const port = isolatedHere ? x64Port() : undefined;

/** Address of the arena. */
export const base = port?.base ?? 0n;

/** Address of a place in a part of the arena, or of an offset in the arena. */
export function at(part: keyof typeof parts | number, offset = 0): bigint {
  return base + BigInt((typeof part === 'number' ? part : parts[part].offset) + offset);
}

/** Address of the first byte after a part. */
export function endOf(part: keyof typeof parts): bigint {
  return at(part, parts[part].size);
}

/** The code of runner and grandchild, as every runner has it. */
export const ours: RunnerCode = port?.code ?? {
  bytes: new Uint8Array(),
  start: 0,
  faultHandler: 0,
  sites: [],
};

/** Length of `syscall`, in bytes. */
const syscallBytes = 2;

/** Address of the `syscall` of the child code that makes this call. */
export function ourCall(number: number): bigint {
  const site = ours.sites.find(
    ({ after, number: its }) => its === number && after > parts.childCode.offset,
  );
  assert.ok(site, `the child code makes no call ${number}`);
  return at(site.after - syscallBytes);
}

export interface RunnerChoice {
  readonly sandbox?: Sandbox;
  readonly filtered?: boolean;
  readonly namespaces?: boolean;
}

/** Starts a runner; with namespaces where this machine grants them. */
export async function startRunner(choice: RunnerChoice = {}): Promise<IsolatedRunner> {
  const { sandbox = 'strict', filtered = sandbox !== 'off' } = choice;
  const start = async (namespaces: boolean): Promise<IsolatedRunner> => {
    const options = { port: x64Port(), sandbox, filtered, namespaces };
    return (await IsolatedRunner.start(options, new Stopwatch(timeStamp()))).runner;
  };
  if (choice.namespaces !== undefined) return start(choice.namespaces);
  return start(true).catch(() => start(false));
}

export const never = new AbortController().signal;

/** Machine code from what is done with an emitter whose first byte is the guest's. */
export function emit(write: (f: X64) => void): Uint8Array<ArrayBuffer> {
  const f = x64({ base: at('guest') });
  write(f);
  return f.bytes();
}

/** A number that {@link patched} finds in code again. */
export const marker = 0x1234_5678;

/** A copy of the code with other bits in place of the {@link marker}: an emitter for each of thousands of programs takes long. */
export function patched(bytes: Uint8Array<ArrayBuffer>, value: bigint, size: 4 | 8): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const place = copy.findIndex((_, index) => {
    return index + size <= copy.length && view.getUint32(index, true) === marker;
  });
  assert.ok(place >= 0, 'the code holds the marker');
  if (size === 4) view.setUint32(place, Number(value), true);
  else view.setBigUint64(place, value, true);
  return copy;
}

/** A call of a function without parameters, or with as many writable buffers as there are sizes. */
export function requestFor(
  bytes: Uint8Array,
  { timeoutMs = 1000, buffers = [] }: { timeoutMs?: number; buffers?: readonly number[] } = {},
): RunRequest {
  return {
    architecture: 'x86_64',
    abi: undefined,
    recordRegisters: true,
    fragment: undefined,
    signature: signature(
      buffers.map(() => mutBytes),
      i64,
    ),
    bytes,
    entry: 0,
    arguments: buffers.map((size): ArgumentValue => {
      return { kind: 'buffer', bytes: new Uint8Array(size), align: 1 };
    }),
    timeoutMs,
  };
}

/** Makes a system call. */
export function call(f: X64, number: number): void {
  f.mov(eax, number);
  f.syscall();
}

/** Fails unless add-four, called with 4, gives 8. */
export async function assertWorks(runner: Runner, after: string): Promise<void> {
  const result = await runner.run(addFour, never);
  assert.equal(inWords(result), 'returned 8', `add-four after ${after}`);
}

/** `lea rax, [rdi+4]; ret`, called with 4. */
export const addFour: RunRequest = {
  ...requestFor(Uint8Array.of(0x48, 0x8d, 0x47, 0x04, 0xc3), { timeoutMs: 2000 }),
  signature: signature([i64], i64),
  arguments: [{ kind: 'integer', value: 4n }],
};

/**
 * A result in one line: `returned 8`, `SIGSEGV address not mapped, read results+0x10, at 3`, `blocked getpid at 5`,
 * `exited 3`, `timeout at 0`, `end`, `abi rbx`, `refused: …`. An offset is the instruction's, `outside` is not in the code.
 */
export function inWords(result: RunResult): string {
  switch (result.outcome) {
    case 'returned':
      return result.value.kind === 'integer'
        ? `returned ${result.value.value}`
        : `returned ${result.value.kind}`;
    case 'fault': {
      const { signal, code = '', access = '', address, registers, offset } = result.fault;
      const where = registers ? `at ${offset ?? 'outside'}` : 'not recorded';
      const what = `${access} ${address === undefined ? '' : placeName(address)}`.trim();
      return [`${signal} ${code}`.trim(), what, where].filter((text) => text !== '').join(', ');
    }
    case 'timeout':
      return `timeout${placeInWords(result.stuck)}`;
    case 'blocked':
      return `blocked ${result.systemCall}${placeInWords(result.at)}`;
    case 'exited':
      return `exited ${result.status}`;
    case 'end':
      return 'end';
    case 'abi':
      return `abi ${result.register}`;
    case 'refused':
      return `refused: ${result.reason}`;
  }
}

function placeInWords(place: Place | undefined): string {
  return place ? ` at ${place.offset ?? 'outside'}` : ' not recorded';
}

/** An address as `part+offset`, or in hexadecimal outside of all parts. */
export function placeName(address: bigint): string {
  const offset = Number(address - base);
  for (const [name, part] of Object.entries<Part>(parts)) {
    const inside = offset - part.offset;
    if (inside >= 0 && inside < part.size) return `${name}+0x${inside.toString(16)}`;
  }
  return `0x${address.toString(16)}`;
}

/** The lines of a process' memory map; undefined if it may not be seen. */
export function mapOf(pid: number | 'self'): readonly string[] | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/maps`, 'utf8').trimEnd().split('\n');
  } catch {
    return undefined;
  }
}
