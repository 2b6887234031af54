/** Completion inside annotations: tags, names, types, arguments, expectations and registers. */
import * as vscode from 'vscode';
import { suggestionsAt, type Suggestion, type SuggestionKind } from '../engine/annotationHelp.ts';
import { placeAt, shapeAround } from './annotationPlaces.ts';
import { timed } from './callbackTimes.ts';
import type { ScanCache } from './scanCache.ts';
import { outcomeDocumentation, tagDocumentation } from './tagWords.ts';

/** What opens suggestions as it is typed. */
const triggers = ['@', ' ', '('] as const;

/**
 * Every document, by a filter that counts for as much as a language's own: with `*` the editor would mix the words of the
 * document among our suggestions.
 */
const everyDocument: vscode.DocumentSelector = { pattern: '**' };

/** A tag of ours, behind which a blank or bracket may open suggestions. */
const anyTag = /@(?:jit|fragment|call|arch|abi|asm|timeout|patch|entry|data)\b/;

/** A line that is longer is bytes, not an annotation. */
const longestLine = 2000;

const kinds: Readonly<Record<SuggestionKind, vscode.CompletionItemKind>> = {
  tag: vscode.CompletionItemKind.Keyword,
  name: vscode.CompletionItemKind.EnumMember,
  type: vscode.CompletionItemKind.TypeParameter,
  value: vscode.CompletionItemKind.Value,
  outcome: vscode.CompletionItemKind.Event,
  register: vscode.CompletionItemKind.Variable,
  signature: vscode.CompletionItemKind.Snippet,
  operator: vscode.CompletionItemKind.Operator,
};

export function registerCompletion(scans: ScanCache): vscode.Disposable {
  const provideCompletionItems = timed(
    'complete annotation',
    (
      document: vscode.TextDocument,
      position: vscode.Position,
      _token: vscode.CancellationToken,
      { triggerKind, triggerCharacter }: vscode.CompletionContext,
    ) => {
      const asked = triggerKind === vscode.CompletionTriggerKind.Invoke;
      const before = document.lineAt(position.line).text.slice(0, position.character);
      if (!mayHelp(before, asked ? undefined : triggerCharacter)) return undefined;
      const place = placeAt(document, position);
      if (!place) return undefined;
      const around = place.annotation ? undefined : shapeAround(scans, document, position);
      const found = suggestionsAt(place, asked, around);
      if (!found || found.items.length === 0) return undefined;
      const range = new vscode.Range(position.translate(0, -found.typed), position);
      return found.items.map((item, index) => completionItem(item, index, range));
    },
  );
  return vscode.languages.registerCompletionItemProvider(
    everyDocument,
    { provideCompletionItems },
    ...triggers,
  );
}

/** Whether a line, up to the cursor, can be an annotation's: most lines are not, and this must cost nothing. */
function mayHelp(before: string, trigger: string | undefined): boolean {
  if (before.length > longestLine || !before.includes('@')) return trigger === undefined;
  return trigger === '@' || trigger === undefined || anyTag.test(before);
}

function completionItem(
  { kind, label, snippet, detail, goesOn }: Suggestion,
  index: number,
  range: vscode.Range,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(
    detail === undefined ? label : { label, description: detail },
    kinds[kind],
  );
  item.insertText = new vscode.SnippetString(snippet);
  item.filterText = label;
  item.range = range;
  item.sortText = String(index).padStart(3, '0');
  const documentation =
    kind === 'tag'
      ? tagDocumentation(label)
      : kind === 'outcome'
        ? outcomeDocumentation(label)
        : undefined;
  if (documentation) item.documentation = documentation;
  if (goesOn) item.command = { command: 'editor.action.triggerSuggest', title: '' };
  return item;
}
