/** How the comments of an architecture's assembly are read. */
import type { Architecture } from '../../model/architecture.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { Order, Place } from './sameOperands.ts';
import type { Confidence } from './sequence.ts';

/** An instruction that a comment names. */
export interface Spoken {
  readonly confidence: Confidence;
  /** The syntax that it is surely in, or undefined. */
  readonly syntax: Order | undefined;
  /** Whether registers stand without `%`. */
  readonly naked: boolean;
  /** Whether it means what bytes decode to, its operands read in that order. */
  means(decoded: Instruction, order: Order, place: Place): boolean;
  /** The values of the address that it names as a number: of a branch's target, or of data. */
  address(branch: boolean): readonly bigint[] | undefined;
}

export interface Dialect {
  /** The instructions that a comment's text names, its signs removed. Never throws. */
  read(comment: string, mnemonics: ReadonlySet<string>): readonly Spoken[];
  /** Whether a line is written for an assembler whose syntax is none that is read. */
  isForeign(comment: string): boolean;
}

/** An architecture's dialect, or undefined where comments are not read. */
export type DialectOf = (architecture: Architecture) => Dialect | undefined;
