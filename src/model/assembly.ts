/** Assembly text, and what an assembler makes of it. */
import type { Span } from './text.ts';

/** How operands are written: AT&T's `mov %rdi, %rax` or Intel's `mov rax, rdi`. Only x86 has two ways. */
export type AssemblySyntax = 'att' | 'intel';

/** What a line of assembly text has become. Lines without bytes (labels, comments) are left out. */
export interface AssembledLine {
  /** 0-based. */
  readonly line: number;
  /** Of its first byte, from the first byte of all. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

export interface AssemblyError {
  /** The part of the text that is wrong. */
  readonly span: Span;
  readonly message: string;
}

/** Bytes, or why there are none. */
export type Assembled =
  | { readonly bytes: Uint8Array; readonly lines: readonly AssembledLine[] }
  | { readonly errors: readonly AssemblyError[] };

/** A register with the sign that only AT&T's syntax has. */
const attRegister =
  /%(?:[re]?(?:[abcd][xhl]|[sd]il?|[sb]pl?)|r(?:[89]|1\d)[dwb]?|[er]ip|[xyz]?mm\d|st|[c-gs]s|k\d|[cd]r\d|bnd\d)/i;

/** The syntax that a text seems to be in: AT&T's if a register has its `%`. */
export function syntaxOf(text: string): AssemblySyntax {
  return attRegister.test(text) ? 'att' : 'intel';
}
