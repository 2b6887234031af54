/** "Annotate byte array as JIT bytes": an `@jit` above a literal, with the signature that its code seems to have. */
import process from 'node:process';
import * as vscode from 'vscode';
import { disassembler, supports } from '../asm/disassembler.ts';
import { applyRewrite } from './applyRewrite.ts';
import { explain } from './messages.ts';
import type { BytesToEdit } from './bytesToEdit.ts';
import { defaultArchitecture } from './settings.ts';

export async function annotateBytes({
  document,
  version,
  text,
  block,
  isAnnotated,
  reading,
}: BytesToEdit): Promise<boolean> {
  if (isAnnotated) {
    explain(vscode.l10n.t('This byte array already has an annotation.'));
    return false;
  }
  const architecture = defaultArchitecture(document);
  if (!supports(architecture)) {
    explain(vscode.l10n.t('There is no disassembler for {0}.', architecture));
    return false;
  }
  const { proposeAnnotation } = await import('../engine/rewrite/proposeAnnotation.ts');
  const rewrite = await proposeAnnotation(text, block, {
    ...reading,
    defaultArchitecture: architecture,
    platform: process.platform === 'win32' ? 'win64' : 'sysv',
    load: disassembler,
  });
  if (!(await applyRewrite(document, version, rewrite))) return false;
  const [edit] = rewrite.edits ?? [];
  if (edit) selectSignature(document, edit.span.start, edit.text);
  return true;
}

/** The signature is a guess: it is selected, ready to be typed over. */
function selectSignature(document: vscode.TextDocument, at: number, text: string): void {
  const editor = vscode.window.activeTextEditor;
  const found = /(?<=@jit )\(.*\) -> [^\s*]+(?: [^\s*)]+)?/.exec(text.split(/[\r\n]/)[0] ?? '');
  if (editor?.document !== document || !found) return;
  const start = document.positionAt(at + found.index);
  const end = document.positionAt(at + found.index + found[0].length);
  editor.selection = new vscode.Selection(start, end);
  editor.revealRange(editor.selection);
}
