/** The command that shows the reference of the annotation language, which comes with the extension. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import { showLanguage } from './tagWords.ts';

export function registerLanguageReference(extensionUri: vscode.Uri): vscode.Disposable {
  return vscode.commands.registerCommand(
    showLanguage,
    timed(showLanguage, () => {
      const uri = vscode.Uri.joinPath(extensionUri, 'docs', 'annotations.md');
      return vscode.commands.executeCommand('markdown.showPreview', uri);
    }),
  );
}
