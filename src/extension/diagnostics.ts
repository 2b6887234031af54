/** Squiggles: what could not be read, and what did not end as it should. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import { mayRun, rangeOf } from './documents.ts';
import type { BlockResults, CallValue, Results } from './results.ts';
import type { ScanCache } from './scanCache.ts';

const source = 'JIT Bytes';

/** The editor shows no more of one document. */
const mostShown = 1000;

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
        if (!value.stale && room()) shown.push(...badEnd(document, value));
    }
    for (const { span, severity, code, message } of scan.problems) {
      if (!room()) break;
      const level =
        severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
      shown.push(make(rangeOf(document, span), message, level, code));
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

/** A call that failed, on its expectation, or that ended badly, on the call. */
function badEnd(document: vscode.TextDocument, { report, call }: CallValue): vscode.Diagnostic[] {
  const { result, verdict, block } = report;
  if (verdict.status !== 'failed' && verdict.status !== 'ended-badly') return [];
  const failed = verdict.status === 'failed';
  const span = (failed ? call.expectation?.span : undefined) ?? call.span;
  const code = failed ? 'expectation-failed' : result.outcome;
  const made = make(
    rangeOf(document, span),
    verdict.message ?? '',
    vscode.DiagnosticSeverity.Error,
    code,
  );
  const offset = result.outcome === 'fault' ? result.fault.offset : undefined;
  if (offset !== undefined && offset < block.byteSpans.length) {
    const range = rangeOf(document, block.byteSpans.at(offset));
    const message = vscode.l10n.t('the instruction at byte +0x{0}', offset.toString(16));
    const place = new vscode.Location(document.uri, range);
    made.relatedInformation = [new vscode.DiagnosticRelatedInformation(place, message)];
  }
  return [made];
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
  return [make(rangeOf(document, span), message, vscode.DiagnosticSeverity.Information, 'refused')];
}

function make(
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
