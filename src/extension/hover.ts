/** The whole of a value, over the call that gave it and over the bytes where the call came to a bad end. */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { Span } from '../model/text.ts';
import { endOfCall } from './endOfCall.ts';
import type { Results } from './results.ts';
import { hoverText } from './valueText.ts';

/** Calls that end at the same bytes are many; so many are shown. */
const mostShown = 5;

export function registerHover(results: Results): vscode.Disposable {
  return vscode.languages.registerHoverProvider('*', {
    provideHover: timed(
      'provide hover',
      (document: vscode.TextDocument, position: vscode.Position) => {
        const blocks = results.of(document);
        if (blocks.length === 0) return undefined;
        const place = document.offsetAt(position);
        const holds = (span: Span | undefined): boolean =>
          span !== undefined && span.start <= place && place < span.end;
        const values = blocks.flatMap((block) =>
          block.values.filter(
            (value) => holds(value.call.span) || (!value.stale && holds(endOfCall(block, value))),
          ),
        );
        return values.length === 0
          ? undefined
          : new vscode.Hover(values.slice(0, mostShown).map(hoverText));
      },
    ),
  });
}
