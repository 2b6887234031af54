/** The texts that paths on the command line stand for. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { findFiles } from '../engine/findFiles.ts';
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

/**
 * Reads files, folders and standard input in the order given, each thing once.
 * @param language the identifier of the language on standard input
 * @throws the signal's reason when it is aborted
 */
export async function* readSources(
  paths: readonly string[],
  language: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Source, void, undefined> {
  const seen = new Set<string>();
  const isNew = (name: string): boolean => {
    const full = name === standardInput ? name : path.resolve(name);
    return !seen.has(full) && seen.add(full) !== undefined;
  };
  for (const name of paths) {
    if (name === standardInput) {
      if (!isNew(name)) continue;
      yield await readSource(name, language ?? unknownLanguage, process.stdin, signal);
    } else if (await isFolder(name)) {
      for await (const found of findFiles(name, signal)) {
        if (!isNew(found.path)) continue;
        if (found.kind === 'file') yield await readFileSource(found.path, signal);
        else yield unreadable(found.path, found.error);
      }
    } else if (isNew(name)) {
      yield await readFileSource(name, signal);
    }
  }
}

/** Whatever is wrong with a path is told when it is read. */
async function isFolder(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory();
  } catch {
    return false;
  }
}

function readFileSource(file: string, signal: AbortSignal): Promise<Source> {
  const languageId = languageIdOfFile(file) ?? unknownLanguage;
  return readSource(file, languageId, createReadStream(file), signal);
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

function unreadable(file: string, error: unknown): Source {
  return { kind: 'unreadable', file, reason: systemMessage(error) };
}
