/** What is asked of a runner, and what it answers. */
import type { Architecture } from './architecture.ts';
import type { Signature } from './signature.ts';
import type { ArgumentValue, BufferState, ReturnValue } from './value.ts';

/** One call of a function made of these bytes. */
export interface RunRequest {
  readonly architecture: Architecture;
  readonly signature: Signature;
  /** The code, patches applied. */
  readonly bytes: Uint8Array;
  /** Offset of the first instruction to run. */
  readonly entry: number;
  readonly arguments: readonly ArgumentValue[];
  /** Bound on the call, in milliseconds; fractions count. */
  readonly timeoutMs: number;
}

/** Exactly one of these is the end of every call. */
export type RunResult =
  | {
      readonly outcome: 'returned';
      readonly value: ReturnValue;
      readonly buffers: readonly BufferState[];
      readonly durationNs: bigint;
    }
  | { readonly outcome: 'fault'; readonly fault: Fault }
  | { readonly outcome: 'timeout'; readonly limitMs: number }
  | { readonly outcome: 'blocked'; readonly systemCall: string }
  | { readonly outcome: 'exited'; readonly status: number }
  | { readonly outcome: 'end' }
  | { readonly outcome: 'abi'; readonly register: string }
  | { readonly outcome: 'refused'; readonly reason: string };

export type Outcome = RunResult['outcome'];

/** How a call crashed. What the runner could not learn is undefined. */
export interface Fault {
  /** The signal by name, such as `SIGSEGV`; on Windows the exception by name. */
  readonly signal: string;
  /** The kind of fault in words, such as "address not mapped". */
  readonly code: string | undefined;
  readonly address: bigint | undefined;
  /** Offset of the faulting instruction from the first byte. */
  readonly offset: number | undefined;
  readonly registers: Readonly<Record<string, bigint>> | undefined;
}

/** Calls bytes. `signal` ends a call early: it then rejects with the signal's reason. */
export interface Runner {
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult>;
}

/** Bounds on what may be asked, so that a slip of the pen cannot exhaust the machine. */
export const limits = {
  /** Bytes of code in one block. */
  codeBytes: 1 << 20,
  /** Bytes in one buffer argument. */
  bufferBytes: 1 << 20,
  /** Bytes in all buffer arguments of one call. */
  callBytes: 4 << 20,
  /** Calls under one annotation. */
  callsPerBlock: 1000,
} as const;
