/** Squiggles: what could not be read, and what did not end as it should. */
import * as vscode from 'vscode';
import { abbreviate } from '../engine/format.ts';
import { timed } from './callbackTimes.ts';
import { mayRun, rangeOf } from './documents.ts';
import { endOfCall } from './endOfCall.ts';
import type { BlockResults, CallValue, Results } from './results.ts';
import type { ScanCache } from './scanCache.ts';
import { callText } from './valueText.ts';

/** Whose squiggles ours are. */
export const source = 'JIT Bytes';

/** The editor shows no more of one document. */
const mostShown = 1000;

/** Characters of a message, and calls that one about bytes names. */
const longestMessage = 500;
const mostRelated = 20;

/** Milliseconds between two renewals while results come in. */
const renewalMs = 100;

export class Diagnostics {
  readonly #scans: ScanCache;
  readonly #results: Results;
  readonly #collection = vscode.languages.createDiagnosticCollection('jitBytes');
  readonly #disposables: vscode.Disposable[] = [];
  readonly #waiting = new Set<vscode.TextDocument>();
  #timer: NodeJS.Timeout | undefined;

  constructor(scans: ScanCache, results: Results) {
    this.#scans = scans;
    this.#results = results;
    this.#disposables.push(
      this.#collection,
      results.onDidChange((document) => {
        this.#waiting.add(document);
        this.#timer ??= setTimeout(
          timed('renew diagnostics', () => this.#renew()),
          renewalMs,
        );
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  forget(document: vscode.TextDocument): void {
    this.#waiting.delete(document);
    this.#collection.delete(document.uri);
  }

  /** Shows what the last scan and the last runs say, if the scan is of the document's present text. */
  update(document: vscode.TextDocument): void {
    if (document.isClosed || !mayRun(document.uri)) return;
    const scan = this.#scans.known(document);
    if (!scan) return;
    const shown: vscode.Diagnostic[] = [];
    const room = (): boolean => shown.length < mostShown;
    for (const results of this.#results.of(document)) {
      if (!room()) break;
      if (!results.running) shown.push(...refusal(document, results));
      for (const value of results.values)
        if (!value.stale && room()) addTo(shown, badEnd(document, results, value));
    }
    for (const { span, severity, code, message } of scan.problems) {
      if (!room()) break;
      const level =
        severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
      shown.push(makeDiagnostic(rangeOf(document, span), message, level, code));
    }
    if (shown.length > 0 || this.#collection.has(document.uri))
      this.#collection.set(document.uri, shown);
  }

  #renew(): void {
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const document of waiting) this.update(document);
  }
}

/** A call that failed, on its expectation; one that ended badly, on the bytes where it did, or else on the call. */
function badEnd(
  document: vscode.TextDocument,
  results: BlockResults,
  value: CallValue,
): vscode.Diagnostic[] {
  const { report, call } = value;
  const { result, verdict, explanation } = report;
  if (verdict.status !== 'failed' && verdict.status !== 'ended-badly') return [];
  const message = abbreviate(verdict.message ?? '', longestMessage);
  const bytes = endOfCall(results, value);
  const here = bytes && rangeOf(document, bytes);
  const made: vscode.Diagnostic[] = [];
  const severity = vscode.DiagnosticSeverity.Error;
  if (verdict.status === 'failed') {
    const span = call.expectation?.span ?? call.span;
    const failed = makeDiagnostic(rangeOf(document, span), message, severity, 'expectation-failed');
    if (here) failed.relatedInformation = [related(document, here, explanation.text)];
    made.push(failed);
  }
  if (here) {
    const text = abbreviate(explanation.text, longestMessage);
    const ended = makeDiagnostic(here, text, severity, result.outcome);
    const place = rangeOf(document, call.span);
    const called = vscode.l10n.t('called here: {0}', callText(report.block, call));
    ended.relatedInformation = [related(document, place, called)];
    made.push(ended);
  } else if (verdict.status === 'ended-badly') {
    made.push(makeDiagnostic(rangeOf(document, call.span), message, severity, result.outcome));
  }
  return made;
}

function related(
  { uri }: vscode.TextDocument,
  range: vscode.Range,
  message: string,
): vscode.DiagnosticRelatedInformation {
  return new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, range), message);
}

/** Adds diagnostics; one that says the same at the same place takes in what it is related to. */
function addTo(shown: vscode.Diagnostic[], made: readonly vscode.Diagnostic[]): void {
  for (const one of made) {
    const same = shown.findLast(
      ({ message, range }) => message === one.message && range.isEqual(one.range),
    );
    if (!same) shown.push(one);
    else if ((same.relatedInformation?.length ?? 0) < mostRelated) {
      same.relatedInformation = [
        ...(same.relatedInformation ?? []),
        ...(one.relatedInformation ?? []),
      ];
    }
  }
}

/** What cannot run here, on the tag that asks for it; no mistake of the author's. */
function refusal(document: vscode.TextDocument, results: BlockResults): vscode.Diagnostic[] {
  const refused = results.values.find(
    ({ stale, report }) => !stale && report.verdict.status === 'refused',
  );
  if (!refused || results.unannotated) return [];
  const { block } = results;
  const span = block.refused?.span ?? block.abiSpan ?? block.architectureSpan;
  const message = refused.report.verdict.message ?? '';
  return [
    makeDiagnostic(
      rangeOf(document, span),
      message,
      vscode.DiagnosticSeverity.Information,
      'refused',
    ),
  ];
}

/** A squiggle of ours. */
export function makeDiagnostic(
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
  code: string,
): vscode.Diagnostic {
  const made = new vscode.Diagnostic(range, message, severity);
  made.source = source;
  made.code = code;
  return made;
}
