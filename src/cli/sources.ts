/** The texts that paths on the command line stand for. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { findFiles, type FoundFile } from '../engine/findFiles.ts';
import { languageIdOfFile } from '../source/languages.ts';
import { decodeText, type DecodedText } from './decodeText.ts';
import { systemMessage } from './output.ts';

/** A text to scan, or something that could not be read and why. `file` is the path as given. */
export type Source =
  | {
      readonly kind: 'text';
      readonly file: string;
      readonly languageId: string;
      readonly decoded: DecodedText;
    }
  | { readonly kind: 'unreadable'; readonly file: string; readonly reason: string };

/** The name of standard input on the command line and in reports. */
export const standardInput = '-';

/** The identifier of languages unknown to us, which are read by common comment signs. */
const unknownLanguage = 'plaintext';

/** At most so much is read of what was named, in bytes: a text must fit into a string. */
const maxTextBytes = 256 << 20;

/** Something to read, not read yet, or something that could not be found and why. */
export type Place =
  { readonly kind: 'place'; readonly file: string } | (Source & { readonly kind: 'unreadable' });

/**
 * Finds what files, folders and standard input stand for, in the order given, each thing once.
 * @throws the signal's reason when it is aborted
 */
export async function* findPlaces(
  paths: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Place, void, undefined> {
  const isNew = newNames();
  for (const name of paths) {
    if (name === standardInput || !(await isFolder(name))) {
      if (isNew(name)) yield { kind: 'place', file: name };
      continue;
    }
    for await (const found of findFiles(name, signal)) {
      if (isNew(found.path)) yield placeOf(found);
    }
  }
}

/** What the finder of files found. */
export function placeOf(found: FoundFile): Place {
  if (found.kind === 'file') return { kind: 'place', file: found.path };
  return unreadable(found.path, found.error);
}

/** Tells names of things from names of things that were named before, also in another way. */
export function newNames(): (name: string) => boolean {
  const seen = new Set<string>();
  return (name) => {
    const full = name === standardInput ? name : path.resolve(name);
    return !seen.has(full) && seen.add(full) !== undefined;
  };
}

/**
 * Reads a place.
 * @param language the identifier of the language on standard input
 * @throws the signal's reason when it is aborted
 */
export async function readPlace(
  place: Place,
  language: string | undefined,
  signal: AbortSignal,
): Promise<Source> {
  if (place.kind === 'unreadable') return place;
  const { file } = place;
  if (file === standardInput) {
    return readSource(file, language ?? unknownLanguage, process.stdin, signal);
  }
  const languageId = languageIdOfFile(file) ?? unknownLanguage;
  return readSource(file, languageId, createReadStream(file), signal);
}

/** Reads all that {@link findPlaces} finds, one after another. */
export async function* readSources(
  paths: readonly string[],
  language: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Source, void, undefined> {
  for await (const place of findPlaces(paths, signal)) {
    yield await readPlace(place, language, signal);
  }
}

/** Whatever is wrong with a path is told when it is read. */
export async function isFolder(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory();
  } catch {
    return false;
  }
}

async function readSource(
  file: string,
  languageId: string,
  stream: Readable,
  signal: AbortSignal,
): Promise<Source> {
  const stop = (): void => void stream.destroy(new Error('interrupted'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    const bytes = await readAll(stream);
    return { kind: 'text', file, languageId, decoded: decodeText(bytes) };
  } catch (error) {
    signal.throwIfAborted();
    return unreadable(file, error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the stream gives no bytes');
    length += chunk.length;
    if (length > maxTextBytes) throw new Error(`larger than ${maxTextBytes >> 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** A path that could not be read, with the system's words. */
export function unreadable(file: string, error: unknown): Source & { readonly kind: 'unreadable' } {
  return { kind: 'unreadable', file, reason: systemMessage(error) };
}
