/** Values beside the calls that gave them. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import { mayRun } from './documents.ts';
import type { CallValue, Results } from './results.ts';
import { inlineValuesEnabled, onSettingsChange } from './settings.ts';
import { inlineText } from './valueText.ts';

/** A value as it stands beside a line. */
export interface InlineValue {
  /** 0-based. */
  readonly line: number;
  readonly text: string;
  readonly state: 'value' | 'stale' | 'failed';
}

/** Milliseconds between two paintings while results come in. */
const repaintMs = 40;

/** So many times as long as a painting took nothing is painted after it, at most {@link repaintMs}. */
const restShare = 4;

/** Milliseconds that an old value keeps its colour when its successor is on its way, so that nothing flickers. */
const dimAfterMs = 25;

/** Milliseconds without an edit after which a line counts as written: until then no value stands on it. */
const writtenAfterMs = 600;

/** With more values than this only those near the visible lines are painted. */
const manyValues = 300;

/** Lines above and below the visible ones that are painted too, so that scrolling shows no gap. */
const linesAround = 60;

/** Columns between a line and its value, and how far a value moves to stand under its neighbours. */
const gapColumns = 3;
const widestShift = 40;

/** Values stand at multiples of so many columns, so that they do not move with every letter of their line. */
const columnStep = 4;

const colours = {
  value: new vscode.ThemeColor('jitBytes.value'),
  stale: new vscode.ThemeColor('jitBytes.valueStale'),
  failed: new vscode.ThemeColor('jitBytes.failed'),
} as const;

interface Placed {
  readonly line: number;
  readonly values: CallValue[];
}

/** Lines that are being written. */
interface Writing {
  readonly document: vscode.TextDocument;
  readonly lines: ReadonlySet<number>;
  readonly timer: NodeJS.Timeout;
}

/** A painting to come. */
interface Waiting {
  /** By `performance.now`. */
  readonly due: number;
  readonly timer: NodeJS.Timeout;
}

export class InlineValues {
  readonly #results: Results;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    // At a line's end, so that what is typed there stands before the value.
    rangeBehavior: vscode.DecorationRangeBehavior.OpenOpen,
  });
  readonly #disposables: vscode.Disposable[] = [];
  readonly #waiting = new Map<vscode.TextDocument, Waiting>();
  readonly #shown = new WeakMap<vscode.TextDocument, readonly InlineValue[]>();
  readonly #painted = new WeakMap<vscode.TextEditor, readonly InlineValue[]>();
  /** Until when, by `performance.now`, the next painting can wait. */
  readonly #restsUntil = new WeakMap<vscode.TextDocument, number>();
  #writing: Writing | undefined;

  constructor(results: Results) {
    this.#results = results;
    this.#disposables.push(
      this.#decoration,
      results.onDidChange((document) => {
        const isRunning = results.of(document).some(({ running }) => running);
        this.#paintWithin(document, isRunning ? repaintMs : this.#restOf(document));
      }),
      vscode.window.onDidChangeVisibleTextEditors(
        timed('editors changed', () => this.#repaintAll()),
      ),
      vscode.window.onDidChangeTextEditorVisibleRanges(
        timed('scrolled', ({ textEditor }) => {
          if (this.#countOf(textEditor.document) > manyValues)
            this.#paintWithin(textEditor.document, repaintMs);
        }),
      ),
      vscode.window.onDidChangeTextEditorSelection(
        timed('cursor moved', ({ textEditor, selections }) => {
          const writing = this.#writing;
          if (writing?.document !== textEditor.document) return;
          if (!selections.some(({ active }) => writing.lines.has(active.line))) this.#written();
        }),
      ),
      onSettingsChange(['inlineValues.enabled'], () => this.#repaintAll()),
    );
  }

  dispose(): void {
    clearTimeout(this.#writing?.timer);
    this.#didPaint.dispose();
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  readonly #didPaint = new vscode.EventEmitter<vscode.TextDocument>();
  /** A document's values were handed to the editor. */
  readonly onDidPaint = this.#didPaint.event;

  /** What was painted last in a document. */
  shownIn(document: vscode.TextDocument): readonly InlineValue[] {
    return this.#shown.get(document) ?? [];
  }

  /** What was painted last in one of a document's editors. */
  shownInEditor(editor: vscode.TextEditor): readonly InlineValue[] {
    return this.#painted.get(editor) ?? [];
  }

  /**
   * Values of a text that was edited: no value stands on a line that is being written, and old ones are dimmed.
   * @param valuesFollow whether a run has begun whose values are to be expected soon
   */
  edited(
    { document, contentChanges, reason }: vscode.TextDocumentChangeEvent,
    valuesFollow: boolean,
  ): void {
    const isActive = vscode.window.activeTextEditor?.document === document;
    if (isActive && reason === undefined) {
      clearTimeout(this.#writing?.timer);
      const timer = setTimeout(
        timed('line written', () => this.#written()),
        writtenAfterMs,
      );
      this.#writing = { document, lines: lastLinesOf(document, contentChanges), timer };
    }
    if (valuesFollow) this.#paintWithin(document, dimAfterMs);
    else this.#repaint(document);
  }

  #written(): void {
    if (!this.#writing) return;
    clearTimeout(this.#writing.timer);
    const { document } = this.#writing;
    this.#writing = undefined;
    this.#paintWithin(document, 0);
  }

  /** Paints a document's values as they are now. */
  #repaint(document: vscode.TextDocument): void {
    clearTimeout(this.#waiting.get(document)?.timer);
    this.#waiting.delete(document);
    const started = performance.now();
    this.#shown.set(document, []);
    const enabled = mayRun(document.uri) && inlineValuesEnabled(document);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) this.#paint(editor, enabled);
    }
    const ended = performance.now();
    this.#restsUntil.set(document, ended + Math.min(repaintMs, restShare * (ended - started)));
    this.#didPaint.fire(document);
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
        if (this.#writing?.document === document && this.#writing.lines.has(value.line)) continue;
        decorations.push(decoration);
        shown.push(value);
      }
    }
    editor.setDecorations(this.#decoration, decorations);
    const inOrder = shown.toSorted((a, b) => a.line - b.line);
    this.#shown.set(document, inOrder);
    if (decorations.length > 0) this.#painted.set(editor, inOrder);
    else this.#painted.delete(editor);
  }

  #countOf(document: vscode.TextDocument): number {
    return this.#results.of(document).reduce((sum, { values }) => sum + values.length, 0);
  }

  /** Milliseconds until results are painted: at once, but of many in a row several together. */
  #restOf(document: vscode.TextDocument): number {
    return Math.max(0, (this.#restsUntil.get(document) ?? 0) - performance.now());
  }

  #repaintAll(): void {
    for (const { document } of vscode.window.visibleTextEditors)
      this.#paintWithin(document, repaintMs);
  }

  /** Paints a document once, at the latest after so many milliseconds. */
  #paintWithin(document: vscode.TextDocument, milliseconds: number): void {
    const due = performance.now() + milliseconds;
    const waiting = this.#waiting.get(document);
    if (waiting && waiting.due <= due) return;
    clearTimeout(waiting?.timer);
    const timer = setTimeout(
      timed('paint values', () => this.#repaint(document)),
      milliseconds,
    );
    this.#waiting.set(document, { due, timer });
  }
}

/** The lines on which edits ended, in the text as it is now. */
function lastLinesOf(
  document: vscode.TextDocument,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): ReadonlySet<number> {
  const lines = new Set<number>();
  let moved = 0;
  for (const { rangeOffset, rangeLength, text } of changes.toSorted(
    (a, b) => a.rangeOffset - b.rangeOffset,
  )) {
    lines.add(document.positionAt(rangeOffset + moved + text.length).line);
    moved += text.length - rangeLength;
  }
  return lines;
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
  const longest = Math.max(0, ...rows.map(({ width }) => width));
  const widest = Math.ceil(longest / columnStep) * columnStep;
  for (const { line, values, length, width } of rows) {
    const state = stateOf(values);
    const shift = Math.min(widest - width, widestShift) + gapColumns;
    const text = values.map(inlineText).join('   ');
    const end = new vscode.Position(line, length);
    const after: vscode.ThemableDecorationAttachmentRenderOptions = {
      // Ordinary blanks in a row would be drawn as one.
      contentText: text.replaceAll('  ', '\u00a0\u00a0'),
      color: colours[state],
      margin: `0 0 0 ${shift}ch`,
      fontStyle: state === 'stale' ? 'italic' : 'normal',
    };
    const decoration = {
      range: new vscode.Range(end, end),
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
