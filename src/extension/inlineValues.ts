/** Values beside the calls that gave them. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import { mayRun } from './documents.ts';
import type { CallValue, Results } from './results.ts';
import { inlineValuesEnabled, onSettingsChange } from './settings.ts';
import { hoverText, inlineText } from './valueText.ts';

/** A value as it stands beside a line. */
export interface InlineValue {
  /** 0-based. */
  readonly line: number;
  readonly text: string;
  readonly state: 'value' | 'stale' | 'failed';
}

/** Milliseconds between two paintings while results come in. */
const repaintMs = 40;

/** With more values than this only those near the visible lines are painted. */
const manyValues = 300;

/** Lines above and below the visible ones that are painted too, so that scrolling shows no gap. */
const linesAround = 60;

/** Columns between a line and its value, and how far a value moves to stand under its neighbours. */
const gapColumns = 3;
const widestShift = 40;

const colours = {
  value: new vscode.ThemeColor('jitBytes.value'),
  stale: new vscode.ThemeColor('jitBytes.valueStale'),
  failed: new vscode.ThemeColor('jitBytes.failed'),
} as const;

interface Placed {
  readonly line: number;
  readonly values: CallValue[];
}

export class InlineValues {
  readonly #results: Results;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    // At a line's end, so that what is typed there stands before the value.
    rangeBehavior: vscode.DecorationRangeBehavior.OpenOpen,
  });
  readonly #disposables: vscode.Disposable[] = [];
  readonly #waiting = new Set<vscode.TextDocument>();
  readonly #shown = new WeakMap<vscode.TextDocument, readonly InlineValue[]>();
  readonly #painted = new WeakSet<vscode.TextEditor>();
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results) {
    this.#results = results;
    this.#disposables.push(
      this.#decoration,
      results.onDidChange((document) => this.#repaintSoon(document)),
      vscode.window.onDidChangeVisibleTextEditors(
        timed('editors changed', () => this.#repaintAll()),
      ),
      vscode.window.onDidChangeTextEditorVisibleRanges(
        timed('scrolled', ({ textEditor }) => {
          if (this.#countOf(textEditor.document) > manyValues)
            this.#repaintSoon(textEditor.document);
        }),
      ),
      onSettingsChange(['inlineValues.enabled'], () => this.#repaintAll()),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** What was painted last in a document. */
  shownIn(document: vscode.TextDocument): readonly InlineValue[] {
    return this.#shown.get(document) ?? [];
  }

  /** Paints a document's values as they are now. */
  repaint(document: vscode.TextDocument): void {
    this.#waiting.delete(document);
    this.#shown.set(document, []);
    const enabled = mayRun(document.uri) && inlineValuesEnabled(document);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) this.#paint(editor, enabled);
    }
  }

  #paint(editor: vscode.TextEditor, enabled: boolean): void {
    const { document } = editor;
    const blocks = enabled ? this.#results.of(document) : [];
    if (blocks.length === 0 && !this.#painted.has(editor)) return;
    const many = this.#countOf(document) > manyValues;
    const isNear = nearby(editor, many);
    const decorations: vscode.DecorationOptions[] = [];
    const shown: InlineValue[] = [];
    const byLine = new Map<number, CallValue[]>();
    const blockLines: number[][] = [];
    for (const { values, span } of blocks) {
      if (many && !isNear(document.positionAt(span.start).line, document.positionAt(span.end).line))
        continue;
      const lines: number[] = [];
      for (const value of values) {
        const { line } = document.positionAt(value.anchor);
        const sameLine = byLine.get(line);
        if (sameLine) sameLine.push(value);
        else {
          byLine.set(line, [value]);
          lines.push(line);
        }
      }
      blockLines.push(lines);
    }
    for (const lines of blockLines) {
      const placed = lines.map((line): Placed => ({ line, values: byLine.get(line) ?? [] }));
      for (const { decoration, value } of decorate(editor, placed)) {
        decorations.push(decoration);
        shown.push(value);
      }
    }
    editor.setDecorations(this.#decoration, decorations);
    this.#shown.set(
      document,
      shown.toSorted((a, b) => a.line - b.line),
    );
    if (decorations.length > 0) this.#painted.add(editor);
    else this.#painted.delete(editor);
  }

  #countOf(document: vscode.TextDocument): number {
    return this.#results.of(document).reduce((sum, { values }) => sum + values.length, 0);
  }

  #repaintAll(): void {
    for (const { document } of vscode.window.visibleTextEditors) this.#repaintSoon(document);
  }

  #repaintSoon(document: vscode.TextDocument): void {
    this.#waiting.add(document);
    this.#timer ??= setTimeout(
      timed('paint values', () => {
        this.#timer = undefined;
        for (const waiting of this.#waiting) this.repaint(waiting);
      }),
      repaintMs,
    );
  }
}

function nearby(
  editor: vscode.TextEditor,
  many: boolean,
): (first: number, last: number) => boolean {
  if (!many) return () => true;
  const ranges = editor.visibleRanges.map(({ start, end }) => ({
    first: start.line - linesAround,
    last: end.line + linesAround,
  }));
  return (first, last) => ranges.some((range) => first <= range.last && last >= range.first);
}

function* decorate(
  editor: vscode.TextEditor,
  placed: readonly Placed[],
): Generator<{ readonly decoration: vscode.DecorationOptions; readonly value: InlineValue }> {
  const { document, options } = editor;
  const tabSize = typeof options.tabSize === 'number' ? options.tabSize : 4;
  const rows = placed.map((row) => {
    const text = document.lineAt(row.line).text;
    return { ...row, length: text.length, width: columnsOf(text, tabSize) };
  });
  const widest = Math.max(0, ...rows.map(({ width }) => width));
  for (const { line, values, length, width } of rows) {
    const state = stateOf(values);
    const shift = Math.min(widest - width, widestShift) + gapColumns;
    const text = values.map(inlineText).join('   ');
    const end = new vscode.Position(line, length);
    const hoverMessage = values.map(hoverText);
    const after: vscode.ThemableDecorationAttachmentRenderOptions = {
      // Ordinary blanks in a row would be drawn as one.
      contentText: text.replaceAll('  ', '\u00a0\u00a0'),
      color: colours[state],
      margin: `0 0 0 ${shift}ch`,
      fontStyle: state === 'stale' ? 'italic' : 'normal',
    };
    const decoration = {
      range: new vscode.Range(end, end),
      hoverMessage,
      renderOptions: { after },
    };
    yield { decoration, value: { line, text, state } };
  }
}

function stateOf(values: readonly CallValue[]): InlineValue['state'] {
  if (values.some(({ stale }) => stale)) return 'stale';
  const bad = values.some(({ report }) => !['passed', 'refused'].includes(report.verdict.status));
  if (bad) return 'failed';
  return values.every(({ report }) => report.verdict.status === 'refused') ? 'stale' : 'value';
}

/** How many columns a line takes, near enough: tabs reach to the next stop, wide characters take two. */
function columnsOf(text: string, tabSize: number): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\t') columns += tabSize - (columns % tabSize);
    else
      columns +=
        code >= 0x1100 &&
        /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
          character,
        )
          ? 2
          : 1;
  }
  return columns;
}
