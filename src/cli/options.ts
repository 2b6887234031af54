/** What the command line asks for. */
import { type AsmOptions, readAsm } from './asmOptions.ts';
import { sandboxes, type Sandbox } from '../jit/protection.ts';
import { readBench, type BenchOptions } from './bench/options.ts';
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
  | AsmOptions
  | DoctorOptions
  | BenchOptions
  | TestOptions;

/** The commands that have a help of their own. */
const topics = ['run', 'test', 'check', 'disasm', 'asm', 'bench', 'doctor'] as const;

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
  /** What the bytes may do. Only the command line says so, never a file or the environment. */
  readonly sandbox: Sandbox;
  /** Whether a crash is told with registers and instructions. */
  readonly verbose: boolean;
}

export interface DoctorOptions {
  readonly kind: 'doctor';
  readonly json: boolean;
}

export interface CheckOptions extends SourceOptions {
  readonly kind: 'check';
  /** Whether a warning about bytes fails the check, as a wrong comment does. */
  readonly strict: boolean;
  /** Whether comments that say something else are rewritten. */
  readonly fix: boolean;
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
    case 'asm':
      return readAsm(rest) ?? { kind: 'help', topic: 'asm' };
    case 'test':
      return readTest(rest) ?? { kind: 'help', topic: 'test' };
    case 'bench':
      return readBench(rest) ?? { kind: 'help', topic: 'bench' };
    case 'doctor':
      return readDoctor(rest);
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
  let sandbox: Sandbox = 'strict';
  let verbose = false;
  const own = {
    '--timeout': 'a number of milliseconds',
    '--sandbox': '"strict", "output" or "off"',
    '--verbose': flag,
  } as const;
  const source = readSource(words, own, (name, value) => {
    if (name === '--timeout') timeoutMs = readTimeout(value);
    else if (name === '--sandbox') sandbox = readSandbox(value);
    else verbose = true;
  });
  if (!source) return { kind: 'help', topic: 'run' };
  return { kind: 'run', ...source, timeoutMs, sandbox, verbose };
}

function readSandbox(text: string): Sandbox {
  const found = sandboxes.find((name) => name === text);
  if (found) return found;
  throw new UsageError(`--sandbox needs "strict", "output" or "off", not "${text}"`);
}

function readDoctor(words: readonly string[]): Command {
  let json = false;
  for (const word of readWords(words, { '--json': flag, '--help': flag, '-h': flag } as const)) {
    if (word.kind === 'path') throw new UsageError(`doctor takes no "${word.path}"`);
    if (word.name !== '--json') return { kind: 'help', topic: 'doctor' };
    json = true;
  }
  return { kind: 'doctor', json };
}

function readCheck(words: readonly string[]): Command {
  let strict = false;
  let fix = false;
  const source = readSource(words, { '--fix': flag, '--strict': flag } as const, (name) => {
    if (name === '--fix') fix = true;
    else strict = true;
  });
  if (!source) return { kind: 'help', topic: 'check' };
  if (fix && source.paths.includes('-')) throw new UsageError('--fix is for files, not for -');
  return { kind: 'check', ...source, strict, fix };
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
