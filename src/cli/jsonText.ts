/** What the JSON documents of all commands have in common. */
import { escapeJson } from '../engine/escape.ts';
import type { Range } from '../model/text.ts';
import type { FileProblem } from './report.ts';

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON in one line, plain for a terminal too. */
export function textOf(value: Json): string {
  return escapeJson(JSON.stringify(value));
}

/** A problem with its place. */
export function problemJson({ range, severity, code, message }: FileProblem): Json {
  return { ...rangeJson(range), severity, code, message };
}

/** A place: lines and columns 1-based, the end exclusive. */
export function rangeJson(range: Range | undefined) {
  return {
    line: range ? range.start.line + 1 : null,
    column: range ? range.start.column + 1 : null,
    endLine: range ? range.end.line + 1 : null,
    endColumn: range ? range.end.column + 1 : null,
  };
}

/** Bytes as two digits each, in their order. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
