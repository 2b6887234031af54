/** One machine instruction, as a disassembler reads it from bytes. */

export type Access = 'read' | 'write' | 'read-write' | 'none';

/** Memory that an instruction names by registers and a displacement. */
export interface MemoryOperand {
  /** Registers in lower case; a program counter (`rip`, `pc`) is a base like any other. */
  readonly base: string | undefined;
  readonly index: string | undefined;
  /** What the index is multiplied with; 1 without an index. */
  readonly scale: number;
  /** Signed; from the next instruction on where the base is `rip` or `eip`. */
  readonly displacement: bigint;
  /** A segment override or a segment other than the base's usual one, or undefined. */
  readonly segment: string | undefined;
  /** Bytes that are accessed, or 0 where that varies or nothing is accessed (`lea`). */
  readonly size: number;
  readonly access: Access;
}

export type Operand =
  | { readonly kind: 'register'; readonly register: string; readonly access: Access }
  /** `value` is sign-extended where the processor does so; `bits` is the size it is extended to. */
  | { readonly kind: 'immediate'; readonly value: bigint; readonly bits: number }
  | { readonly kind: 'memory'; readonly memory: MemoryOperand }
  /** Where a direct branch goes, as an address. */
  | { readonly kind: 'target'; readonly address: bigint }
  /** A far branch, with its segment selector. */
  | { readonly kind: 'far'; readonly selector: number; readonly address: bigint }
  /** What only the text tells (shifts, extensions, conditions, register lists of some architectures). */
  | { readonly kind: 'other'; readonly text: string };

/** How an instruction goes on. */
export type InstructionCategory =
  | 'ordinary'
  | 'jump'
  | 'indirect jump'
  | 'conditional jump'
  | 'call'
  | 'indirect call'
  | 'return'
  | 'interrupt'
  | 'system call'
  /** Stops on purpose: `ud2`, `brk`. */
  | 'trap'
  | 'transaction'
  | 'invalid';

/** What makes the result of an instruction differ from run to run or from machine to machine. */
export type Unpredictability = 'time' | 'chance' | 'processor';

/** An instruction, or bytes that are none. */
export interface Instruction {
  /** From the first of the bytes that were given, in bytes. */
  readonly offset: number;
  readonly address: bigint;
  /** In bytes; of undecodable bytes the architecture's smallest unit (or what is left). */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** False for bytes that are no instruction. */
  readonly valid: boolean;
  /** In lower case, without prefixes, as in {@link intel}; `(bad)` for undecodable bytes. */
  readonly mnemonic: string;
  /** The instruction in Intel's syntax; on other architectures the usual syntax. */
  readonly intel: string;
  /** The instruction in AT&T's syntax; on other architectures the same as {@link intel}. */
  readonly att: string;
  /** In Intel's order, as written; implied operands are left out. */
  readonly operands: readonly Operand[];
  /** Registers in lower case, implied ones included; those that are only read to address memory too. */
  readonly registersRead: readonly string[];
  readonly registersWritten: readonly string[];
  /** Flags by their manual's names in lower case, such as `zf`; flags left undefined count as written. */
  readonly flagsRead: readonly string[];
  readonly flagsWritten: readonly string[];
  /** Memory that is accessed, that of implied operands (`push`, `movs`) included. */
  readonly memory: readonly MemoryOperand[];
  /** Where a direct branch or call goes, from the first of the bytes given (perhaps outside), or undefined. */
  readonly target: number | undefined;
  readonly category: InstructionCategory;
  /** What the processor must offer beyond the architecture's base, such as `AVX2`. */
  readonly features: readonly string[];
  /** Whether it faults outside the kernel. */
  readonly privileged: boolean;
  /** Whether it reads time or chance or asks which processor it is, or undefined. */
  readonly unpredictable: Unpredictability | undefined;
}
