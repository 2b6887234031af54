/** Warnings on comments that name another instruction than the bytes beside them, and the fix that mends the comment. */
import * as vscode from 'vscode';
import { disassembler } from '../asm/disassembler.ts';
import type { CommentMismatch } from '../engine/commentCheck/checkComments.ts';
import { canCheckComments, checkComments } from '../engine/commentCheck/checkComments.ts';
import { LineIndex } from '../model/text.ts';
import { timed } from './callbackTimes.ts';
import { mayRun, rangeOf } from './documents.ts';
import type { ScanCache } from './scanCache.ts';
import { commentCheckEnabled, onSettingsChange } from './settings.ts';

/** Milliseconds without an edit after which comments are checked. */
const pauseMs = 60;
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
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  readonly #disposables: vscode.Disposable[];

  constructor(scans: ScanCache, log: (message: string) => void) {
    this.#scans = scans;
    this.#log = log;
    const { workspace, languages } = vscode;
    this.#disposables = [
      this.#collection,
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
    for (const timer of this.#timers.values()) clearTimeout(timer);
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
        const title = vscode.l10n.t('Update the comment: {0}', mismatch.decoded);
        const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
        action.diagnostics = [diagnostic];
        action.isPreferred = true;
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, textRange(document, mismatch), mismatch.decoded);
        return action;
      });
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document);
  }

  #checkSoon(document: vscode.TextDocument): void {
    if (!mayRun(document.uri)) return;
    clearTimeout(this.#timers.get(document));
    this.#timers.set(
      document,
      setTimeout(() => {
        this.#timers.delete(document);
        this.#check(document).catch((error: unknown) =>
          this.#log(`comments were not checked: ${String(error)}`),
        );
      }, pauseMs),
    );
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const scan = this.#scans.now(document) ?? (await this.#scans.get(document));
    const blocks = commentCheckEnabled(document) ? scan.blocks.filter(canCheckComments) : [];
    const commented = blocks.filter(({ comments }) => comments.length > 0);
    // Nothing is loaded for a document without commented bytes.
    const decoders = await Promise.all(
      commented.map(({ architecture }) => disassembler(architecture)),
    );
    if (document.isClosed || document.version !== version || scan.version !== version) return;
    const warnings: Warning[] = [];
    timed('check comments', () => {
      const lines = new LineIndex(scan.text);
      for (const [index, block] of commented.entries()) {
        const decoder = decoders[index];
        if (!decoder || warnings.length >= mostShown) break;
        for (const mismatch of checkComments(block, scan.text, lines, decoder)) {
          warnings.push({ mismatch, diagnostic: warningOf(document, mismatch) });
        }
      }
    })();
    this.#warnings.set(document, warnings);
    if (warnings.length > 0 || this.#collection.has(document.uri)) {
      this.#collection.set(
        document.uri,
        warnings.map(({ diagnostic }) => diagnostic),
      );
    }
  }

  #forget(document: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(document));
    this.#timers.delete(document);
    this.#warnings.delete(document);
    this.#collection.delete(document.uri);
  }
}

/** The instruction that the comment names, without the comment's signs. */
function textRange(document: vscode.TextDocument, mismatch: CommentMismatch): vscode.Range {
  const range = rangeOf(document, mismatch.commentSpan);
  const at = document.getText(range).indexOf(mismatch.comment);
  if (at < 0) return range;
  const start = mismatch.commentSpan.start + at;
  return rangeOf(document, { start, end: start + mismatch.comment.length });
}

function warningOf(document: vscode.TextDocument, mismatch: CommentMismatch): vscode.Diagnostic {
  const message = vscode.l10n.t(
    'The comment says "{0}", the bytes are "{1}".',
    mismatch.comment,
    mismatch.decoded,
  );
  const range = textRange(document, mismatch);
  const made = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Warning);
  made.source = 'JIT Bytes';
  made.code = mismatchCode;
  return made;
}
