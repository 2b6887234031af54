/** Real instructions with the comments that three disassemblers give them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Architecture } from '../../../src/model/architecture.ts';
import { textSection } from '../../asm/elf.ts';

export interface Listed {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** As the disassembler writes it, blanks made single. */
  readonly text: string;
}

/** Code whose instructions differ much: a C library, mathematics, vectors, cryptography. */
const libraries = ['libc.so.6', 'libm.so.6', 'libmvec.so.1', 'libcrypto.so.3', 'libgmp.so.10'];
const x86Folder = '/lib/x86_64-linux-gnu';

/** Where code is taken from: bytes from the beginning of .text, and from its middle. */
const chunkBytes = 60_000;

export interface Chunk {
  readonly file: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Pieces of the libraries that are there; at least two must be. */
export function chunks(folder = x86Folder, names = libraries): Chunk[] {
  const found: Chunk[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    if (!fs.existsSync(file)) continue;
    const { bytes, address } = textSection(file);
    for (const part of [0, 1, 2]) {
      const start = Math.floor((bytes.length * part) / 3);
      found.push({
        file,
        address: address + start,
        bytes: bytes.subarray(start, start + chunkBytes),
      });
    }
  }
  assert.ok(found.length >= 6, `at least two of ${names.join(', ')} must be in ${folder}`);
  return found;
}

/** What GNU objdump says, in AT&T's or Intel's syntax. */
export function objdump({ file, address, bytes }: Chunk, syntax: 'att' | 'intel'): Listed[] {
  const output = run('objdump', [
    '-d',
    '-w',
    '-M',
    syntax === 'intel' ? 'intel' : 'att,suffix',
    `--start-address=${address}`,
    `--stop-address=${address + bytes.length}`,
    file,
  ]);
  return output.split('\n').flatMap((line) => {
    const match = /^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.+)$/.exec(line);
    if (!match || /\(bad\)|^\.byte/.test(match[3] ?? '')) return [];
    return [listed(match[1] ?? '', match[2] ?? '', match[3] ?? '')];
  });
}

/** What GNU objdump says of AArch64's code; bytes in the order of memory. */
export function objdumpAarch64({ file, address, bytes }: Chunk): Listed[] {
  const output = run('aarch64-linux-gnu-objdump', [
    '-d',
    `--start-address=${address}`,
    `--stop-address=${address + bytes.length}`,
    file,
  ]);
  return output.split('\n').flatMap((line) => {
    const match = /^\s*([0-9a-f]+):\t([0-9a-f]{8}) \t(.+)$/.exec(line);
    const [, at = '', word = '', text = ''] = match ?? [];
    if (!match || /^(\.|udf)|undefined/.test(text)) return [];
    return [listed(at, Buffer.from(word, 'hex').reverse().toString('hex'), text)];
  });
}

/** What NASM's disassembler says. */
export function ndisasm({ address, bytes }: Chunk): Listed[] {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'comments-')), 'code');
  fs.writeFileSync(file, bytes);
  const output = run('ndisasm', ['-b', '64', '-o', String(address), file]);
  fs.rmSync(path.dirname(file), { recursive: true });
  const found: { at: string; hex: string; text: string }[] = [];
  for (const line of output.split('\n')) {
    const more = /^\s+-([0-9A-F]+)$/.exec(line);
    const last = found.at(-1);
    if (more && last) last.hex += more[1] ?? '';
    const match = /^([0-9A-F]+) {2}([0-9A-F]+)\s+(.+)$/.exec(line);
    if (match) found.push({ at: match[1] ?? '', hex: match[2] ?? '', text: match[3] ?? '' });
  }
  return found
    .map(({ at, hex, text }) => listed(at, hex, text))
    .filter(({ text, bytes }) => !text.startsWith('db ') && !isMisread(bytes, text));
}

/** objdump's Intel syntax turned into what MASM's users write. */
export function masm(lines: readonly Listed[]): Listed[] {
  return lines.map(({ address, bytes, text }) => ({
    address,
    bytes,
    text: text
      .replace(/#.*$/, '')
      .replace(/\s*<[^>]*>/, '')
      .replaceAll(/\b0x([0-9a-f]+)\b/g, (_, digits: string) =>
        /^[a-f]/.test(digits) ? `0${digits.toUpperCase()}h` : `${digits.toUpperCase()}h`,
      )
      .replaceAll(/\b(QWORD|DWORD|WORD|BYTE|XMMWORD|YMMWORD|ZMMWORD|TBYTE|FWORD) PTR\b/g, (word) =>
        word.toLowerCase(),
      )
      .replace(/^(\w+)/, (word) => word.toUpperCase())
      .trim(),
  }));
}

/** ndisasm takes vectors with rounding for short ones, and mistakes the registers of gathers. */
function isMisread(bytes: Uint8Array, text: string): boolean {
  const [first = 0, , , flags = 0, , modRm = 0] = bytes;
  const evex = 0x62;
  const broadcastBit = 0x10;
  const registerForm = 0xc0;
  const rounds = first === evex && (flags & broadcastBit) !== 0 && modRm >= registerForm;
  return rounds || /^vp?gather|^jmp word/.test(text);
}

function listed(address: string, hex: string, text: string): Listed {
  return {
    address: Number.parseInt(address, 16),
    bytes: Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    text: text.replaceAll(/\s+/g, ' ').trim(),
  };
}

function run(program: string, args: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  assert.ok(!error && status === 0, `${program} is needed: ${error?.message ?? stderr}`);
  return stdout;
}

/** At most so many lines with one mnemonic, so that the common ones do not crowd out the others. */
const perMnemonic = 60;

/**
 * Data among code, read as code: prefixes without an effect, encodings that no compiler chooses, MPX
 * (which iced reads as the nops that it is on today's processors), jumps to 16 bits (processors differ).
 */
function isJunk(text: string): boolean {
  return (
    /\brex\b|^jmp \*?word|^jmpw|\?|\.s\b|^(?:[c-es]s|fs|gs|wait|addr32|data16|[ao](?:16|32|64)) |\bbnd[lsc]|^(?:rep\w*|lock|bnd|cs|ds|es|ss)$/i.test(
      text,
    ) ||
    (/^(?:lock|repn?[ez]) /i.test(text) &&
      !/^lock (?:add|adc|and|btc|btr|bts|cmpxchg|dec|inc|neg|not|or|sbb|sub|xadd|xchg|xor)\w* .*[[(]|^rep\w* (?:movs|stos|lods|scas|cmps|ins|outs|ret)/i.test(
        text,
      ))
  );
}

/** Lines that all differ, of many mnemonics; without those that depend on where they stand. */
export function varied(lines: readonly Listed[]): Listed[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return lines.filter(({ text }) => {
    const mnemonic =
      /^(?:(?:rep\w*|lock|bnd|notrack|[c-gs]s|data16|cs) )*(\S+)/.exec(text)?.[1] ?? '';
    const count = counts.get(mnemonic) ?? 0;
    if (isJunk(text) || count >= perMnemonic || seen.has(text) || dependsOnPlace(text))
      return false;
    seen.add(text);
    counts.set(mnemonic, count + 1);
    return true;
  });
}

/** Stretches of lines without a gap between them, each of that many. */
export function stretches(lines: readonly Listed[], length: number): Listed[][] {
  const found: Listed[][] = [];
  let current: Listed[] = [];
  for (const line of lines) {
    const last = current.at(-1);
    if (last && last.address + last.bytes.length !== line.address) current = [];
    current.push(line);
    if (current.length === length) {
      found.push(current);
      current = [];
    }
  }
  return found;
}

/** Whether a line names an address: a jump or call to a number, or NASM's `[rel 0x1000]`. */
function dependsOnPlace(text: string): boolean {
  return /^adrp? |^(b|bl|b\.\w+|cbn?z|tbn?z) |^ldr \S+ [0-9a-f]+ |\[rel |\b(j[a-z]{1,4}|call[q]?|loop\w*|xbegin)(,p[nt])? (short |near |qword )?(0x)?[0-9a-f]+h?\b/i.test(
    text,
  );
}

/** A C array of the lines, each with its comment, under a `@jit`. */
export function program(lines: readonly Listed[], architecture: Architecture): string {
  const rows = lines.map(({ bytes, text }) => {
    const numbers = [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')},`);
    return `    ${numbers.join(' ')}  // ${text}`;
  });
  return [
    `// @jit void f(void) @arch ${architecture}`,
    'const unsigned char f[] = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}
