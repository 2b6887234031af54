/** What this machine's processor offers, as far as the system tells, for instructions that need more than the base. */
import fs from 'node:fs';

/** Names that Linux has for a feature where they are not the disassembler's in lower case (arch/x86/include/asm/cpufeatures.h). */
const linuxNames: Readonly<Record<string, string>> = {
  AVX512_IFMA: 'avx512ifma',
  AVX512_VBMI: 'avx512vbmi',
  CMPXCHG16B: 'cx16',
  LZCNT: 'abm',
  SHA: 'sha_ni',
  SSE3: 'pni',
};

/** Names of features that can be looked up; of others nothing is claimed. */
const known =
  /^(?:SSE3|SSSE3|SSE4_1|SSE4_2|SSE4A|POPCNT|LZCNT|BMI1|BMI2|AVX2?|AVX512[A-Z0-9_]+|FMA4?|F16C|AES|VAES|SHA|GFNI|PCLMULQDQ|VPCLMULQDQ|RDRAND|RDSEED|RDPID|ADX|MOVBE|CMPXCHG16B|XOP|TBM|RTM|WAITPKG|MOVDIRI|MOVDIR64B|SERIALIZE|CLDEMOTE)$/;

let flags: ReadonlySet<string> | undefined;

function readFlags(): ReadonlySet<string> {
  try {
    const line = /^flags\s*:(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'latin1'))?.[1];
    return new Set(line?.trim().split(/\s+/));
  } catch {
    return new Set();
  }
}

/** Those of the features that not every x86-64 processor has. */
export function notableFeatures(features: readonly string[]): readonly string[] {
  return features.filter((name) => known.test(name));
}

/** Those of the features that this machine is known to lack; none where the system does not tell. */
export function missingFeatures(features: readonly string[]): readonly string[] {
  flags ??= readFlags();
  const has = flags;
  if (has.size === 0) return [];
  return notableFeatures(features).filter(
    (name) => !has.has(linuxNames[name] ?? name.toLowerCase()),
  );
}
