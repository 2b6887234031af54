/** What stands around one place of a comment: for help with an annotation while it is written or read. */
import type { Abi, Architecture } from '../model/architecture.ts';
import type { Signature } from '../model/signature.ts';
import { readAnnotation, type ScanOptions } from './annotation.ts';
import { commentBlocks, type CommentBlock } from './comments.ts';
import { languageOf, type Language } from './languages.ts';
import { lex } from './lexer.ts';
import { isMarkdown, markdownFences } from './markdown.ts';
import type { DataModel } from './signature.ts';
import { readTags, type TagName } from './tags.ts';

/** What an annotation says of the calls below it. */
export interface CallShape {
  readonly kind: 'function' | 'fragment';
  readonly signature: Signature;
  readonly architecture: Architecture;
  /** Undefined: the platform's own. */
  readonly abi: Abi | undefined;
}

/** The annotation of a comment block. */
export interface AnnotationShape extends CallShape {
  readonly model: DataModel;
}

/** One place in a comment. */
export interface CommentPlace {
  /** The comment's text on the place's line before it, without the comment's sign. */
  readonly lineBefore: string;
  /** The tags of the comment block, in their order. */
  readonly tags: readonly TagName[];
  /** The comment block's `@jit` or `@fragment`, as far as it can be read. */
  readonly annotation: AnnotationShape | undefined;
  /** The tag that the place belongs to: it stands in the tag's name, or in the text after it. */
  readonly tag: PlaceInTag | undefined;
}

export interface PlaceInTag {
  readonly name: TagName;
  /** Whether the place is in the tag's name, from before its `@` to its last letter. */
  readonly inName: boolean;
  /** Offset of the `@`. */
  readonly start: number;
  /** The tag's text between its name and the place. */
  readonly before: string;
}

/**
 * The place in its comment, or undefined where there is no comment with an `@`.
 * @param text the source, or a part of it around the place that begins outside of comments and strings
 * @param offset of the place in `text`
 */
export function placeInComment(
  text: string,
  offset: number,
  languageId: string,
  options: ScanOptions = {},
): CommentPlace | undefined {
  if (!isMarkdown(languageId)) return placeIn(text, 0, offset, languageOf(languageId), options);
  for (const { span, language } of markdownFences(text)) {
    if (span.start > offset) return undefined;
    if (offset <= span.end) {
      return placeIn(text.slice(0, span.end), span.start, offset, language, options);
    }
  }
  return undefined;
}

function placeIn(
  text: string,
  from: number,
  offset: number,
  language: Language,
  options: ScanOptions,
): CommentPlace | undefined {
  for (const block of commentBlocks(text, lex(text, language, from), language)) {
    if (block.span.start >= offset) return undefined;
    if (offset > block.span.end) continue;
    const comment = block.comments.find(({ start, end }) => start < offset && offset <= end);
    return comment && isInside(text, comment.end, offset, language)
      ? placeInBlock(block, offset, options)
      : undefined;
  }
  return undefined;
}

/** Whether a place at a comment's end is still in it: a line comment goes on there, a closed block comment does not. */
function isInside(text: string, end: number, offset: number, language: Language): boolean {
  if (offset < end) return true;
  return !language.block.some(({ close }) => text.endsWith(close, end));
}

function placeInBlock(block: CommentBlock, offset: number, options: ScanOptions): CommentPlace {
  const { tags } = readTags(block);
  const upTo = block.text.upTo(offset);
  const found = tags.findLast(({ span, to }) => {
    if (span.start > offset) return false;
    return !upTo.slice(to).includes('\n');
  });
  const main = tags.find(({ name }) => name === 'jit' || name === 'fragment');
  const own = tags.filter((tag) => tag === main || (tag.name !== 'jit' && tag.name !== 'fragment'));
  const read = main && readAnnotation(block, main, own, options, []);
  return {
    lineBefore: upTo.slice(upTo.lastIndexOf('\n') + 1),
    tags: tags.map(({ name }) => name),
    annotation: read && {
      kind: read.kind,
      signature: read.signature,
      architecture: read.architecture.value,
      abi: read.abi?.value,
      model: read.model,
    },
    tag: found && {
      name: found.name,
      inName: offset < found.span.end,
      start: found.span.start,
      before: upTo.slice(found.from),
    },
  };
}
