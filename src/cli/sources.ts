/** The texts of what the command line names. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { languageIdOfFile } from '../source/languages.ts';
import { decodeText, type DecodedText } from '../engine/decodeText.ts';
import { findPlaces, standardInput, unreadable, type Place, type Unreadable } from './places.ts';

/** A text to scan, or something that could not be read and why. `file` is the path as given. */
export type Source =
  | {
      readonly kind: 'text';
      readonly file: string;
      readonly languageId: string;
      readonly decoded: DecodedText;
    }
  | Unreadable;

/** The identifier of languages unknown to us, which are read by common comment signs. */
const unknownLanguage = 'plaintext';

/** At most so much is read of what was named, in bytes: a text must fit into a string. */
const maxTextBytes = 256 << 20;

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
