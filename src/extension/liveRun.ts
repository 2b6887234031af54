/**
 * Values as the author types: blocks of visible documents run again when their bytes, their annotation or their calls
 * have changed, and only then. What was asked for first and is not wanted any more is ended.
 */
import * as vscode from 'vscode';
import type { JitClient } from '../jit/client.ts';
import type { JitBlock } from '../model/block.ts';
import { timed } from './callbackTimes.ts';
import type { Consent } from './consent.ts';
import { mayRun } from './documents.ts';
import type { OutputChannel } from './outputChannel.ts';
import { runKey, type BlockResults, type CallValue, type Results } from './results.ts';
import { runnableBlocks, type Runs } from './runs.ts';
import type { DocumentScan, ScanCache } from './scanCache.ts';
import { onSettingsChange, runMode, sandboxSetting } from './settings.ts';

/** Runs of one document under way at a time: enough that none waits for the next, few enough to change the order. */
const mostAtOnce = 8;

/** Milliseconds without a new result after which the results that stand are written to the output. */
const logAfterMs = 1000;

export interface LiveParts {
  readonly scans: ScanCache;
  readonly runs: Runs;
  readonly results: Results;
  readonly output: OutputChannel;
  readonly client: JitClient;
  readonly consent: Consent;
  readonly log: (message: string) => void;
}

/** A run of one block. */
interface Running {
  readonly key: string;
  readonly stop: AbortController;
}

/** What is known of a document that is run live. */
interface Live {
  scan: DocumentScan;
  /** Blocks of the scan that are to run, the next one first. */
  queue: JitBlock[];
  readonly running: Set<Running>;
  /** What was run and gave nothing, or was stopped or cleared: it waits for a change. */
  readonly resting: Set<string>;
  /** What was ended for the sake of another block: it may take long, and runs when nothing else does. */
  readonly slow: Set<string>;
}

export class LiveRun {
  readonly #parts: LiveParts;
  readonly #documents = new Map<vscode.TextDocument, Live>();
  readonly #logged = new WeakSet<CallValue>();
  readonly #disposables: vscode.Disposable[];
  #asking = false;
  /** Counts what may change the answer, so that none to an earlier question is taken. */
  #questions = 0;
  /** Whether runs may start by themselves on this machine; undefined until the host was asked. */
  #allowed: boolean | undefined;
  #logTimer: NodeJS.Timeout | undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    const again = timed('live anew', () => this.#anew());
    this.#disposables = [
      vscode.window.onDidChangeVisibleTextEditors(
        timed('editors shown', () => this.#considerVisible()),
      ),
      vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      vscode.workspace.onDidGrantWorkspaceTrust(again),
      onSettingsChange(['run.mode', 'run.timeout', 'sandbox', 'defaultArchitecture'], again),
    ];
    this.#considerVisible();
  }

  dispose(): void {
    clearTimeout(this.#logTimer);
    for (const document of this.#documents.keys()) this.#forget(document);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Whether runs start by themselves, as far as that is known yet. */
  get isOn(): boolean {
    return this.#allowed === true && this.#wanted;
  }

  /** Whether nothing of a document that is run live runs or waits. */
  isSettled(document: vscode.TextDocument): boolean {
    const live = this.#documents.get(document);
    return live !== undefined && live.running.size === 0 && live.queue.length === 0;
  }

  /**
   * Runs what has changed in a document's present text. Its results must have been placed in it.
   * @returns whether a run has begun, so that new values are to be expected soon
   */
  changed(document: vscode.TextDocument, scan: DocumentScan): boolean {
    if (!this.#wanted || !mayRun(document.uri) || !isVisible(document)) return false;
    const live = this.#documents.get(document);
    if (!live && runnableBlocks(scan.blocks).length === 0) return false;
    if (this.#allowed === undefined) void this.#ask();
    if (this.#allowed !== true) return false;
    const known = live ?? {
      scan,
      queue: [],
      running: new Set(),
      resting: new Set(),
      slow: new Set(),
    };
    known.scan = scan;
    this.#documents.set(document, known);
    forgetGone(known);
    stopGone(known);
    this.#fill(document, known);
    const [next] = known.queue;
    // A block that has just changed waits for none that is run for the first time.
    if (
      next &&
      !known.slow.has(runKey(next)) &&
      this.#parts.results.ofBlock(document, next) !== undefined
    ) {
      for (const { key, stop } of known.running) {
        known.slow.add(key);
        stop.abort();
      }
    }
    this.#start(document, known);
    return known.running.size > 0;
  }

  /** What stands in the documents now waits for a change, because its results were cleared or its runs stopped. */
  rest(): void {
    for (const live of this.#documents.values()) {
      live.queue.length = 0;
      for (const block of live.scan.blocks) live.resting.add(runKey(block));
      for (const { stop } of live.running) stop.abort();
    }
  }

  get #wanted(): boolean {
    const mode = runMode();
    return (mode === 'auto' || mode === 'live') && vscode.workspace.isTrusted;
  }

  /** Finds out whether runs may start by themselves here, and considers the visible documents when that is known. */
  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const question = this.#questions;
    let allowed = false;
    try {
      this.#parts.client.useSandbox(sandboxSetting());
      const { protection } = await this.#parts.client.ready();
      const isolated = protection.level === 'isolated' && protection.sandbox !== 'off';
      allowed = isolated || (runMode() === 'live' && (await this.#parts.consent.toRunLive()));
    } catch (error) {
      this.#parts.log(`no live runs, for the host did not start: ${String(error)}`);
    } finally {
      this.#asking = false;
    }
    // An answer that came too late is asked for anew.
    if (question === this.#questions) this.#allowed = allowed;
    this.#considerVisible();
  }

  #anew(): void {
    this.#questions++;
    this.#allowed = undefined;
    for (const document of this.#documents.keys()) this.#forget(document);
    this.#considerVisible();
  }

  #considerVisible(): void {
    if (!this.#wanted) return;
    for (const document of new Set(vscode.window.visibleTextEditors.map((one) => one.document)))
      void this.#consider(document);
  }

  async #consider(document: vscode.TextDocument): Promise<void> {
    if (!mayRun(document.uri)) return;
    const scan = this.#parts.scans.now(document) ?? (await this.#parts.scans.current(document));
    timed('live run', () => {
      if (scan.version !== document.version || document.isClosed) return;
      this.#parts.results.reconcile(document, scan);
      this.changed(document, scan);
    })();
  }

  #forget(document: vscode.TextDocument): void {
    const live = this.#documents.get(document);
    if (!live) return;
    this.#documents.delete(document);
    for (const { stop } of live.running) stop.abort();
  }

  /** The blocks without a value of what they are now: first those that had one, then the visible ones. */
  #fill(document: vscode.TextDocument, live: Live): void {
    const results = this.#parts.results.byTag(document);
    const underWay = new Set([...live.running].map(({ key }) => key));
    const due = runnableBlocks(live.scan.blocks).filter((block) => {
      if (!isDue(block, results.get(block.tag.start))) return false;
      const key = runKey(block);
      return !live.resting.has(key) && !underWay.has(key);
    });
    if (due.length > 1) {
      const ranges = vscode.window.visibleTextEditors
        .filter((editor) => editor.document === document)
        .flatMap(({ visibleRanges }) => visibleRanges)
        .map(({ start, end }) => [document.offsetAt(start), document.offsetAt(end)] as const);
      const rank = (block: JitBlock): number => {
        if (live.slow.has(runKey(block))) return 3;
        if (results.has(block.tag.start)) return 0;
        const { annotation, literal } = block;
        return ranges.some(([from, to]) => annotation.start <= to && literal.end >= from) ? 1 : 2;
      };
      const ranked = due.map((block) => ({ block, rank: rank(block) }));
      due.splice(
        0,
        due.length,
        ...ranked.toSorted((a, b) => a.rank - b.rank).map((one) => one.block),
      );
    }
    live.queue = due;
  }

  #start(document: vscode.TextDocument, live: Live): void {
    // What nobody sees, or is of an earlier text, does not run: the queue is filled anew when that has changed.
    if (!isVisible(document) || live.scan.version !== document.version) live.queue.length = 0;
    while (live.running.size < mostAtOnce) {
      const [block] = live.queue;
      if (!block) break;
      // What may take long keeps nothing else waiting.
      const isSlow = live.slow.has(runKey(block));
      if (isSlow && live.running.size > 0) break;
      live.queue.shift();
      void this.#run(document, live, block);
      if (isSlow) break;
    }
  }

  async #run(document: vscode.TextDocument, live: Live, block: JitBlock): Promise<void> {
    const key = runKey(block);
    const running: Running = { key, stop: new AbortController() };
    live.running.add(running);
    try {
      await this.#parts.runs.run(document, [block], {
        quiet: true,
        signal: running.stop.signal,
        onValue: () => this.#logLater(),
      });
    } finally {
      live.running.delete(running);
    }
    if (this.#documents.get(document) !== live) return;
    if (running.stop.signal.aborted) {
      // It made way for another block: it is due again unless the text says otherwise.
      if (live.scan.version === document.version) this.#fill(document, live);
    } else {
      live.slow.delete(key);
      if (isDue(block, this.#parts.results.ofBlock(document, block))) live.resting.add(key);
    }
    timed('live run', () => this.#start(document, live))();
  }

  #logLater(): void {
    clearTimeout(this.#logTimer);
    this.#logTimer = setTimeout(
      timed('log live values', () => this.#logAll()),
      logAfterMs,
    );
  }

  /** Writes the values that stand to the output, each once. */
  #logAll(): void {
    const { results, output } = this.#parts;
    for (const document of this.#documents.keys()) {
      for (const { values } of results.of(document)) {
        for (const value of values) {
          if (value.stale || this.#logged.has(value)) continue;
          this.#logged.add(value);
          output.report(document, value.anchor, value.report);
        }
      }
    }
  }
}

/** Whether a block lacks values, or has those of another text, and no run of what it is now is under way. */
function isDue(block: JitBlock, results: BlockResults | undefined): boolean {
  if (!results) return true;
  if (results.running && results.runKey === runKey(block)) return false;
  const current = new Set(
    results.values.filter(({ stale }) => !stale).map(({ call }) => call.tag.start),
  );
  return block.calls.some(({ broken, tag }) => !broken && !current.has(tag.start));
}

/** What rests is known by what it says; what is not there any more would run when it comes back. */
function forgetGone({ resting, slow, scan }: Live): void {
  if (resting.size + slow.size === 0) return;
  const present = new Set(scan.blocks.map(runKey));
  for (const keys of [resting, slow]) {
    for (const key of keys) if (!present.has(key)) keys.delete(key);
  }
}

/** What no block says any more has no use, and would hold up what is new. */
function stopGone({ running, scan }: Live): void {
  if (running.size === 0) return;
  const present = new Set(scan.blocks.map(runKey));
  for (const { key, stop } of running) if (!present.has(key)) stop.abort();
}

function isVisible(document: vscode.TextDocument): boolean {
  return vscode.window.visibleTextEditors.some((editor) => editor.document === document);
}
