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
  | CheckOptions
  | DisasmOptions
  | TestOptions;

/** The commands that have a help of their own. */
const topics = ['run', 'test', 'check', 'disasm'] as const;

export type HelpTopic = 'all' | (typeof topics)[number];

/** What every command that reads files is told. */
export interface SourceOptions {
  /** Files, folders, and `-` for standard input, as given. */
  readonly paths: readonly string[];
  readonly json: boolean;
  /** VS Code's identifier of the language on standard input. */
  readonly language: string | undefined;
}

export interface RunOptions extends SourceOptions {
  readonly kind: 'run';
  /** The ceiling on each call, in milliseconds. */
  readonly timeoutMs: number;
}

export interface CheckOptions extends SourceOptions {
  readonly kind: 'check';
}

export interface DisasmOptions extends SourceOptions {
  readonly kind: 'disasm';
  readonly syntax: 'intel' | 'att';
}

/** Reads the arguments after the program's name. Throws a {@link UsageError}. */
export function readCommand(words: readonly string[]): Command {
  const [command, ...rest] = words;
  switch (command) {
    case undefined:
      throw new UsageError('a command is missing');
    case 'run':
      return readRun(rest);
    case 'check':
      return readCheck(rest);
    case 'disasm':
      return readDisasm(rest);
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
  const known = topics.find((name) => name === topic);
  if (known) return { kind: 'help', topic: known };
  throw new UsageError(`unknown command "${topic}"`);
}

const sourceTable = {
  '--json': flag,
  '--language': 'a language, such as "c"',
  '--help': flag,
  '-h': flag,
} as const satisfies OptionTable<string>;

/** Reads paths and the options of every command that reads files; `option` takes what is the command's own. Undefined: help. */
function readSource<Name extends string>(
  words: readonly string[],
  own: OptionTable<Name>,
  option: (name: Name, value: string) => void,
): SourceOptions | undefined {
  const paths: string[] = [];
  let json = false;
  let language: string | undefined;
  const table: OptionTable<string> = { ...sourceTable, ...own };
  for (const word of readWords(words, table)) {
    if (word.kind === 'path') paths.push(word.path);
    else if (word.name === '--language') language = word.value;
    else if (word.name === '--json') json = true;
    else if (word.name === '--help' || word.name === '-h') return undefined;
    else option(word.name as Name, word.value);
  }
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  checkPaths(paths, language);
  return { paths, json, language };
}

function readRun(words: readonly string[]): Command {
  let timeoutMs = defaultTimeoutMs;
  const source = readSource(words, { '--timeout': 'a number of milliseconds' }, (_name, value) => {
    timeoutMs = readTimeout(value);
  });
  return source ? { kind: 'run', ...source, timeoutMs } : { kind: 'help', topic: 'run' };
}

function readCheck(words: readonly string[]): Command {
  const source = readSource(words, {}, () => undefined);
  return source ? { kind: 'check', ...source } : { kind: 'help', topic: 'check' };
}

function readDisasm(words: readonly string[]): Command {
  let syntax: DisasmOptions['syntax'] = 'intel';
  const source = readSource(words, { '--syntax': '"intel" or "att"' }, (_name, value) => {
    if (value !== 'intel' && value !== 'att') {
      throw new UsageError(`--syntax needs "intel" or "att", not "${value}"`);
    }
    syntax = value;
  });
  return source ? { kind: 'disasm', ...source, syntax } : { kind: 'help', topic: 'disasm' };
}
