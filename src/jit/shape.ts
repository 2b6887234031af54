/**
 * Readers: functions that turn what came from another process into a value of a known type, or say
 * where it differs. They build new objects and copy bytes, so that nothing of the original is kept.
 */

/** What another process sent does not have the shape that was agreed on. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads a value. `at` is its place in words, such as `request.arguments[2]`. Throws a {@link ProtocolError}. */
export type Read<T> = (value: unknown, at: string) => T;

/** Reads one of the fields of an object. */
export type ReadField<Name extends string> = <T>(name: Name, read: Read<T>) => T;

/** An object that has exactly the fields of these names. */
export function fields<Name extends string>(
  value: unknown,
  at: string,
  ...names: readonly Name[]
): ReadField<Name> {
  const entries = new Map(Object.entries(object(value, at)));
  for (const name of names) if (!entries.has(name)) throw wrong(at, value, `without ${name}`);
  if (entries.size > names.length) {
    const known: readonly string[] = names;
    const unknown = [...entries.keys()].find((key) => !known.includes(key));
    throw wrong(at, value, `with the unknown field ${brief(unknown)}`);
  }
  return (name, read) => read(entries.get(name), `${at}.${name}`);
}

/** The text that tells the members of a union apart. */
export function tag(value: unknown, at: string, name: string): string {
  const found = Object.entries(object(value, at)).find(([key]) => key === name);
  if (typeof found?.[1] === 'string') return found[1];
  throw wrong(at, value, `without ${name}`);
}

/** Whole numbers of a range, both ends included. */
export function integer(least: number, most: number): Read<number> {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw wrong(at, value, 'not a whole number');
    }
    if (value < least || value > most) {
      throw wrong(at, value, `not between ${least} and ${most}`);
    }
    return value;
  };
}

/** Integers that `bits` bits hold, with or without sign. */
export function bigint(bits: number): Read<bigint> {
  const most = 1n << BigInt(bits);
  return (value, at) => {
    if (typeof value !== 'bigint') throw wrong(at, value, 'not an integer');
    if (value < -(most >> 1n) || value >= most) throw wrong(at, value, `not one of ${bits} bits`);
    return value;
  };
}

export const float: Read<number> = (value, at) => {
  if (typeof value !== 'number') throw wrong(at, value, 'not a number');
  return value;
};

export const boolean: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, value, 'neither true nor false');
  return value;
};

/** Text of at most `most` UTF-16 code units. */
export function text(most: number): Read<string> {
  return (value, at) => {
    if (typeof value !== 'string') throw wrong(at, value, 'not a text');
    if (value.length > most) throw wrong(at, value, `longer than ${most}`);
    return value;
  };
}

/** A copy of at most `most` bytes. */
export function bytes(most: number): Read<Uint8Array> {
  return (value, at) => {
    if (!(value instanceof Uint8Array)) throw wrong(at, value, 'not bytes');
    if (value.length > most) {
      throw new ProtocolError(`${at} has ${value.length} bytes, more than ${most}`);
    }
    return new Uint8Array(value);
  };
}

/** A list of at most `most` items. */
export function list<T>(read: Read<T>, most: number): Read<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, value, 'not a list');
    if (value.length > most) {
      throw new ProtocolError(`${at} has ${value.length} items, more than ${most}`);
    }
    const items: readonly unknown[] = value;
    return Array.from(items, (item, index) => read(item, `${at}[${index}]`));
  };
}

export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value, at) => (value === undefined ? undefined : read(value, at));
}

/** One of some numbers or texts. */
export function oneOf<T extends string | number>(...allowed: readonly T[]): Read<T> {
  return (value, at) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw wrong(at, value, `not one of ${allowed.join(', ')}`);
    return found;
  };
}

/** An object whose keys are not known before, of at most `most` entries. */
export function dictionary<T>(read: Read<T>, most: number): Read<Readonly<Record<string, T>>> {
  return (value, at) => {
    const entries = Object.entries(object(value, at));
    if (entries.length > most) {
      throw new ProtocolError(`${at} has ${entries.length} entries, more than ${most}`);
    }
    return Object.fromEntries(
      entries.map(([key, entry]) => [
        text(maxKey)(key, `a key of ${at}`),
        read(entry, `${at}.${key}`),
      ]),
    );
  };
}

const maxKey = 64;

/** The error for a value that is none of a union's members. */
export function unknownMember(at: string, name: string, value: string): ProtocolError {
  return wrong(`${at}.${name}`, value, 'unknown');
}

function object(value: unknown, at: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrong(at, value, 'not an object');
}

function wrong(at: string, value: unknown, how: string): ProtocolError {
  return new ProtocolError(`${at} is ${brief(value)}, ${how}`);
}

/** At most this much of a stranger's text is repeated. */
const briefLength = 40;

function brief(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.slice(0, briefLength));
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value.toString().slice(0, briefLength)}n`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'a list' : 'an object';
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
  }
}
