/** The report for people and for tools that read `FILE:LINE:COLUMN: error: …`. */
import { detailLines, outputLines } from '../engine/detailText.ts';
import { formatCall } from '../engine/format.ts';
import type { CallReport } from '../engine/runBlock.ts';
import type { JitBlock } from '../model/block.ts';
import { formatSignature } from '../model/signature.ts';
import { LineIndex, type Span } from '../model/text.ts';
import type { Paint } from './colours.ts';
import { escapeControls } from '../engine/escape.ts';
import type { FileProblem, Report, ReportedFile, Write } from './report.ts';
import type { Tally } from './tally.ts';

export class TextReport implements Report {
  readonly #write: Write;
  readonly #paint: Paint;
  readonly #tally: Tally;
  readonly #verbose: boolean;
  #file: ReportedFile = { file: '', lines: new LineIndex(''), problems: [] };

  /** @param verbose whether a crash is told with registers and instructions */
  constructor(write: Write, paint: Paint, tally: Tally, verbose: boolean) {
    this.#verbose = verbose;
    this.#write = write;
    this.#paint = paint;
    this.#tally = tally;
  }

  beginFile(file: ReportedFile): void {
    this.#file = file;
    for (const problem of file.problems) {
      // What is wrong with the file as a whole is told on standard error.
      if (problem.range) this.#line(problemText(file.file, problem, this.#paint));
    }
  }

  beginBlock(block: JitBlock): void {
    if (block.broken || block.calls.length > 0) return;
    const name = escapeControls(block.name ?? formatSignature(block.signature));
    this.#line(this.#paint('dim', `${this.#place(block.tag)}  ${name}: no @call`));
  }

  call(report: CallReport): void {
    const { block, call, result, explanation, verdict } = report;
    const paint = this.#paint;
    const made = escapeControls(formatCall(block, call));
    const given = escapeControls(explanation.text);
    const parts = [`${paint('dim', this.#place(call.tag))}  ${made} ⇒`];
    if (verdict.status === 'refused') {
      parts.push(paint('yellow', given));
    } else {
      parts.push(given);
      if (verdict.expectation === 'held') parts.push(paint('green', '✓'));
      if (verdict.status === 'ended-badly') parts.push(paint('red', '✗'));
      if (verdict.status === 'failed') {
        parts.push(paint('red', `✗ ${escapeControls(verdict.message ?? '')}`));
      }
    }
    this.#line(parts.join(' '));
    const details = this.#verbose
      ? detailLines(report)
      : outputLines(result.output ?? new Uint8Array()).map(escapeControls);
    for (const line of details) this.#line(paint('dim', `    ${line}`));
  }

  end(interrupted: boolean): void {
    const { calls, summary } = this.#tally;
    if (interrupted) this.#line(this.#paint('bold', `interrupted after ${summary}`));
    else if (calls > 1) this.#line(this.#paint('bold', summary));
  }

  /** `FILE:LINE` of where a span starts. */
  #place(span: Span): string {
    const { file, lines } = this.#file;
    return `${escapeControls(file)}:${lines.lineAt(span.start) + 1}`;
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

/** `FILE:LINE:COLUMN: error: …`, or `FILE: error: …` for the file as a whole. */
export function problemText(file: string, problem: FileProblem, paint: Paint): string {
  const { range, severity, message } = problem;
  const start = range && `${range.start.line + 1}:${range.start.column + 1}`;
  const place = [escapeControls(file), start].filter((part) => part !== undefined).join(':');
  const said = paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`);
  return `${place}: ${said} ${escapeControls(message)}`;
}
