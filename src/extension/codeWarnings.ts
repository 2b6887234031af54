/** Warnings on bytes that will not do what they should, before anything has run. Bytes are read only. */
import process from 'node:process';
import * as vscode from 'vscode';
import { disassembler, supports } from '../asm/disassembler.ts';
import { spanOfBytes } from '../engine/blockInstructions.ts';
import { type CodeWarning, canWarn, codeWarningSteps } from '../engine/codeWarnings.ts';
import { machineOf, patched } from '../engine/plan.ts';
import type { JitBlock } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import { timed } from './callbackTimes.ts';
import { makeDiagnostic, source } from './diagnostics.ts';
import { DocumentPauses } from './documentPauses.ts';
import { mayRun, rangeOf } from './documents.ts';
import type { ScanCache } from './scanCache.ts';
import { codeWarningsEnabled, onSettingsChange } from './settings.ts';
import { Turn } from './turn.ts';

/** Milliseconds without an edit after which bytes are looked at. */
const pauseMs = 60;
/** Milliseconds of looking after which the editor gets its turn. */
const turnMs = 8;
/** Warnings of one document, at most. */
const mostShown = 500;

export class CodeWarnings {
  readonly #scans: ScanCache;
  readonly #log: (message: string) => void;
  readonly #collection = vscode.languages.createDiagnosticCollection('jitBytes.warnings');
  /** What was last found in each block, by what it depends on: an edit changes few of them. */
  readonly #known = new Map<vscode.TextDocument, ReadonlyMap<string, readonly CodeWarning[]>>();
  /** The warnings of each document that has any, also those that are not shown at the moment. */
  readonly #warnings = new Map<vscode.TextDocument, readonly vscode.Diagnostic[]>();
  readonly #pauses: DocumentPauses;
  readonly #disposables: vscode.Disposable[];

  constructor(scans: ScanCache, log: (message: string) => void) {
    this.#scans = scans;
    this.#log = log;
    const { workspace } = vscode;
    this.#pauses = new DocumentPauses(pauseMs, (document) => {
      this.#look(document).catch((error: unknown) =>
        this.#log(`bytes were not looked at: ${String(error)}`),
      );
    });
    this.#disposables = [
      this.#collection,
      this.#pauses,
      workspace.onDidOpenTextDocument((document) => this.#lookSoon(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#lookSoon(document);
      }),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      vscode.languages.onDidChangeDiagnostics(
        timed('diagnostics changed', ({ uris }: vscode.DiagnosticChangeEvent) => {
          if (this.#warnings.size === 0) return;
          const changed = new Set(uris.map(String));
          for (const document of this.#warnings.keys()) {
            if (changed.has(document.uri.toString())) this.#show(document);
          }
        }),
      ),
      onSettingsChange(['warnings.enabled', 'defaultArchitecture'], () => this.#lookAtAll()),
    ];
    this.#lookAtAll();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #lookAtAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#lookSoon(document);
  }

  #lookSoon(document: vscode.TextDocument): void {
    if (mayRun(document.uri)) this.#pauses.begin(document);
  }

  async #look(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const scan = this.#scans.now(document) ?? (await this.#scans.get(document));
    const isCurrent = (): boolean =>
      !document.isClosed && document.version === version && scan.version === version;
    const blocks = codeWarningsEnabled(document) ? scan.blocks.filter(canWarn) : [];
    const before = this.#known.get(document);
    const known = new Map<string, readonly CodeWarning[]>();
    const shown: { readonly span: Span; readonly warning: CodeWarning }[] = [];
    const turn = new Turn(turnMs);
    for (const block of blocks) {
      if (shown.length >= mostShown) break;
      if (!supports(block.architecture)) continue;
      const key = keyOf(block);
      const found =
        known.get(key) ?? before?.get(key) ?? (await warningsOf(block, turn, isCurrent));
      if (!isCurrent()) return;
      known.set(key, found);
      for (const warning of found) shown.push({ span: spanOfBytes(block, warning), warning });
      await turn.given();
    }
    if (!isCurrent()) return;
    this.#known.set(document, known);
    timed('show code warnings', () => {
      const made = shown
        .slice(0, mostShown)
        .map(({ span, warning }) => diagnosticOf(document, span, warning));
      if (made.length === 0) this.#warnings.delete(document);
      else this.#warnings.set(document, made);
      this.#show(document);
    })();
  }

  /** Shows the warnings of a document, but not where a run has told at the same bytes what did happen. */
  #show(document: vscode.TextDocument): void {
    const made = this.#warnings.get(document) ?? [];
    const before = this.#collection.get(document.uri) ?? [];
    if (made.length === 0 && before.length === 0) return;
    const told = vscode.languages
      .getDiagnostics(document.uri)
      .filter((one) => one.source === source && one.severity === vscode.DiagnosticSeverity.Error)
      .map(({ range }) => range);
    // What ran off is told at its last byte, while the warning has the whole instruction.
    const shown = made.filter(({ range }) => !told.some((one) => range.contains(one)));
    const isSame =
      shown.length === before.length &&
      shown.every((one, index) => {
        const other = before[index];
        return other?.message === one.message && other.range.isEqual(one.range);
      });
    if (!isSame) this.#collection.set(document.uri, shown);
  }

  #forget(document: vscode.TextDocument): void {
    this.#pauses.end(document);
    this.#known.delete(document);
    this.#warnings.delete(document);
    this.#collection.delete(document.uri);
  }
}

/** What is wrong with a block; none if the document changes meanwhile. */
async function warningsOf(
  block: JitBlock,
  turn: Turn,
  isCurrent: () => boolean,
): Promise<readonly CodeWarning[]> {
  // Nothing is loaded for a document without blocks.
  const decoder = await disassembler(block.architecture);
  const machine = machineOf(process.platform, process.arch);
  const steps = codeWarningSteps(block, decoder, { machine });
  const goOn = timed('look at code', (): readonly CodeWarning[] | undefined => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (turn.isOver) return undefined;
    }
  });
  for (;;) {
    const found = goOn();
    if (found) return found;
    await turn.given();
    if (!isCurrent()) return [];
  }
}

/** All that a block's warnings depend on. */
function keyOf(block: JitBlock): string {
  const { architecture, kind, entry, dataFrom, calls } = block;
  const bytes = Buffer.from(patched(block)).toString('latin1');
  const expected = calls.map(({ expectation }) => expectation?.text);
  return [architecture, kind, entry, dataFrom, block.bytes.length, ...expected, bytes].join('\n');
}

function diagnosticOf(
  document: vscode.TextDocument,
  span: Span,
  { code, message }: CodeWarning,
): vscode.Diagnostic {
  const text = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
  return makeDiagnostic(rangeOf(document, span), text, vscode.DiagnosticSeverity.Warning, code);
}
