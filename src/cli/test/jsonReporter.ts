/** The document of `run --json`, with nothing but tests in it. */
import type { JitBlock } from '../../model/block.ts';
import { JsonReport } from '../jsonReport.ts';
import type { Write } from '../report.ts';
import type { TestReporter, TestResult } from './reporter.ts';
import type { TestFile } from './tests.ts';

export class JsonReporter implements TestReporter {
  readonly #report: JsonReport;
  #block: JitBlock | undefined;

  constructor(write: Write) {
    this.#report = new JsonReport(write);
  }

  file(file: TestFile): void {
    this.#block = undefined;
    this.#report.beginFile(file);
  }

  test({ test, report }: TestResult): void {
    if (this.#block !== test.block) this.#report.beginBlock(test.block);
    this.#block = test.block;
    this.#report.call(report);
  }

  end(): void {
    this.#report.end();
  }
}
