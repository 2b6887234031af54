/** What differs between processors in how the runner is made and read: one port for each architecture. */
import type { Architecture } from '../../model/architecture.ts';
import type { Registers } from '../../model/registers.ts';
import type { CallingConvention } from '../abi.ts';
import type { CallSite } from './filter.ts';

export interface RunnerCode {
  /** From the arena's start to the end of the child code. */
  readonly bytes: Uint8Array;
  /** Offsets in the arena: the runner's entry, a C function without parameters, and the fault handler. */
  readonly start: number;
  readonly faultHandler: number;
  /** Calls that are still made once the filter is in force. */
  readonly sites: readonly CallSite[];
}

/** What a grandchild's record says, its numbers as they stand there: untrusted. */
export interface FaultRecord {
  /** siginfo_t: number, code, and what follows by the kind of signal. */
  readonly signal: number;
  readonly code: number;
  readonly address: bigint;
  readonly systemCall: number;
  readonly callArchitecture: number;
  /** Address of the instruction that the fault is about. */
  readonly at: bigint;
  readonly registers: Registers;
  /** The processor's own number of the fault, and its error code, where it has them. */
  readonly trap: number | undefined;
  readonly errorCode: number | undefined;
}

export interface Port {
  readonly architecture: Architecture;
  /** Address of the arena. */
  readonly base: bigint;
  /** The conventions that it can call by, the platform's own first. */
  readonly conventions: readonly CallingConvention[];
  /** The runner, emitted for an arena at {@link base}. */
  readonly code: RunnerCode;
  /** Flags of clone for the runner: the signal that its end sends to the host, or 0 for none. */
  readonly cloneFlags: number;
  /** How the host's memory is unmapped in the runner: all that is outside of the arena, or mapping by mapping. */
  readonly hostRanges: 'everything' | 'list';
  /** sa_flags of the fault handler. */
  readonly handlerFlags: number;
  /** The flags register at a call. */
  readonly initialFlags: bigint;
  /** Name of the full flags register. */
  readonly flagsName: string;
  /** Number of the stack pointer among the general registers. */
  readonly stackPointer: number;
  /** Names of the general registers by number. */
  readonly generalNames: readonly string[];
  /**
   * What a vector unit holds at a call: `image` is zeroed, `vectors` are by number, at most as wide as its registers. `code` are the
   * addresses of the guest's first byte and of the one after its last.
   */
  writeImage(
    image: Uint8Array,
    vectors: ReadonlyMap<number, Uint8Array>,
    code: readonly [start: bigint, end: bigint],
  ): void;
  /** Bytes of a signal frame's vector registers that are worth keeping. */
  readonly imageBytes: number;
  /** Fills what no instruction may meet: traps. */
  readonly fillByte: number;
  /** Signals that a fault can come as. */
  readonly faultSignals: readonly number[];
  /** Whether a fault is a trap instruction's. */
  isTrap(record: FaultRecord): boolean;
  /** Whether it can be that of what fills the room behind the code. */
  isFill(record: FaultRecord): boolean;
  /**
   * Bytes of the trap instruction that was reported with the offset `after` it, or 0 where the offset is its own. `code` gives the byte
   * at an offset, undefined before the first.
   */
  trapBytes(
    code: (offset: number) => number | undefined,
    after: number,
    record: FaultRecord,
  ): number;
  /** A vector register by number: the full one, and the part that a function must keep. */
  vectorNames(number: number): { readonly full: string; readonly kept: string };
  /** The registers that a result comes back in. */
  readonly resultRegisters: { readonly general: string; readonly vector: string };
  /** The registers after a return: the general ones with the flags and control words, or all. */
  readReturned(results: Uint8Array, which: 'general' | 'all'): Registers;
  readFault(results: Uint8Array): FaultRecord;
  /** A fault's kind in words, and what the access was. */
  describe(record: FaultRecord): FaultWords;
  /** What a called function must leave as it was besides its callee-saved registers: name, mask, value. */
  readonly keptControl: readonly KeptControl[];
  readonly systemCalls: SystemCalls;
}

export interface FaultWords {
  readonly kind: string | undefined;
  readonly access: 'read' | 'write' | 'execute' | undefined;
  /** Whether the address that came with the signal means anything. */
  readonly addressKnown: boolean;
}

export interface KeptControl {
  /** Full register, and the name under which a violation is reported. */
  readonly register: string;
  readonly name: string;
  readonly mask: bigint;
  readonly value: bigint;
}

export interface SystemCalls {
  /** Bytes of the instruction that makes a system call. */
  readonly instructionBytes: number;
  /** The call's name, or `syscall 469`. */
  name(number: number, callArchitecture: number): string;
  /** Its arguments, as its entry passes them. */
  arguments(registers: Registers, callArchitecture: number): readonly bigint[];
  /** The status of an exit or exit_group, or undefined for another call. */
  exitStatus(record: FaultRecord): number | undefined;
  /** The number of `write`. */
  readonly write: number;
}
