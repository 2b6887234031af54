/** What the Test Explorer says of a test that did not pass, and what a run prints. */
import * as vscode from 'vscode';
import { detailLines } from '../../engine/detailText.ts';
import { abbreviate, formatMilliseconds } from '../../engine/format.ts';
import { instructionText } from '../../engine/crashListing.ts';
import type { CallReport } from '../../engine/runBlock.ts';
import { spanOfBlock } from '../../model/block.ts';
import { endOfCall } from '../endOfCall.ts';
import {
  rangeOf,
  type ListedBlock,
  type ListedCall,
  type ListedError,
  type ListedFile,
} from './listing.ts';

/** Characters of a message. */
const longestMessage = 500;

/** Why a call failed: at the expectation, a value beside the one that was expected; and where it crashed or hung. */
export function failure(
  { uri, lines }: ListedFile,
  { block }: ListedBlock,
  { label, planned }: ListedCall,
  report: CallReport,
): vscode.TestMessage {
  const { expectation, span } = planned.call;
  const text = abbreviate(report.verdict.message ?? '', longestMessage);
  const { explanation, result } = report;
  // A crash is no value to be compared, and its words do not fit beside one.
  const message =
    result.outcome === 'returned'
      ? vscode.TestMessage.diff(text, expectation?.text ?? '', explanation.text)
      : new vscode.TestMessage(text);
  message.location = new vscode.Location(uri, rangeOf(lines.range(expectation?.span ?? span)));
  const end = endOfCall({ block, span: spanOfBlock(block) }, { report });
  if (end) {
    const place = (offset: number): vscode.Position => {
      const { line, column } = lines.position(offset);
      return new vscode.Position(line, column);
    };
    const { instruction } = explanation;
    const what = instruction ? instructionText(instruction) : explanation.text;
    message.stackTrace = [
      new vscode.TestMessageStackFrame(what, uri, place(end.start)),
      new vscode.TestMessageStackFrame(label, uri, place(span.start)),
    ];
  }
  return message;
}

/** A problem that keeps something from being tested. */
export function problem(uri: vscode.Uri, { range, message }: ListedError): vscode.TestMessage {
  const made = new vscode.TestMessage(message);
  made.location = new vscode.Location(uri, range);
  return made;
}

const words = {
  passed: 'passed ',
  failed: 'FAILED ',
  skipped: 'skipped',
  errored: 'ERROR  ',
} as const;

/** What became of a test, in the order of growing concern. */
export type TestState = keyof typeof words;

/** A line of output for a test: `passed  a.rs:3  add_four(4) => 8  (1.2 µs)`. */
export function resultLine(
  state: TestState,
  place: string,
  label: string,
  more: string | undefined,
): string {
  return `${words[state]}  ${place}  ${label}${more === undefined ? '' : `  ${more}`}`;
}

/** What is printed after the line of a call. */
export function resultDetails(report: CallReport): readonly string[] {
  const { status } = report.verdict;
  return status === 'passed' ? [] : detailLines(report).map((line) => `    ${line}`);
}

/** How a call went, in brackets or after a colon. */
export function resultWords(report: CallReport, milliseconds: number): string {
  const { message } = report.verdict;
  const time = `(${formatMilliseconds(milliseconds)})`;
  return message === undefined ? time : `${abbreviate(message, longestMessage)}  ${time}`;
}

/** Text for a terminal, which wants both characters at the end of a line. */
export function terminalText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}
