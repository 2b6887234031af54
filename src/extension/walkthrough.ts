/** What the walkthrough's steps wait for, as context keys of the editor: a value, a fault, a fault that was expected. */
import * as vscode from 'vscode';
import type { Results } from './results.ts';

type Milestone = 'jitBytes.sawValue' | 'jitBytes.sawFault' | 'jitBytes.sawExpectedFault';

/** Milliseconds after a change of results until they are looked at. */
const pauseMs = 300;

export function registerWalkthrough(results: Results): vscode.Disposable {
  const reached = new Set<Milestone>();
  const reach = (milestone: Milestone): void => {
    if (reached.has(milestone)) return;
    reached.add(milestone);
    void vscode.commands.executeCommand('setContext', milestone, true);
  };
  const look = (document: vscode.TextDocument): void => {
    for (const { values } of results.of(document)) {
      for (const { report } of values) {
        const { outcome } = report.result;
        if (outcome === 'returned') reach('jitBytes.sawValue');
        if (outcome !== 'fault') continue;
        reach('jitBytes.sawFault');
        if (report.verdict.status === 'passed') reach('jitBytes.sawExpectedFault');
      }
    }
    // Nothing is left to wait for.
    if (reached.size === 3) listener.dispose();
  };
  // Results change often, and many at a time.
  let timer: NodeJS.Timeout | undefined;
  const changes = results.onDidChange((document) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      look(document);
    }, pauseMs);
  });
  const listener = new vscode.Disposable(() => {
    clearTimeout(timer);
    changes.dispose();
  });
  return listener;
}
