/** What the walkthrough's steps wait for, as context keys of the editor: a value, a fault, a fault that was expected. */
import * as vscode from 'vscode';
import type { Results } from './results.ts';

type Milestone = 'jitBytes.sawValue' | 'jitBytes.sawFault' | 'jitBytes.sawExpectedFault';

export function registerWalkthrough(results: Results): vscode.Disposable {
  const reached = new Set<Milestone>();
  const reach = (milestone: Milestone): void => {
    if (reached.has(milestone)) return;
    reached.add(milestone);
    void vscode.commands.executeCommand('setContext', milestone, true);
  };
  const listener = results.onDidChange((document) => {
    for (const { values } of results.of(document)) {
      for (const { report } of values) {
        const { outcome } = report.result;
        if (outcome === 'returned') reach('jitBytes.sawValue');
        if (outcome !== 'fault') continue;
        reach('jitBytes.sawFault');
        if (report.verdict.status === 'passed') reach('jitBytes.sawExpectedFault');
      }
    }
    // Nothing is left to wait for: results change often.
    if (reached.size === 3) listener.dispose();
  });
  return listener;
}
