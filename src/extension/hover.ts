/** The whole of a value, over the call that gave it. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { Results } from './results.ts';
import { hoverText } from './valueText.ts';

export function registerHover(results: Results): vscode.Disposable {
  return vscode.languages.registerHoverProvider('*', {
    provideHover: timed(
      'provide hover',
      (document: vscode.TextDocument, position: vscode.Position) => {
        const blocks = results.of(document);
        if (blocks.length === 0) return undefined;
        const place = document.offsetAt(position);
        const values = blocks.flatMap((block) =>
          block.values.filter(({ call: { span } }) => span.start <= place && place < span.end),
        );
        return values.length === 0 ? undefined : new vscode.Hover(values.map(hoverText));
      },
    ),
  });
}
