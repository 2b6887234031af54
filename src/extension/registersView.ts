/** "Show registers": what a call has done to the registers, in a read-only document beside that follows new results. */
import * as vscode from 'vscode';
import type { RegisterChanges } from '../engine/registerChanges.ts';
import { planCalls } from '../engine/plan.ts';
import type { Runner } from '../model/run.ts';
import { explain } from './messages.ts';
import { timed } from './callbackTimes.ts';
import { placeOf } from './documents.ts';
import { blockOnLine } from './blockAtPlace.ts';
import type { BlockResults, CallValue, Results } from './results.ts';
import type { ScanCache } from './scanCache.ts';
import { runSettings } from './settings.ts';
import { callText } from './valueText.ts';
import { valueCommands } from './valueCommands.ts';

const scheme = 'jit-bytes-registers';

/** Milliseconds after a new result until the registers are recorded anew. */
const pauseMs = 100;

export interface RegistersParts {
  readonly scans: ScanCache;
  readonly results: Results;
  readonly runner: Runner;
  /** Called before each run, to make the runner ready for it. */
  readonly prepare: () => void;
  /** Whether bytes that ran once may run again unasked. */
  readonly mayRepeat: () => boolean;
  readonly log: (message: string) => void;
}

/** The call whose registers are shown. */
interface Shown {
  readonly document: vscode.TextDocument;
  /** The results of its block: those of a later run take their place. */
  block: BlockResults;
  readonly index: number;
  /** The value whose registers were recorded last. */
  value: CallValue;
}

export class RegistersView implements vscode.TextDocumentContentProvider {
  readonly #parts: RegistersParts;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #uri = vscode.Uri.from({ scheme, path: '/Registers.txt' });
  readonly #disposables: vscode.Disposable[];
  #shown: Shown | undefined;
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: RegistersParts) {
    this.#parts = parts;
    const { workspace, commands, languages } = vscode;
    this.#disposables = [
      this.#changed,
      workspace.registerTextDocumentContentProvider(scheme, this),
      commands.registerCommand(
        valueCommands.showRegisters,
        timed('show registers', (given: unknown) => this.#show(given)),
      ),
      languages.registerHoverProvider('*', {
        provideHover: timed(
          'registers hover',
          (
            document: vscode.TextDocument,
            position: vscode.Position,
            token: vscode.CancellationToken,
          ) => this.#hover(document, position, token),
        ),
      }),
      parts.results.onDidChange((document) => {
        if (document !== this.#shown?.document) return;
        this.#follow(this.#shown);
        if (this.#isVisible()) this.#renewSoon();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  /** Shows the registers of a value, or of the call at the cursor. */
  async #show(given: unknown): Promise<void> {
    const found = typeof given === 'number' ? this.#parts.results.withId(given) : this.#atCursor();
    if (!found) {
      explain(vscode.l10n.t('Run the bytes first: registers are those after a call.'));
      return;
    }
    const { document, block, value } = found;
    const text = await this.#record(document, block, value);
    if (text === undefined) {
      explain(vscode.l10n.t('The registers of this call cannot be seen on this machine.'));
      return;
    }
    this.#shown = { document, block, index: block.values.indexOf(value), value };
    this.#text = text;
    this.#changed.fire(this.#uri);
    const shown = await vscode.workspace.openTextDocument(this.#uri);
    await vscode.window.showTextDocument(shown, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }

  #atCursor(): ReturnType<Results['withId']> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return undefined;
    const { document, selection } = editor;
    const scan = this.#parts.scans.known(document);
    const at = scan && blockOnLine(scan, document.offsetAt(selection.active));
    const block = at && this.#parts.results.ofBlock(document, at);
    const { line } = selection.active;
    const value =
      block?.values.find(({ anchor }) => document.positionAt(anchor).line === line) ??
      block?.values.at(0);
    return block && value && { document, block, value };
  }

  /** Finds the block of what is shown again: results move with their text, and those of a new run stand where the old did. */
  #follow(shown: Shown): void {
    const all = this.#parts.results.of(shown.document);
    if (all.includes(shown.block)) return;
    const { start } = shown.block.block.tag;
    shown.block = all.find(({ block }) => block.tag.start === start) ?? shown.block;
  }

  #renewSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      timed('renew registers', () => {
        this.#renew().catch((error: unknown) =>
          this.#parts.log(`registers were not recorded: ${String(error)}`),
        );
      }),
      pauseMs,
    );
  }

  async #renew(): Promise<void> {
    const shown = this.#shown;
    if (!shown || !this.#parts.mayRepeat()) return;
    const { block } = shown;
    const value = block.values[shown.index];
    // Nothing runs again for what is shown already.
    if (!value || value === shown.value || block.running || value.stale) return;
    const text = await this.#record(shown.document, block, value);
    if (text === undefined || this.#shown !== shown) return;
    shown.value = value;
    this.#text = text;
    this.#changed.fire(this.#uri);
  }

  /** The registers over the bracket that closes the bytes, where a call may be made again for it. */
  async #hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const at = document.offsetAt(position);
    const block = this.#parts.results
      .of(document)
      .find(({ block: { literal } }) => at >= literal.end - 1 && at <= literal.end);
    // One that did not return might take its whole time limit again.
    const value = block?.values.findLast(({ report }) => report.result.outcome === 'returned');
    if (!block || !value || value.stale || block.running || !this.#parts.mayRepeat())
      return undefined;
    const changes = await this.#changesOf(value);
    if (!changes || token.isCancellationRequested) return undefined;
    const { changedLines } = await import('../engine/registerChanges.ts');
    const lines = changedLines(changes);
    const text = new vscode.MarkdownString();
    const title = vscode.l10n.t('Registers changed by {0}', callText(block.block, value.call));
    const none = vscode.l10n.t('none');
    text.appendCodeblock([title, ...(lines.length > 0 ? lines : [none])].join('\n'), 'plaintext');
    return new vscode.Hover(text);
  }

  async #record(
    document: vscode.TextDocument,
    { block }: BlockResults,
    value: CallValue,
  ): Promise<string | undefined> {
    const changes = await this.#changesOf(value);
    if (!changes) return undefined;
    const { changedLines, unchangedLines } = await import('../engine/registerChanges.ts');
    const { explanation, call } = value.report;
    const section = (title: string, lines: readonly string[]): readonly string[] =>
      lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
    const changed = changedLines(changes);
    return [
      `${placeOf(document, value.anchor)}  ${callText(block, call)} ⇒ ${explanation.text}`,
      ...section(vscode.l10n.t('Changed'), changed.length > 0 ? changed : [vscode.l10n.t('none')]),
      ...section(vscode.l10n.t('As before the call'), unchangedLines(changes)),
      '',
    ].join('\n');
  }

  /** Makes the call of a value again, and compares the registers before and after it. */
  async #changesOf({ report }: CallValue): Promise<RegisterChanges | undefined> {
    const planned = planCalls({ ...report.block, calls: [report.call] }, runSettings())[0];
    if (!planned || !('request' in planned)) return undefined;
    this.#parts.prepare();
    const { recordRegisters } = await import('../engine/registerChanges.ts');
    return recordRegisters(planned.request, this.#parts.runner, new AbortController().signal);
  }

  #isVisible(): boolean {
    return vscode.window.visibleTextEditors.some(
      ({ document }) => document.uri.toString() === this.#uri.toString(),
    );
  }
}
