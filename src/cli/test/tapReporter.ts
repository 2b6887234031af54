/** The Test Anything Protocol, version 14 (testanything.org), with what went wrong as YAML. */
import { formatResult } from '../../engine/format.ts';
import { escapeControls, escapeJson } from '../../engine/escape.ts';
import type { FileProblem, Write } from '../report.ts';
import type { TestEnd, TestReporter, TestResult } from './reporter.ts';
import type { TestFile } from './tests.ts';

/** Values of a diagnostic by key; `undefined` leaves the key out. */
type Diagnostic = Readonly<Record<string, string | number | undefined>>;

export class TapReporter implements TestReporter {
  readonly #write: Write;
  #file = '';
  #count = 0;

  constructor(write: Write) {
    this.#write = write;
    this.#line('TAP version 14');
  }

  file({ file, problems }: TestFile): void {
    this.#file = file;
    for (const problem of problems) this.#problem(problem);
  }

  test({ test, report, status, message, milliseconds }: TestResult): void {
    const name = escapeTap(test.name);
    if (status === 'skipped') {
      this.#point('ok', `${name} # SKIP ${escapeTap(message)}`);
      return;
    }
    this.#point(status === 'passed' ? 'ok' : 'not ok', name);
    this.#diagnostic({
      ...(status === 'failed' && {
        message,
        severity: 'fail',
        expected: test.planned.call.expectation?.text,
        actual: formatResult(report.result, test.block.signature),
        file: this.#file,
        line: test.range.start.line + 1,
        column: test.range.start.column + 1,
      }),
      duration_ms: Number(milliseconds.toFixed(3)),
    });
  }

  end({ cut }: TestEnd): void {
    if (cut === 'interrupted') this.#line('Bail out! interrupted');
    else if (this.#count === 0) this.#line('1..0 # SKIP no tests');
    else this.#line(`1..${this.#count}`);
  }

  #problem({ range, severity, code, message }: FileProblem): void {
    const line = range && range.start.line + 1;
    const column = range && range.start.column + 1;
    const place = [this.#file, line, column].filter((part) => part !== undefined).join(':');
    if (severity === 'warning') {
      this.#line(`# ${escapeControls(place)}: warning: ${escapeControls(message)}`);
      return;
    }
    this.#point('not ok', escapeTap(`${place}: ${code}`));
    this.#diagnostic({ message, severity: 'error', file: this.#file, line, column });
  }

  #point(state: 'ok' | 'not ok', what: string): void {
    this.#count++;
    this.#line(`${state} ${this.#count} - ${what}`);
  }

  /** A string of JSON is one of YAML too. */
  #diagnostic(values: Diagnostic): void {
    this.#line('  ---');
    for (const [key, value] of Object.entries(values)) {
      if (value !== undefined) this.#line(`  ${key}: ${escapeJson(JSON.stringify(value))}`);
    }
    this.#line('  ...');
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

/** In a description `#` begins a directive and `\` takes the meaning away from what follows it. */
function escapeTap(text: string): string {
  return escapeControls(text).replace(/[\\#]/g, '\\$&');
}
