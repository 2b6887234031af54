/** The entry of the scanning thread, where large texts are read so that the extension host stays free. */
import { parentPort } from 'node:worker_threads';
import { findJitBlocks } from '../source/findJitBlocks.ts';
import {
  toPlain,
  type PlainBlock,
  type ScanAnswer,
  type ScanNext,
  type ScanQuestion,
} from './scanMessages.ts';

/** A part holds at most so many blocks or problems, and ends early after so many bytes of code. */
const partBounds = { blocks: 100, problems: 300, bytes: 20_000 } as const;

const answers = new Map<number, Iterator<ScanAnswer>>();

parentPort?.on('message', (message: ScanQuestion | ScanNext) => {
  if ('id' in message) answers.set(message.id, answer(message));
  const id = 'id' in message ? message.id : message.next;
  const part = answers.get(id)?.next();
  if (!part || part.done) return;
  if (part.value.last) answers.delete(id);
  parentPort?.postMessage(part.value);
});

function* answer({ id, text, languageId, options }: ScanQuestion): Generator<ScanAnswer> {
  const { blocks, problems, seams } = findJitBlocks(text, languageId, options);
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
  yield { id, blocks: pending, problems: [], seams, last: true };
}
