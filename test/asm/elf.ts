/** The little of ELF that finds code to test with. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** The section .text of an ELF64 file. Throws where there is none. */
export function textSection(file: string): { bytes: Uint8Array; address: number } {
  const elf = fs.readFileSync(file);
  const table = Number(elf.readBigUInt64LE(0x28));
  const entrySize = elf.readUInt16LE(0x3a);
  const header = (index: number): Buffer => elf.subarray(table + index * entrySize);
  const names = Number(header(elf.readUInt16LE(0x3e)).readBigUInt64LE(0x18));
  for (let index = 0; index < elf.readUInt16LE(0x3c); index++) {
    const section = header(index);
    const name = names + section.readUInt32LE(0);
    if (elf.toString('latin1', name, name + 6) !== '.text\0') continue;
    const start = Number(section.readBigUInt64LE(0x18));
    const size = Number(section.readBigUInt64LE(0x20));
    return {
      bytes: elf.subarray(start, start + size),
      address: Number(section.readBigUInt64LE(0x10)),
    };
  }
  throw new Error(`${file} has no .text`);
}

/** The bytes of the functions in the section .text that a library's dynamic symbols name, each once, by GNU nm. */
export function functionsOf(file: string, nm: string): ReadonlyMap<string, Uint8Array> {
  const { bytes, address } = textSection(file);
  const list = execFileSync(nm, ['-D', '-S', '--defined-only', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const found = new Map<string, Uint8Array>();
  const seen = new Set<string>();
  for (const line of list.split('\n')) {
    const match = /^([0-9a-f]+) ([0-9a-f]+) [TtWwi] (\S+)$/.exec(line);
    if (!match) continue;
    const [, start = '', size = '', name = ''] = match;
    const from = Number.parseInt(start, 16) - address;
    const to = from + Number.parseInt(size, 16);
    if (from < 0 || to > bytes.length || to === from || seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`);
    found.set(name, bytes.subarray(from, to));
  }
  return found;
}
