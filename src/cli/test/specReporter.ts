/** Tests for people: files, blocks and calls as an outline. */
import type { JitBlock } from '../../model/block.ts';
import type { Paint } from '../colours.ts';
import { escapeControls } from '../../engine/escape.ts';
import type { Write } from '../report.ts';
import { problemText } from '../textReport.ts';
import type { TestEnd, TestReporter, TestResult } from './reporter.ts';
import type { TestFile } from './tests.ts';

export class SpecReporter implements TestReporter {
  readonly #write: Write;
  readonly #paint: Paint;
  #file = '';
  #headed = false;
  #block: JitBlock | undefined;

  constructor(write: Write, paint: Paint) {
    this.#write = write;
    this.#paint = paint;
  }

  file({ file, problems }: TestFile): void {
    this.#file = escapeControls(file);
    this.#headed = false;
    this.#block = undefined;
    for (const problem of problems) this.#line(problemText(file, problem, this.#paint));
  }

  test({ test, status, message }: TestResult): void {
    const paint = this.#paint;
    if (!this.#headed) this.#line(paint('bold', this.#file));
    this.#headed = true;
    if (this.#block !== test.block) this.#line(`  ${escapeControls(test.blockName)}`);
    this.#block = test.block;
    const name = escapeControls(test.callName);
    const said = escapeControls(message);
    switch (status) {
      case 'passed':
        this.#line(`    ${paint('green', '✓')} ${name}`);
        break;
      case 'skipped':
        this.#line(`    ${paint('yellow', '-')} ${name} ${paint('yellow', `skipped: ${said}`)}`);
        break;
      case 'failed': {
        const { line, column } = test.range.start;
        const place = paint('dim', `${this.#file}:${line + 1}:${column + 1}:`);
        this.#line(`    ${paint('red', '✗')} ${name}`);
        this.#line(`      ${place} ${paint('red', said)}`);
        break;
      }
    }
  }

  end({ tally, cut }: TestEnd): void {
    const { tests, errors, summary } = tally;
    if (cut !== undefined) this.#line(this.#paint('bold', `${cut} after ${summary}`));
    else if (tests + errors > 0) this.#line(this.#paint('bold', summary));
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}
