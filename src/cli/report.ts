/** What a run tells, whatever the form: a file, its blocks, their calls, one after another. */
import type { CodeWarningCode } from '../engine/codeWarnings.ts';
import type { CallReport } from '../engine/runBlock.ts';
import type { JitBlock, Problem } from '../model/block.ts';
import type { LineIndex, Range } from '../model/text.ts';

/** Takes a run in its order and writes it. */
export interface Report {
  beginFile(file: ReportedFile): void;
  beginBlock(block: JitBlock): void;
  /** A call of the block begun last. */
  call(report: CallReport): void;
  /** Called once, also after an interruption. */
  end(interrupted: boolean): void;
}

export interface ReportedFile {
  /** The path as given. */
  readonly file: string;
  readonly lines: LineIndex;
  readonly problems: readonly FileProblem[];
}

/** Something wrong with a file; `range` is undefined where it is the file as a whole. */
export interface FileProblem {
  readonly range: Range | undefined;
  readonly severity: Problem['severity'];
  readonly code: Problem['code'] | FileProblemCode;
  readonly message: string;
}

/** Problems that the scanner does not know: of reading from a disk, of comments, of bytes, of assembling. */
export type FileProblemCode =
  | 'unreadable'
  | 'invalid-text'
  | 'comment-mismatch'
  | 'not-fixed'
  | 'no-assembler'
  | CodeWarningCode;

/** Takes text for standard output. */
export type Write = (text: string) => void;
