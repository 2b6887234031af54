/** What `jit-bytes bench` is told. */
import { defaultBenchMs } from '../../engine/bench/benchBlocks.ts';
import { readFilter, type Filter } from '../test/selection.ts';
import {
  checkPaths,
  defaultTimeoutMs,
  flag,
  readCount,
  readTimeout,
  readWords,
  UsageError,
  type OptionTable,
} from '../words.ts';

export interface BenchOptions {
  readonly kind: 'bench';
  /** Files, folders, patterns, and `-` for standard input, as given. */
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly language: string | undefined;
  /** Whether a block is measured, by `FILE > BLOCK`; undefined for those with `@bench`. */
  readonly filter: Filter | undefined;
  /** Whether blocks are measured that have no `@bench`. */
  readonly all: boolean;
  /** Milliseconds for each call, about. */
  readonly timeMs: number;
  /** The ceiling on each request, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether everything is told that is known. */
  readonly verbose: boolean;
  /** The file that takes the results, and the one with results to compare with. */
  readonly save: string | undefined;
  readonly compare: string | undefined;
}

/** Bounds of `--time`, in milliseconds. */
export const benchTime = { least: 20, most: 60_000 } as const;

const table = {
  '--json': flag,
  '--language': 'a language, such as "c"',
  '--filter': 'a text or a /regular expression/',
  '--all': flag,
  '--time': 'a number of milliseconds',
  '--timeout': 'a number of milliseconds',
  '--verbose': flag,
  '--save': 'a file',
  '--compare': 'a file',
  '--help': flag,
  '-h': flag,
} as const satisfies OptionTable<string>;

/** Reads the arguments after `bench`; undefined where help is asked for. Throws a {@link UsageError}. */
export function readBench(words: readonly string[]): BenchOptions | undefined {
  const paths: string[] = [];
  const given: { -readonly [Key in keyof BenchOptions]: BenchOptions[Key] } = {
    kind: 'bench',
    paths,
    json: false,
    language: undefined,
    filter: undefined,
    all: false,
    timeMs: defaultBenchMs,
    timeoutMs: defaultTimeoutMs,
    verbose: false,
    save: undefined,
    compare: undefined,
  };
  for (const word of readWords(words, table)) {
    if (word.kind === 'path') {
      paths.push(word.path);
      continue;
    }
    const { name, value } = word;
    switch (name) {
      case '--json':
        given.json = true;
        break;
      case '--language':
        given.language = value;
        break;
      case '--filter':
        given.filter = readFilter(value);
        break;
      case '--all':
        given.all = true;
        break;
      case '--time':
        given.timeMs = readCount(name, value, benchTime.least, benchTime.most);
        break;
      case '--timeout':
        given.timeoutMs = readTimeout(value);
        break;
      case '--verbose':
        given.verbose = true;
        break;
      case '--save':
        given.save = value;
        break;
      case '--compare':
        given.compare = value;
        break;
      case '--help':
      case '-h':
        return undefined;
    }
  }
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  checkPaths(paths, given.language);
  return given;
}
