/** Which tests run, and in which order: `--filter`, `--shard`, `--shuffle`. */
import { createHash } from 'node:crypto';
import { readCount, UsageError } from '../words.ts';

/** Whether a test's name, `file > block > call`, is asked for. */
export type Filter = (name: string) => boolean;

/** The part `index` of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The most parts that can be asked for. */
const maxShards = 10_000;

/** Reads a text that names must contain, or `/expression/flags` that they must match. Throws a {@link UsageError}. */
export function readFilter(text: string): Filter {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (source === undefined) return (name) => name.includes(text);
  try {
    // A sticky or global expression would remember where it stopped in the name before.
    const expression = new RegExp(source, flags?.replace(/[gy]/g, ''));
    return (name) => expression.test(name);
  } catch (error) {
    throw new UsageError(`--filter: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Reads `K/N`. Throws a {@link UsageError}. */
export function readShard(text: string): Shard {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (part === undefined || parts === undefined) {
    throw new UsageError(`--shard needs a part, such as "1/4", not "${text}"`);
  }
  const count = readCount('--shard', parts, 1, maxShards);
  return { index: readCount('--shard', part, 1, count), count };
}

/**
 * The files of a part, in the order given. Files are dealt like cards in the order of their names, so that each is in
 * exactly one part, whatever the order in which they were named.
 */
export function inShard<T>(files: readonly T[], nameOf: (file: T) => string, shard: Shard): T[] {
  const sorted = [...files].sort((a, b) => compare(nameOf(a), nameOf(b)));
  const dealt = new Set(sorted.filter((_, index) => index % shard.count === shard.index - 1));
  return files.filter((file) => dealt.has(file));
}

/** Things in an order that depends on the seed and their names alone: the same on every machine. */
export function shuffled<T>(things: readonly T[], nameOf: (thing: T) => string, seed: number): T[] {
  return things
    .map((thing) => ({ thing, key: digest(`${seed}:${nameOf(thing)}`) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ thing }) => thing);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** By code units. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
