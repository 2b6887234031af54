/** Short words to the user. */
import * as vscode from 'vscode';

/** Milliseconds that a message stands in the status bar. */
const shownMs = 4000;

/** Says something in passing, in the status bar. */
export function say(message: string): void {
  vscode.window.setStatusBarMessage(message, shownMs);
}

/** Says why what was asked for is not done. Returns undefined, for whoever has nothing else to return then. */
export function explain(message: string): undefined {
  void vscode.window.showWarningMessage(message);
}
