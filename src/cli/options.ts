/** What the command line asks for. */
import { sandboxes, type Sandbox } from '../jit/protection.ts';

export type Command =
  | { readonly kind: 'help'; readonly topic: HelpTopic }
  | { readonly kind: 'version' }
  | RunOptions
  | CheckOptions
  | DisasmOptions
  | DoctorOptions;

/** Commands that have a help text of their own. */
const topics = ['run', 'check', 'disasm', 'doctor'] as const;

export type HelpTopic = 'all' | (typeof topics)[number];

type SourceCommand = Exclude<(typeof topics)[number], 'doctor'>;

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
}

export interface DisasmOptions extends SourceOptions {
  readonly kind: 'disasm';
  readonly syntax: 'intel' | 'att';
}

/** The command line cannot be understood. The message is for its author. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Milliseconds that a call may take where nothing is said. */
export const defaultTimeoutMs = 1000;
/** The most that can be asked for, in milliseconds. */
export const maxTimeoutMs = 60_000;

/** Reads the arguments after the program's name. Throws a {@link UsageError}. */
export function readCommand(words: readonly string[]): Command {
  const [command, ...rest] = words;
  switch (command) {
    case undefined:
      throw new UsageError('a command is missing');
    case 'run':
    case 'check':
    case 'disasm':
      return readSourceCommand(command, rest);
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

/** Reads the words after a command that is given paths. */
function readSourceCommand(kind: SourceCommand, words: readonly string[]): Command {
  const paths: string[] = [];
  let json = false;
  let timeoutMs = defaultTimeoutMs;
  let sandbox: Sandbox = 'strict';
  let verbose = false;
  let syntax: DisasmOptions['syntax'] = 'intel';
  let language: string | undefined;
  const rest = words.values();
  for (const word of rest) {
    if (word === '--') {
      paths.push(...rest);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      paths.push(word);
      continue;
    }
    const { name, value } = splitOption(word);
    const needed = (what: string): string => {
      const given = value ?? rest.next().value;
      if (given === undefined || given === '') throw new UsageError(`${name} needs ${what}`);
      return given;
    };
    const plain = (): void => {
      if (value !== undefined) throw new UsageError(`${name} takes no value`);
    };
    if (name === '--timeout' && kind === 'run') {
      timeoutMs = readTimeout(needed('a number of milliseconds'));
    } else if (name === '--sandbox' && kind === 'run') {
      sandbox = readSandbox(needed('"strict", "output" or "off"'));
    } else if (name === '--verbose' && kind === 'run') {
      plain();
      verbose = true;
    } else if (name === '--syntax' && kind === 'disasm') {
      syntax = readSyntax(needed('"intel" or "att"'));
    } else if (name === '--language') {
      language = needed('a language, such as "c"');
    } else if (name === '--json') {
      plain();
      json = true;
    } else if (name === '--help' || name === '-h') {
      plain();
      return { kind: 'help', topic: kind };
    } else {
      throw new UsageError(`unknown option "${name}"`);
    }
  }
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  if (paths.includes('')) throw new UsageError('a path is empty');
  if (language !== undefined && !paths.includes('-')) {
    throw new UsageError('--language is for standard input (-)');
  }
  const source = { paths, json, language };
  switch (kind) {
    case 'run':
      return { kind, ...source, timeoutMs, sandbox, verbose };
    case 'check':
      return { kind, ...source };
    case 'disasm':
      return { kind, ...source, syntax };
  }
}

function readDoctor(words: readonly string[]): Command {
  let json = false;
  for (const word of words) {
    if (word === '--help' || word === '-h') return { kind: 'help', topic: 'doctor' };
    if (word !== '--json') {
      const what = word.startsWith('-') ? 'unknown option' : 'doctor takes no';
      throw new UsageError(`${what} "${word}"`);
    }
    json = true;
  }
  return { kind: 'doctor', json };
}

function readSandbox(text: string): Sandbox {
  const found = sandboxes.find((name) => name === text);
  if (found) return found;
  throw new UsageError(`--sandbox needs "strict", "output" or "off", not "${text}"`);
}

function readSyntax(text: string): DisasmOptions['syntax'] {
  if (text === 'intel' || text === 'att') return text;
  throw new UsageError(`--syntax needs "intel" or "att", not "${text}"`);
}

/** `--name=value` in its two parts. */
function splitOption(word: string): { readonly name: string; readonly value: string | undefined } {
  const sign = word.indexOf('=');
  if (sign < 0) return { name: word, value: undefined };
  return { name: word.slice(0, sign), value: word.slice(sign + 1) };
}

function readTimeout(text: string): number {
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (ms > 0 && ms <= maxTimeoutMs) return ms;
  throw new UsageError(
    `--timeout needs a number of milliseconds above 0 and up to ${maxTimeoutMs}, not "${text}"`,
  );
}
