/** How far calls are protected: in the status bar where it is less than could be, and in full on demand. */
import * as vscode from 'vscode';
import { protectionRows } from '../engine/protectionText.ts';
import type { JitClient } from '../jit/client.ts';
import type { Protection } from '../jit/protection.ts';
import { askForTrust } from './runs.ts';
import { onSettingsChange, sandboxSetting } from './settings.ts';

/** Beside the item of the runs. */
const priority = 89;

export class ProtectionStatus {
  readonly #disposables: vscode.Disposable[] = [];
  #item: vscode.StatusBarItem | undefined;
  #found: Protection | undefined;
  #shown: string | undefined;

  constructor() {
    this.#renew();
    this.#disposables.push(
      onSettingsChange(['sandbox'], () => {
        // A host with the sandbox of before says nothing of the next one.
        this.#found = undefined;
        this.#renew();
      }),
    );
  }

  /** What a host that has started says of itself. */
  found(protection: Protection): void {
    this.#found = protection;
    this.#renew();
  }

  /** The level of the last host that came up. */
  get level(): string | undefined {
    return this.#found?.level;
  }

  /** The words in the status bar, or undefined if there are none. */
  get shown(): string | undefined {
    return this.#shown;
  }

  dispose(): void {
    this.#item?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #renew(): void {
    const status = statusOf(this.#found);
    this.#shown = status?.words;
    if (!status) {
      this.#item?.hide();
      return;
    }
    const item = (this.#item ??= make());
    item.text = `${status.isWarning ? '$(warning)' : '$(shield)'} ${status.words}`;
    item.tooltip = status.spoken;
    item.accessibilityInformation = { label: status.spoken };
    item.backgroundColor = status.isWarning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    item.show();
  }
}

/** Says which level is in force, why, and what that means. Resolves with it when it is shown. */
export async function showProtection(client: JitClient): Promise<Protection | undefined> {
  if (!vscode.workspace.isTrusted) {
    void askForTrust();
    return undefined;
  }
  let protection: Protection;
  try {
    client.useSandbox(sandboxSetting());
    ({ protection } = await client.ready());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(vscode.l10n.t('The JIT host did not start: {0}', reason));
    return undefined;
  }
  const change: vscode.QuickPickItem = {
    label: `$(gear) ${vscode.l10n.t('Change the sandbox…')}`,
    alwaysShow: true,
  };
  const rows = protectionRows(protection).map(([label, detail]): vscode.QuickPickItem => ({
    label,
    detail,
  }));
  const title = vscode.l10n.t('JIT Bytes: protection in force');
  void vscode.window.showQuickPick([...rows, change], { title }).then((picked) => {
    if (picked !== change) return;
    void vscode.commands.executeCommand('workbench.action.openSettings', 'jitBytes.sandbox');
  });
  return protection;
}

interface Status {
  readonly words: string;
  readonly spoken: string;
  readonly isWarning: boolean;
}

/** @param found what the last host said, or undefined before the first */
function statusOf(found: Protection | undefined): Status | undefined {
  const sandbox = sandboxSetting();
  if (sandbox === 'off' || found?.sandbox === 'off') {
    return {
      words: vscode.l10n.t('JIT sandbox off'),
      spoken: vscode.l10n.t(
        'JIT Bytes: the sandbox is off, bytes can do whatever you can do; activate for more',
      ),
      isWarning: true,
    };
  }
  if (found && found.level !== 'isolated') {
    return {
      words: vscode.l10n.t('JIT {0}', found.level),
      spoken: vscode.l10n.t(
        'JIT Bytes: calls are not isolated, the level is {0}; activate for more',
        found.level,
      ),
      isWarning: true,
    };
  }
  if (sandbox === 'output') {
    return {
      words: vscode.l10n.t('JIT output'),
      spoken: vscode.l10n.t(
        'JIT Bytes: bytes may write output, which is captured; activate for more',
      ),
      isWarning: false,
    };
  }
  return undefined;
}

function make(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(
    'jitBytes.protection',
    vscode.StatusBarAlignment.Right,
    priority,
  );
  item.name = vscode.l10n.t('JIT Bytes: protection');
  item.command = 'jitBytes.showProtection';
  return item;
}
