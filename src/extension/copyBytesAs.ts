/** "Copy bytes as…": the bytes at the cursor, or the selected ones of them, as a literal of another language. */
import * as vscode from 'vscode';
import { disassembler, supports } from '../asm/disassembler.ts';
import type { ByteFormat } from '../engine/rewrite/copyAs.ts';
import type { BytesToEdit } from './bytesToEdit.ts';
import { disassemblySyntax } from './settings.ts';

interface FormatItem extends vscode.QuickPickItem {
  readonly format?: ByteFormat;
  readonly isCommented?: boolean;
}

/** Characters of a preview in the list. */
const longestPreview = 60;

export async function copyBytesAs({ document, block }: BytesToEdit): Promise<boolean> {
  const bytes = selectedBytes(document, block) ?? block.bytes;
  const { byteFormats, copyAs } = await import('../engine/rewrite/copyAs.ts');
  const preview = (text: string): string => {
    const line = text.replaceAll(/\s+/g, ' ');
    return line.length > longestPreview ? `${line.slice(0, longestPreview)}…` : line;
  };
  const canComment = supports(block.architecture);
  const items: FormatItem[] = byteFormats.map((format) => ({
    label: format.label,
    description: preview(copyAs(bytes.subarray(0, longestPreview), format)),
    format,
  }));
  if (canComment) {
    items.push({
      label: vscode.l10n.t('With a comment for each instruction'),
      kind: vscode.QuickPickItemKind.Separator,
    });
    for (const format of byteFormats) {
      if (!format.comment) continue;
      items.push({ label: format.label, format, isCommented: true });
    }
  }
  const title = vscode.l10n.t('Copy {0} bytes as…', bytes.length);
  const chosen = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  if (!chosen?.format) return false;
  const commented =
    chosen.isCommented === true
      ? {
          instructions: (await disassembler(block.architecture)).decode(bytes),
          syntax: disassemblySyntax(),
        }
      : undefined;
  await vscode.env.clipboard.writeText(copyAs(bytes, chosen.format, commented));
  return true;
}

/** The bytes of a block that the editor's selection touches, or undefined without a selection in them. */
function selectedBytes(
  document: vscode.TextDocument,
  { bytes, byteSpans }: BytesToEdit['block'],
): Uint8Array | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document !== document || editor.selection.isEmpty) return undefined;
  const start = document.offsetAt(editor.selection.start);
  const end = document.offsetAt(editor.selection.end);
  const selected: number[] = [];
  for (let index = 0; index < byteSpans.length; index++) {
    const span = byteSpans.at(index);
    if (span.start < end && span.end > start) selected.push(index);
  }
  const [first, last] = [selected[0], selected.at(-1)];
  return first === undefined || last === undefined ? undefined : bytes.slice(first, last + 1);
}
