/** A rewrite brought into its document: all of it as one step that can be undone, or a message why not. */
import * as vscode from 'vscode';
import type { Rewrite } from '../engine/rewrite/edit.ts';
import { mayRun, rangeOf } from './documents.ts';
import { explain, say } from './messages.ts';

/** Whether a document can be edited at all; if not, the user is told. */
export async function mayEdit(document: vscode.TextDocument): Promise<boolean> {
  if (mayRun(document.uri) && !(await isReadOnly(document.uri))) return true;
  explain(vscode.l10n.t('This document is read-only.'));
  return false;
}

async function isReadOnly(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === 'untitled') return false;
  try {
    const { permissions } = await vscode.workspace.fs.stat(uri);
    return permissions === vscode.FilePermission.Readonly;
  } catch {
    // A file that is not on disk yet is no reason not to edit its text.
    return false;
  }
}

/**
 * Applies a rewrite of one version of a document.
 * @returns whether the document is now as it should be
 */
export async function applyRewrite(
  document: vscode.TextDocument,
  version: number,
  rewrite: Rewrite,
): Promise<boolean> {
  if (!rewrite.edits) {
    explain(vscode.l10n.t('Nothing was changed: {0}.', rewrite.reason));
    return false;
  }
  if (document.version !== version) {
    explain(vscode.l10n.t('Nothing was changed: the document has been edited in the meantime.'));
    return false;
  }
  if (rewrite.edits.length === 0) {
    say(vscode.l10n.t('JIT Bytes: nothing to change'));
    return true;
  }
  const edit = new vscode.WorkspaceEdit();
  for (const { span, text } of rewrite.edits) {
    edit.replace(document.uri, rangeOf(document, span), text);
  }
  if (await vscode.workspace.applyEdit(edit)) return true;
  explain(vscode.l10n.t('The editor did not take the change.'));
  return false;
}
