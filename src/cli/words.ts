/** The words of a command line as paths and options. */

/** The command line cannot be understood. The message is for its author. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of a command: a flag, or what the value is, for the message where it is missing. */
export type OptionTable<Name extends string> = Readonly<Record<Name, Flag | string>>;

/** Marks an option that takes no value. */
export const flag = Symbol('flag');
type Flag = typeof flag;

/** One thing on the command line. A flag's value is the empty text. */
export type Word<Name extends string> =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'option'; readonly name: Name; readonly value: string };

/**
 * Yields paths and options in their order: `--name value`, `--name=value`, `-` as a path, and nothing but paths after
 * `--`. Throws a {@link UsageError} at the first word that the table does not describe.
 */
export function* readWords<Name extends string>(
  words: readonly string[],
  table: OptionTable<Name>,
): Generator<Word<Name>, void, undefined> {
  const rest = words.values();
  for (const word of rest) {
    if (word === '--') {
      for (const path of rest) yield { kind: 'path', path };
      return;
    }
    if (!word.startsWith('-') || word === '-') {
      yield { kind: 'path', path: word };
      continue;
    }
    const { name, value } = splitOption(word);
    if (!isNamed(table, name)) throw new UsageError(`unknown option "${name}"`);
    const takes = table[name];
    if (takes === flag) {
      if (value !== undefined) throw new UsageError(`${name} takes no value`);
      yield { kind: 'option', name, value: '' };
      continue;
    }
    const given = value ?? rest.next().value;
    if (given === undefined || given === '') {
      throw new UsageError(`${name} needs ${String(takes)}`);
    }
    yield { kind: 'option', name, value: given };
  }
}

function isNamed<Name extends string>(table: OptionTable<Name>, name: string): name is Name {
  return Object.hasOwn(table, name);
}

/** `--name=value` in its two parts. */
function splitOption(word: string): { readonly name: string; readonly value: string | undefined } {
  const sign = word.indexOf('=');
  if (sign < 0) return { name: word, value: undefined };
  return { name: word.slice(0, sign), value: word.slice(sign + 1) };
}

/** Milliseconds that a call may take where nothing is said. */
export const defaultTimeoutMs = 1000;
/** The most that can be asked for, in milliseconds. */
export const maxTimeoutMs = 60_000;

/** Reads the value of `--timeout`, in milliseconds. Throws a {@link UsageError}. */
export function readTimeout(text: string): number {
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (ms > 0 && ms <= maxTimeoutMs) return ms;
  throw new UsageError(
    `--timeout needs a number of milliseconds above 0 and up to ${maxTimeoutMs}, not "${text}"`,
  );
}

/** Reads the value of an option that counts something. Throws a {@link UsageError}. */
export function readCount(name: string, text: string, least: number, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw new UsageError(`${name} needs a whole number from ${least} to ${most}, not "${text}"`);
}

/** Throws a {@link UsageError} where paths and `--language` make no sense. */
export function checkPaths(paths: readonly string[], language: string | undefined): void {
  if (paths.includes('')) throw new UsageError('a path is empty');
  if (language !== undefined && !paths.includes('-')) {
    throw new UsageError('--language is for standard input (-)');
  }
}
