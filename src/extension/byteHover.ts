/** What the bytes under the mouse are: their instruction, in both syntaxes, with what it does. */
import * as vscode from 'vscode';
import type { BlockInstructions } from '../engine/blockInstructions.ts';
import { effectsOf, formatBytes, formatOffset } from '../engine/instructionText.ts';
import { missingFeatures, notableFeatures } from '../engine/processorFeatures.ts';
import type { Instruction } from '../model/instruction.ts';
import { timed } from './callbackTimes.ts';
import { rangeOf } from './documents.ts';
import type { Instructions } from './instructions.ts';

export function registerByteHover(instructions: Instructions): vscode.Disposable {
  return vscode.languages.registerHoverProvider('*', {
    provideHover: async (document, position) => {
      const place = document.offsetAt(position);
      const block = await instructions.around(document, place);
      const offset = block?.byteAt(place);
      const found = offset === undefined ? undefined : block?.at(offset);
      if (!block || !found) return undefined;
      return timed('byte hover', () => {
        const range = rangeOf(document, block.spanOf(found));
        return new vscode.Hover(hoverOf(block, found), range);
      })();
    },
  });
}

function hoverOf(block: BlockInstructions, instruction: Instruction): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const { intel, att, offset, bytes } = instruction;
  text.appendCodeblock(intel === att ? intel : `${intel}\n${att}`, 'asm');
  const place = vscode.l10n.t('byte {0}: {1}', formatOffset(offset), formatBytes(bytes));
  text.appendText(place);
  for (const effect of effectsOf(block, instruction)) text.appendText(`\n\n${effect}`);
  const missing = missingFeatures(instruction.features);
  if (missing.length > 0) {
    const lacking = vscode.l10n.t('this machine lacks {0}', missing.join(', '));
    text.appendMarkdown(`\n\n$(warning) `);
    text.supportThemeIcons = true;
    text.appendText(lacking);
    return text;
  }
  const needed = notableFeatures(instruction.features);
  if (needed.length > 0) text.appendText(`\n\n${vscode.l10n.t('needs {0}', needed.join(', '))}`);
  return text;
}
