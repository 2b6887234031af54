/** Instruction sets and calling conventions, by the names that the annotation language gives them. */

/** Facts about an instruction set that reading bytes and signatures needs. */
export interface ArchitectureFacts {
  readonly name: Architecture;
  /** Other spellings, in lower case. */
  readonly aliases: readonly string[];
  /** Size of a pointer, in bits. */
  readonly pointerBits: 16 | 32 | 64;
  /** Byte order of data. */
  readonly bigEndian: boolean;
  /** Byte order of instruction words where it differs from that of data. */
  readonly littleEndianCode?: true;
  /** What `.word` means to GNU as, in bytes. */
  readonly wordBytes: 2 | 4;
  /** Whether C's plain `char` has no sign (the platform ABI's choice). */
  readonly unsignedChar: boolean;
}

export type Architecture =
  | 'x86_64'
  | 'x86'
  | 'x86_16'
  | 'aarch64'
  | 'arm'
  | 'thumb'
  | 'riscv64'
  | 'riscv32'
  | 'mips'
  | 'mipsel'
  | 'mips64'
  | 'mips64el'
  | 'ppc'
  | 'ppc64'
  | 'ppc64le'
  | 's390x'
  | 'sparc'
  | 'sparc64'
  | 'loongarch64'
  | 'm68k'
  | 'sh4'
  | 'alpha';

function facts(
  name: Architecture,
  aliases: string,
  pointerBits: 16 | 32 | 64,
  order: 'little' | 'big',
  more: Partial<ArchitectureFacts> = {},
): ArchitectureFacts {
  return {
    name,
    aliases: aliases === '' ? [] : aliases.split(' '),
    pointerBits,
    bigEndian: order === 'big',
    wordBytes: 4,
    unsignedChar: false,
    ...more,
  };
}

const unsignedChar = { unsignedChar: true } as const;

/** Every architecture that `@arch` knows. */
export const architectures: readonly ArchitectureFacts[] = [
  facts('x86_64', 'x86-64 x64 amd64', 64, 'little', { wordBytes: 2 }),
  facts('x86', 'i386 i486 i586 i686 ia32 x86_32 x86-32', 32, 'little', { wordBytes: 2 }),
  facts('x86_16', 'x86-16 i8086 8086', 16, 'little', { wordBytes: 2 }),
  facts('aarch64', 'arm64', 64, 'little', unsignedChar),
  facts('arm', 'arm32 armv7 a32', 32, 'little', unsignedChar),
  facts('thumb', 'thumb2 t32', 32, 'little', unsignedChar),
  facts('riscv64', 'rv64', 64, 'little', unsignedChar),
  facts('riscv32', 'rv32', 32, 'little', unsignedChar),
  facts('mips', 'mips32', 32, 'big'),
  facts('mipsel', 'mips32el', 32, 'little'),
  facts('mips64', '', 64, 'big'),
  facts('mips64el', '', 64, 'little'),
  facts('ppc', 'powerpc ppc32', 32, 'big', unsignedChar),
  facts('ppc64', 'powerpc64', 64, 'big', unsignedChar),
  facts('ppc64le', 'powerpc64le', 64, 'little', unsignedChar),
  facts('s390x', 'systemz', 64, 'big', unsignedChar),
  facts('sparc', '', 32, 'big'),
  facts('sparc64', 'sparcv9', 64, 'big'),
  facts('loongarch64', 'la64', 64, 'little'),
  facts('m68k', '68000', 32, 'big'),
  facts('sh4', 'sh', 32, 'little'),
  facts('alpha', '', 64, 'little'),
];

const byName = new Map<string, ArchitectureFacts>();
for (const entry of architectures) {
  byName.set(entry.name, entry);
  for (const alias of entry.aliases) byName.set(alias, entry);
}

/** The architecture of that name or alias (in any case), or undefined. */
export function findArchitecture(name: string): ArchitectureFacts | undefined {
  return byName.get(name.toLowerCase());
}

/** The facts of an architecture. */
export function factsOf(architecture: Architecture): ArchitectureFacts {
  const found = byName.get(architecture);
  if (!found) throw new Error(`no facts for architecture ${architecture}`);
  return found;
}

/** Calling conventions that `@abi` knows. */
export type Abi = 'sysv' | 'win64' | 'aapcs64' | 'cdecl' | 'stdcall' | 'fastcall';

export const abis: readonly Abi[] = ['sysv', 'win64', 'aapcs64', 'cdecl', 'stdcall', 'fastcall'];
