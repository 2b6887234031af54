/** What is asked of a runner, and what it answers. */
import type { Abi, Architecture } from './architecture.ts';
import type { RegisterValue } from './block.ts';
import type { Registers } from './registers.ts';
import type { Signature } from './signature.ts';
import type { ArgumentValue, BufferState, ReturnValue } from './value.ts';

/** One call of a function made of these bytes, or one run of a fragment. */
export interface RunRequest {
  readonly architecture: Architecture;
  /** Undefined: the convention of the platform that runs it. */
  readonly abi: Abi | undefined;
  readonly signature: Signature;
  /**
   * What a fragment starts with; undefined for a function. A fragment keeps no calling convention: it ends at its return, a trap
   * or its last byte, and has its registers as its result.
   */
  readonly fragment: readonly RegisterValue[] | undefined;
  /** The code, patches applied. */
  readonly bytes: Uint8Array;
  /** Offset of the first instruction to run. */
  readonly entry: number;
  readonly arguments: readonly ArgumentValue[];
  /** Whether a call that returns tells of the registers after it; a fragment and a fault always do. */
  readonly recordRegisters: boolean;
  /** Bound on the call, in milliseconds; fractions count. */
  readonly timeoutMs: number;
}

/** What a guest wrote to standard output and error together, as far as it was kept; undefined if it may not. */
export interface Captured {
  readonly output?: Uint8Array;
}

/** Exactly one of these is the end of every call. */
export type RunResult = Captured &
  (
    | {
        readonly outcome: 'returned';
        readonly value: ReturnValue;
        readonly buffers: readonly BufferState[];
        /** From the guest's first instruction to its return, as exactly as the runner can tell. */
        readonly durationNs: bigint;
        /** After the return, if they were asked for and the runner can see them. */
        readonly registers: Registers | undefined;
      }
    | { readonly outcome: 'fault'; readonly fault: Fault }
    | { readonly outcome: 'timeout'; readonly limitMs: number; readonly stuck: Place | undefined }
    | {
        readonly outcome: 'blocked';
        /** The call's name, or `syscall 469` for one without. */
        readonly systemCall: string;
        readonly arguments: readonly bigint[];
        readonly at: Place | undefined;
      }
    | { readonly outcome: 'exited'; readonly status: number }
    | { readonly outcome: 'end' }
    | {
        readonly outcome: 'abi';
        /** The register or flag that was not left as it was. */
        readonly register: string;
        readonly expected: bigint;
        readonly found: bigint;
      }
    | { readonly outcome: 'refused'; readonly reason: string }
  );

export type Outcome = RunResult['outcome'];

/** Where a guest was when it was stopped. */
export interface Place {
  /** Offset of the instruction from the first byte, or undefined if it was not in the code. */
  readonly offset: number | undefined;
  readonly registers: Registers;
}

/** How a call crashed. What the runner could not learn is undefined. */
export interface Fault {
  /** The signal by name, such as `SIGSEGV`; on Windows the exception by name. */
  readonly signal: string;
  /** The kind of fault in words, such as "address not mapped". */
  readonly code: string | undefined;
  readonly access: Access | undefined;
  readonly address: bigint | undefined;
  /** Offset of the faulting instruction from the first byte. */
  readonly offset: number | undefined;
  readonly registers: Registers | undefined;
}

/** What an access to memory was for. */
export type Access = 'read' | 'write' | 'execute';

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
  /** Bytes of a guest's output that are kept. */
  outputBytes: 64 << 10,
  /** Calls under one annotation. */
  callsPerBlock: 1000,
} as const;
