/** The light bulb's actions on bytes: a wrong comment mended the other way, lines commented, an annotation added. */
import * as vscode from 'vscode';
import { supports } from '../asm/disassembler.ts';
import { bytesToEdit } from './bytesToEdit.ts';
import { mismatchCode } from './commentChecks.ts';
import { mayRun } from './documents.ts';
import { editCommands, type EditPlace } from './editCommands.ts';
import { blockAround } from './blockAtPlace.ts';
import type { ScanCache } from './scanCache.ts';

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

export class EditActions implements vscode.CodeActionProvider {
  readonly #scans: ScanCache;
  readonly #registration: vscode.Disposable;

  constructor(scans: ScanCache) {
    this.#scans = scans;
    this.#registration = vscode.languages.registerCodeActionsProvider('*', this, {
      providedCodeActionKinds: [QuickFix, RefactorRewrite],
    });
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics, only, triggerKind }: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    if (!mayRun(document.uri)) return [];
    const actions = this.#assembling(
      document,
      diagnostics.filter(({ code }) => code === mismatchCode),
    );
    if (only && !only.intersects(RefactorRewrite)) return actions;
    // Without a question for it, bytes are not searched at every move of the cursor.
    const isAsked = triggerKind === vscode.CodeActionTriggerKind.Invoke || only !== undefined;
    const place = document.offsetAt(range.start);
    const known = this.#scans.known(document);
    if (!isAsked && !(known && blockAround(known, place))) return actions;
    const bytes = await bytesToEdit(this.#scans, document, place);
    if (!bytes || bytes.block.broken || bytes.block.assembly) return actions;
    if (!supports(bytes.block.architecture)) return actions;
    const at = { uri: document.uri.toString(), place };
    if (!bytes.isAnnotated) {
      actions.push(
        action(
          vscode.l10n.t('Annotate byte array as JIT bytes'),
          RefactorRewrite,
          editCommands.annotate,
          at,
        ),
      );
    }
    actions.push(
      action(
        vscode.l10n.t('Comment every line with its instruction'),
        RefactorRewrite,
        editCommands.commentEveryLine,
        at,
      ),
    );
    return actions;
  }

  /** The fixes of wrong comments that take the comment's word, where it can be assembled. */
  #assembling(
    document: vscode.TextDocument,
    diagnostics: readonly vscode.Diagnostic[],
  ): vscode.CodeAction[] {
    return diagnostics.map((diagnostic) => {
      const place = document.offsetAt(diagnostic.range.start);
      const title = vscode.l10n.t('Assemble the comment into bytes');
      const at = { uri: document.uri.toString(), place };
      const made = action(title, QuickFix, editCommands.assembleLine, at);
      made.diagnostics = [diagnostic];
      return made;
    });
  }
}

function action(
  title: string,
  kind: vscode.CodeActionKind,
  command: string,
  place: EditPlace,
): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.command = { command, title, arguments: [place] };
  return made;
}
