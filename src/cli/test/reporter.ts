/** What a run of tests tells, whatever the form. */
import type { CallReport } from '../../engine/runBlock.ts';
import type { TestTally } from './tally.ts';
import type { PlannedTest, TestFile } from './tests.ts';

/** Takes a run of tests in its order and writes it. */
export interface TestReporter {
  /** A file with its problems; the tests that follow are its own. */
  file(file: TestFile): void;
  test(result: TestResult): void;
  /** Called once, also after an interruption. */
  end(end: TestEnd): void;
}

export interface TestResult {
  readonly test: PlannedTest;
  /** The call that decided: of several runs the first that did not pass, or the last. */
  readonly report: CallReport;
  /** `skipped`: it cannot run here. */
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it did not pass, for people; empty if it did. */
  readonly message: string;
  /** How long its calls took with all that belongs to them. */
  readonly milliseconds: number;
}

export interface TestEnd {
  readonly tally: TestTally;
  /** Why not everything was run, or undefined. */
  readonly cut: 'interrupted' | 'stopped at the first failure' | undefined;
}
