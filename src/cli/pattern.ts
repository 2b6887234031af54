/** Glob patterns, for shells that leave them as they are and for CI files that quote them. */
import path from 'node:path';
import { globExpression } from '../engine/glob.ts';

export interface Pattern {
  /** Below this folder is everything that can match. */
  readonly folder: string;
  /** Whether a path that begins with the folder, as `path.join` spells it, matches. */
  matches(found: string): boolean;
}

/**
 * Reads `*` and `?` (but no `/`), `**` (folders, any number), `[abc]`, `[!a-z]` and `{one,other}`; undefined where a text has
 * none of these. A bracket that does not close is itself. Files whose names begin with a point match like others.
 */
export function patternOf(text: string): Pattern | undefined {
  if (!/[*?[{]/.test(text)) return undefined;
  const spelt = path.normalize(text).split(path.sep);
  const first = spelt.findIndex((part) => /[*?[{]/.test(part));
  // An absolute pattern's first part is empty.
  const folder = spelt.slice(0, first).join(path.sep) || (path.isAbsolute(text) ? path.sep : '.');
  const expression = globExpression(spelt.join('/'));
  return { folder, matches: (found) => expression.test(found.split(path.sep).join('/')) };
}
