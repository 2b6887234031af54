/** What the command line asks for. */

export type Command =
  { readonly kind: 'help'; readonly topic: HelpTopic } | { readonly kind: 'version' } | RunOptions;

export type HelpTopic = 'all' | 'run';

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
      return readRun(rest);
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
  if (topic === 'run') return { kind: 'help', topic };
  throw new UsageError(`unknown command "${topic}"`);
}

function readRun(words: readonly string[]): Command {
  const paths: string[] = [];
  let json = false;
  let timeoutMs = defaultTimeoutMs;
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
    switch (name) {
      case '--timeout':
        timeoutMs = readTimeout(needed('a number of milliseconds'));
        continue;
      case '--language':
        language = needed('a language, such as "c"');
        continue;
      case '--json':
      case '--help':
      case '-h':
        if (value !== undefined) throw new UsageError(`${name} takes no value`);
        if (name !== '--json') return { kind: 'help', topic: 'run' };
        json = true;
        continue;
      default:
        throw new UsageError(`unknown option "${name}"`);
    }
  }
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  if (paths.includes('')) throw new UsageError('a path is empty');
  if (language !== undefined && !paths.includes('-')) {
    throw new UsageError('--language is for standard input (-)');
  }
  return { kind: 'run', paths, json, timeoutMs, language };
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
