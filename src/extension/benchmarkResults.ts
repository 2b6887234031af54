/** What benchmarks have given, document by document. Results follow their block through edits and grow stale with it. */
import * as vscode from 'vscode';
import type { BenchReport } from '../engine/bench/benchBlocks.ts';
import type { Comparison } from '../engine/bench/compare.ts';
import type { Noise } from '../engine/bench/noise.ts';
import type { Call, JitBlock } from '../model/block.ts';
import { blockKey } from './results.ts';
import type { DocumentScan } from './scanCache.ts';

export interface BenchResult {
  readonly report: BenchReport;
  readonly noise: Noise;
  /** How it compares with the last time that the same call was measured. */
  readonly earlier: Comparison | undefined;
  /** Offset of the block's tag in the text as it is now. */
  tag: number;
  /** Offset of the end of the block's bytes in the text as it is now. */
  anchor: number;
  /** Whether the block or the call has changed since. */
  stale: boolean;
}

export class BenchResults {
  readonly #byDocument = new Map<vscode.TextDocument, BenchResult[]>();
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  /** A document's results, or whether they are stale, have changed. */
  readonly onDidChange = this.#changed.event;

  dispose(): void {
    this.#changed.dispose();
  }

  of(document: vscode.TextDocument): readonly BenchResult[] {
    return this.#byDocument.get(document) ?? [];
  }

  /** Keeps a result in place of what was known of its call. The text may have changed since the measurement began. */
  add(
    document: vscode.TextDocument,
    result: Pick<BenchResult, 'report' | 'noise' | 'earlier'>,
    now: DocumentScan | undefined,
  ): void {
    const { block, call } = result.report;
    const list = this.#byDocument.get(document) ?? [];
    const others = list.filter(
      ({ report }) =>
        blockKey(report.block) !== blockKey(block) || callKey(report.call) !== callKey(call),
    );
    const kept = { ...result, tag: block.tag.start, anchor: block.literal.end, stale: false };
    if (now) place(kept, now);
    // What the block gave when it was another one is of no interest any more.
    const current = others.filter((other) => !other.stale || other.tag !== kept.tag);
    this.#byDocument.set(document, [...current, kept]);
    this.#changed.fire(document);
  }

  /** Forgets what is known of a document, or everything. */
  clear(document?: vscode.TextDocument): void {
    const documents = document ? [document] : [...this.#byDocument.keys()];
    for (const one of documents) if (this.#byDocument.delete(one)) this.#changed.fire(one);
  }

  /** Follows an edit of the text: by a scan of it as it is now, or where there is none by offsets alone. */
  follow(
    document: vscode.TextDocument,
    changes: readonly vscode.TextDocumentContentChangeEvent[],
    scan: DocumentScan | undefined,
  ): void {
    const list = this.of(document);
    if (list.length === 0) return;
    for (const { rangeOffset: at, rangeLength, text } of changes) {
      const moved = (offset: number): number => {
        if (offset < at) return offset;
        return offset >= at + rangeLength ? offset + text.length - rangeLength : at;
      };
      for (const result of list) {
        if (at < result.anchor && at + rangeLength > result.tag) result.stale = true;
        result.tag = moved(result.tag);
        result.anchor = moved(result.anchor);
      }
    }
    if (scan) for (const result of list) place(result, scan);
    this.#changed.fire(document);
  }
}

/** Puts a result at its block in a scan: the one in its place, else one that says the same. */
function place(result: BenchResult, { blocks }: DocumentScan): void {
  const key = blockKey(result.report.block);
  const block =
    blocks.find(({ tag }) => tag.start === result.tag) ??
    blocks.find((other) => blockKey(other) === key);
  if (!block) {
    result.stale = true;
    return;
  }
  result.tag = block.tag.start;
  result.anchor = block.literal.end;
  result.stale = blockKey(block) !== key || !hasCall(block, result.report.call);
}

function hasCall({ calls }: JitBlock, call: Call): boolean {
  return calls.some((other) => callKey(other) === callKey(call));
}

/** What a call passes. */
function callKey({ arguments: values }: Call): string {
  return values.map(({ text }) => text).join('\n');
}
