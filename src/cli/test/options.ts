/** What `jit-bytes test` is asked for. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
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
import { readFilter, readShard, type Filter, type Shard } from './selection.ts';

export interface TestOptions {
  readonly kind: 'test';
  /** Files, folders, glob patterns, and `-` for standard input, as given. */
  readonly paths: readonly string[];
  /** At least one. */
  readonly reporters: readonly ReporterChoice[];
  /** The ceiling on each call, in milliseconds. */
  readonly timeoutMs: number;
  /** VS Code's identifier of the language on standard input. */
  readonly language: string | undefined;
  readonly watch: boolean;
  /** Hosts that run calls side by side. */
  readonly jobs: number;
  readonly filter: Filter | undefined;
  readonly shard: Shard | undefined;
  readonly shuffle: boolean;
  /** The seed of the order; undefined for one by chance. */
  readonly seed: number | undefined;
  /** How often each test is run, unless it fails before. */
  readonly repeat: number;
  readonly failFast: boolean;
  /** Whether a test that cannot run here counts as failed. */
  readonly strict: boolean;
}

export const reporterNames = ['spec', 'tap', 'junit', 'json', 'github'] as const;
export type ReporterName = (typeof reporterNames)[number];

export interface ReporterChoice {
  readonly name: ReporterName;
  /** Where it writes; undefined for standard output. */
  readonly file: string | undefined;
}

/** The most hosts side by side where nothing is said: calls take microseconds, and each host is two processes. */
export const usualJobs = 4;
/** The most hosts that can be asked for. */
const maxJobs = 64;
/** The most runs of a test that can be asked for. */
const maxRepeat = 1_000_000;
/** Seeds are below this, so that they are short to type. */
export const seedLimit = 2 ** 32;

const table = {
  '--reporter': `a reporter: ${reporterNames.join(', ')}`,
  '--timeout': 'a number of milliseconds',
  '--language': 'a language, such as "c"',
  '--watch': flag,
  '--jobs': 'a number of hosts',
  '--filter': 'a text or a /regular expression/',
  '--shard': 'a part, such as "1/4"',
  '--shuffle': flag,
  '--seed': 'a number',
  '--repeat': 'a number of runs',
  '--fail-fast': flag,
  '--strict': flag,
  '--help': flag,
  '-h': flag,
} as const satisfies OptionTable<string>;

/** Reads the arguments after `test`; undefined where help is asked for. Throws a {@link UsageError}. */
export function readTest(words: readonly string[]): TestOptions | undefined {
  const paths: string[] = [];
  const reporters: ReporterChoice[] = [];
  const given: { -readonly [Key in keyof TestOptions]: TestOptions[Key] } = {
    kind: 'test',
    paths,
    reporters,
    timeoutMs: defaultTimeoutMs,
    language: undefined,
    watch: false,
    jobs: Math.min(usualJobs, availableParallelism()),
    filter: undefined,
    shard: undefined,
    shuffle: false,
    seed: undefined,
    repeat: 1,
    failFast: false,
    strict: false,
  };
  for (const word of readWords(words, table)) {
    if (word.kind === 'path') {
      paths.push(word.path);
      continue;
    }
    const { name, value } = word;
    switch (name) {
      case '--reporter':
        reporters.push(readReporter(value));
        break;
      case '--timeout':
        given.timeoutMs = readTimeout(value);
        break;
      case '--language':
        given.language = value;
        break;
      case '--watch':
        given.watch = true;
        break;
      case '--jobs':
        given.jobs = readCount(name, value, 1, maxJobs);
        break;
      case '--filter':
        given.filter = readFilter(value);
        break;
      case '--shard':
        given.shard = readShard(value);
        break;
      case '--shuffle':
        given.shuffle = true;
        break;
      case '--seed':
        given.seed = readCount(name, value, 0, seedLimit - 1);
        break;
      case '--repeat':
        given.repeat = readCount(name, value, 1, maxRepeat);
        break;
      case '--fail-fast':
        given.failFast = true;
        break;
      case '--strict':
        given.strict = true;
        break;
      case '--help':
      case '-h':
        return undefined;
    }
  }
  if (paths.length === 0) paths.push('.');
  if (reporters.length === 0) reporters.push({ name: 'spec', file: undefined });
  checkPaths(paths, given.language);
  check(given);
  return given;
}

/** `junit` or `junit=results.xml`. */
function readReporter(text: string): ReporterChoice {
  const sign = text.indexOf('=');
  const name = sign < 0 ? text : text.slice(0, sign);
  const file = sign < 0 ? undefined : text.slice(sign + 1);
  const known = reporterNames.find((one) => one === name);
  if (known === undefined) {
    throw new UsageError(`unknown reporter "${name}"; there are ${reporterNames.join(', ')}`);
  }
  if (file === '') throw new UsageError(`--reporter ${name}= needs a file`);
  return { name: known, file };
}

/** Reporters that write lines for people, which may stand between each other's. */
const speaking: ReadonlySet<ReporterName> = new Set(['spec', 'github']);

function check({ paths, reporters, watch, shuffle, seed }: TestOptions): void {
  const shown = reporters.filter(({ file }) => file === undefined).map(({ name }) => name);
  const document = shown.find((name) => !speaking.has(name));
  if (document !== undefined && shown.length > 1) {
    throw new UsageError(
      `standard output cannot be ${shown.join(' and ')}; write one to a file: --reporter ${document}=FILE`,
    );
  }
  const files = reporters.flatMap(({ file }) => file ?? []);
  const full = files.map((file) => path.resolve(file));
  const twice = files.find((_, index) => full.indexOf(full[index] ?? '') !== index);
  if (twice !== undefined) throw new UsageError(`two reporters write to ${twice}`);
  if (seed !== undefined && !shuffle) throw new UsageError('--seed is for --shuffle');
  if (!watch) return;
  if (paths.includes('-')) throw new UsageError('--watch cannot watch standard input (-)');
  if (document !== undefined) {
    throw new UsageError(`--watch writes many reports: --reporter ${document}=FILE`);
  }
}
