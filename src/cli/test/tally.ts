/** Counts how tests went, for the summary and the exit status. */
import type { FileProblem } from '../report.ts';
import { counted, exitStatus } from '../tally.ts';
import type { TestResult } from './reporter.ts';

export class TestTally {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** Problems of severity error. */
  errors = 0;

  problems(problems: readonly FileProblem[]): void {
    this.errors += problems.filter(({ severity }) => severity === 'error').length;
  }

  test({ status }: TestResult): void {
    this[status]++;
  }

  get tests(): number {
    return this.passed + this.failed + this.skipped;
  }

  /** The exit status of `run`, where a skipped test is a refused call. */
  get status(): number {
    if (this.errors > 0) return exitStatus.unreadable;
    if (this.failed > 0) return exitStatus.failed;
    return this.skipped > 0 ? exitStatus.refused : exitStatus.well;
  }

  /** `12 tests: 10 ✓, 1 ✗, 1 skipped` */
  get summary(): string {
    const parts = [
      [this.passed, '✓'],
      [this.failed, '✗'],
      [this.skipped, 'skipped'],
    ] as const;
    const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (this.errors > 0) shown.push(counted(this.errors, 'error'));
    return [counted(this.tests, 'test'), shown.join(', ')].filter((part) => part !== '').join(': ');
  }
}
