/** The entry of the scanning thread, where large texts are read so that the extension host stays free. */
import { parentPort } from 'node:worker_threads';
import { findJitBlocks } from '../source/findJitBlocks.ts';
import { toPlain, type PlainBlock, type ScanAnswer, type ScanQuestion } from './scanMessages.ts';

/** A message holds at most so many blocks or problems, and ends early after so many bytes of code. */
const messageBounds = { blocks: 200, problems: 500, bytes: 50_000 } as const;

const port = parentPort;

port?.on('message', (question: ScanQuestion) => {
  const { id, text, languageId, options } = question;
  const { blocks, problems } = findJitBlocks(text, languageId, options);
  const answer = (part: Omit<ScanAnswer, 'id'>): void => port.postMessage({ id, ...part });
  let pending: PlainBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    pending.push(toPlain(block));
    bytes += block.bytes.length;
    if (pending.length < messageBounds.blocks && bytes < messageBounds.bytes) continue;
    answer({ blocks: pending, problems: [], last: false });
    pending = [];
    bytes = 0;
  }
  for (let from = messageBounds.problems; from < problems.length; from += messageBounds.problems) {
    const part = problems.slice(from, from + messageBounds.problems);
    answer({ blocks: [], problems: part, last: false });
  }
  answer({ blocks: pending, problems: problems.slice(0, messageBounds.problems), last: true });
});
