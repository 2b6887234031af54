/** Looking at one place of a document quickly, however long the document is. */
import * as vscode from 'vscode';
import { isOnlyComment } from '../engine/onlyComment.ts';
import { placeInComment, type CallShape, type CommentPlace } from '../source/annotationPlace.ts';
import { isMarkdown } from '../source/markdown.ts';
import { languageIdOf } from './documents.ts';
import { optionsOf, type ScanCache } from './scanCache.ts';

/** A document with at most so many lines is read from its start. */
const fewLines = 1500;

/** Of a longer one so many lines around the place are read. */
const linesBefore = 400;
const linesAfter = 100;

/** More UTF-16 code units than this are not read for one place: there is a very long line. */
const longestPart = 400_000;

/** A comment of calls after the bytes begins within so many UTF-16 code units. */
const farthestAfter = 400;

/** A place of a document, in its comment. */
export interface DocumentPlace extends CommentPlace {
  /** The offset in the document of offset 0 of the place's text. */
  readonly from: number;
}

/**
 * The place in its comment, or undefined where it is in none with an `@`. Of a long document only the part around is
 * read; if that begins in the middle of a string or comment, the answer may be wrong.
 */
export function placeAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): DocumentPlace | undefined {
  const languageId = languageIdOf(document);
  const whole = document.lineCount <= fewLines || isMarkdown(languageId);
  const first = whole ? 0 : Math.max(0, position.line - linesBefore);
  const last = whole ? document.lineCount : position.line + linesAfter;
  const start = new vscode.Position(first, 0);
  const text = document.getText(new vscode.Range(start, new vscode.Position(last, 0)));
  if (text.length > longestPart) return undefined;
  const from = document.offsetAt(start);
  const offset = document.offsetAt(position) - from;
  const place = placeInComment(text, offset, languageId, optionsOf(document));
  return place && { ...place, from };
}

/** The block that a comment without `@jit` belongs to: it stands in its bytes, or right after them. */
export function shapeAround(
  scans: ScanCache,
  document: vscode.TextDocument,
  position: vscode.Position,
): CallShape | undefined {
  const place = document.offsetAt(position);
  const scan = scans.now(document);
  return scan?.blocks.findLast(({ literal: { start, end } }) => {
    if (start > place || place - end > farthestAfter) return false;
    return place <= end || isOnlyComment(scan.text.slice(end, place));
  });
}
