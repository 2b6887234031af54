/** Where reports go: standard output, or files of their own. */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { painter, wantsColours } from '../colours.ts';
import { systemMessage } from '../output.ts';
import type { Write } from '../report.ts';
import { GithubReporter } from './githubReporter.ts';
import { JsonReporter } from './jsonReporter.ts';
import { JUnitReporter } from './junitReporter.ts';
import type { ReporterChoice } from './options.ts';
import type { TestReporter } from './reporter.ts';
import { SpecReporter } from './specReporter.ts';
import { TapReporter } from './tapReporter.ts';

/** A report could not be written to its file. The message names it. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
}

/** Reporters with their files open. */
export class Outputs implements Disposable {
  readonly reporters: readonly TestReporter[];
  readonly #open: number[] = [];

  /**
   * @param show takes what goes to standard output
   * @throws a {@link ReportFileError} where a file cannot be written
   */
  constructor(choices: readonly ReporterChoice[], show: Write) {
    try {
      this.reporters = choices.map((choice) => this.#reporter(choice, show));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#open.splice(0)) closeSync(descriptor);
  }

  #reporter({ name, file }: ReporterChoice, show: Write): TestReporter {
    const write = file === undefined ? show : this.#writeTo(file);
    switch (name) {
      case 'spec': {
        const coloured = file === undefined && wantsColours(process.env, process.stdout.isTTY);
        return new SpecReporter(write, painter(coloured));
      }
      case 'tap':
        return new TapReporter(write);
      case 'junit':
        return new JUnitReporter(write);
      case 'json':
        return new JsonReporter(write);
      case 'github':
        return new GithubReporter(write);
    }
  }

  #writeTo(file: string): Write {
    const attempt = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        throw new ReportFileError(`${file}: ${systemMessage(error)}`, { cause: error });
      }
    };
    const descriptor = attempt(() => {
      mkdirSync(path.dirname(file), { recursive: true });
      return openSync(file, 'w');
    });
    this.#open.push(descriptor);
    return (text) => attempt(() => writeFileSync(descriptor, text));
  }
}
