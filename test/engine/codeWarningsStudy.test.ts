/**
 * Warnings over the functions of Debian's libraries: none may be false, and code of another architecture must be seen.
 * Needs what `test/asm/objdump.test.ts` needs, and nm.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { type Disassembler, disassembler } from '../../src/asm/disassembler.ts';
import { type CodeWarningCode, codeWarnings } from '../../src/engine/codeWarnings.ts';
import { finished, followBlock } from '../../src/engine/controlFlow.ts';
import { otherArchitecture } from '../../src/engine/otherArchitecture.ts';
import { machineOf } from '../../src/engine/plan.ts';
import type { Instruction } from '../../src/model/instruction.ts';
import type { Architecture } from '../../src/model/architecture.ts';
import { functionsOf } from '../asm/elf.ts';
import { skipComparison } from '../tools.ts';
import { bareBlock } from './bareBlock.ts';

interface Origin {
  readonly architecture: Architecture;
  readonly nm: string;
  readonly folders: readonly string[];
}

const x64: Origin = {
  architecture: 'x86_64',
  nm: 'nm',
  folders: [
    '/lib/x86_64-linux-gnu',
    '/usr/lib/x86_64-linux-gnu',
    '/lib64',
    '/usr/lib64',
    '/usr/lib',
  ],
};
const arm64: Origin = {
  architecture: 'aarch64',
  nm: 'aarch64-linux-gnu-nm',
  folders: ['/usr/aarch64-linux-gnu/lib'],
};

/** The functions of a library by name, or undefined where it is not there. */
function library(
  { nm, folders }: Origin,
  name: string,
): ReadonlyMap<string, Uint8Array> | undefined {
  const file = folders.map((folder) => `${folder}/${name}`).find((each) => fs.existsSync(each));
  return file === undefined ? undefined : functionsOf(file, nm);
}

/**
 * Functions that truly never return: `_exit` and `_Exit` (one of them is counted, they are the same bytes) loop around a system
 * call with a trap behind it; `abort` ends at `hlt`, which the kernel alone may use.
 */
const trueWarnings: Readonly<Partial<Record<CodeWarningCode, RegExp>>> = {
  'no-return': /^(?:_exit|_Exit|abort)(?:@|$)/,
  'privileged-instruction': /^abort(?:@|$)/,
};

for (const origin of [x64, arm64]) {
  const { architecture } = origin;
  test(
    `${architecture}: no false warning in a C library`,
    { skip: skipComparison },
    async (context) => {
      const functions = library(origin, 'libc.so.6');
      assert.ok(functions && functions.size > 1500, 'too few functions');
      const decoder = await disassembler(architecture);
      const options = { machine: machineOf('linux', 'none'), missing: () => [] };
      const counts = new Map<string, number>();
      const wrong: string[] = [];
      for (const [name, bytes] of functions) {
        const warnings = codeWarnings(bareBlock(architecture, bytes), decoder, options);
        for (const code of new Set(warnings.map((each) => each.code))) {
          counts.set(code, (counts.get(code) ?? 0) + 1);
        }
        for (const { code, offset, message } of warnings) {
          // Nearly every function calls another one, and that is what is told.
          if (code === 'jump-outside' || trueWarnings[code]?.test(name) === true) continue;
          wrong.push(`${name} +0x${offset.toString(16)}: ${message}`);
        }
      }
      context.diagnostic(`${functions.size} functions with ${textOf(counts)}`);
      assert.deepEqual(wrong, []);
    },
  );

  test(
    `${architecture}: a function whose end is missing is seen`,
    { skip: skipComparison },
    async (context) => {
      const decoder = await disassembler(architecture);
      const options = { machine: machineOf('linux', 'none') };
      let cut = 0;
      let seen = 0;
      for (const bytes of [...(library(origin, 'libc.so.6')?.values() ?? [])].slice(0, 500)) {
        const last = decoder.decode(bytes).at(-1);
        if (last?.category !== 'return' || !isReachedInRow(architecture, bytes, decoder, last))
          continue;
        cut++;
        const block = bareBlock(architecture, bytes.subarray(0, last.offset));
        const warnings = codeWarnings(block, decoder, options);
        // What leads to the missing return from elsewhere is a jump to the end.
        if (warnings.some(({ code }) => code === 'falls-off-end' || code === 'jump-outside'))
          seen++;
      }
      context.diagnostic(`${seen} of ${cut}`);
      assert.ok(cut > 100);
      assert.equal(seen, cut);
    },
  );
}

/** Whether a function's last instruction follows one that surely goes on to it, or a branch leads there. */
function isReachedInRow(
  architecture: Architecture,
  bytes: Uint8Array,
  decoder: Disassembler,
  last: Instruction,
): boolean {
  const { reached, branches } = finished(followBlock(bareBlock(architecture, bytes), decoder));
  const before = [...reached.values()].find(
    ({ offset, length }) => offset + length === last.offset,
  );
  const goesOn = before !== undefined && /^(?:ordinary|conditional jump)$/.test(before.category);
  return (
    reached.has(last.offset) && (goesOn || branches.some(({ target }) => target === last.offset))
  );
}

/** Of the first 32 bytes of functions, and of whole ones, so many in a hundred at least. */
const leastSeen = 99;

for (const [origin, others] of [
  [x64, ['aarch64', 'arm']],
  [arm64, ['x86_64', 'x86', 'arm']],
] as const) {
  const { architecture } = origin;
  test(
    `${architecture}: seen where another architecture is declared`,
    { skip: skipComparison },
    (context) => {
      const functions = functionsOfAll(origin);
      assert.ok(functions.length > 4000, 'too few functions');
      for (const most of [32, Infinity]) {
        const samples = functions.map((bytes) => bytes.subarray(0, most));
        const alarms = samples.filter(
          (bytes) => otherArchitecture(architecture, bytes) !== undefined,
        );
        assert.equal(alarms.length, 0, `false alarms of ${samples.length}`);
        for (const declared of others) {
          const seen = samples.map((bytes) => otherArchitecture(declared, bytes));
          const share = shareOf(seen, (found) => found !== undefined);
          const right = shareOf(seen, (found) => found === architecture);
          context.diagnostic(
            `declared ${declared}, ${most === Infinity ? 'whole' : `${most} bytes`}: ${share.toFixed(2)} % of ${seen.length} seen, ${right.toFixed(2)} % as ${architecture}`,
          );
          assert.ok(share >= leastSeen, `${share} % with ${declared} declared`);
        }
      }
    },
  );
}

/** Functions of 32 bytes or more of a language's libraries; those behind the first three were not counted for the statistics. */
function functionsOfAll(origin: Origin): Uint8Array[] {
  const names = [
    'libc.so.6',
    'libm.so.6',
    'libstdc++.so.6',
    'libgomp.so.1',
    'libz.so.1',
    'libcrypto.so.3',
  ];
  return names
    .flatMap((name) => [...(library(origin, name)?.values() ?? [])])
    .filter(({ length }) => length >= 32);
}

function shareOf<T>(list: readonly T[], is: (one: T) => boolean): number {
  return (100 * list.filter(is).length) / list.length;
}

function textOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

test('AArch64 code has whole words', () => {
  const code = Buffer.from('fd7bbfa900008052fd7bc1a8c0035fd6', 'hex');
  assert.equal(otherArchitecture('x86_64', code), 'aarch64');
  assert.equal(otherArchitecture('x86_64', Buffer.from([...code, 0])), undefined);
});

/** Data that is no code of any architecture, and code that repeats itself. */
const nothings: Readonly<Record<string, (index: number) => number>> = {
  zeros: () => 0,
  nops: () => 0x90,
  breakpoints: () => 0xcc,
  'AArch64 nops': (index) => [0x1f, 0x20, 0x03, 0xd5][index % 4] ?? 0,
  text: (index) => 'the quick brown fox jumps over the lazy dog '.charCodeAt(index % 44),
  random: (index) => Math.imul(index + 1, 0x9e37_79b1) >>> 24,
  'small numbers': (index) => (index % 8 === 0 ? (index * 37) & 0xff : 0),
  ascending: (index) => index & 0xff,
};
for (const [what, byte] of Object.entries(nothings)) {
  test(`no architecture is seen in ${what}`, () => {
    for (const declared of [
      'x86_64',
      'x86',
      'aarch64',
      'arm',
      'thumb',
      'riscv64',
      'mips',
    ] as const) {
      for (const length of [4, 8, 16, 64, 256, 5000]) {
        const bytes = Uint8Array.from({ length }, (_, index) => byte(index));
        assert.equal(otherArchitecture(declared, bytes), undefined, `${declared}, ${length} bytes`);
      }
    }
  });
}
