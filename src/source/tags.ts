/** The tags of a comment block, each with the text that belongs to it. */
import type { Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import type { CommentBlock } from './comments.ts';
import { problem } from './elements.ts';

export const tagNames = [
  'jit',
  'fragment',
  'call',
  'arch',
  'abi',
  'timeout',
  'entry',
  'patch',
  'more',
  'data',
  'asm',
  'bench',
] as const;

export type TagName = (typeof tagNames)[number];

export interface Tag {
  readonly name: TagName;
  /** `@name`. */
  readonly span: Span;
  /** Where its text stands in the comment's text. */
  readonly from: number;
  readonly to: number;
}

export interface TagReading {
  readonly tags: readonly Tag[];
  /** Misspelt tags; they count only beside an `@jit`. */
  readonly misspelt: readonly Problem[];
}

/** A word that may be a tag: `@name` with a blank, `(` or the end after it. */
const word = /(?<![^\s(])@([A-Za-z]\w*)(?=[\s(]|$)/g;

/** A tag further into its line has prose before it. */
const farthestLead = 200;

export function readTags(block: CommentBlock): TagReading {
  const { text } = block.text;
  const tags: Tag[] = [];
  const misspelt: Problem[] = [];
  word.lastIndex = 0;
  let afterTag = -1;
  let lineStart = 0;
  let looked = 0;
  for (let found = word.exec(text); found; found = word.exec(text)) {
    const name = found[1] ?? '';
    const start = found.index;
    const nameEnd = start + found[0].length;
    const span = block.text.span(start, nameEnd);
    const newline = text.slice(looked, start).lastIndexOf('\n');
    if (newline >= 0) lineStart = looked + newline + 1;
    looked = start;
    const leads =
      afterTag >= lineStart ||
      (start - lineStart < farthestLead && text.slice(lineStart, start).trim() === '');
    const rest = text.slice(nameEnd, nameEnd + 200);
    // After prose a tag counts only with something that could be its own.
    if (!leads && !/^[ \t]*(?:\(|[\w* ]+\()/.test(rest)) continue;
    const known = tagNames.find((entry) => entry === name);
    if (known === undefined) {
      const meant = closest(name);
      if (meant !== undefined) {
        misspelt.push(problem(span, 'unknown-tag', `@${name} is no tag; did you mean @${meant}?`));
      } else if (afterTag >= lineStart) {
        misspelt.push(problem(span, 'unknown-tag', `@${name} is no tag`));
      } else continue;
      const end = bodyEnd(text, nameEnd);
      afterTag = end;
      word.lastIndex = end;
      continue;
    }
    const to = bodyEnd(text, nameEnd);
    tags.push({ name: known, span, from: nameEnd, to });
    afterTag = to;
    word.lastIndex = to;
  }
  return { tags, misspelt };
}

/** The end of a tag's text: its line's end or the next tag, but never inside brackets or strings. */
function bodyEnd(text: string, from: number): number {
  let depth = 0;
  let bracketLineEnd = -1;
  let lineIsBlank = false;
  let openString = false;
  for (let i = from; i < text.length; i++) {
    const sign = text.charAt(i);
    if (sign === '"' && !openString) {
      const string = /^"(?:[^"\\\n]|\\.)*"/.exec(text.slice(i, i + 65536));
      if (string) i += string[0].length - 1;
      else openString = true;
    } else if (sign === "'") {
      const character = /^'(?:\\.|[^\\\n])'/.exec(text.slice(i, i + 4));
      if (character) i += character[0].length - 1;
    } else if (sign === '(' || sign === '[') depth++;
    else if (sign === ')' || sign === ']') depth = Math.max(0, depth - 1);
    else if (sign === '\n') {
      openString = false;
      if (depth === 0) return i;
      if (bracketLineEnd < 0) bracketLineEnd = i;
      lineIsBlank = true;
      continue;
    } else if (
      sign === '@' &&
      /\s/.test(text.charAt(i - 1)) &&
      /^@[A-Za-z]\w*(?=[\s(]|$)/.test(text.slice(i, i + 24))
    ) {
      if (depth === 0) return i;
      // A tag at the start of a line: the bracket before it never closes.
      if (bracketLineEnd >= 0 && lineIsBlank) return bracketLineEnd;
    }
    if (lineIsBlank && sign !== ' ' && sign !== '\t') lineIsBlank = false;
  }
  return depth > 0 && bracketLineEnd >= 0 ? bracketLineEnd : text.length;
}

/** Words of documentation comments that are one letter from a tag of ours. */
const otherTags = new Set([
  'date',
  'code',
  'note',
  'main',
  'see',
  'todo',
  'test',
  'all',
  'name',
  'mode',
]);

function closest(name: string): TagName | undefined {
  const lower = name.toLowerCase();
  if (otherTags.has(lower)) return undefined;
  for (const tag of tagNames) {
    if (lower === tag || isOneEditAway(lower, tag)) return tag;
  }
  return undefined;
}

/** Whether one letter inserted, left out, changed or swapped with the next makes them equal. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const restA = a.slice(i);
  const restB = b.slice(i);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
