/** Runs that no click started need the user's word once, for not every machine isolates them. */
import * as vscode from 'vscode';
import { setManualMode } from './settings.ts';

/** What may run machine code unasked, and what the question and its answer say. */
interface Occasion {
  readonly key: string;
  readonly question: () => string;
  readonly agree: () => string;
}

const onSave: Occasion = {
  key: 'jitBytes.consent.onSave',
  question: () => vscode.l10n.t('Run machine code whenever a file is saved?'),
  agree: () => vscode.l10n.t('Run on Save'),
};

const live: Occasion = {
  key: 'jitBytes.consent.live',
  question: () =>
    vscode.l10n.t('Run machine code as you type, though calls are not isolated here?'),
  agree: () => vscode.l10n.t('Run Live'),
};

export class Consent {
  readonly #memory: vscode.Memento;
  readonly #asking = new Map<Occasion, Promise<boolean>>();

  /** @param memory where the answer is remembered */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Whether runs on save are agreed to; asks where that is not known. A refusal makes runs manual. */
  toRunOnSave(): Promise<boolean> {
    return this.#to(onSave);
  }

  /** The same for runs as the author types, where calls are not isolated. */
  toRunLive(): Promise<boolean> {
    return this.#to(live);
  }

  #to(occasion: Occasion): Promise<boolean> {
    if (this.#memory.get<boolean>(occasion.key) === true) return Promise.resolve(true);
    let asking = this.#asking.get(occasion);
    if (!asking) {
      asking = this.#ask(occasion).finally(() => this.#asking.delete(occasion));
      this.#asking.set(occasion, asking);
    }
    return asking;
  }

  async #ask({ key, question, agree }: Occasion): Promise<boolean> {
    const yes = agree();
    const answer = await vscode.window.showWarningMessage(
      question(),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Where calls run isolated, bytes can make no system call; where they cannot, or with the sandbox off, they can do what any program of yours can. "Show protection in force" tells. Agree only if you trust the files you open.',
        ),
      },
      yes,
    );
    const agreed = answer === yes;
    if (agreed) await this.#memory.update(key, true);
    else await setManualMode();
    return agreed;
  }
}
