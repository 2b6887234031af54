/** Glob patterns, for shells that leave them as they are and for CI files that quote them. */
import path from 'node:path';

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
  const expression = new RegExp(`^${translate(spelt.join('/'))}$`, 's');
  return { folder, matches: (found) => expression.test(found.split(path.sep).join('/')) };
}

/** The pattern as a regular expression. */
function translate(pattern: string): string {
  const parts: string[] = [];
  // Alternatives that are open; a comma outside of them is itself.
  let open = 0;
  const tokens =
    /(?<folders>(?<=^|\/)\*\*\/)|(?<rest>\*\*)|(?<some>\*)|(?<one>\?)|\[(?<not>[!^]?)(?<set>\]?[^\]/]*)\]|(?<plain>.)/gsu;
  for (const { groups = {}, index, 0: token } of pattern.matchAll(tokens)) {
    if (groups['folders'] !== undefined) parts.push('(?:[^/]+/)*');
    else if (groups['rest'] !== undefined) parts.push('.*');
    else if (groups['some'] !== undefined) parts.push('[^/]*');
    else if (groups['one'] !== undefined) parts.push('[^/]');
    else if (groups['set'] !== undefined && groups['set'] !== '') {
      const set = groups['set'].replace(/[\\\]^[]/g, '\\$&');
      parts.push(groups['not'] === '' ? `[${set}]` : `[^/${set}]`);
    } else if (token === '{' && closes(pattern, index)) {
      open++;
      parts.push('(?:');
    } else if (token === '}' && open > 0) {
      open--;
      parts.push(')');
    } else if (token === ',' && open > 0) parts.push('|');
    else parts.push(token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  }
  return parts.join('');
}

/** Whether the brace at this place has its counterpart. */
function closes(pattern: string, from: number): boolean {
  let depth = 0;
  for (const character of pattern.slice(from)) {
    if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return true;
  }
  return false;
}
