/** Benchmarks in the text: a lens above blocks with `@bench`, and what was measured behind their bytes. */
import * as vscode from 'vscode';
import { isAboveNoise } from '../engine/bench/compare.ts';
import { NotMeasured } from '../engine/bench/measure.ts';
import { noiseOf } from '../engine/bench/noise.ts';
import { briefText, earlierText, measuredLines, noiseLines } from '../engine/bench/words.ts';
import { escapeControls } from '../engine/escape.ts';
import { abbreviate } from '../engine/format.ts';
import type { BenchResult, BenchResults } from './benchmarkResults.ts';
import { timed } from './callbackTimes.ts';
import { mayRun, rangeOf } from './documents.ts';
import { blockKey } from './results.ts';
import type { LensTarget } from './runCommands.ts';
import type { ScanCache } from './scanCache.ts';
import { benchmarkLensEnabled, onSettingsChange } from './settings.ts';
import { callText } from './valueText.ts';

/** The command behind the lens. */
export const benchmarkCommand = 'jitBytes.benchmark';

/** Characters of a result beside the code. */
const longestInline = 120;

/** Columns between a line and its result. */
const gapColumns = 3;

export class BenchmarkView implements vscode.CodeLensProvider {
  readonly #scans: ScanCache;
  readonly #results: BenchResults;
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  readonly #shown = new Map<string, readonly string[]>();
  readonly #disposables: readonly vscode.Disposable[];

  constructor(scans: ScanCache, results: BenchResults) {
    this.#scans = scans;
    this.#results = results;
    this.#disposables = [
      this.#lensesChanged,
      this.#decoration,
      vscode.languages.registerCodeLensProvider('*', {
        onDidChangeCodeLenses: this.onDidChangeCodeLenses,
        provideCodeLenses: timed('provide bench lenses', this.provideCodeLenses.bind(this)),
      }),
      results.onDidChange((document) => this.#paint(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.#paint(document);
      }),
      onSettingsChange(['codeLens.enabled', 'codeLens.benchmark'], () =>
        this.#lensesChanged.fire(),
      ),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#lensesChanged.fire()),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.isTrusted) return [];
    if (!mayRun(document.uri) || !benchmarkLensEnabled(document)) return [];
    const { blocks } = await this.#scans.current(document);
    return blocks
      .filter(({ bench, broken }) => bench && !broken)
      .map((block) => {
        const target: LensTarget = {
          uri: document.uri.toString(),
          at: block.tag.start,
          key: blockKey(block),
        };
        return new vscode.CodeLens(rangeOf(document, block.tag), {
          command: benchmarkCommand,
          arguments: [target],
          title: vscode.l10n.t('$(watch) Benchmark'),
          tooltip: vscode.l10n.t(
            'Measures how long the calls of this block take, beside others of its signature with @bench',
          ),
        });
      });
  }

  /** What was painted last in a document, each line's in one text. */
  shownIn(uri: vscode.Uri): readonly string[] {
    return this.#shown.get(uri.toString()) ?? [];
  }

  #paint(document: vscode.TextDocument): void {
    const results = this.#results.of(document);
    if (results.length === 0 && this.shownIn(document.uri).length === 0) return;
    const lines = new Map<number, BenchResult[]>();
    for (const result of results) {
      const { line } = document.positionAt(result.anchor);
      lines.set(line, [...(lines.get(line) ?? []), result]);
    }
    const byLine = [...lines].toSorted(([a], [b]) => a - b);
    const decorations = byLine.map(([line, here]) => decorationOf(document, line, here));
    this.#shown.set(
      document.uri.toString(),
      decorations.map(({ renderOptions }) => renderOptions?.after?.contentText ?? ''),
    );
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) editor.setDecorations(this.#decoration, decorations);
    }
  }
}

function decorationOf(
  document: vscode.TextDocument,
  line: number,
  results: readonly BenchResult[],
): vscode.DecorationOptions {
  const { end } = document.lineAt(line).range;
  const stale = results.some((result) => result.stale);
  const text = results.map((result) => inlineText(result, results.length > 1)).join('   ');
  const after: vscode.ThemableDecorationAttachmentRenderOptions = {
    contentText: text,
    color: new vscode.ThemeColor(stale ? 'jitBytes.valueStale' : 'jitBytes.value'),
    margin: `0 0 0 ${gapColumns}ch`,
    fontStyle: stale ? 'italic' : 'normal',
  };
  return {
    range: new vscode.Range(end, end),
    hoverMessage: results.map(hoverText),
    renderOptions: { after },
  };
}

/** What stands behind a block's bytes: `≈ 12.3 ns · 41 cycles · 1.9 × faster than mul_v1 (±3 %)`. */
function inlineText({ report, noise, stale }: BenchResult, several: boolean): string {
  const text = escapeControls(briefText(report, noise));
  const call = several ? `${escapeControls(callText(report.block, report.call))} ` : '';
  const shown = abbreviate(`${call}${text}`, longestInline);
  return stale ? `${shown} ${vscode.l10n.t('(changed since)')}` : shown;
}

function hoverText({ report, noise, earlier, stale }: BenchResult): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  const lines = [...benchLines({ report, noise, earlier }), ...noiseLines(noise)];
  markdown.appendCodeblock(lines.join('\n'), 'plaintext');
  if (stale) {
    markdown.appendMarkdown(
      vscode.l10n.t('Changed since it was measured: it may not hold any more.'),
    );
  }
  return markdown;
}

/** All that is known of a benchmark but the noise, for its hover and the output channel. */
export function benchLines({
  report,
  noise,
  earlier,
}: Pick<BenchResult, 'report' | 'noise' | 'earlier'>): string[] {
  const { block, call, end } = report;
  const title = `${callText(block, call)}  ${briefText(report, noise)}`;
  if (end instanceof NotMeasured) return [escapeControls(title)];
  const lines = [title, ...measuredLines(end)];
  if (earlier) lines.splice(1, 0, earlierText(earlier));
  const buffers = call.arguments.some(({ value }) => value.kind === 'buffer');
  if (buffers) lines.push('what a call leaves in its buffers, the next one finds there');
  if (!isAboveNoise(end.alone, noiseOf(noise, end.waiting)))
    lines.push('it takes too little to be told from nothing');
  return lines.map(escapeControls);
}
