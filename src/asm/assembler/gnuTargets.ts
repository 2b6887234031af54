/** How GNU as is asked for each architecture. */
import type { Architecture } from '../../model/architecture.ts';
import type { AssemblySyntax } from '../../model/assembly.ts';

export interface GnuTarget {
  /** Programs made for it, best first; each is a name on the PATH. */
  readonly programs: readonly string[];
  /** What the target that `as --version` names begins with, where plain `as` is made for it. */
  readonly native: RegExp;
  readonly options: readonly string[];
  /** Lines before the text. */
  readonly header: readonly string[];
  /** The Debian package that has the first program. */
  readonly debian: string;
  /** `e_machine` of the object file (System V ABI, "ELF Header"). */
  readonly machine: number;
}

function target(
  triples: string,
  native: RegExp,
  machine: number,
  options = '',
  header: readonly string[] = [],
): GnuTarget {
  const names = triples.split(' ');
  return {
    programs: names.map((triple) => `${triple}-as`),
    native,
    options: options === '' ? [] : options.split(' '),
    header,
    debian: `binutils-${names[0]?.replaceAll('_', '-') ?? ''}`,
    machine,
  };
}

/** Not one instruction is padded, relaxed by a linker, or chosen by the host's habits. */
const targets: Partial<Record<Architecture, GnuTarget>> = {
  x86: target('i686-linux-gnu x86_64-linux-gnu', /^(?:x86_64|i\d86)/, 3, '--32'),
  x86_16: target('i686-linux-gnu x86_64-linux-gnu', /^(?:x86_64|i\d86)/, 3, '--32', ['.code16']),
  aarch64: target('aarch64-linux-gnu aarch64-none-elf', /^aarch64/, 183, '-mcpu=all'),
  arm: target('arm-linux-gnueabihf arm-linux-gnueabi arm-none-eabi', /^arm/, 40, '-mcpu=all', [
    '.syntax unified',
    '.arm',
  ]),
  thumb: target('arm-linux-gnueabihf arm-linux-gnueabi arm-none-eabi', /^arm/, 40, '-mcpu=all', [
    '.syntax unified',
    '.thumb',
  ]),
  riscv64: target(
    'riscv64-linux-gnu riscv64-unknown-elf',
    /^riscv/,
    243,
    '-march=rv64gc -mabi=lp64d -mno-relax',
  ),
  riscv32: target(
    'riscv64-linux-gnu riscv64-unknown-elf riscv32-unknown-elf',
    /^riscv/,
    243,
    '-march=rv32gc -mabi=ilp32d -mno-relax',
  ),
  mips: target(
    'mips-linux-gnu mipsel-linux-gnu',
    /^mips/,
    8,
    '-EB -32 -mips32r2 -no-pad-sections -O0',
  ),
  mipsel: target(
    'mipsel-linux-gnu mips-linux-gnu',
    /^mips/,
    8,
    '-EL -32 -mips32r2 -no-pad-sections -O0',
  ),
  mips64: target(
    'mips64-linux-gnuabi64 mips64el-linux-gnuabi64',
    /^mips/,
    8,
    '-EB -64 -mips64r2 -no-pad-sections -O0',
  ),
  mips64el: target(
    'mips64el-linux-gnuabi64 mips64-linux-gnuabi64',
    /^mips/,
    8,
    '-EL -64 -mips64r2 -no-pad-sections -O0',
  ),
  ppc: target(
    'powerpc-linux-gnu powerpc64-linux-gnu',
    /^powerpc/,
    20,
    '-a32 -mbig -many -mregnames',
  ),
  ppc64: target(
    'powerpc64-linux-gnu powerpc64le-linux-gnu',
    /^powerpc/,
    21,
    '-a64 -mbig -many -mregnames',
  ),
  ppc64le: target(
    'powerpc64le-linux-gnu powerpc64-linux-gnu',
    /^powerpc/,
    21,
    '-a64 -mlittle -many -mregnames',
  ),
  s390x: target('s390x-linux-gnu', /^s390x/, 22, '-m64'),
  sparc: target('sparc64-linux-gnu sparc-linux-gnu', /^sparc/, 2, '-32 -Av8'),
  sparc64: target('sparc64-linux-gnu', /^sparc/, 43, '-64 -Av9d'),
  m68k: target('m68k-linux-gnu', /^m68k/, 4, '--register-prefix-optional'),
  sh4: target('sh4-linux-gnu', /^sh/, 42, '-little'),
  alpha: target('alpha-linux-gnu', /^alpha/, 0x9026),
  loongarch64: target('loongarch64-linux-gnu', /^loongarch/, 258),
};

export function gnuTarget(architecture: Architecture): GnuTarget | undefined {
  return targets[architecture];
}

/** The lines before a text; other architectures than x86 have one way to write operands. */
export function headerOf(
  architecture: Architecture,
  { header }: GnuTarget,
  syntax: AssemblySyntax,
): readonly string[] {
  const isIntel = architecture.startsWith('x86') && syntax === 'intel';
  return isIntel ? [...header, '.intel_syntax noprefix'] : header;
}
