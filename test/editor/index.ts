/** The tests that run inside a real VS Code. */
import * as vscode from 'vscode';
import { editTests } from './edits.ts';
import { endingTests } from './endings.ts';
import { extension, runTests } from './harness.ts';
import { restrictedTests } from './restricted.ts';
import { hostileTests } from './hostile.ts';
import { readingTests } from './reading.ts';
import { responsivenessTests } from './responsiveness.ts';
import { trustedTests } from './trusted.ts';

export async function run(): Promise<void> {
  if (process.env['JIT_BYTES_TEST_RESTRICTED'] === '1') restrictedTests();
  else {
    trustedTests();
    endingTests();
    readingTests();
    editTests();
    hostileTests();
    responsivenessTests();
  }
  const { activationMs } = await extension();
  console.log(`# activate took ${activationMs.toFixed(1)} ms`);
  await runTests(async () => {
    await vscode.commands.executeCommand('jitBytes.stop');
    await vscode.commands.executeCommand('jitBytes.clearResults');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
}
