/** The little of ELF that finds code to test with. */
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
