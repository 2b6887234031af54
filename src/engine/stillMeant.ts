/** Which suggestions are left while somebody goes on typing. */
import type { Suggestion } from './annotationHelp.ts';

/**
 * What begins with what was typed. Nothing once a suggestion is written out: the editor takes the next Enter for its
 * acceptance, and it is meant as the end of the line. Nor may a number be taken for one that only resembles it.
 */
export function stillMeant(items: readonly Suggestion[], typed: string): readonly Suggestion[] {
  if (typed === '') return items;
  if (items.some(({ label }) => label === typed)) return [];
  return items.filter(({ label }) => label.startsWith(typed));
}

/** Whether a label begins another one, so that who types the one out may still mean the other. */
export function haveCommonBeginnings(items: readonly Suggestion[]): boolean {
  return items.some(({ label }) =>
    items.some((other) => other.label !== label && other.label.startsWith(label)),
  );
}

/**
 * What the editor compares with what is typed: the label without its last character, so that the list is closed at once
 * when a label is written out. Of a signature only its beginning counts.
 */
export function filterText({ kind, label }: Suggestion): string {
  const opening = label.indexOf('(');
  const compared = kind === 'signature' && opening > 0 ? label.slice(0, opening) : label;
  return compared.length > 1 ? compared.slice(0, -1) : compared;
}
