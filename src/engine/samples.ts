/** Annotated machine code to begin with, in the comment signs and literals of many languages. */
import type { Architecture } from '../model/architecture.ts';

/** How a language writes what a sample needs. */
export interface SampleLanguage {
  /** VS Code's language identifiers; the first is that of a new document. */
  readonly ids: readonly string[];
  /** Its name, as it calls itself. */
  readonly name: string;
  readonly comment: string;
  /** What stands before and after the bytes; `NAME` is the array's name. */
  readonly open: string;
  readonly close: string;
  /** The array's name from the function's. */
  readonly casing: 'snake' | 'camel' | 'upper' | 'label';
  /** One byte, given as `0x48`. */
  readonly element: (byte: string) => string;
  /** Before each line's first byte: a directive, with its blank. */
  readonly directive: string;
  /** Whether signatures are C prototypes. */
  readonly prototypes: boolean;
  /** What a document needs around its arrays. */
  readonly head: string;
  readonly tail: string;
}

function language(
  ids: string,
  name: string,
  facts: Pick<SampleLanguage, 'open' | 'close' | 'casing'> & Partial<SampleLanguage>,
): SampleLanguage {
  return {
    ids: ids.split(' '),
    name,
    comment: '//',
    element: (byte) => byte,
    directive: '',
    prototypes: false,
    head: '',
    tail: '',
    ...facts,
  };
}

/** Bytes from 0x80 on are no byte literals in Java and Kotlin. */
const isHigh = (byte: string): boolean => Number(byte) >= 0x80;

const c = {
  open: 'static const unsigned char NAME[] = {',
  close: '};',
  casing: 'snake',
  prototypes: true,
} as const;

export const sampleLanguages: readonly SampleLanguage[] = [
  language('rust', 'Rust', { open: 'pub static NAME: &[u8] = &[', close: '];', casing: 'upper' }),
  language('c', 'C', c),
  language('cpp cuda-cpp', 'C++', c),
  language('python', 'Python', {
    comment: '#',
    open: 'NAME = bytes([',
    close: '])',
    casing: 'upper',
  }),
  language('javascript javascriptreact', 'JavaScript', {
    open: 'const NAME = new Uint8Array([',
    close: ']);',
    casing: 'camel',
  }),
  language('typescript typescriptreact', 'TypeScript', {
    open: 'const NAME = new Uint8Array([',
    close: ']);',
    casing: 'camel',
  }),
  language('go', 'Go', {
    open: 'var NAME = []byte{',
    close: '}',
    casing: 'camel',
    head: 'package example\n\n',
  }),
  language('zig', 'Zig', { open: 'pub const NAME = [_]u8{', close: '};', casing: 'snake' }),
  language('csharp', 'C#', { open: 'byte[] NAME = {', close: '};', casing: 'camel' }),
  language('java', 'Java', {
    open: 'static final byte[] NAME = {',
    close: '};',
    casing: 'upper',
    element: (byte) => (isHigh(byte) ? `(byte) ${byte}` : byte),
    head: 'class Example {\n',
    tail: '}\n',
  }),
  language('kotlin', 'Kotlin', {
    open: 'val NAME = byteArrayOf(',
    close: ')',
    casing: 'camel',
    element: (byte) => (isHigh(byte) ? `${byte}.toByte()` : byte),
  }),
  language('swift', 'Swift', { open: 'let NAME: [UInt8] = [', close: ']', casing: 'camel' }),
  language('d', 'D', { open: 'immutable ubyte[] NAME = [', close: '];', casing: 'camel' }),
  language('ruby', 'Ruby', {
    comment: '#',
    open: 'NAME = [',
    close: '].pack("C*")',
    casing: 'upper',
  }),
  language('lua luau', 'Lua', {
    comment: '--',
    open: 'local NAME = {',
    close: '}',
    casing: 'snake',
  }),
  language('nasm asm-intel-x86-generic masm fasm yasm', 'NASM', {
    comment: ';',
    open: 'NAME:',
    close: '',
    casing: 'label',
    directive: 'db ',
  }),
  language('asm gas assembly asm-collection arm arm64', 'GNU as', {
    comment: '//',
    open: 'NAME:',
    close: '',
    casing: 'label',
    directive: '.byte ',
  }),
];

/** The sample language of a VS Code identifier, or undefined. */
export function sampleLanguageOf(id: string): SampleLanguage | undefined {
  return sampleLanguages.find(({ ids }) => ids.includes(id));
}

/** For which machine a sample is written. */
export interface SampleMachine {
  readonly architecture: Extract<Architecture, 'x86_64' | 'aarch64'>;
  /** Whether the platform's convention is that of Windows, which these functions do not follow. */
  readonly windows: boolean;
}

interface SampleFunction {
  readonly name: string;
  readonly signature: string;
  readonly prototype: string;
  readonly calls: readonly string[];
  /** Bytes in hexadecimal, and their instruction, a line each. */
  readonly code: Readonly<
    Record<SampleMachine['architecture'], readonly (readonly [string, string])[]>
  >;
}

const addFour: SampleFunction = {
  name: 'add_four',
  signature: 'add_four(n: i64) -> i64',
  prototype: 'int64_t add_four(int64_t n)',
  calls: ['(4)  => 8', '(-1) => 3'],
  code: {
    x86_64: [
      ['48 89 f8', 'mov rax, rdi'],
      ['48 83 c0 04', 'add rax, 4'],
      ['c3', 'ret'],
    ],
    aarch64: [
      ['00 10 00 91', 'add x0, x0, #4'],
      ['c0 03 5f d6', 'ret'],
    ],
  },
};

const sum: SampleFunction = {
  name: 'sum',
  signature: 'sum(values: *const i32, count: usize) -> i32',
  prototype: 'int sum(const int *values, size_t count)',
  calls: ['([1, 2, 3, 4], 4) => 10', '([-5, 5, 7], 2)   => 0'],
  code: {
    x86_64: [
      ['31 c0', 'xor eax, eax'],
      ['48 85 f6', 'next: test rsi, rsi'],
      ['74 08', 'je done'],
      ['48 ff ce', 'dec rsi'],
      ['03 04 b7', 'add eax, [rdi + rsi*4]'],
      ['eb f3', 'jmp next'],
      ['c3', 'done: ret'],
    ],
    aarch64: [
      ['02 00 80 52', 'mov w2, #0'],
      ['a1 00 00 b4', 'next: cbz x1, done'],
      ['03 44 40 b8', 'ldr w3, [x0], #4'],
      ['42 00 03 0b', 'add w2, w2, w3'],
      ['21 04 00 d1', 'sub x1, x1, #1'],
      ['fc ff ff 17', 'b next'],
      ['e0 03 02 2a', 'done: mov w0, w2'],
      ['c0 03 5f d6', 'ret'],
    ],
  },
};

/** The function of the sample that crashes, in the annotation. */
export const crashingFunction = 'read_null';

const readNull: SampleFunction = {
  name: crashingFunction,
  signature: `${crashingFunction}() -> i32`,
  prototype: `int ${crashingFunction}(void)`,
  calls: ['()'],
  code: {
    x86_64: [
      ['31 c0', 'xor eax, eax'],
      ['8b 00', 'mov eax, [rax]'],
      ['c3', 'ret'],
    ],
    aarch64: [
      ['00 00 80 d2', 'mov x0, #0'],
      ['00 00 40 b9', 'ldr w0, [x0]'],
      ['c0 03 5f d6', 'ret'],
    ],
  },
};

/** What is said above each array of a sample, in the reader's language; one line each. */
export interface SampleWords {
  readonly addFour: string;
  readonly sum: string;
  readonly readNull: string;
}

/** A document with three arrays: one that adds, one that reads memory, one that crashes. */
export function sampleDocument(
  language: SampleLanguage,
  machine: SampleMachine,
  words: SampleWords,
): string {
  const { comment, head, tail } = language;
  const inner = tail === '' ? '' : '    ';
  const parts = [
    [words.addFour, addFour],
    [words.sum, sum],
    [words.readNull, readNull],
  ] as const;
  const texts = parts.map(([said, sample]) => {
    const lines = [`${comment} ${said}`, ...blockLines(language, machine, sample, sample.name)];
    return lines.map((line) => `${inner}${line}\n`).join('');
  });
  return `${head}${texts.join('\n')}${tail}`;
}

/** The first array as a snippet, with stops at the name, the signature and the bytes' end. */
export function sampleSnippet(language: SampleLanguage, machine: SampleMachine): string {
  const escape = (text: string): string => text.replaceAll(/[\\$}]/g, String.raw`\$&`);
  const lines = blockLines(language, machine, addFour, 'code').map(escape);
  const stops = lines.map((line) =>
    line
      .replace(/^(\S+ @jit +)(.*)$/, (_, tag: string, signature: string) => {
        const [name, rest] = [addFour.name, signature.split(addFour.name)];
        return `${tag}${rest[0] ?? ''}\${1:${name}}${rest[1] ?? ''}`;
      })
      .replace(/\bCODE\b|\bcode\b/, '${2:$&}'),
  );
  return `${stops.join('\n')}\n$0`;
}

function blockLines(
  language: SampleLanguage,
  { architecture, windows }: SampleMachine,
  sample: SampleFunction,
  name: string,
): readonly string[] {
  const { comment, open, close, prototypes, directive, element } = language;
  const rows = sample.code[architecture].map(([bytes, instruction]) => {
    const elements = bytes.split(' ').map((byte) => element(`0x${byte}`));
    const text = directive + elements.join(', ') + (directive === '' ? ',' : '');
    return { text, instruction };
  });
  const width = Math.max(...rows.map(({ text }) => text.length)) + 2;
  const tags = [
    ...(architecture === 'x86_64' ? [] : [`@arch ${architecture}`]),
    ...(architecture === 'x86_64' && windows ? ['@abi  sysv'] : []),
  ];
  return [
    `${comment} @jit  ${prototypes ? sample.prototype : sample.signature}`,
    ...tags.map((tag) => `${comment} ${tag}`),
    ...sample.calls.map((call) => `${comment} @call ${call}`),
    open.replace('NAME', cased(name, language.casing)),
    ...rows.map(({ text, instruction }) => `    ${text.padEnd(width)}${comment} ${instruction}`),
    ...(close === '' ? [] : [close]),
  ];
}

function cased(name: string, casing: SampleLanguage['casing']): string {
  switch (casing) {
    case 'upper':
      return name.toUpperCase();
    case 'camel':
      return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    case 'snake':
    case 'label':
      return name;
  }
}
