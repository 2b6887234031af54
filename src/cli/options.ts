/** What the command line asks for. */
import { readTest, type TestOptions } from './test/options.ts';
import {
  checkPaths,
  defaultTimeoutMs,
  flag,
  readTimeout,
  readWords,
  UsageError,
  type OptionTable,
} from './words.ts';

export type Command =
  | { readonly kind: 'help'; readonly topic: HelpTopic }
  | { readonly kind: 'version' }
  | RunOptions
  | TestOptions;

/** The commands that have a help of their own, and the help on all. */
export type HelpTopic = 'all' | 'run' | 'test';

export interface RunOptions {
  readonly kind: 'run';
  /** Files, folders, and `-` for standard input, as given. */
  readonly paths: readonly string[];
  readonly json: boolean;
  /** The ceiling on each call, in milliseconds. */
  readonly timeoutMs: number;
  /** VS Code's identifier of the language on standard input. */
  readonly language: string | undefined;
}

/** Reads the arguments after the program's name. Throws a {@link UsageError}. */
export function readCommand(words: readonly string[]): Command {
  const [command, ...rest] = words;
  switch (command) {
    case undefined:
      throw new UsageError('a command is missing');
    case 'run':
      return readRun(rest);
    case 'test':
      return readTest(rest) ?? { kind: 'help', topic: 'test' };
    case '-h':
    case '--help':
      return { kind: 'help', topic: 'all' };
    case 'help':
      return readHelp(rest);
    case '-V':
    case '--version':
    case 'version':
      return { kind: 'version' };
    default:
      throw new UsageError(
        command.startsWith('-') ? `unknown option "${command}"` : `unknown command "${command}"`,
      );
  }
}

function readHelp(words: readonly string[]): Command {
  const [topic] = words;
  if (topic === undefined) return { kind: 'help', topic: 'all' };
  if (topic === 'run' || topic === 'test') return { kind: 'help', topic };
  throw new UsageError(`unknown command "${topic}"`);
}

const runTable = {
  '--json': flag,
  '--timeout': 'a number of milliseconds',
  '--language': 'a language, such as "c"',
  '--help': flag,
  '-h': flag,
} as const satisfies OptionTable<string>;

function readRun(words: readonly string[]): Command {
  const paths: string[] = [];
  let json = false;
  let timeoutMs = defaultTimeoutMs;
  let language: string | undefined;
  for (const word of readWords(words, runTable)) {
    if (word.kind === 'path') {
      paths.push(word.path);
      continue;
    }
    switch (word.name) {
      case '--timeout':
        timeoutMs = readTimeout(word.value);
        break;
      case '--language':
        language = word.value;
        break;
      case '--json':
        json = true;
        break;
      case '--help':
      case '-h':
        return { kind: 'help', topic: 'run' };
    }
  }
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  checkPaths(paths, language);
  return { kind: 'run', paths, json, timeoutMs, language };
}
