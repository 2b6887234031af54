/** The bytes that an edit is about: those of the annotation at a place, or of the literal around it. */
import * as vscode from 'vscode';
import type { JitBlock } from '../model/block.ts';
import type { Reading } from '../engine/rewrite/readAgain.ts';
import { byteLiteralAt, readLiteral } from './byteLiteralAtCursor.ts';
import { languageIdOf } from './documents.ts';
import { blockAround } from './blockAtPlace.ts';
import { optionsOf, type ScanCache } from './scanCache.ts';

export interface BytesToEdit {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly text: string;
  readonly block: JitBlock;
  readonly isAnnotated: boolean;
  /** How the text is read again after the edit. */
  readonly reading: Reading;
}

/** The bytes at a place of a document, or undefined where there are none that can be read. */
export async function bytesToEdit(
  scans: ScanCache,
  document: vscode.TextDocument,
  place: number,
): Promise<BytesToEdit | undefined> {
  const { version, text, ...scan } = await scans.current(document);
  const languageId = languageIdOf(document);
  const options = optionsOf(document);
  const annotated = blockAround({ version, text, ...scan }, place);
  if (annotated) {
    const reading = { languageId, scan: options };
    return { document, version, text, block: annotated, isAnnotated: true, reading };
  }
  const literalAt = (whole: string, at: number): JitBlock | undefined => {
    const literal = byteLiteralAt(whole, languageId, { start: at, end: at }, options);
    return literal && readLiteral(literal, '() -> i64', '()', options).block;
  };
  const block = literalAt(text, place);
  return (
    block && {
      document,
      version,
      text,
      block,
      isAnnotated: false,
      reading: { languageId, scan: options, literalAt },
    }
  );
}
