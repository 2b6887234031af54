/** `jit` at the start of a line offers an annotated array, in the language's own literal. */
import * as vscode from 'vscode';
import { sampleLanguageOf, sampleLanguages, sampleSnippet } from '../engine/samples.ts';
import { timed } from './callbackTimes.ts';
import { sampleMachine } from './example.ts';
import { languageIdOf } from './documents.ts';

/** What must stand on the line before the cursor. */
const started = /^\s*(ji?t?)$/;

export function registerSnippets(): vscode.Disposable {
  const selector = [...sampleLanguages.flatMap(({ ids }) => ids), 'plaintext'];
  return vscode.languages.registerCompletionItemProvider(selector, {
    provideCompletionItems: timed(
      'snippet',
      (document: vscode.TextDocument, position: vscode.Position) => {
        if (position.character > 200) return undefined;
        const line = document.lineAt(position.line).text;
        const typed = started.exec(line.slice(0, position.character))?.[1];
        const language = sampleLanguageOf(languageIdOf(document));
        if (typed === undefined || !language) return undefined;
        const label = { label: 'jit', description: vscode.l10n.t('machine code that runs here') };
        const item = new vscode.CompletionItem(label, vscode.CompletionItemKind.Snippet);
        const snippet = sampleSnippet(language, sampleMachine());
        item.insertText = new vscode.SnippetString(snippet);
        item.detail = vscode.l10n.t('JIT Bytes: an annotated array that adds four');
        item.documentation = new vscode.MarkdownString().appendCodeblock(
          snippet.replaceAll(/\$\{\d:(\w+)\}/g, '$1').replace('$0', ''),
          document.languageId,
        );
        item.range = new vscode.Range(position.translate(0, -typed.length), position);
        return [item];
      },
    ),
  });
}
