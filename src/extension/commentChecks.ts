/** Warnings on comments that name another instruction than the bytes beside them, and the fix that mends the comment. */
import * as vscode from 'vscode';
import { disassembler } from '../asm/disassembler.ts';
import type { CommentMismatch } from '../engine/commentCheck/checkComments.ts';
import { canCheckComments, checkComments } from '../engine/commentCheck/checkComments.ts';
import { type CommentFix, commentFix } from '../engine/commentCheck/fix.ts';
import { LineIndex } from '../model/text.ts';
import { timed } from './callbackTimes.ts';
import { makeDiagnostic } from './diagnostics.ts';
import { DocumentPauses } from './documentPauses.ts';
import { mayRun, rangeOf } from './documents.ts';
import type { ScanCache } from './scanCache.ts';
import { commentCheckEnabled, onSettingsChange } from './settings.ts';
import { Turn } from './turn.ts';

/** Milliseconds without an edit after which comments are checked. */
const pauseMs = 60;
/** Milliseconds of checking after which the editor gets its turn. */
const turnMs = 8;
/** Warnings of one document, at most. */
const mostShown = 500;

export const mismatchCode = 'comment-mismatch';

/** A warning with what it needs to be mended. */
interface Warning {
  readonly diagnostic: vscode.Diagnostic;
  readonly mismatch: CommentMismatch;
}

export class CommentChecks implements vscode.CodeActionProvider {
  readonly #scans: ScanCache;
  readonly #log: (message: string) => void;
  readonly #collection = vscode.languages.createDiagnosticCollection('jitBytes.comments');
  readonly #warnings = new Map<vscode.TextDocument, readonly Warning[]>();
  /** What the last check has found in each literal, relative to its start: an edit changes few of them. */
  readonly #checked = new Map<
    vscode.TextDocument,
    ReadonlyMap<string, readonly CommentMismatch[]>
  >();
  readonly #pauses: DocumentPauses;
  readonly #disposables: vscode.Disposable[];

  constructor(scans: ScanCache, log: (message: string) => void) {
    this.#scans = scans;
    this.#log = log;
    const { workspace, languages } = vscode;
    this.#pauses = new DocumentPauses(pauseMs, (document) => {
      this.#check(document).catch((error: unknown) =>
        this.#log(`comments were not checked: ${String(error)}`),
      );
    });
    this.#disposables = [
      this.#collection,
      this.#pauses,
      workspace.onDidOpenTextDocument((document) => this.#checkSoon(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#checkSoon(document);
      }),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      onSettingsChange(['commentCheck.enabled', 'defaultArchitecture'], () => this.#checkAll()),
      languages.registerCodeActionsProvider('*', this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
    ];
    this.#checkAll();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const warnings = this.#warnings.get(document) ?? [];
    return warnings
      .filter(({ diagnostic }) =>
        diagnostics.some(
          ({ code, range }) => code === mismatchCode && range.isEqual(diagnostic.range),
        ),
      )
      .map(({ diagnostic, mismatch }) => {
        const { span, text } = fixOf(document, mismatch);
        const title = vscode.l10n.t('Update the comment: {0}', text);
        const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
        action.diagnostics = [diagnostic];
        action.isPreferred = true;
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, rangeOf(document, span), text);
        return action;
      });
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document);
  }

  #checkSoon(document: vscode.TextDocument): void {
    if (mayRun(document.uri)) this.#pauses.begin(document);
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const scan = this.#scans.now(document) ?? (await this.#scans.get(document));
    const blocks = commentCheckEnabled(document) ? scan.blocks.filter(canCheckComments) : [];
    const commented = blocks.filter(({ comments }) => comments.length > 0);
    const isCurrent = (): boolean =>
      !document.isClosed && document.version === version && scan.version === version;
    const before = this.#checked.get(document);
    const checked = new Map<string, readonly CommentMismatch[]>();
    const mismatches: CommentMismatch[] = [];
    const lines = new LineIndex(scan.text);
    const turn = new Turn(turnMs);
    for (const block of commented) {
      if (mismatches.length >= mostShown) break;
      await turn.given();
      // Nothing is loaded for a document without commented bytes.
      const decoder = await disassembler(block.architecture);
      if (!isCurrent()) return;
      const { start } = block.literal;
      const key = `${block.architecture} ${block.dataFrom} ${scan.text.slice(start, block.literal.end)}`;
      const found = block.patches.length === 0 ? (checked.get(key) ?? before?.get(key)) : undefined;
      const relative =
        found ?? checkComments(block, scan.text, lines, decoder).map((one) => moved(one, -start));
      checked.set(key, relative);
      mismatches.push(...relative.map((one) => moved(one, start)));
    }
    if (!isCurrent()) return;
    this.#checked.set(document, checked);
    timed('show comment checks', () => {
      const warnings = mismatches.map((mismatch) => ({
        mismatch,
        diagnostic: warningOf(document, mismatch),
      }));
      this.#warnings.set(document, warnings);
      if (warnings.length === 0 && !this.#collection.has(document.uri)) return;
      this.#collection.set(
        document.uri,
        warnings.map(({ diagnostic }) => diagnostic),
      );
    })();
  }

  #forget(document: vscode.TextDocument): void {
    this.#pauses.end(document);
    this.#warnings.delete(document);
    this.#checked.delete(document);
    this.#collection.delete(document.uri);
  }
}

function moved(mismatch: CommentMismatch, by: number): CommentMismatch {
  const { start, end } = mismatch.commentSpan;
  return { ...mismatch, commentSpan: { start: start + by, end: end + by } };
}

/** The edit that mends a comment. */
function fixOf(document: vscode.TextDocument, mismatch: CommentMismatch): CommentFix {
  return commentFix(document.getText(rangeOf(document, mismatch.commentSpan)), mismatch);
}

function warningOf(document: vscode.TextDocument, mismatch: CommentMismatch): vscode.Diagnostic {
  const { span, text } = fixOf(document, mismatch);
  const message = vscode.l10n.t(
    'The comment says "{0}", the bytes are "{1}".',
    mismatch.comment,
    text,
  );
  const range = rangeOf(document, span);
  return makeDiagnostic(range, message, vscode.DiagnosticSeverity.Warning, mismatchCode);
}
