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

const token =
  /(?<folders>(?<=^|\/)\*\*\/)|(?<rest>\*\*)|(?<some>\*)|(?<one>\?)|\[(?<not>[!^]?)(?<set>\]?[^\]/]+|\])\]|(?<plain>.)/gsu;

/** The pattern as a regular expression. */
function translate(pattern: string): string {
  const tokens = [...pattern.matchAll(token)];
  const braces = pairs(tokens.map(([text]) => text));
  // Alternatives that are open; a comma outside of them is itself.
  let open = 0;
  return tokens
    .map(({ groups = {}, 0: text }, index) => {
      if (groups['folders'] !== undefined) return '(?:[^/]+/)*';
      if (groups['rest'] !== undefined) return '.*';
      if (groups['some'] !== undefined) return '[^/]*';
      if (groups['one'] !== undefined) return '[^/]';
      if (groups['set'] !== undefined) return setOf(groups['set'], groups['not'] !== '');
      if (braces.has(index)) {
        open += text === '{' ? 1 : -1;
        return text === '{' ? '(?:' : ')';
      }
      return text === ',' && open > 0 ? '|' : text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    })
    .join('');
}

/** `[abc]` or `[!abc]`; no character is in a range that is the wrong way round. */
function setOf(set: string, negated: boolean): string {
  const escaped = set.replace(/[\\\]^[]/g, '\\$&');
  try {
    return new RegExp(negated ? `[^/${escaped}]` : `[${escaped}]`).source;
  } catch {
    return negated ? '[^/]' : '(?!)';
  }
}

/** The indices of braces that have their counterpart. */
function pairs(texts: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  const open: number[] = [];
  for (const [index, text] of texts.entries()) {
    if (text === '{') open.push(index);
    const begin = text === '}' ? open.pop() : undefined;
    if (begin !== undefined) found.add(begin).add(index);
  }
  return found;
}
