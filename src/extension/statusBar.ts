/** How the runs of the document in front went, in words that a screen reader reads too. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { LiveRun } from './liveRun.ts';
import type { ProtectionStatus } from './protection.ts';
import { summarize, type BlockResults, type Results } from './results.ts';
import { commands } from './runCommands.ts';

const priority = 90;
const renewalMs = 100;

/** Milliseconds that a run takes before it is told of, so that live runs do not flicker here. */
const runningAfterMs = 400;

export class StatusBar {
  readonly #results: Results;
  readonly #live: LiveRun;
  readonly #protection: ProtectionStatus;
  /** Since when, by `performance.now`, something runs in the document in front. */
  #runningSince: number | undefined;
  readonly #disposables: vscode.Disposable[] = [];
  #item: vscode.StatusBarItem | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results, live: LiveRun, protection: ProtectionStatus) {
    this.#results = results;
    this.#live = live;
    this.#protection = protection;
    this.#disposables.push(
      results.onDidChange(() => this.#soon(renewalMs)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#soon(renewalMs)),
    );
  }

  #soon(milliseconds: number): void {
    this.#timer ??= setTimeout(
      timed('renew status bar', () => this.#renew()),
      milliseconds,
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#item?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #renew(): void {
    this.#timer = undefined;
    const document = vscode.window.activeTextEditor?.document;
    const blocks = document ? this.#results.of(document) : [];
    if (blocks.length === 0) {
      this.#item?.hide();
      return;
    }
    const item = (this.#item ??= make());
    const running = this.#isLongRunning(blocks);
    if (running === undefined) return;
    const { icon, words, spoken } = running ? whileRunning() : afterwards(blocks);
    const told = [
      spoken,
      this.#live.isOn
        ? vscode.l10n.t('runs as you type')
        : vscode.l10n.t('runs when you ask for it'),
      this.#protection.level ?? vscode.l10n.t('protection not known yet'),
    ].join('; ');
    item.text = `${icon} ${words}`;
    item.tooltip = told;
    item.accessibilityInformation = { label: told };
    item.command = running ? commands.stop : commands.showOutput;
    item.show();
  }

  /** Undefined while something runs that may end before it is worth a word. */
  #isLongRunning(blocks: readonly BlockResults[]): boolean | undefined {
    if (!blocks.some((block) => block.running)) {
      this.#runningSince = undefined;
      return false;
    }
    const now = performance.now();
    this.#runningSince ??= now;
    if (now - this.#runningSince >= runningAfterMs) return true;
    this.#soon(runningAfterMs);
    return undefined;
  }
}

/** What the item shows, and what a screen reader says. */
interface Status {
  readonly icon: string;
  readonly words: string;
  readonly spoken: string;
}

function whileRunning(): Status {
  return {
    icon: '$(sync~spin)',
    words: vscode.l10n.t('JIT running'),
    spoken: vscode.l10n.t('JIT Bytes is running calls; activate to stop'),
  };
}

/** The worst that the values of these blocks say. */
function afterwards(blocks: readonly BlockResults[]): Status {
  const { passed, failed, refused, total } = summarize(
    blocks.flatMap(({ values }) => values.filter(({ stale }) => !stale)),
  );
  if (failed > 0) {
    return {
      icon: '$(error)',
      words: vscode.l10n.t('JIT {0} ✓ {1} ✗', passed, failed),
      spoken: vscode.l10n.t('JIT Bytes: {0} of {1} calls failed', failed, total),
    };
  }
  if (total === 0) {
    return {
      icon: '$(history)',
      words: vscode.l10n.t('JIT changed'),
      spoken: vscode.l10n.t('JIT Bytes: changed since the last run'),
    };
  }
  if (refused > 0) {
    return {
      icon: '$(circle-slash)',
      words: vscode.l10n.t('JIT {0} of {1} not run', refused, total),
      spoken: vscode.l10n.t('JIT Bytes: {0} of {1} calls could not run here', refused, total),
    };
  }
  return {
    icon: '$(check)',
    words: vscode.l10n.t('JIT {0} ✓', passed),
    spoken: vscode.l10n.t('JIT Bytes: {0} of {1} calls went well', passed, total),
  };
}

function make(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(
    'jitBytes.status',
    vscode.StatusBarAlignment.Right,
    priority,
  );
  item.name = vscode.l10n.t('JIT Bytes');
  return item;
}
