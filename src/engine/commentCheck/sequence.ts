/** One instruction after the other in a comment, with what stands between them. */

/**
 * `sure`: this is an instruction. `branch`: it is one if the bytes are a branch. `perhaps`: it may be prose.
 */
export type Confidence = 'sure' | 'branch' | 'perhaps';

/** An instruction read, and where its text ends. */
export interface OneRead<T> {
  readonly instruction: T;
  readonly end: number;
}

/** Longest comment that is read; longer ones are prose. */
const longest = 400;
/** Most instructions read in one comment. */
const most = 32;

/** `again:`, `.L2:`, `1:`, `<main+4>:`. */
const label = /^(?:[\w.$@?]+|<[^<>\s]*>)\s*:\s*/;
/** Address and bytes as objdump lists them. */
const listing = /^(?:(?:0x)?[\da-f]+:?\s+)?(?:[\da-f]{2}\s+)*(?=[a-z{])/;
const firstWord = /^[a-z][\da-z_.]*/;

/**
 * The instructions in a comment's lower-case text: those at its beginning (after labels, addresses and bytes),
 * and those after `;`, `/` or `|`, or after another and a comma. Prose is passed over.
 * @param readOne reads one at a place; `later` tells whether something stands before it
 */
export function readSequence<T>(
  comment: string,
  isName: (word: string) => boolean,
  readOne: (text: string, start: number, later: boolean) => OneRead<T> | undefined,
): readonly T[] {
  if (comment.length > longest) return [];
  const found: T[] = [];
  let text = comment.trim();
  let afterProse = false;
  while (text !== '' && found.length < most) {
    const read = readOne(text, afterLabels(text, isName), found.length > 0 || afterProse);
    if (read) {
      found.push(read.instruction);
      const rest = text.slice(read.end);
      const separator = /^\s*(?:(?:[;,|&+]|\/\/?|\\n|\band\b|\bthen\b)\s*)+/.exec(rest);
      if (separator) {
        text = rest.slice(separator[0].length);
        continue;
      }
      text = rest;
    } else {
      afterProse = true;
    }
    const next = /;|\s\/\s|\s\|\s|\s\/\/\s/.exec(text);
    if (!next) break;
    text = text.slice(next.index + next[0].length).trim();
  }
  return found;
}

const mostLabels = 3;

function afterLabels(text: string, isName: (word: string) => boolean): number {
  let at = 0;
  for (let labels = 0; labels < mostLabels; labels++) {
    const match = label.exec(text.slice(at));
    if (!match) break;
    at += match[0].length;
  }
  const rest = text.slice(at);
  const listed = listing.exec(rest)?.[0] ?? '';
  const first = firstWord.exec(rest)?.[0];
  if (listed === '' || (first !== undefined && isName(first))) return at;
  return firstWord.test(rest.slice(listed.length)) ? at + listed.length : at;
}
