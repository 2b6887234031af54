/** Runs a document's blocks when it is saved, where the user has agreed to that. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { Consent } from './consent.ts';
import { mayRun } from './documents.ts';
import { runnableBlocks, type Runs } from './runs.ts';
import type { ScanCache } from './scanCache.ts';
import { runMode } from './settings.ts';

export function registerRunOnSave(
  scans: ScanCache,
  runs: Runs,
  consent: Consent,
  log: (message: string) => void,
): vscode.Disposable {
  const saved = async (document: vscode.TextDocument): Promise<void> => {
    if (runMode() !== 'onSave' || !vscode.workspace.isTrusted || !mayRun(document.uri)) return;
    const { blocks } = await scans.current(document);
    if (runnableBlocks(blocks).length === 0 || !(await consent.toRunOnSave())) return;
    // The question may have taken its time.
    const now = await scans.current(document);
    await runs.run(document, runnableBlocks(now.blocks), { quiet: true });
  };
  const failed = (error: unknown): void => log(`nothing was run on save: ${String(error)}`);
  return vscode.workspace.onDidSaveTextDocument(
    timed('document saved', (document) => void saved(document).catch(failed)),
  );
}
