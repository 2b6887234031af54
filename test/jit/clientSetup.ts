/** What the tests of the client share: requests of known code, hosts, and a look at processes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JitClientOptions } from '../../src/jit/client.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { HostKnob } from '../../src/jit/hostKnob.ts';
import { hostKnobVariable } from '../../src/jit/hostKnob.ts';
import type { RunRequest, RunResult } from '../../src/model/run.ts';
import type { Signature } from '../../src/model/signature.ts';
import { code, i64, integerValue, signature } from './functionTypes.ts';

export const hostPath = path.join(process.cwd(), 'out/host/main.js');

// The comments are GNU as' Intel syntax; the bytes are what it made of them.
export const guests = {
  addFour: '48 8d 47 04 c3', // lea rax, [rdi+4]; ret
  loop: 'eb fe', // 1: jmp 1b
  segfault: '8b 04 25 00 00 00 00', // mov eax, [0]
  illegal: '0f 0b', // ud2
  divide: '31 c9 f7 f1', // xor ecx, ecx; div ecx
  breakpoint: 'cc', // int3
  exitGroup: 'b8 e7 00 00 00 0f 05', // mov eax, 231; syscall
  exitThread: 'b8 3c 00 00 00 0f 05', // mov eax, 60; syscall
  killItself: 'b8 27 00 00 00 0f 05 89 c7 be 09 00 00 00 b8 3e 00 00 00 0f 05', // getpid; kill(it, 9)
  killGroup: '31 ff be 0f 00 00 00 b8 3e 00 00 00 0f 05 eb fe', // kill(0, SIGTERM); 1: jmp 1b
  forkAndLoop: 'b8 39 00 00 00 0f 05 eb fe', // fork(); 1: jmp 1b
  writeToChannel: '48 89 fe bf 03 00 00 00 ba 0d 00 00 00 b8 01 00 00 00 0f 05 eb fe', // write(3, rdi, 13); loop
} as const;

export function request(hex: string, argument = 0n, timeoutMs = 2000): RunRequest {
  return {
    architecture: 'x86_64',
    abi: undefined,
    fragment: undefined,
    signature: signature([i64], i64),
    bytes: code(hex),
    entry: 0,
    arguments: [integerValue(argument)],
    recordRegisters: false,
    timeoutMs,
  };
}

export function requestOf(
  shape: Signature,
  hex: string,
  values: RunRequest['arguments'],
): RunRequest {
  return { ...request(hex), signature: shape, arguments: values };
}

export const never = new AbortController().signal;

/** A client whose calls happen in the host itself: a crash is the host's end. */
export function client(options: Partial<JitClientOptions> = {}): JitClient {
  const environment = { [hostKnobVariable]: 'crash-only', ...options.environment };
  return new JitClient({ hostPath, ...options, environment });
}

/** A client with the highest protection that the machine grants. */
export function protectedClient(options: Partial<JitClientOptions> = {}): JitClient {
  return new JitClient({ hostPath, ...options });
}

/** A client whose hosts fail in a certain way. */
export function failing(knob: HostKnob, options: Partial<JitClientOptions> = {}): JitClient {
  return client({ environment: { [hostKnobVariable]: knob }, ...options });
}

export function returned(value: bigint, result: RunResult): boolean {
  return (
    result.outcome === 'returned' && result.value.kind === 'integer' && result.value.value === value
  );
}

/** Whether a process runs: neither gone nor waiting to be buried. */
export function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until a condition holds, and says whether it did in time. */
export async function eventually(holds: () => boolean, withinMs = 2000): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (holds()) return true;
    await sleep(5);
  }
  return holds();
}

/** Runs `use` with a script of one's own as the host. */
export async function withScript<T>(script: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jit-host-'));
  try {
    const file = path.join(folder, 'host.cjs');
    fs.writeFileSync(file, script);
    return await use(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
