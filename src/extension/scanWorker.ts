/** The entry of the scanning thread, where large texts and files are read so that the extension host stays free. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { decodeText } from '../engine/decodeText.ts';
import { findFilesAt } from '../engine/findFiles.ts';
import { globExpression } from '../engine/glob.ts';
import type { ScanResult } from '../model/block.ts';
import { anyTag, findJitBlocks } from '../source/findJitBlocks.ts';
import {
  toPlain,
  type FileAnswer,
  type FileQuestion,
  type FindAnswer,
  type FindQuestion,
  type PlainBlock,
  type ScanAnswer,
  type ScanNext,
  type ScanQuestion,
} from './scanMessages.ts';

/** A part holds at most so many blocks, problems or files, and ends early after so many bytes of code. */
const partBounds = { blocks: 100, problems: 300, bytes: 20_000, files: 100 } as const;

/** Milliseconds after which a part with fewer files is told. */
const longestSearchMs = 100;

type Question = ScanQuestion | FileQuestion | FindQuestion;
type Answer = ScanAnswer | FileAnswer | FindAnswer;

const answers = new Map<number, AsyncIterator<Answer>>();

parentPort?.on('message', (message: Question | ScanNext) => {
  if ('id' in message) answers.set(message.id, answer(message));
  // What fails here ends the thread, and its end is told to who asked.
  void tell('id' in message ? message.id : message.next);
});

async function tell(id: number): Promise<void> {
  const part = await answers.get(id)?.next();
  if (!part || part.done) return;
  if (part.value.last) answers.delete(id);
  parentPort?.postMessage(part.value);
}

function answer(question: Question): AsyncIterator<Answer> {
  if ('text' in question) return scan(question);
  return 'file' in question ? scanFile(question) : find(question);
}

async function* scan({ id, text, languageId, options }: ScanQuestion): AsyncGenerator<ScanAnswer> {
  const found = findJitBlocks(text, languageId, options);
  const pending = yield* partsOf(id, found);
  yield { id, blocks: pending, problems: [], seams: found.seams, last: true };
}

async function* scanFile(question: FileQuestion): AsyncGenerator<ScanAnswer | FileAnswer> {
  const { id, file, languageId, options } = question;
  const text = await textOf(file);
  if (text === undefined) {
    yield { id, blocks: [], problems: [], seams: [], last: true, lineStarts: undefined };
    return;
  }
  // What stands in a document that is merely open may be long, and of no interest.
  const found = findJitBlocks(anyTag.test(text) ? text : '', languageId, options);
  const blocks = yield* partsOf(id, found);
  const { seams, lines } = found;
  yield { id, blocks, problems: [], seams, last: true, lineStarts: lines.starts };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return decodeText(await readFile(file)).text;
  } catch {
    // It was deleted since it was found, or cannot be read: either way there is nothing to run in it.
    return undefined;
  }
}

/** Yields all parts but the last, whose blocks it returns. */
function* partsOf(
  id: number,
  { blocks, problems }: ScanResult,
): Generator<ScanAnswer, PlainBlock[], undefined> {
  let pending: PlainBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    pending.push(toPlain(block));
    bytes += block.bytes.length;
    if (pending.length < partBounds.blocks && bytes < partBounds.bytes) continue;
    yield { id, blocks: pending, problems: [], seams: [], last: false };
    pending = [];
    bytes = 0;
  }
  for (let from = 0; from < problems.length; from += partBounds.problems) {
    yield {
      id,
      blocks: [],
      problems: problems.slice(from, from + partBounds.problems),
      seams: [],
      last: false,
    };
  }
  return pending;
}

async function* find({ id, folder, place, exclude }: FindQuestion): AsyncGenerator<FindAnswer> {
  const patterns = exclude.map(globExpression);
  const excluded = (found: string): boolean => {
    const relative = path.relative(folder, found).split(path.sep).join('/');
    return patterns.some((pattern) => pattern.test(relative));
  };
  let files: string[] = [];
  let told = performance.now();
  // Ends with the thread: nobody asks for what he does not want any more.
  const { signal } = new AbortController();
  for await (const found of findFilesAt(folder, place, signal, excluded)) {
    if (found.kind === 'file') files.push(found.path);
    const isLong = files.length > 0 && performance.now() - told > longestSearchMs;
    if (files.length < partBounds.files && !isLong) continue;
    yield { id, files, last: false };
    files = [];
    told = performance.now();
  }
  yield { id, files, last: true };
}
