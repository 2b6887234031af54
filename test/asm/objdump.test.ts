/**
 * The disassemblers against GNU objdump, over the code of a C library: lengths and mnemonics of every
 * instruction, once both spell them alike. Needs objdump, and for AArch64 the packages
 * binutils-aarch64-linux-gnu and libc6-arm64-cross.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { disassembler } from '../../src/asm/disassembler.ts';
import type { Architecture } from '../../src/model/architecture.ts';
import { textSection } from './elf.ts';
import { skipComparison } from '../tools.ts';

interface Library {
  readonly architecture: Architecture;
  readonly objdump: string;
  readonly options: readonly string[];
  readonly files: readonly string[];
  /** One spelling for the names that both have for one instruction. */
  readonly spelling: (mnemonic: string) => string;
  /** Instructions that may differ, in a thousand. */
  readonly tolerated: number;
}

/** Instructions compared of each library. */
const atLeast = 100_000;
/** Bytes of the longest instruction; the last ones may be cut short. */
const longest = 15;
const mostBytes = 800_000;

const libraries: readonly Library[] = [
  {
    architecture: 'x86_64',
    objdump: 'objdump',
    options: ['-M', 'intel'],
    files: ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib/libc.so.6'],
    spelling: x86Spelling,
    tolerated: 0.05,
  },
  {
    architecture: 'aarch64',
    objdump: 'aarch64-linux-gnu-objdump',
    options: [],
    files: ['/usr/aarch64-linux-gnu/lib/libc.so.6'],
    spelling: (mnemonic) => aarch64Spellings.get(mnemonic) ?? mnemonic,
    tolerated: 0.05,
  },
];

const aarch64Spellings = new Map([
  ['b.hs', 'b.cs'],
  ['b.lo', 'b.cc'],
]);

const x86Spellings = new Map([
  ['movabs', 'mov'],
  ['cwtl', 'cwde'],
  ['cltq', 'cdqe'],
  ['cltd', 'cdq'],
  ['cqto', 'cqo'],
  ['cwtd', 'cwd'],
  ['cbtw', 'cbw'],
  ['sal', 'shl'],
  ['cs', 'nop'],
  ['data16', 'nop'],
  ['fwait', 'wait'],
]);

function x86Spelling(mnemonic: string): string {
  // objdump tells the width of string instructions by their operands.
  const string = /^(movs|stos|lods|scas|cmps|ins|outs)[bwdq]$/.exec(mnemonic);
  return string?.[1] ?? x86Spellings.get(mnemonic) ?? mnemonic;
}

/** Address → length and mnemonic, of the section .text. */
function objdump(
  { objdump: program, options }: Library,
  file: string,
): Map<number, [number, string]> {
  const list = execFileSync(program, ['-d', '-w', '-j', '.text', ...options, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const found = new Map<number, [number, string]>();
  for (const line of list.split('\n')) {
    const match =
      /^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(?:(?:rep[nez]*|lock|bnd|notrack|[c-g]s|data16|xacquire|xrelease|rex[.WRXB]*) )*([\w.()]+)/.exec(
        line,
      );
    if (!match) continue;
    const [, address = '', bytes = '', mnemonic = ''] = match;
    const digits = bytes.replaceAll(' ', '').length;
    found.set(Number.parseInt(address, 16), [digits / 2, mnemonic]);
  }
  return found;
}

for (const library of libraries) {
  test(
    `${library.architecture}: as objdump reads a C library`,
    { skip: skipComparison },
    async (context) => {
      const file = library.files.find((name) => fs.existsSync(name));
      assert.ok(file !== undefined, `none of ${library.files.join(', ')} is there`);
      const { bytes, address } = textSection(file);
      const { decode } = await disassembler(library.architecture);
      const ours = decode(bytes.subarray(0, mostBytes), { address: BigInt(address) });
      const theirs = objdump(library, file);
      const differences = new Map<string, number>();
      let compared = 0;
      for (const instruction of ours.slice(0, -longest)) {
        const [length, mnemonic = ''] = theirs.get(Number(instruction.address)) ?? [];
        compared++;
        const [a, b] = [instruction.mnemonic, mnemonic].map(library.spelling);
        if (length === instruction.length && a === b) continue;
        const key = `${instruction.intel} (${instruction.length}) / ${mnemonic} (${length})`;
        const kind = a === b ? key : `${a} / ${b}`;
        differences.set(kind, (differences.get(kind) ?? 0) + 1);
      }
      const different = [...differences.values()].reduce((sum, count) => sum + count, 0);
      context.diagnostic(`${compared} instructions, ${different} different`);
      assert.ok(compared >= atLeast, `only ${compared} instructions compared`);
      const worst = [...differences].sort(([, a], [, b]) => b - a).slice(0, 40);
      assert.ok(
        different <= (library.tolerated / 1000) * compared,
        worst.map(([kind, count]) => `${count}: ${kind}`).join('\n'),
      );
    },
  );
}
