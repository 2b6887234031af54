/** Work on documents that waits until nothing has been typed for a while. */
import type * as vscode from 'vscode';

export class DocumentPauses {
  readonly #pauseMs: number;
  readonly #work: (document: vscode.TextDocument) => void;
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();

  /**
   * @param pauseMs milliseconds without an edit after which the work is done
   * @param work is called for each document once its pause is over
   */
  constructor(pauseMs: number, work: (document: vscode.TextDocument) => void) {
    this.#pauseMs = pauseMs;
    this.#work = work;
  }

  /** Does the work after the pause, which begins anew. */
  begin(document: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(document));
    const timer = setTimeout(() => {
      this.#timers.delete(document);
      this.#work(document);
    }, this.#pauseMs);
    this.#timers.set(document, timer);
  }

  /** The work on a document is not wanted any more. */
  end(document: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(document));
    this.#timers.delete(document);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
