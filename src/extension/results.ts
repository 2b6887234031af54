/** What runs have given, document by document. Results follow their block through edits and grow stale with it. */
import * as vscode from 'vscode';
import type { CallReport } from '../engine/runBlock.ts';
import { type Call, type JitBlock, spanOfBlock } from '../model/block.ts';
import { formatSignature } from '../model/signature.ts';
import type { Span } from '../model/text.ts';
import type { DocumentScan } from './scanCache.ts';

/** A call's result and where it is shown. */
export interface CallValue {
  /** Tells it from every other one. */
  readonly id: number;
  readonly report: CallReport;
  /** The call as it stands in the text now. */
  call: Call;
  /** What ran and what was asked of it, to tell whether it still is. */
  readonly blockKey: string;
  readonly callKey: string;
  /** Offset in the text as it is now; the value stands at the end of its line. */
  anchor: number;
  /** Whether the text has changed since in what this value depends on. */
  stale: boolean;
}

/** The results of one block's last run. */
export interface BlockResults {
  /** The block as it stands in the text now. */
  block: JitBlock;
  /** Run without an annotation of its own: no scan finds it, so only edits move it. */
  readonly unannotated: boolean;
  readonly key: string;
  /** All that the run depends on, its calls among it. */
  readonly runKey: string;
  /** From the annotation to the end of the bytes, in the text as it is now. */
  span: Span;
  stale: boolean;
  running: boolean;
  /** How many calls the run makes. */
  readonly planned: number;
  /** Of this run; while it is under way, of the run before for the calls that it has not come to. */
  readonly values: CallValue[];
  /** Those of this run. */
  readonly fresh: Set<CallValue>;
}

/** A value with what it belongs to. */
export interface PlacedValue {
  readonly document: vscode.TextDocument;
  readonly block: BlockResults;
  readonly value: CallValue;
}

/** Counts for lens, status bar and messages. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly refused: number;
  readonly total: number;
}

export function summarize(values: readonly CallValue[]): Summary {
  const count = (...statuses: readonly string[]): number =>
    values.filter(({ report }) => statuses.includes(report.verdict.status)).length;
  return {
    passed: count('passed'),
    failed: count('failed', 'ended-badly'),
    refused: count('refused'),
    total: values.length,
  };
}

export class Results {
  readonly #byDocument = new Map<vscode.TextDocument, BlockResults[]>();
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  #lastId = 0;
  /** A document's results, or whether they are stale, have changed. */
  readonly onDidChange = this.#changed.event;

  dispose(): void {
    this.#changed.dispose();
  }

  of(document: vscode.TextDocument): readonly BlockResults[] {
    return this.#byDocument.get(document) ?? [];
  }

  /** The results of a block of the document's last scan. */
  ofBlock(document: vscode.TextDocument, block: JitBlock): BlockResults | undefined {
    return this.of(document).find(
      (results) => !results.unannotated && sameTag(results.block, block),
    );
  }

  /** The value with an id, if it is still known. */
  withId(id: number): PlacedValue | undefined {
    for (const [document, blocks] of this.#byDocument) {
      for (const block of blocks) {
        const value = block.values.find((one) => one.id === id);
        if (value) return { document, block, value };
      }
    }
    return undefined;
  }

  /** The results of each block by the offset of its tag, for asking about many. */
  byTag(document: vscode.TextDocument): ReadonlyMap<number, BlockResults> {
    const annotated = this.of(document).filter(({ unannotated }) => !unannotated);
    return new Map(annotated.map((results) => [results.block.tag.start, results]));
  }

  /** Makes room for what the block's run will give. What it gave before is shown until then. */
  begin(
    document: vscode.TextDocument,
    block: JitBlock,
    planned: number,
    unannotated = false,
  ): BlockResults {
    const span = spanOfBlock(block);
    const list = this.#byDocument.get(document) ?? [];
    const before = list.findIndex((other) =>
      unannotated || other.unannotated
        ? unannotated === other.unannotated && other.span.start === span.start
        : sameTag(other.block, block),
    );
    const made: BlockResults = {
      block,
      unannotated,
      key: blockKey(block),
      runKey: runKey(block),
      span,
      stale: false,
      running: true,
      planned,
      values: list[before]?.values.slice() ?? [],
      fresh: new Set(),
    };
    if (before >= 0) list[before] = made;
    else list.push(made);
    this.#byDocument.set(document, list);
    this.#changed.fire(document);
    return made;
  }

  /** Keeps a call's report. */
  add(document: vscode.TextDocument, results: BlockResults, report: CallReport): CallValue {
    const key = callKey(report.call);
    const taken = new Set([...results.fresh].map(({ call }) => call.tag.start));
    const free = results.block.calls.filter(({ tag }) => !taken.has(tag.start));
    const call =
      free.find(({ tag }) => tag.start === report.call.tag.start) ??
      free.find((other) => callKey(other) === key) ??
      report.call;
    const value: CallValue = {
      id: ++this.#lastId,
      report,
      call,
      blockKey: results.key,
      callKey: key,
      anchor: call.span.end,
      stale: results.stale || callKey(call) !== key,
    };
    const before = results.values.findIndex(
      (other) => !results.fresh.has(other) && other.call.tag.start === call.tag.start,
    );
    if (before >= 0) results.values[before] = value;
    else results.values.push(value);
    results.fresh.add(value);
    this.#changed.fire(document);
    return value;
  }

  /** Ends a run. Of one that came to its end nothing older is left. */
  finish(document: vscode.TextDocument, results: BlockResults, whole: boolean): void {
    results.running = false;
    if (whole) {
      const { values, fresh } = results;
      values.splice(0, values.length, ...values.filter((value) => fresh.has(value)));
    }
    if (results.values.length === 0) this.#drop(document, results);
    this.#changed.fire(document);
  }

  /** Forgets everything. */
  clear(): void {
    const documents = [...this.#byDocument.keys()];
    this.#byDocument.clear();
    for (const document of documents) this.#changed.fire(document);
  }

  /** Takes over the results of the same text under another name, unless there are newer ones. */
  adopt(document: vscode.TextDocument, results: readonly BlockResults[]): void {
    if (this.#byDocument.has(document)) return;
    this.#byDocument.set(document, [...results]);
    this.#changed.fire(document);
  }

  forget(document: vscode.TextDocument): void {
    if (this.#byDocument.delete(document)) this.#changed.fire(document);
  }

  /**
   * Follows an edit of the text. What an edit has touched is stale, unless a scan follows at once.
   * @param changes as the editor gives them: later places first
   */
  follow(
    document: vscode.TextDocument,
    changes: readonly vscode.TextDocumentContentChangeEvent[],
    scanFollows: boolean,
  ): void {
    const list = this.#byDocument.get(document);
    if (!list) return;
    // By how much a change and those before its place move what stands behind them.
    const shifts: number[] = [];
    let shift = 0;
    for (const [index, { rangeLength, text }] of [...changes.entries()].toReversed()) {
      shift += text.length - rangeLength;
      shifts[index] = shift;
    }
    for (const results of list) {
      let next = 0;
      for (const { rangeOffset: at, rangeLength, text } of changes) {
        const end = at + rangeLength;
        if (end < results.span.start) break;
        next++;
        if (results.span.end < at) continue;
        const touched = at < results.span.end && end > results.span.start;
        if (touched && (!scanFollows || results.unannotated)) makeStale(results);
        const moved = (offset: number): number =>
          offset >= end && offset > at ? offset + text.length - rangeLength : Math.min(offset, at);
        const movedSpan = ({ start, end: stop }: Span): Span => ({
          // What is inserted right before a block pushes it away.
          start: start === at && rangeLength === 0 ? at + text.length : moved(start),
          end: moved(stop),
        });
        move(results, moved, movedSpan);
      }
      // The others stand before the block, and only push it.
      const by = shifts[next] ?? 0;
      const moved = (offset: number): number => offset + by;
      if (by !== 0)
        move(results, moved, ({ start, end }) => ({ start: start + by, end: end + by }));
    }
  }

  /** Finds every block again in a scan of the text as it is now, and says what is stale. */
  reconcile(document: vscode.TextDocument, scan: DocumentScan): void {
    const list = this.#byDocument.get(document);
    if (!list) return;
    const byTag = new Map(scan.blocks.map((block) => [block.tag.start, block]));
    const taken = new Set<JitBlock>();
    const found = new Map<BlockResults, JitBlock>();
    const annotated = list.filter(({ unannotated }) => !unannotated);
    for (const results of annotated) {
      const block = byTag.get(results.block.tag.start);
      if (!block || taken.has(block)) continue;
      found.set(results, block);
      taken.add(block);
    }
    // A block that was moved, or whose text was replaced as a whole, is known by what it says.
    const lost = annotated.filter((results) => !found.has(results));
    if (lost.length > 0) {
      const free = scan.blocks.filter((block) => !taken.has(block));
      for (const results of lost) {
        const at = free.findIndex((block) => blockKey(block) === results.key);
        const block = free[at];
        if (!block) continue;
        free.splice(at, 1);
        found.set(results, block);
      }
    }
    for (const [results, block] of found) place(results, block);
    const kept = list.filter((results) => results.unannotated || found.has(results));
    this.#keep(document, kept);
    this.#changed.fire(document);
  }

  #drop(document: vscode.TextDocument, results: BlockResults): void {
    this.#keep(
      document,
      this.of(document).filter((other) => other !== results),
    );
  }

  #keep(document: vscode.TextDocument, list: BlockResults[]): void {
    if (list.length > 0) this.#byDocument.set(document, list);
    else this.#byDocument.delete(document);
  }
}

/** Moves results with their text. */
function move(
  results: BlockResults,
  moved: (offset: number) => number,
  movedSpan: (span: Span) => Span,
): void {
  const movedCall = (call: Call): Call => ({
    ...call,
    tag: movedSpan(call.tag),
    span: movedSpan(call.span),
  });
  const { block, span, values } = results;
  results.span = movedSpan(span);
  results.block = {
    ...block,
    tag: movedSpan(block.tag),
    calls: block.calls.map(movedCall),
  };
  for (const value of values) {
    value.call = movedCall(value.call);
    value.anchor = moved(value.anchor);
  }
}

/** Puts results at a block of the text as it is now. Values of calls that are gone go too. */
function place(results: BlockResults, block: JitBlock): void {
  results.block = block;
  results.span = spanOfBlock(block);
  results.stale = blockKey(block) !== results.key;
  const byTag = new Map(block.calls.map((call) => [call.tag.start, call]));
  const free = new Set(block.calls);
  const placed = results.values.flatMap((value) => {
    const inPlace = byTag.get(value.call.tag.start);
    const call =
      (inPlace && free.has(inPlace) ? inPlace : undefined) ??
      [...free].find((other) => callKey(other) === value.callKey) ??
      (value.report.call.implied
        ? { ...value.report.call, tag: block.tag, span: block.tag }
        : undefined);
    if (!call) return [];
    free.delete(call);
    value.call = call;
    value.anchor = call.span.end;
    value.stale = isStale(value, block, call);
    return [value];
  });
  results.values.splice(0, results.values.length, ...placed);
  results.stale ||= placed.some(({ stale }) => stale);
}

/** Whether a value is of other bytes, or of another call, than stand there now. */
function isStale(value: CallValue, block: JitBlock, call: Call): boolean {
  return blockKey(block) !== value.blockKey || callKey(call) !== value.callKey;
}

function makeStale(results: BlockResults): void {
  results.stale = true;
  for (const value of results.values) value.stale = true;
}

function sameTag(a: JitBlock, b: JitBlock): boolean {
  return a.tag.start === b.tag.start;
}

const blockKeys = new WeakMap<JitBlock, string>();

/** All of a block that its values depend on, but its calls. */
export function blockKey(block: JitBlock): string {
  const known = blockKeys.get(block);
  if (known !== undefined) return known;
  const { bytes, patches } = block;
  const key = [
    block.kind,
    block.name ?? '',
    formatSignature(block.signature),
    block.architecture,
    block.abi ?? '',
    block.entry,
    block.timeoutNs ?? '',
    block.broken,
    ...patches.map(({ offset, bytes: patch }) => `${offset}=${textOf(patch)}`),
    textOf(bytes),
  ].join('\n');
  blockKeys.set(block, key);
  return key;
}

const texts = new WeakMap<Uint8Array, string>();

/** Bytes as text. Kept, for an edit makes new blocks of those it moves, but with the bytes that they had. */
function textOf(bytes: Uint8Array): string {
  let text = texts.get(bytes);
  if (text === undefined) {
    text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    texts.set(bytes, text);
  }
  return text;
}

/** All that a run of a block depends on. */
export function runKey(block: JitBlock): string {
  return [blockKey(block), ...block.calls.map(callKey)].join('\n\n');
}

/** What a call passes and expects. */
function callKey(call: Call): string {
  const passed = call.arguments.map(({ text }) => text);
  const registers = call.registers.map(({ register, value }) => `${register} = ${value}`);
  return [call.implied, ...passed, ...registers, `=>${call.expectation?.text ?? ''}`].join('\n');
}
