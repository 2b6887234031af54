/** Random bytes through the disassemblers and random comments through their check: nothing throws, memory stays flat. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { disassembler } from '../../src/asm/disassembler.ts';
import { checkComments } from '../../src/engine/commentCheck/checkComments.ts';
import { codeWarnings } from '../../src/engine/codeWarnings.ts';
import { machineOf } from '../../src/engine/plan.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';
import { bareBlock } from '../engine/bareBlock.ts';
import { randomFrom } from '../randomNumbers.ts';
import { mostBytes, samplesFrom } from './randomBytes.ts';
import { commentedText } from './randomComments.ts';
import { readBytes } from './readBytes.ts';
import { webAssemblyBytes } from './webAssemblyMemory.ts';

export interface ReadingCounts {
  readonly strings: number;
  readonly comments: number;
  readonly seed: number;
}

/** What memory was in use, in bytes. */
export interface MemoryUse {
  readonly rss: number;
  readonly heap: number;
  readonly webAssembly: number;
}

export interface ReadingFigures {
  readonly strings: number;
  readonly instructions: number;
  readonly comments: number;
  readonly mismatches: number;
  /** About bytes of one string in {@link warnedEvery}. */
  readonly warnings: number;
  /** Milliseconds of processor time of the slowest string and of the slowest block of comments. */
  readonly slowestString: number;
  readonly slowestBlock: number;
  readonly warm: MemoryUse;
  readonly end: MemoryUse;
}

/** Milliseconds of processor time that this process has had: a busy machine does not change it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Of so many byte strings one is looked at as a function that might be wrong. */
const warnedEvery = 8;

/** The part of all work after which memory is measured for the first time. */
const warmAfter = 0.2;

let collect: (() => void) | undefined;

function memoryUse(): MemoryUse {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    const made: unknown = runInNewContext('gc');
    collect = () => {
      if (typeof made === 'function') made();
    };
  }
  collect();
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed, webAssembly: webAssemblyBytes() };
}

/** Reads so much. Throws an error that names what threw, with its cause. */
export async function fuzzReading(
  counts: ReadingCounts,
  log: (line: string) => void = () => undefined,
): Promise<ReadingFigures> {
  const machine = machineOf('linux', 'x64');
  const random = randomFrom(counts.seed);
  const next = samplesFrom(random);
  const figures = { strings: 0, instructions: 0, comments: 0, mismatches: 0, warnings: 0 };
  let slowestString = 0;
  let slowestBlock = 0;
  let warm: MemoryUse | undefined;
  // The longest string once for each back end, so that their memory has its size.
  for (const architecture of ['x86_64', 'aarch64'] as const) {
    (await disassembler(architecture)).decode(new Uint8Array(mostBytes));
  }
  while (figures.strings < counts.strings || figures.comments < counts.comments) {
    const done = figures.strings + figures.comments;
    if (!warm && done >= warmAfter * (counts.strings + counts.comments)) warm = memoryUse();
    const sample = next();
    const decoder = await disassembler(sample.architecture);
    const isTime = figures.comments * counts.strings < figures.strings * counts.comments;
    const started = processorMs();
    if (isTime && sample.bytes.length > 0) {
      const { text, comments } = commentedText(decoder, sample, random);
      try {
        const { blocks, lines } = findJitBlocks(text, 'c', {});
        for (const block of blocks) {
          figures.mismatches += checkComments(block, text, lines, decoder).length;
        }
      } catch (cause) {
        throw new Error(`seed ${counts.seed}: ${JSON.stringify(text)}`, { cause });
      }
      figures.comments += comments;
      slowestBlock = Math.max(slowestBlock, processorMs() - started);
      continue;
    }
    try {
      figures.instructions += readBytes(decoder, sample.bytes, random);
      if (random(warnedEvery) === 0) {
        const block = bareBlock(sample.architecture, sample.bytes);
        figures.warnings += codeWarnings(block, decoder, { machine }).length;
      }
    } catch (cause) {
      const hex = Buffer.from(sample.bytes).toString('hex');
      throw new Error(`seed ${counts.seed}: ${sample.architecture} ${hex}`, { cause });
    }
    slowestString = Math.max(slowestString, processorMs() - started);
    if (++figures.strings % 100_000 === 0)
      log(`${figures.strings} strings, ${figures.comments} comments`);
  }
  const end = memoryUse();
  return { ...figures, slowestString, slowestBlock, warm: warm ?? end, end };
}
