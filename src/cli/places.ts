/** What paths and patterns on the command line stand for, before anything is read. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findFiles, type FoundFile } from '../engine/findFiles.ts';
import { patternOf } from './pattern.ts';
import { systemMessage } from './output.ts';

/** Something to read, or something that could not be found. `file` is the path as given. */
export type Place = { readonly kind: 'place'; readonly file: string } | Unreadable;

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly file: string;
  readonly reason: string;
}

/** The name of standard input on the command line and in reports. */
export const standardInput = '-';

/**
 * Finds what files, folders, patterns and standard input stand for, in the order given, each thing once.
 * @param entering told of every folder before it is read, and of those of files that are named
 * @throws the signal's reason when it is aborted
 */
export async function* findPlaces(
  paths: readonly string[],
  signal: AbortSignal,
  entering: (folder: string) => void = () => undefined,
): AsyncGenerator<Place, void, undefined> {
  const isNew = newNames();
  for (const name of paths) {
    for await (const place of placesOf(name, signal, entering)) {
      if (isNew(place.file)) yield place;
    }
  }
}

async function* placesOf(
  name: string,
  signal: AbortSignal,
  entering: (folder: string) => void,
): AsyncGenerator<Place, void, undefined> {
  if (name === standardInput) {
    yield { kind: 'place', file: name };
    return;
  }
  const what = await kindOf(name);
  if (what === 'folder') {
    for await (const found of findFiles(name, signal, entering)) yield placeOf(found);
    return;
  }
  const pattern = what === 'missing' ? patternOf(name) : undefined;
  if (!pattern) {
    entering(path.dirname(name));
    yield { kind: 'place', file: name };
    return;
  }
  let matched = false;
  for await (const found of findFiles(pattern.folder, signal, entering)) {
    if (found.kind === 'file' && !pattern.matches(found.path)) continue;
    matched = true;
    yield placeOf(found);
  }
  if (!matched) yield unreadable(name, new Error('matches no file with an annotation'));
}

function placeOf(found: FoundFile): Place {
  if (found.kind === 'file') return { kind: 'place', file: found.path };
  return unreadable(found.path, found.error);
}

/** A path that could not be read, with the system's words. */
export function unreadable(file: string, error: unknown): Unreadable {
  return { kind: 'unreadable', file, reason: systemMessage(error) };
}

/** Tells names of things from names of what was named before, also in another spelling. */
function newNames(): (name: string) => boolean {
  const seen = new Set<string>();
  return (name) => {
    const full = name === standardInput ? name : path.resolve(name);
    return !seen.has(full) && seen.add(full) !== undefined;
  };
}

/** Whatever is wrong with a path that is there is told when it is read. */
async function kindOf(name: string): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(name)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}
