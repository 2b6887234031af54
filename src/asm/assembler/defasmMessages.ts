/** What the assembling thread is asked and answers. Offsets are into the text of the question. */
import type { Span } from '../../model/text.ts';

/** What stands behind a `;` and may be a comment or an instruction. */
export interface Doubtful {
  readonly span: Span;
  readonly text: string;
}

export interface AssemblyQuestion {
  readonly id: number;
  readonly text: string;
  readonly intel: boolean;
  readonly doubtful: readonly Doubtful[];
}

/** A statement that gave bytes. */
export interface StatementBytes {
  readonly span: Span;
  /** Of its first byte. */
  readonly offset: number;
  readonly length: number;
  /** The instruction's name in lower case, without prefixes; undefined for data. */
  readonly mnemonic: string | undefined;
}

export interface AssemblyAnswer {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly statements: readonly StatementBytes[];
  /** Offsets of the labels in the bytes. */
  readonly labels: ReadonlyMap<string, number>;
  readonly errors: readonly { readonly span: Span; readonly message: string }[];
  /** Whether the back end met an error of its own, after which it may not be used again. */
  readonly spoilt: boolean;
}
