/** Glob patterns as regular expressions. */

/**
 * Reads `*` and `?` (but no `/`), `**` (folders, any number), `[abc]`, `[!a-z]` and `{one,other}`. A bracket that does not
 * close is itself. The expression matches whole paths whose parts are separated by `/`.
 */
export function globExpression(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern)}$`, 's');
}

const token =
  /(?<folders>(?<=^|\/)\*\*\/)|(?<rest>\*\*)|(?<some>\*)|(?<one>\?)|\[(?<not>[!^]?)(?<set>\]?[^\]/]+|\])\]|(?<plain>.)/gsu;

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
