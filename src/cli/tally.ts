/** Counts how a run went, for its summary and its exit status. */
import type { CallReport } from '../engine/runBlock.ts';
import type { FileProblem } from './report.ts';

/** Exit statuses of `run`. */
export const exitStatus = { well: 0, failed: 1, unreadable: 2, refused: 3 } as const;

export class Tally {
  calls = 0;
  /** Calls that ended as expected. */
  held = 0;
  /** Calls that returned, where nothing was expected. */
  unchecked = 0;
  /** Calls that did not end as expected, or badly where nothing was. */
  failed = 0;
  refused = 0;
  /** Problems of severity error. */
  errors = 0;

  problems(problems: readonly FileProblem[]): void {
    this.errors += problems.filter(({ severity }) => severity === 'error').length;
  }

  call({ verdict }: CallReport): void {
    this.calls++;
    if (verdict.status === 'refused') this.refused++;
    else if (verdict.status !== 'passed') this.failed++;
    else if (verdict.expectation === 'held') this.held++;
    else this.unchecked++;
  }

  get status(): number {
    if (this.errors > 0) return exitStatus.unreadable;
    if (this.failed > 0) return exitStatus.failed;
    return this.refused > 0 ? exitStatus.refused : exitStatus.well;
  }

  /** `12 calls: 10 ✓, 1 ✗, 1 refused` */
  get summary(): string {
    const parts = [
      [this.held, '✓'],
      [this.unchecked, 'without expectation'],
      [this.failed, '✗'],
      [this.refused, 'refused'],
    ] as const;
    const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (this.errors > 0) shown.push(counted(this.errors, 'error'));
    return [counted(this.calls, 'call'), shown.join(', ')].filter((part) => part !== '').join(': ');
  }
}

/** `1 call`, `2 calls`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
