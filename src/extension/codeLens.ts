/** The line above each annotation that runs it, and says how its last run went. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { JitBlock } from '../model/block.ts';
import { timed } from './callbackTimes.ts';
import { mayRun, rangeOf } from './documents.ts';
import { blockKey, summarize, type BlockResults, type Results } from './results.ts';
import { commands, type LensTarget } from './runCommands.ts';
import type { ScanCache } from './scanCache.ts';
import { codeLensEnabled, onSettingsChange } from './settings.ts';

/** Milliseconds between two renewals of all lenses while results come in. */
const renewalMs = 100;

/** Lenses that are made at a time. */
const sliceSize = 1000;

/** A lens without its words: they are found when it comes into view. */
class BlockLens extends vscode.CodeLens {
  readonly document: vscode.TextDocument;
  readonly block: JitBlock;
  readonly shows: 'run' | 'verdict';

  constructor(
    document: vscode.TextDocument,
    range: vscode.Range,
    block: JitBlock,
    shows: 'run' | 'verdict',
  ) {
    super(range);
    this.document = document;
    this.block = block;
    this.shows = shows;
  }
}

export class CodeLenses implements vscode.CodeLensProvider<BlockLens> {
  readonly #scans: ScanCache;
  readonly #results: Results;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(scans: ScanCache, results: Results) {
    this.#scans = scans;
    this.#results = results;
    this.#disposables.push(
      this.#changed,
      vscode.languages.registerCodeLensProvider('*', {
        onDidChangeCodeLenses: this.#changed.event,
        provideCodeLenses: timed('provide lenses', this.provideCodeLenses.bind(this)),
        resolveCodeLens: timed('resolve lens', this.resolveCodeLens.bind(this)),
      }),
      results.onDidChange(() => this.#renewSoon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
      onSettingsChange(['codeLens.enabled', 'defaultArchitecture'], () => this.#changed.fire()),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideCodeLenses(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): BlockLens[] | Promise<BlockLens[]> {
    if (!mayRun(document.uri) || !codeLensEnabled(document)) return [];
    const scan = this.#scans.now(document);
    if (scan && scan.blocks.length <= sliceSize) return this.#lenses(document, scan.blocks);
    return this.#manyLenses(document, token);
  }

  /** Lenses in slices, between which the editor gets its turn. */
  async #manyLenses(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<BlockLens[]> {
    const { blocks, version } = await this.#scans.current(document);
    const lenses: BlockLens[] = [];
    const slice = timed('make lenses', (from: number) => {
      lenses.push(...this.#lenses(document, blocks.slice(from, from + sliceSize)));
    });
    for (let from = 0; from < blocks.length; from += sliceSize) {
      // Whatever is made for a text that is gone is asked for again.
      if (token.isCancellationRequested || document.version !== version) return lenses;
      slice(from);
      await nextTurn();
    }
    return lenses;
  }

  resolveCodeLens(lens: BlockLens): BlockLens {
    const results = this.#results.ofBlock(lens.document, lens.block);
    lens.command = lens.shows === 'run' ? runCommand(lens) : verdictCommand(results);
    return lens;
  }

  #lenses(document: vscode.TextDocument, blocks: readonly JitBlock[]): BlockLens[] {
    const results = this.#results.byTag(document);
    const lenses: BlockLens[] = [];
    for (const block of blocks) {
      const range = rangeOf(document, block.tag);
      lenses.push(new BlockLens(document, range, block, 'run'));
      if (results.has(block.tag.start))
        lenses.push(new BlockLens(document, range, block, 'verdict'));
    }
    return lenses;
  }

  #renewSoon(): void {
    this.#timer ??= setTimeout(
      timed('renew lenses', () => {
        this.#timer = undefined;
        this.#changed.fire();
      }),
      renewalMs,
    );
  }
}

function runCommand({ document, block }: BlockLens): vscode.Command {
  const target: LensTarget = {
    uri: document.uri.toString(),
    at: block.tag.start,
    key: blockKey(block),
  };
  return { command: commands.run, arguments: [target], ...runTitle(block) };
}

function runTitle(block: JitBlock): { readonly title: string; readonly tooltip: string } {
  if (block.broken || (block.calls.length > 0 && block.calls.every(({ broken }) => broken))) {
    return {
      title: vscode.l10n.t('⚠ cannot run: see the problem'),
      tooltip: vscode.l10n.t('Something here cannot be read; the problem is underlined.'),
    };
  }
  if (!vscode.workspace.isTrusted) {
    return {
      title: vscode.l10n.t('▶ Run JIT bytes (trust the workspace first)'),
      tooltip: vscode.l10n.t('Machine code runs only in a trusted workspace.'),
    };
  }
  const size = block.bytes.length;
  return {
    title: vscode.l10n.t('▶ Run JIT bytes'),
    tooltip: vscode.l10n.t(
      'Calls these {0} bytes ({1}) as the annotation says',
      size,
      block.architecture,
    ),
  };
}

function verdictCommand(results: BlockResults | undefined): vscode.Command {
  if (!results) return { command: '', title: '' };
  if (results.running) {
    const title = vscode.l10n.t('■ Stop ({0} of {1})', results.fresh.size, results.planned);
    return { command: commands.stop, title, tooltip: vscode.l10n.t('Stop running calls') };
  }
  const tooltip = vscode.l10n.t('Show the output of the run');
  return { command: commands.showOutput, title: verdictTitle(results), tooltip };
}

/** `✓ 3 of 3`, `✗ 1 of 3 failed`. */
export function verdictTitle({ values, stale }: BlockResults): string {
  if (stale) return vscode.l10n.t('changed since the last run');
  const { passed, failed, refused, total } = summarize(values);
  if (failed > 0) return vscode.l10n.t('✗ {0} of {1} failed', failed, total);
  if (refused > 0) return vscode.l10n.t('⊘ {0} of {1} could not run here', refused, total);
  return vscode.l10n.t('✓ {0} of {1}', passed, total);
}
