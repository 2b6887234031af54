/** The commands that run, stop, clear and show. */
import * as vscode from 'vscode';
import { type JitBlock, spanOfBlock } from '../model/block.ts';
import type { JitClient } from '../jit/client.ts';
import { explain, say } from './messages.ts';
import type { LiveRun } from './liveRun.ts';
import { askForArguments, askForSignatureAndCall } from './askForCall.ts';
import { byteLiteralAt, readLiteral } from './byteLiteralAtCursor.ts';
import { blockOnLine } from './blockAtPlace.ts';
import { timed } from './callbackTimes.ts';
import { documentWith, languageIdOf } from './documents.ts';
import { withCall } from './givenCall.ts';
import type { OutputChannel } from './outputChannel.ts';
import { showProtection } from './protection.ts';
import { blockKey, type Results, type Summary } from './results.ts';
import { mayStart, runnableBlocks, type Runs } from './runs.ts';
import { optionsOf, type DocumentScan, type ScanCache } from './scanCache.ts';

/** The commands' names. */
export const commands = {
  run: 'jitBytes.run',
  runAll: 'jitBytes.runAll',
  stop: 'jitBytes.stop',
  clear: 'jitBytes.clearResults',
  showOutput: 'jitBytes.showOutput',
  restart: 'jitBytes.restartHost',
  showProtection: 'jitBytes.showProtection',
} as const;

/** Which block a lens means. */
export interface LensTarget {
  readonly uri: string;
  /** Offset of the block's tag when the lens was made. */
  readonly at: number;
  /** What the block said then, for finding it again after an edit. */
  readonly key: string;
}

export interface CommandParts {
  readonly scans: ScanCache;
  readonly runs: Runs;
  readonly results: Results;
  readonly live: LiveRun;
  readonly output: OutputChannel;
  readonly client: JitClient;
  /** Remembers what the user gave last. */
  readonly memory: vscode.Memento;
  /** What is stopped and cleared with the runs. */
  readonly benchmarks: { stop(): number; clear(): void };
}

export function registerCommands(parts: CommandParts): vscode.Disposable {
  const register = <A extends readonly unknown[]>(
    name: string,
    run: (...args: A) => unknown,
  ): vscode.Disposable => vscode.commands.registerCommand(name, timed(name, run));
  return vscode.Disposable.from(
    register(commands.run, (target?: unknown) =>
      isLensTarget(target) ? runTarget(parts, target) : runAtCursor(parts),
    ),
    register(commands.runAll, () => runAll(parts)),
    register(commands.stop, () => {
      parts.live.rest();
      const stopped = parts.runs.stop() + parts.benchmarks.stop();
      say(
        stopped > 0
          ? vscode.l10n.t('JIT Bytes: stopped')
          : vscode.l10n.t('JIT Bytes: nothing is running'),
      );
    }),
    register(commands.clear, () => {
      parts.live.rest();
      parts.results.clear();
      parts.benchmarks.clear();
    }),
    register(commands.showOutput, () => parts.output.show()),
    register(commands.restart, () => restartHost(parts)),
    register(commands.showProtection, () => showProtection(parts.client)),
  );
}

async function runTarget(parts: CommandParts, target: LensTarget): Promise<Summary | undefined> {
  const document = documentWith(target.uri);
  if (!document || !mayStart(document)) return undefined;
  const scan = await parts.scans.current(document);
  const block = findTarget(scan, target);
  return block && runOne(parts, document, scan, block);
}

/** The block a lens means: the one in its place if it says the same, else the nearest that does, else the nearest. */
export function findTarget(
  { blocks }: DocumentScan,
  { at, key }: LensTarget,
): JitBlock | undefined {
  const distance = ({ tag }: JitBlock): number => Math.abs(tag.start - at);
  const byDistance = blocks.toSorted((a, b) => distance(a) - distance(b));
  return byDistance.find((block) => blockKey(block) === key) ?? byDistance[0];
}

async function runAtCursor(parts: CommandParts): Promise<Summary | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return explain(vscode.l10n.t('Open a file with machine code first.'));
  const { document, selection } = editor;
  if (!mayStart(document)) return undefined;
  const scan = await parts.scans.current(document);
  const cursor = document.offsetAt(selection.active);
  const block = blockOnLine(scan, cursor);
  if (block) return runOne(parts, document, scan, block);
  const span = { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) };
  return runLiteral(parts, document, scan.text, span);
}

async function runLiteral(
  parts: CommandParts,
  document: vscode.TextDocument,
  text: string,
  selection: { readonly start: number; readonly end: number },
): Promise<Summary | undefined> {
  const options = optionsOf(document);
  const literal = byteLiteralAt(text, languageIdOf(document), selection, options);
  if (!literal) {
    return explain(vscode.l10n.t('No bytes here: put the cursor into a byte array or string.'));
  }
  const reading = readLiteral(literal, '() -> i64', '()', options);
  if (!reading.block) {
    return explain(
      vscode.l10n.t('These bytes cannot be read: {0}.', reading.problem?.message ?? ''),
    );
  }
  const { version } = document;
  const block = await askForSignatureAndCall(literal, options, parts.memory);
  if (!block) return undefined;
  if (document.version !== version) {
    return explain(vscode.l10n.t('The document has changed in the meantime: run the bytes again.'));
  }
  return parts.runs.run(document, [block], { unannotated: true });
}

async function runOne(
  parts: CommandParts,
  document: vscode.TextDocument,
  scan: DocumentScan,
  block: JitBlock,
): Promise<Summary | undefined> {
  if (block.broken) return explainBroken(scan, block);
  if (block.calls.length > 0) {
    if (block.calls.every(({ broken }) => broken)) return explainBroken(scan, block);
    return parts.runs.run(document, [block]);
  }
  const languageId = languageIdOf(document);
  const read = (words: string) =>
    withCall(block, words, scan.text, languageId, optionsOf(document));
  const words = await askForArguments(parts.memory, read, block);
  if (words === undefined) return undefined;
  const asked = read(words).block;
  if (!asked) return undefined;
  if (document.version !== scan.version) {
    return explain(vscode.l10n.t('The document has changed in the meantime: run the bytes again.'));
  }
  return parts.runs.run(document, [asked]);
}

async function runAll(parts: CommandParts): Promise<Summary | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return explain(vscode.l10n.t('Open a file with machine code first.'));
  if (!mayStart(document)) return undefined;
  const scan = await parts.scans.current(document);
  const runnable = runnableBlocks(scan.blocks);
  if (runnable.length === 0) {
    return explain(
      scan.blocks.length === 0
        ? vscode.l10n.t('There is no @jit annotation in this file.')
        : vscode.l10n.t('No annotation in this file can run: they have problems, or no @call.'),
    );
  }
  return parts.runs.run(document, runnable);
}

async function restartHost({ client, runs, output }: CommandParts): Promise<void> {
  runs.stop();
  try {
    const { pid } = await client.restart();
    output.debug(`host restarted, process ${pid}`);
    say(vscode.l10n.t('JIT Bytes: the host was restarted'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    output.error(reason);
    void vscode.window.showErrorMessage(vscode.l10n.t('The JIT host did not start: {0}', reason));
  }
}

function explainBroken({ problems }: DocumentScan, block: JitBlock): undefined {
  const { start, end } = spanOfBlock(block);
  const problem = problems.find(({ span }) => span.start >= start && span.start <= end);
  const show = vscode.l10n.t('Show Problems');
  const message = vscode.l10n.t('These bytes cannot run: {0}.', problem?.message ?? '');
  void vscode.window.showWarningMessage(message, show).then((answer) => {
    if (answer === show) void vscode.commands.executeCommand('workbench.actions.view.problems');
  });
}

export function isLensTarget(value: unknown): value is LensTarget {
  if (typeof value !== 'object' || value === null) return false;
  const { uri, at, key } = value as Partial<Record<keyof LensTarget, unknown>>;
  return typeof uri === 'string' && typeof at === 'number' && typeof key === 'string';
}
