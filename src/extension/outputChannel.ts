/** The output channel: a line for every call, and what a crash looked like. */
import * as vscode from 'vscode';
import { detailLines } from '../engine/detailText.ts';
import { abbreviate, formatMilliseconds } from '../engine/format.ts';
import type { CallReport } from '../engine/runBlock.ts';
import { formatSignature } from '../model/signature.ts';
import { placeOf } from './documents.ts';
import { callText } from './valueText.ts';

/** A value in a log may be long, but not without end. */
const longestValue = 2000;

export class OutputChannel {
  #made: vscode.LogOutputChannel | undefined;

  dispose(): void {
    this.#made?.dispose();
  }

  /** Made when something is said for the first time, so that an idle extension has no channel. */
  get #channel(): vscode.LogOutputChannel {
    return (this.#made ??= vscode.window.createOutputChannel('JIT Bytes', { log: true }));
  }

  show(): void {
    this.#channel.show(true);
  }

  debug(message: string): void {
    this.#channel.debug(message);
  }

  error(message: string): void {
    this.#channel.error(message);
  }

  /** What a benchmark has to say, in lines. */
  benchmark(lines: readonly string[]): void {
    this.#channel.info(lines.join('\n    '));
  }

  /** Where the call stands, what was called with what, what came of it, and how long it took. */
  report(document: vscode.TextDocument, offset: number, report: CallReport): void {
    const { block, call, result, verdict } = report;
    const sign = { passed: '✓', failed: '✗', 'ended-badly': '✗', refused: '⊘' }[verdict.status];
    const mark = verdict.status === 'passed' && verdict.expectation === undefined ? '' : ` ${sign}`;
    const line = [
      placeOf(document, offset),
      formatSignature(block.signature),
      `${callText(block, call)} ⇒ ${resultWithHex(report)}${mark}`,
    ].join('  ');
    const wanted =
      verdict.expectation === 'failed' ? `, expected ${call.expectation?.text ?? ''}` : '';
    const time =
      result.outcome === 'returned'
        ? `, ${formatMilliseconds(Number(result.durationNs) / 1e6)}`
        : '';
    const text = `${line}${wanted}${time}`;
    const details = detailLines(report)
      .map((line) => `\n    ${line}`)
      .join('');
    if (verdict.status === 'failed' || verdict.status === 'ended-badly') {
      this.#channel.error(text + details);
    } else if (verdict.status === 'refused') this.#channel.warn(text);
    else this.#channel.info(text + details);
  }
}

function resultWithHex({ block, result, explanation }: CallReport): string {
  const text = abbreviate(explanation.text, longestValue);
  if (result.outcome !== 'returned' || result.value.kind === 'void') return text;
  const { value } = result;
  if (value.kind === 'address' || value.kind === 'vector') return text;
  const type = block.signature.result;
  const bits = type.kind === 'integer' || type.kind === 'float' ? type.bits : 64;
  const pattern = value.kind === 'float' ? value.bits : BigInt.asUintN(bits, value.value);
  return `${text} (0x${pattern.toString(16)})`;
}
