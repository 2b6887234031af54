/** The tests that run inside a real VS Code. */
import * as vscode from 'vscode';
import { benchmarkTests } from './benchmarks.ts';
import { codeWarningTests } from './codeWarnings.ts';
import { editTests } from './edits.ts';
import { endingTests } from './endings.ts';
import { firstUseTests } from './firstUse.ts';
import { extension, runTests, setSetting } from './harness.ts';
import { liveTests } from './live.ts';
import { restrictedTests } from './restricted.ts';
import { hostileTests } from './hostile.ts';
import { readingTests } from './reading.ts';
import { responsivenessTests } from './responsiveness.ts';
import { robustTests } from './robust.ts';
import { testExplorerTests } from './testExplorer.ts';
import { trustedTests } from './trusted.ts';
import { valueTests } from './values.ts';

export async function run(): Promise<void> {
  if (process.env['JIT_BYTES_TEST_RESTRICTED'] === '1') restrictedTests();
  else {
    liveTests();
    trustedTests();
    endingTests();
    readingTests();
    firstUseTests();
    benchmarkTests();
    valueTests();
    editTests();
    hostileTests();
    codeWarningTests();
    robustTests();
    testExplorerTests();
    responsivenessTests();
  }
  const { activationMs } = await extension();
  console.log(`# activate took ${activationMs.toFixed(1)} ms`);
  // What the other tests run they ask for themselves.
  await setSetting('run.mode', 'manual');
  await runTests(async () => {
    await vscode.commands.executeCommand('jitBytes.stop');
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
}
