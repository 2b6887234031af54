/** Annotations on lines of a change: workflow commands of GitHub Actions. */
import path from 'node:path';
import type { Range } from '../../model/text.ts';
import { escapeControls } from '../../engine/escape.ts';
import type { Write } from '../report.ts';
import { standardInput } from '../places.ts';
import type { TestReporter, TestResult } from './reporter.ts';
import type { TestFile } from './tests.ts';

type Level = 'error' | 'warning' | 'notice';

export class GithubReporter implements TestReporter {
  readonly #write: Write;
  #file = '';

  constructor(write: Write) {
    this.#write = write;
  }

  file({ file, problems }: TestFile): void {
    this.#file = file;
    for (const { severity, range, code, message } of problems) {
      this.#command(severity, range, code, message);
    }
  }

  test({ test, status, message }: TestResult): void {
    if (status === 'passed') return;
    this.#command(status === 'failed' ? 'error' : 'notice', test.range, test.callName, message);
  }

  end(): void {
    // Everything has been said where it belongs.
  }

  /** Lines and columns count from 1. The end is told within one line only, as the commands want it. */
  #command(level: Level, range: Range | undefined, title: string, message: string): void {
    const sameLine = range && range.start.line === range.end.line;
    const properties = {
      file: this.#file === standardInput ? undefined : slashed(this.#file),
      line: range && range.start.line + 1,
      col: range && range.start.column + 1,
      endColumn: sameLine ? range.end.column + 1 : undefined,
      title,
    };
    const given = Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
    this.#write(`::${level} ${given.join(',')}::${escapeData(message)}\n`);
  }
}

/** A path as the repository spells it. */
function slashed(file: string): string {
  return file.split(path.sep).join('/');
}

/** Line ends and other control characters are written out before. */
function escapeData(text: string): string {
  return escapeControls(text).replaceAll('%', '%25');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
