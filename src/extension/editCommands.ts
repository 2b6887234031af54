/** The commands that change bytes and their comments in the text. What they need is loaded when one is first used. */
import * as vscode from 'vscode';
import { disassembler, supports } from '../asm/disassembler.ts';
import type { Rewrite } from '../engine/rewrite/edit.ts';
import { applyRewrite, mayEdit } from './applyRewrite.ts';
import { annotateBytes } from './annotateBytes.ts';
import { type BytesToEdit, bytesToEdit } from './bytesToEdit.ts';
import { timed } from './callbackTimes.ts';
import { copyBytesAs } from './copyBytesAs.ts';
import { documentWith } from './documents.ts';
import { explain } from './messages.ts';
import type { ScanCache } from './scanCache.ts';
import { disassemblySyntax } from './settings.ts';

/** The commands' names. Each may be given an {@link EditPlace}; otherwise it is about the cursor. */
export const editCommands = {
  updateComments: 'jitBytes.updateComments',
  assembleComments: 'jitBytes.assembleComments',
  assembleLine: 'jitBytes.assembleLine',
  commentEveryLine: 'jitBytes.commentEveryLine',
  annotate: 'jitBytes.annotate',
  copyAs: 'jitBytes.copyAs',
} as const;

/** Where an action was asked for. */
export interface EditPlace {
  readonly uri: string;
  /** An offset into the document's text. */
  readonly place: number;
}

export function registerEditCommands(scans: ScanCache): vscode.Disposable {
  const register = (
    name: string,
    edit: (bytes: BytesToEdit, place: number) => Promise<boolean>,
    needs: 'writable' | 'anything' = 'writable',
  ): vscode.Disposable =>
    vscode.commands.registerCommand(
      name,
      timed(name, (given?: unknown) => atPlace(scans, given, needs, edit)),
    );
  return vscode.Disposable.from(
    register(editCommands.updateComments, rewriting(updateComments)),
    register(
      editCommands.assembleComments,
      rewriting((bytes) => assembleComments(bytes, undefined)),
    ),
    register(editCommands.assembleLine, rewriting(assembleComments)),
    register(editCommands.commentEveryLine, rewriting(commentEveryLine)),
    register(editCommands.annotate, annotateBytes),
    register(editCommands.copyAs, copyBytesAs, 'anything'),
  );
}

/** Runs an edit on the bytes at a place, or at the cursor. Resolves to whether all went well. */
async function atPlace(
  scans: ScanCache,
  given: unknown,
  needs: 'writable' | 'anything',
  edit: (bytes: BytesToEdit, place: number) => Promise<boolean>,
): Promise<boolean> {
  const editor = vscode.window.activeTextEditor;
  const { uri, place } = isEditPlace(given)
    ? given
    : { uri: editor?.document.uri.toString(), place: undefined };
  const document = documentWith(uri);
  if (!document) {
    explain(vscode.l10n.t('Open a file with machine code first.'));
    return false;
  }
  if (needs === 'writable' && !(await mayEdit(document))) return false;
  const at = place ?? document.offsetAt(editor?.selection.active ?? new vscode.Position(0, 0));
  const bytes = await bytesToEdit(scans, document, at);
  if (!bytes) {
    explain(vscode.l10n.t('No bytes here: put the cursor into a byte array or string.'));
    return false;
  }
  if (bytes.block.assembly && needs === 'writable') {
    explain(
      vscode.l10n.t('These bytes are written as assembly text: there is no literal to change.'),
    );
    return false;
  }
  return edit(bytes, at);
}

function rewriting(
  rewrite: (bytes: BytesToEdit, place: number) => Promise<Rewrite>,
): (bytes: BytesToEdit, place: number) => Promise<boolean> {
  return async (bytes, place) => {
    const { document, version, block } = bytes;
    const result = supports(block.architecture)
      ? await rewrite(bytes, place)
      : { reason: vscode.l10n.t('there is no disassembler for {0}', block.architecture) };
    return applyRewrite(document, version, result);
  };
}

async function updateComments({ text, block }: BytesToEdit): Promise<Rewrite> {
  const rewrite = await import('../engine/rewrite/updateComments.ts');
  return { edits: rewrite.updateComments(text, block, await disassembler(block.architecture)) };
}

async function commentEveryLine(bytes: BytesToEdit): Promise<Rewrite> {
  const rewrite = await import('../engine/rewrite/commentEveryLine.ts');
  return rewrite.commentEveryLine(bytes.text, bytes.block, await optionsFor(bytes));
}

async function assembleComments(bytes: BytesToEdit, place: number | undefined): Promise<Rewrite> {
  const { text, block } = bytes;
  const { assembler, NoAssembler } = await import('../asm/assembler.ts');
  const rewrite = await import('../engine/rewrite/assembleComments.ts');
  try {
    const { assemble } = await assembler(block.architecture);
    const options = await optionsFor(bytes);
    return await rewrite.assembleComments(text, block, assemble, { ...options, place });
  } catch (error) {
    if (error instanceof NoAssembler) return { reason: error.message };
    throw error;
  }
}

async function optionsFor({ document, block, reading }: BytesToEdit) {
  return {
    ...reading,
    disassembler: await disassembler(block.architecture),
    syntax: disassemblySyntax(),
    step: stepOf(document),
  } as const;
}

/** One step of indentation, as the editor of a document has it. */
function stepOf(document: vscode.TextDocument): string | undefined {
  const editor = vscode.window.visibleTextEditors.find((one) => one.document === document);
  if (!editor) return undefined;
  const { insertSpaces, tabSize } = editor.options;
  if (insertSpaces === false) return '\t';
  return typeof tabSize === 'number' ? ' '.repeat(tabSize) : undefined;
}

function isEditPlace(value: unknown): value is EditPlace {
  if (typeof value !== 'object' || value === null) return false;
  const { uri, place } = value as Partial<Record<keyof EditPlace, unknown>>;
  return typeof uri === 'string' && typeof place === 'number';
}
