/** What the scanner finds in a text: annotated bytes with their calls, and what could not be read. */
import type { Abi, Architecture } from './architecture.ts';
import type { AssemblySyntax } from './assembly.ts';
import type { Signature } from './signature.ts';
import type { LineIndex, Span } from './text.ts';
import type { ArgumentValue } from './value.ts';

/** Bytes under an `@jit` or `@fragment` tag. Offsets are into the text that was scanned. */
export interface JitBlock {
  readonly kind: 'function' | 'fragment';
  /** The `@jit` tag itself, with its `@`. */
  readonly tag: Span;
  /** The annotation's comment block, from its first tag to the end of its last one. */
  readonly annotation: Span;
  readonly name: string | undefined;
  readonly signature: Signature;
  readonly architecture: Architecture;
  /** The `@arch` tag, or the `@jit` tag where there is none. */
  readonly architectureSpan: Span;
  /** Undefined: the convention of the platform that runs it. */
  readonly abi: Abi | undefined;
  readonly abiSpan: Span | undefined;
  readonly bytes: Uint8Array;
  readonly byteSpans: ByteSpans;
  /** The literal, with its brackets; of several (`@more`) the first. */
  readonly literal: Span;
  /** Offset of the first instruction to run. */
  readonly entry: number;
  readonly patches: readonly Patch[];
  /** Offset from which on the bytes are data, or undefined. */
  readonly dataFrom: number | undefined;
  /** Bound on each call in nanoseconds, or undefined for the user's setting. */
  readonly timeoutNs: bigint | undefined;
  readonly bench: boolean;
  readonly calls: readonly Call[];
  /** Why this block cannot run here (something a later version or another machine can do), or undefined. */
  readonly refused: Refusal | undefined;
  /** Comments inside the literal, for checking them against the bytes of their line. */
  readonly comments: readonly Span[];
  /** Whether a problem keeps the block from running. */
  readonly broken: boolean;
  /** What `@asm` stands for, while it is text: then the block has no bytes yet. */
  readonly assembly?: AssemblyText;
}

/** Assembly in place of bytes. */
export interface AssemblyText {
  readonly text: string;
  readonly syntax: AssemblySyntax;
  /** Where each UTF-16 code unit of `text` stands in the source: start and end alternating. */
  readonly offsets: Uint32Array;
  /** The `@asm` tag. */
  readonly tag: Span;
  /** What tags say of the bytes: so many, from an offset on, must be there. */
  readonly reaches: readonly {
    readonly offset: number;
    readonly size: number;
    readonly span: Span;
  }[];
}

/** From the annotation to the end of the literal, or the other way round, as they stand in the text. */
export function spanOfBlock({
  annotation,
  literal,
}: Pick<JitBlock, 'annotation' | 'literal'>): Span {
  return {
    start: Math.min(annotation.start, literal.start),
    end: Math.max(annotation.end, literal.end),
  };
}

/** Where each byte of a block stands in the text. */
export interface ByteSpans {
  readonly length: number;
  /** The span of one byte; several bytes of one word or hex pair share or split their element's. */
  at(index: number): Span;
}

export interface Refusal {
  readonly reason: string;
  /** The tag or part that asks for what cannot be had. */
  readonly span: Span;
}

/** Bytes written at an offset before every call. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly span: Span;
}

export interface Call {
  /** From `@call` to the end of its expectation. */
  readonly span: Span;
  /** The `@call` tag, or for an implied call the `@jit` tag. */
  readonly tag: Span;
  /** True for the call `()` that a block without parameters and without `@call` has. */
  readonly implied: boolean;
  readonly arguments: readonly Argument[];
  /** What a fragment starts with; none for a function. */
  readonly registers: readonly RegisterValue[];
  readonly expectation: Expectation | undefined;
  /** Whether a problem keeps this call from running. */
  readonly broken: boolean;
}

export interface Argument {
  /** As written, for showing. */
  readonly text: string;
  readonly span: Span;
  readonly value: ArgumentValue;
}

/** What `=>` demands, fitted to the signature. */
export type Expectation = { readonly span: Span; readonly text: string } & (
  | {
      readonly kind: 'returned';
      readonly value: ExpectedValue | undefined;
      readonly buffers: readonly ExpectedBuffer[];
    }
  | { readonly kind: 'registers'; readonly registers: readonly RegisterValue[] }
  | {
      readonly kind: 'fault';
      readonly signal: string | undefined;
      readonly offset: number | undefined;
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'blocked'; readonly systemCall: string | undefined }
  | { readonly kind: 'exited'; readonly status: number | undefined }
  | { readonly kind: 'abi'; readonly register: string | undefined }
  | { readonly kind: 'end' }
);

export type ExpectedValue =
  | { readonly kind: 'integer'; readonly value: bigint }
  /** `bits`: the pattern in the result type; `tolerance` undefined means bit for bit, NaN equal to NaN. */
  | {
      readonly kind: 'float';
      readonly value: number;
      readonly bits: bigint;
      readonly tolerance: number | undefined;
    }
  /** A returned pointer leads to these bytes. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A returned pointer equals the one passed for this parameter. */
  | { readonly kind: 'parameter'; readonly parameter: number };

/** The buffer passed for a parameter starts with these bytes after the call. */
export interface ExpectedBuffer {
  readonly parameter: number;
  readonly bytes: Uint8Array;
}

export interface RegisterValue {
  readonly register: string;
  readonly value: bigint;
}

/** Something the author should mend. */
export interface Problem {
  readonly span: Span;
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  readonly message: string;
}

/** The kinds of problem, stable names for `--json` and for silencing. */
export type ProblemCode =
  | 'no-literal'
  | 'unclosed-literal'
  | 'not-a-number'
  | 'byte-range'
  | 'leading-zero'
  | 'partial-literal'
  | 'bad-string'
  | 'bad-assembly'
  | 'preprocessor'
  | 'several-calls'
  | 'too-many-bytes'
  | 'unknown-tag'
  | 'duplicate-tag'
  | 'misplaced-tag'
  | 'bad-tag'
  | 'bad-signature'
  | 'bad-call'
  | 'bad-argument'
  | 'bad-expectation';

/** Everything found in one text. `lines` turns the spans into lines and columns. */
export interface ScanResult {
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  /**
   * Line starts at which an annotation begins, from where on the text reads the same whatever stands before,
   * ascending. Nowhere where annotations refer to each other.
   */
  readonly seams: readonly number[];
  readonly lines: LineIndex;
}
