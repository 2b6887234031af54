/**
 * The whole of a value, over the call that gave it, over the value itself at the line's end, and over the bytes where the
 * call came to a bad end. Made when it is asked for: the editor reads every text that comes with a decoration at once.
 */
import * as vscode from 'vscode';
import { timed } from './callbackTimes.ts';
import type { Span } from '../model/text.ts';
import { endOfCall } from './endOfCall.ts';
import type { CallValue, Results } from './results.ts';
import { bytesHoverText, hoverText } from './valueText.ts';

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
        const isLineEnd = position.isEqual(document.lineAt(position.line).range.end);
        const standsHere = ({ anchor }: CallValue): boolean =>
          isLineEnd && document.positionAt(anchor).line === position.line;
        const holds = (span: Span | undefined): boolean =>
          span !== undefined && span.start <= place && place < span.end;
        const texts = blocks.flatMap((block) =>
          block.values.flatMap((value) => {
            if (holds(value.call.span) || standsHere(value)) return [hoverText(value)];
            return !value.stale && holds(endOfCall(block, value)) ? [bytesHoverText(value)] : [];
          }),
        );
        return texts.length === 0 ? undefined : new vscode.Hover(texts.slice(0, mostShown));
      },
    ),
  });
}
