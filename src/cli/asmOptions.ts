/** What `jit-bytes asm` is told. */
import { type Architecture, architectures, findArchitecture } from '../model/architecture.ts';
import type { AssemblySyntax } from '../model/assembly.ts';
import { byteFormats } from './byteFormats.ts';
import { flag, readWords, UsageError } from './words.ts';

export interface AsmOptions {
  readonly kind: 'asm';
  /** A file, or `-` for standard input. */
  readonly path: string;
  /** Undefined: that of this machine. */
  readonly architecture: Architecture | undefined;
  /** Undefined: what the text seems to be in. */
  readonly syntax: AssemblySyntax | undefined;
  /** One of `byteFormats`. */
  readonly format: string;
  readonly json: boolean;
  /** Whether each line is listed with its bytes. */
  readonly verbose: boolean;
}

const table = {
  '--arch': 'an architecture, such as "x86_64"',
  '--syntax': '"att" or "intel"',
  '--format': byteFormats.map((name) => `"${name}"`).join(' or '),
  '--json': flag,
  '--verbose': flag,
  '--help': flag,
  '-h': flag,
} as const;

/** Reads the words after `asm`; undefined: help. Throws a {@link UsageError}. */
export function readAsm(words: readonly string[]): AsmOptions | undefined {
  const paths: string[] = [];
  let architecture: Architecture | undefined;
  let syntax: AssemblySyntax | undefined;
  let format = 'hex';
  let json = false;
  let verbose = false;
  for (const word of readWords(words, table)) {
    if (word.kind === 'path') paths.push(word.path);
    else {
      switch (word.name) {
        case '--arch':
          architecture = readArchitecture(word.value);
          break;
        case '--syntax':
          syntax = readSyntax(word.value);
          break;
        case '--format':
          format = readFormat(word.value);
          break;
        case '--json':
          json = true;
          break;
        case '--verbose':
          verbose = true;
          break;
        default:
          return undefined;
      }
    }
  }
  const [path = '-', ...more] = paths;
  if (more.length > 0) throw new UsageError('asm takes one file, or - for standard input');
  if (path === '') throw new UsageError('a path is empty');
  return { kind: 'asm', path, architecture, syntax, format, json, verbose };
}

function readArchitecture(text: string): Architecture {
  const found = findArchitecture(text);
  if (found) return found.name;
  const names = architectures.map(({ name }) => name).join(', ');
  throw new UsageError(`--arch needs one of ${names}, not "${text}"`);
}

function readSyntax(text: string): AssemblySyntax {
  if (text === 'att' || text === 'intel') return text;
  throw new UsageError(`--syntax needs "att" or "intel", not "${text}"`);
}

function readFormat(text: string): string {
  if (byteFormats.includes(text)) return text;
  throw new UsageError(`--format needs one of ${byteFormats.join(', ')}, not "${text}"`);
}
