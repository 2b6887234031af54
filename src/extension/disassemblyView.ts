/** "Show disassembly": a read-only listing beside the source, kept in step with edits, and with the cursor both ways. */
import * as vscode from 'vscode';
import type { BlockInstructions } from '../engine/blockInstructions.ts';
import { listingOf } from '../engine/instructionText.ts';
import type { Instruction } from '../model/instruction.ts';
import { timed } from './callbackTimes.ts';
import { placeOf, rangeOf } from './documents.ts';
import type { Instructions } from './instructions.ts';
import { disassemblySyntax, onSettingsChange } from './settings.ts';

const scheme = 'jit-bytes-disassembly';
export const showDisassembly = 'jitBytes.showDisassembly';

/** Milliseconds after an edit until the listing is renewed. */
const pauseMs = 100;

/** The one listing: of the block at which it was last asked for, or to which the cursor has gone since. */
interface Shown {
  readonly source: vscode.TextDocument;
  readonly block: BlockInstructions;
  readonly text: string;
  readonly lines: readonly (Instruction | undefined)[];
}

export class DisassemblyView implements vscode.TextDocumentContentProvider {
  readonly #instructions: Instructions;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #uri = vscode.Uri.from({ scheme, path: '/Disassembly.asm' });
  readonly #here = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightBackground'),
    // Only high contrast themes have this colour, and no background.
    border: '1px solid',
    borderColor: new vscode.ThemeColor('editor.wordHighlightBorder'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.wordHighlightForeground'),
  });
  readonly #disposables: vscode.Disposable[];
  #shown: Shown | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(instructions: Instructions) {
    this.#instructions = instructions;
    const { workspace, window, commands } = vscode;
    this.#disposables = [
      this.#changed,
      this.#here,
      workspace.registerTextDocumentContentProvider(scheme, this),
      commands.registerCommand(showDisassembly, () => this.show()),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document === this.#shown?.source) this.#renewSoon();
        // The listing itself has been renewed.
        else if (document.uri.toString() === this.#uri.toString()) this.#follow();
      }),
      workspace.onDidCloseTextDocument((document) => {
        if (document.uri.toString() === this.#uri.toString()) this.#close();
      }),
      window.onDidChangeTextEditorSelection(
        timed('disassembly selection', (event) => this.#moved(event.textEditor)),
      ),
      onSettingsChange(['disassembly.syntax'], () => this.#renewSoon()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideTextDocumentContent(): string {
    return this.#shown?.text ?? vscode.l10n.t('; No annotated bytes at the cursor.');
  }

  /** Shows the block at the cursor beside its source. */
  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || editor.document.uri.scheme === scheme) return;
    const place = editor.document.offsetAt(editor.selection.active);
    const block = await this.#instructions.around(editor.document, place);
    if (!block) {
      const message = vscode.l10n.t('There are no annotated bytes at the cursor to disassemble.');
      void vscode.window.showInformationMessage(message);
      return;
    }
    this.#keep(editor.document, block);
    const listing = await vscode.workspace.openTextDocument(this.#uri);
    await vscode.window.showTextDocument(listing, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
    this.#follow();
  }

  #keep(source: vscode.TextDocument, block: BlockInstructions): void {
    const syntax = disassemblySyntax();
    const { text, instructions } = listingOf(block, syntax);
    const { name, architecture, bytes } = block.block;
    const title = `; ${placeOf(source, block.block.tag.start)}  ${name ?? ''}  ${architecture}, ${bytes.length} bytes`;
    this.#shown = {
      source,
      block,
      text: `${title}\n\n${text}`,
      lines: [undefined, undefined, ...instructions],
    };
    this.#changed.fire(this.#uri);
  }

  #renewSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(), pauseMs);
  }

  /** Decodes the shown block anew after an edit: the one at its tag's place, or else under the cursor. */
  async #renew(): Promise<void> {
    const shown = this.#shown;
    if (!shown || shown.source.isClosed) return;
    const scan = await this.#instructions.scanOf(shown.source);
    if (!scan) return; // Another edit is coming.
    const { tag, name } = shown.block.block;
    const same =
      scan.blocks.find((block) => name !== undefined && block.name === name) ??
      scan.blocks.find((block) => block.tag.start === tag.start);
    const editor = editorOf(shown.source);
    const place = editor ? shown.source.offsetAt(editor.selection.active) : tag.start;
    const block = same
      ? await this.#instructions.of(same)
      : await this.#instructions.around(shown.source, place);
    if (block && this.#shown === shown) this.#keep(shown.source, block);
  }

  #moved(editor: vscode.TextEditor): void {
    const shown = this.#shown;
    if (!shown) return;
    if (editor.document.uri.scheme === scheme) {
      const line = shown.lines[editor.selection.active.line];
      const source = editorOf(shown.source);
      if (!source) return;
      const range = line && rangeOf(shown.source, shown.block.spanOf(line));
      source.setDecorations(this.#here, range ? [range] : []);
      if (range) source.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      return;
    }
    if (editor.document === shown.source) this.#follow();
  }

  /** Marks in the listing what stands at the cursor in the source, and goes over to another block with it. */
  #follow(): void {
    const shown = this.#shown;
    const source = shown && editorOf(shown.source);
    const listing = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === this.#uri.toString(),
    );
    if (!shown || !source || !listing) return;
    const place = shown.source.offsetAt(source.selection.active);
    const offset = shown.block.byteAt(place);
    if (offset === undefined) {
      void this.#change(shown, place);
      return;
    }
    const found = shown.block.at(offset);
    const line = found ? shown.lines.indexOf(found) : -1;
    if (line < 0 || line >= listing.document.lineCount) return;
    const range = listing.document.lineAt(line).range;
    listing.setDecorations(this.#here, [range]);
    listing.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    source.setDecorations(
      this.#here,
      found ? [rangeOf(shown.source, shown.block.spanOf(found))] : [],
    );
  }

  async #change(shown: Shown, place: number): Promise<void> {
    const block = await this.#instructions.around(shown.source, place);
    if (!block || this.#shown !== shown || block === shown.block) return;
    this.#keep(shown.source, block);
  }

  #close(): void {
    const source = this.#shown && editorOf(this.#shown.source);
    source?.setDecorations(this.#here, []);
    this.#shown = undefined;
  }
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}
