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
