/** How the runs of the document in front went, in words that a screen reader reads too. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import { summarize, type Results } from './results.ts';
import { commands } from './runCommands.ts';

const priority = 90;
const renewalMs = 100;

export class StatusBar {
  readonly #results: Results;
  readonly #disposables: vscode.Disposable[] = [];
  #item: vscode.StatusBarItem | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results) {
    this.#results = results;
    const soon = (): void => {
      this.#timer ??= setTimeout(
        timed('renew status bar', () => this.#renew()),
        renewalMs,
      );
    };
    this.#disposables.push(
      results.onDidChange(soon),
      vscode.window.onDidChangeActiveTextEditor(soon),
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
    const running = blocks.some((block) => block.running);
    const { passed, failed, refused, total } = summarize(
      blocks.flatMap(({ values }) => values.filter(({ stale }) => !stale)),
    );
    const [icon, words, spoken] = running
      ? [
          '$(sync~spin)',
          vscode.l10n.t('JIT running'),
          vscode.l10n.t('JIT Bytes is running calls; activate to stop'),
        ]
      : failed > 0
        ? [
            '$(error)',
            vscode.l10n.t('JIT {0} of {1} failed', failed, total),
            vscode.l10n.t('JIT Bytes: {0} of {1} calls failed', failed, total),
          ]
        : total === 0
          ? [
              '$(history)',
              vscode.l10n.t('JIT changed'),
              vscode.l10n.t('JIT Bytes: changed since the last run'),
            ]
          : refused > 0
            ? [
                '$(circle-slash)',
                vscode.l10n.t('JIT {0} of {1} not run', refused, total),
                vscode.l10n.t('JIT Bytes: {0} of {1} calls could not run here', refused, total),
              ]
            : [
                '$(check)',
                vscode.l10n.t('JIT {0} of {1}', passed, total),
                vscode.l10n.t('JIT Bytes: {0} of {1} calls went well', passed, total),
              ];
    item.text = `${icon} ${words}`;
    item.tooltip = spoken;
    item.accessibilityInformation = { label: spoken };
    item.command = running ? commands.stop : commands.showOutput;
    item.show();
  }
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
