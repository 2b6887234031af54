/** Edits of a text, all against the text as it was, or the reason why there are none. */
import type { Span } from '../../model/text.ts';

/** What a stretch of the text becomes. */
export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

/** Edits in their order, without overlap; none where all is as it should be. `reason` is a sentence without its full stop. */
export type Rewrite =
  { readonly edits: readonly TextEdit[] } | { readonly edits?: undefined; readonly reason: string };

/** Thrown inside a rewrite where it cannot go on; its message is the reason. */
export class CannotRewrite extends Error {}

/** The edits that `make` finds, or the reason that it throws. */
export function attempt(make: () => readonly TextEdit[]): Rewrite {
  try {
    return { edits: make() };
  } catch (error) {
    return refusalOf(error);
  }
}

/** The reason of a {@link CannotRewrite}; any other error is thrown on. */
export function refusalOf(error: unknown): Rewrite {
  if (error instanceof CannotRewrite) return { reason: error.message };
  throw error;
}

/** The text after the edits. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { span, text: replacement } of edits) {
    parts.push(text.slice(at, span.start), replacement);
    at = span.end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
