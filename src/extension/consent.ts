/** Runs that no click started need the user's word once, for not every machine isolates them. */
import * as vscode from 'vscode';
import { setManualMode } from './settings.ts';

const consentKey = 'jitBytes.consent.onSave';

export class Consent {
  readonly #memory: vscode.Memento;
  #asking: Promise<boolean> | undefined;

  /** @param memory where the answer is remembered */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Whether runs on save are agreed to; asks where that is not known. A refusal makes runs manual. */
  toRunOnSave(): Promise<boolean> {
    if (this.#memory.get<boolean>(consentKey) === true) return Promise.resolve(true);
    return (this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    }));
  }

  async #ask(): Promise<boolean> {
    const agree = vscode.l10n.t('Run on Save');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Run machine code whenever a file is saved?'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Where calls run isolated, bytes can make no system call; where they cannot, or with the sandbox off, they can do what any program of yours can. "Show protection in force" tells. Agree only if you trust the files you open.',
        ),
      },
      agree,
    );
    const agreed = answer === agree;
    if (agreed) await this.#memory.update(consentKey, true);
    else await setManualMode();
    return agreed;
  }
}
