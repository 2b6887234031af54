/** The bytes of `.text` in an ELF object file, and what a linker would still have to do (System V ABI, chapter 4). */

export interface ElfText {
  readonly machine: number;
  readonly bytes: Uint8Array;
  /** Other sections that would be loaded and have content. */
  readonly others: readonly string[];
  /** What is left open in `.text`. */
  readonly relocations: readonly Relocation[];
  /** Where the symbol of the given name stands in `.text`. */
  offsetOf(name: string): number | undefined;
}

export interface Relocation {
  /** In `.text`, in bytes. */
  readonly offset: number;
  readonly type: number;
  /** Undefined for an absolute value. */
  readonly symbol: ElfSymbol | undefined;
  readonly addend: bigint;
}

export interface ElfSymbol {
  /** Empty for a section. */
  readonly name: string;
  /** Whether the file defines it. */
  readonly defined: boolean;
  /** Where it stands in `.text`, or undefined. */
  readonly offset: number | undefined;
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

/** Section types, flags. */
const progbits = 1;
const symbolTable = 2;
const rela = 4;
const nobits = 8;
const rel = 9;
const allocated = 2;
/** Sections that the assembler makes by itself. */
const ownSections = /^\.(?:MIPS\.|reginfo$|note|eh_frame|ARM\.|riscv\.|gnu\.)/;

/** Reads an object file. Throws a RangeError for a file that is none, or is cut off. */
export function readElfText(file: Uint8Array): ElfText {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 52 || view.getUint32(0) !== 0x7f45_4c46) throw new RangeError('no ELF file');
  const reader = new Reader(view, file[4] === 2, file[5] === 1);
  const sections = reader.sections();
  const text = sections.findIndex(({ name }) => name === '.text');
  const others = sections.filter(
    ({ name, type, flags, size }, index) =>
      index !== text &&
      (flags & allocated) !== 0 &&
      size > 0 &&
      (type === progbits || type === nobits) &&
      !ownSections.test(name),
  );
  const section = sections[text];
  return {
    machine: reader.u16(18),
    bytes: section ? file.slice(section.offset, section.offset + section.size) : new Uint8Array(0),
    others: others.map(({ name }) => name),
    relocations: sections
      .filter(({ type, info }) => (type === rel || type === rela) && info === text)
      .flatMap((each) => reader.relocations(each, sections, text)),
    offsetOf: (name) => reader.offsetOf(name, sections, text),
  };
}

class Reader {
  readonly #view: DataView;
  readonly #wide: boolean;
  readonly #little: boolean;

  constructor(view: DataView, wide: boolean, little: boolean) {
    this.#view = view;
    this.#wide = wide;
    this.#little = little;
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  /** A word of the file's own width. */
  #word(at: number): number {
    return this.#wide ? Number(this.#view.getBigUint64(at, this.#little)) : this.#u32(at);
  }

  sections(): Section[] {
    const wide = this.#wide;
    const start = this.#word(wide ? 40 : 32);
    const entry = this.u16(wide ? 58 : 46);
    const count = this.u16(wide ? 60 : 48);
    const names = this.u16(wide ? 62 : 50);
    const at = (index: number): number => start + index * entry;
    const offsetOf = (index: number): number => this.#word(at(index) + (wide ? 24 : 16));
    return Array.from({ length: count }, (_, index) => {
      const here = at(index);
      return {
        name: this.#name(offsetOf(names) + this.#u32(here)),
        type: this.#u32(here + 4),
        flags: this.#word(here + 8),
        offset: offsetOf(index),
        size: this.#word(here + (wide ? 32 : 20)),
        link: this.#u32(here + (wide ? 40 : 24)),
        info: this.#u32(here + (wide ? 44 : 28)),
      };
    });
  }

  relocations(
    { type, offset, size, link }: Section,
    sections: readonly Section[],
    text: number,
  ): Relocation[] {
    const word = this.#wide ? 8 : 4;
    const entry = (type === rela ? 3 : 2) * word;
    const symbols = sections[link];
    const names = symbols && sections[symbols.link];
    return Array.from({ length: Math.floor(size / entry) }, (_, index) => {
      const at = offset + index * entry;
      const { symbol, kind } = this.#info(at + word);
      return {
        offset: this.#word(at),
        type: kind,
        symbol:
          symbols && names && symbol > 0 ? this.#symbol(symbols, names, symbol, text) : undefined,
        addend: type === rela ? this.#signed(at + 2 * word) : 0n,
      };
    });
  }

  offsetOf(name: string, sections: readonly Section[], text: number): number | undefined {
    const symbols = sections.find(({ type }) => type === symbolTable);
    const names = symbols && sections[symbols.link];
    if (!symbols || !names) return undefined;
    const count = Math.floor(symbols.size / (this.#wide ? 24 : 16));
    // The one looked for is the last that was defined.
    for (let index = count - 1; index >= 0; index--) {
      const found = this.#symbol(symbols, names, index, text);
      if (found?.name === name) return found.offset;
    }
    return undefined;
  }

  #signed(at: number): bigint {
    return this.#wide
      ? this.#view.getBigInt64(at, this.#little)
      : BigInt(this.#view.getInt32(at, this.#little));
  }

  /** `r_info`; of 64 bits the symbol is the upper half. MIPS of 64 bits and little-endian is not read so. */
  #info(at: number): { symbol: number; kind: number } {
    if (!this.#wide) {
      const info = this.#u32(at);
      return { symbol: info >>> 8, kind: info & 0xff };
    }
    const info = this.#view.getBigUint64(at, this.#little);
    return { symbol: Number(info >> 32n), kind: Number(info & 0xffff_ffffn) };
  }

  #symbol(symbols: Section, names: Section, index: number, text: number): ElfSymbol | undefined {
    const size = this.#wide ? 24 : 16;
    if ((index + 1) * size > symbols.size) return undefined;
    const at = symbols.offset + index * size;
    const section = this.u16(at + (this.#wide ? 6 : 14));
    const value = this.#word(at + (this.#wide ? 8 : 4));
    return {
      name: this.#name(names.offset + this.#u32(at)),
      defined: section !== 0,
      offset: section === text ? value : undefined,
    };
  }

  #name(start: number): string {
    const { buffer, byteOffset, byteLength } = this.#view;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const end = bytes.indexOf(0, start);
    return Buffer.from(bytes.subarray(start, end < 0 ? byteLength : end)).toString('latin1');
  }
}
