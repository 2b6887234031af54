/**
 * Assembly text of x86-64 against GNU as, over the instructions of a C library as objdump writes them: what we
 * assemble means what GNU as makes of it, and most of it is the same to the byte.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { disassembler } from '../../src/asm/disassembler.ts';
import { assembleText } from '../../src/engine/assembleText.ts';
import type { AssemblySyntax } from '../../src/model/assembly.ts';
import { skipComparison } from '../tools.ts';

const libraries = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib/libc.so.6'];
const more = ['/lib/x86_64-linux-gnu/libm.so.6'];
/** Forms compared of each instruction: numbers aside, no two alike. */
const mostForms = 12;
/** Instructions compared in each syntax, at least. */
const atLeast = 2500;
/** Of them assembled, at least. */
const leastAssembled = 0.85;
/** Of these the same to the byte, at least; others mean the same in more bytes. */
const leastSame = 0.98;

/** Different instructions of the libraries, as objdump writes them. */
function instructions(syntax: AssemblySyntax): string[] {
  const found = new Set<string>();
  const forms = new Map<string, Set<string>>();
  for (const file of [...libraries, ...more].filter((name) => fs.existsSync(name))) {
    const list = execFileSync('objdump', ['-d', '-w', '-M', syntax, file], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    for (const [, text = ''] of list.matchAll(/^\s*[\da-f]+:\t[\da-f ]+?\s*\t(.*)$/gm)) {
      const one = text.replace(/\s*[#<].*$/, '').trim();
      // The target of a direct branch is an address; what cannot be decoded is none.
      if (
        /\(bad\)|^\.|data16|rex/.test(one) ||
        /^(bnd )?(j\w+|call\w*|loop\w*|xbegin)\s+[\da-f]+$/.test(one)
      )
        continue;
      const name = one
        .split(/\s/)
        .slice(0, /^(rep|lock|notrack|bnd|cs)/.test(one) ? 2 : 1)
        .join(' ');
      const known = forms.get(name) ?? new Set();
      const form = one.replaceAll(/0x[\da-f]+/g, 'N');
      if (known.has(form) || known.size >= mostForms) continue;
      forms.set(name, known.add(form));
      found.add(one);
    }
  }
  return [...found];
}

/** What GNU as makes of each line; undefined where it refuses. */
function gnu(lines: readonly string[], syntax: AssemblySyntax): (string | undefined)[] {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'jit-bytes-as-'));
  try {
    const [source = '', object = '', binary = ''] = ['a.s', 'a.o', 'a.bin'].map((name) =>
      path.join(folder, name),
    );
    const header = syntax === 'intel' ? '.intel_syntax noprefix' : '.att_syntax';
    const write = (bad: ReadonlySet<number>) => {
      const body = lines.map((line, index) => `L${index}: ${bad.has(index) ? '' : line}`);
      fs.writeFileSync(source, [header, ...body, `L${lines.length}:`, ''].join('\n'));
      return spawnSync('as', ['--64', '-o', object, source], { encoding: 'utf8' });
    };
    const { stderr } = write(new Set());
    const bad = new Set(
      [...stderr.matchAll(/:(\d+): Error/g)].map(([, line = '']) => Number(line) - 2),
    );
    assert.equal(write(bad).status, 0);
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, binary]);
    const places = new Map<number, number>();
    const names = execFileSync('nm', [object], { encoding: 'utf8', maxBuffer: 1 << 30 });
    for (const [, at = '', index = ''] of names.matchAll(/^([\da-f]+) t L(\d+)$/gm)) {
      places.set(Number(index), Number.parseInt(at, 16));
    }
    const bytes = fs.readFileSync(binary);
    return lines.map((_, index) =>
      bad.has(index)
        ? undefined
        : bytes.subarray(places.get(index), places.get(index + 1)).toString('hex'),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

for (const syntax of ['att', 'intel'] as const) {
  test(`${syntax}: as GNU as assembles a C library`, { skip: skipComparison }, async (context) => {
    const lines = instructions(syntax);
    const theirs = gnu(lines, syntax);
    const { decode } = await disassembler('x86_64');
    // The segment that is the usual one may be written or not, and so may a displacement of nothing.
    const meaning = (hex: string) =>
      decode(Buffer.from(hex, 'hex'))
        .map(({ intel }) => intel.replace(/ds:(?=\[)|\+0(?=\])/g, ''))
        .join();
    let compared = 0;
    let assembled = 0;
    let same = 0;
    const different: string[] = [];
    for (const [index, line] of lines.entries()) {
      const expected = theirs[index];
      if (expected === undefined || expected === '') continue;
      compared++;
      const result = await assembleText('x86_64', line, { syntax });
      if ('errors' in result) continue;
      assembled++;
      const hex = Buffer.from(result.bytes).toString('hex');
      if (hex === expected) same++;
      else if (meaning(hex) !== meaning(expected))
        different.push(`${line}: ${hex}, not ${expected}`);
    }
    context.diagnostic(`${compared} instructions, ${assembled} assembled, ${same} to the byte`);
    assert.deepEqual(different, []);
    assert.ok(compared >= atLeast, `only ${compared} instructions compared`);
    assert.ok(assembled >= leastAssembled * compared, `only ${assembled} of ${compared} assembled`);
    assert.ok(same >= leastSame * assembled, `only ${same} of ${assembled} to the byte`);
  });
}
