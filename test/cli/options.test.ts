/** What the command line understands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BenchOptions } from '../../src/cli/bench/options.ts';
import { readCommand, type RunOptions } from '../../src/cli/options.ts';
import { defaultTimeoutMs, UsageError } from '../../src/cli/words.ts';

const plain: RunOptions = {
  kind: 'run',
  paths: ['a.c'],
  json: false,
  timeoutMs: defaultTimeoutMs,
  sandbox: 'strict',
  verbose: false,
  language: undefined,
};

const check = {
  kind: 'check',
  json: false,
  language: undefined,
  strict: false,
  fix: false,
} as const;

const asm = {
  kind: 'asm',
  path: '-',
  architecture: undefined,
  syntax: undefined,
  format: 'hex',
  json: false,
  verbose: false,
} as const;

const bench: BenchOptions = {
  kind: 'bench',
  paths: ['a.c'],
  json: false,
  language: undefined,
  filter: undefined,
  all: false,
  timeMs: 400,
  timeoutMs: defaultTimeoutMs,
  verbose: false,
  save: undefined,
  compare: undefined,
};

const understood: readonly (readonly [string, unknown])[] = [
  ['run a.c', plain],
  ['run --json a.c', { ...plain, json: true }],
  ['run a.c --json b', { ...plain, paths: ['a.c', 'b'], json: true }],
  ['run --timeout 50 a.c', { ...plain, timeoutMs: 50 }],
  ['run --timeout=0.5 a.c', { ...plain, timeoutMs: 0.5 }],
  ['run --timeout 60000 a.c', { ...plain, timeoutMs: 60_000 }],
  ['run --sandbox output a.c', { ...plain, sandbox: 'output' }],
  ['run --sandbox=off a.c', { ...plain, sandbox: 'off' }],
  ['run --verbose a.c', { ...plain, verbose: true }],
  ['doctor', { kind: 'doctor', json: false }],
  ['doctor --json', { kind: 'doctor', json: true }],
  ['doctor --help', { kind: 'help', topic: 'doctor' }],
  ['run --language c -', { ...plain, paths: ['-'], language: 'c' }],
  ['run - --language=rust', { ...plain, paths: ['-'], language: 'rust' }],
  ['run -- --json -x', { ...plain, paths: ['--json', '-x'] }],
  ['check a.c b', { ...check, paths: ['a.c', 'b'] }],
  ['check --json - --language c', { ...check, paths: ['-'], json: true, language: 'c' }],
  ['check --strict a.c', { ...check, paths: ['a.c'], strict: true }],
  ['check --fix a.c', { ...check, paths: ['a.c'], fix: true }],
  ['asm', asm],
  ['asm - --verbose --json', { ...asm, verbose: true, json: true }],
  [
    'asm --arch arm64 --syntax=intel a.s',
    { ...asm, architecture: 'aarch64', syntax: 'intel', path: 'a.s' },
  ],
  ['asm --format raw -- -a.s', { ...asm, format: 'raw', path: '-a.s' }],
  ['asm --help', { kind: 'help', topic: 'asm' }],
  [
    'disasm a.c',
    { kind: 'disasm', paths: ['a.c'], json: false, language: undefined, syntax: 'intel' },
  ],
  [
    'disasm --syntax=att a.c',
    { kind: 'disasm', paths: ['a.c'], json: false, language: undefined, syntax: 'att' },
  ],
  ['bench a.c', bench],
  [
    'bench --all --verbose --json --time 20 --timeout 50 a.c',
    { ...bench, all: true, verbose: true, json: true, timeMs: 20, timeoutMs: 50 },
  ],
  [
    'bench --save now.json --compare=then.json a.c',
    { ...bench, save: 'now.json', compare: 'then.json' },
  ],
  ['bench --help', { kind: 'help', topic: 'bench' }],
  ['help bench', { kind: 'help', topic: 'bench' }],
  ['check --help', { kind: 'help', topic: 'check' }],
  ['help disasm', { kind: 'help', topic: 'disasm' }],
  ['run --help', { kind: 'help', topic: 'run' }],
  ['run a.c -h', { kind: 'help', topic: 'run' }],
  ['test --help', { kind: 'help', topic: 'test' }],
  ['help test', { kind: 'help', topic: 'test' }],
  ['help', { kind: 'help', topic: 'all' }],
  ['help run', { kind: 'help', topic: 'run' }],
  ['--help', { kind: 'help', topic: 'all' }],
  ['-h', { kind: 'help', topic: 'all' }],
  ['--version', { kind: 'version' }],
  ['-V', { kind: 'version' }],
];
for (const [line, command] of understood) {
  test(`"${line}" is understood`, () => assert.deepEqual(readCommand(line.split(' ')), command));
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['check --fix -', /--fix is for files/],
  ['asm a.s b.s', /asm takes one file/],
  ['asm --arch pdp11', /--arch needs one of x86_64, .*, not "pdp11"/],
  ['asm --syntax nasm', /--syntax needs "att" or "intel", not "nasm"/],
  ['asm --format exe', /--format needs one of hex, raw, rust.*, not "exe"/],
  ['', /unknown command ""/],
  ['walk', /unknown command "walk"/],
  ['help walk', /unknown command "walk"/],
  ['--jsn', /unknown option "--jsn"/],
  ['run --sandbox none a.c', /"strict", "output" or "off", not "none"/],
  ['run --verbose=1 a.c', /--verbose takes no value/],
  ['check --sandbox off a.c', /unknown option "--sandbox"/],
  ['bench', /name a file/],
  ['bench --time 19 a.c', /--time needs a whole number from 20 to 60000/],
  ['bench --filter /[/ a.c', /--filter:/],
  ['bench --save= a.c', /--save needs a file/],
  ['bench --sandbox off a.c', /unknown option "--sandbox"/],
  ['doctor a.c', /doctor takes no "a.c"/],
  ['doctor --sandbox', /unknown option/],
  ['run', /name a file/],
  ['run --json', /name a file/],
  ['check', /name a file/],
  ['check --timeout 5 a.c', /unknown option "--timeout"/],
  ['run --syntax att a.c', /unknown option "--syntax"/],
  ['disasm --syntax masm a.c', /--syntax needs "intel" or "att", not "masm"/],
  ['disasm a.c --syntax', /--syntax needs/],
  ['run --jsn a.c', /unknown option "--jsn"/],
  ['run -j a.c', /unknown option "-j"/],
  ['run --json=yes a.c', /--json takes no value/],
  ['run a.c --timeout', /--timeout needs a number/],
  ['run --timeout= a.c', /--timeout needs a number/],
  ['run --timeout 0 a.c', /not "0"/],
  ['run --timeout -5 a.c', /not "-5"/],
  ['run --timeout 60001 a.c', /up to 60000, not "60001"/],
  ['run --timeout 1e3 a.c', /not "1e3"/],
  ['run --timeout 10ms a.c', /not "10ms"/],
  ['run --timeout inf a.c', /not "inf"/],
  ['run --language c a.c', /--language is for standard input/],
  ['run - --language', /--language needs/],
];
for (const [line, message] of refused) {
  test(`"${line}" is refused`, () => {
    assert.throws(
      () => readCommand(line.split(' ')),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test('no command at all is refused', () => assert.throws(() => readCommand([]), UsageError));
