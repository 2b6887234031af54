/** The names of x86 instructions: which are one, which are also words, and the letters for sizes. */

import { x86Conditions } from '../x86Conditions.ts';

/** Name → the name that stands for all that mean the same. */
const aliases = new Map<string, string>();

function same(name: string, ...others: readonly string[]): void {
  for (const other of others) aliases.set(other, name);
}

for (const [name = '', ...others] of x86Conditions) {
  for (const stem of ['j', 'set', 'cmov']) {
    same(stem + name, ...others.map((other) => stem + other));
  }
  if (name === 'e' || name === 'ne') same(`loop${name}`, ...others.map((other) => `loop${other}`));
}
same('shl', 'sal');
same('mov', 'movabs');
same('movsx', 'movsxd', 'movslq');
same('cbw', 'cbtw');
same('cwde', 'cwtl');
same('cdqe', 'cltq');
same('cwd', 'cwtd');
same('cdq', 'cltd');
same('cqo', 'cqto');
same('ret', 'retn');
same('retf', 'lret');
same('jmp', 'ljmp');
same('call', 'lcall');
same('pushf', 'pushfq', 'pushfd', 'pushfw');
same('popf', 'popfq', 'popfd', 'popfw');
same('pusha', 'pushad', 'pushaw', 'pushal');
same('popa', 'popad', 'popaw', 'popal');
same('iret', 'iretq', 'iretd');
same('int1', 'icebp');
same('ud2', 'ud2a');
same('ud1', 'ud2b');
same('wait', 'fwait');
same('xlatb', 'xlat');
same('fnstsw', 'fstsw');
same('fnstcw', 'fstcw');
same('fninit', 'finit');
same('fnclex', 'fclex');
same('fnsave', 'fsave');
same('fnstenv', 'fstenv');
same('sysret', 'sysretq');
same('sysexit', 'sysexitq');
same('vmovdqu', 'vmovqqu');
same('vmovdqa', 'vmovqqa');
for (const letter of ['b', 'w', 'd', 'q', 'ub', 'uw', 'ud', 'uq']) {
  same(`vpcmpnlt${letter}`, `vpcmpge${letter}`);
  same(`vpcmpnle${letter}`, `vpcmpgt${letter}`);
}
same('jecxz', 'jcxz', 'jrcxz');

/** The name that stands for all that mean the same. */
export function canonical(mnemonic: string): string {
  return aliases.get(mnemonic) ?? mnemonic.replace(usualPredicate, '$1$2');
}

/** Predicates that say in full what their short names mean: `lt_os` is `lt`. */
const usualPredicate =
  /^(vcmp(?:eq(?=_oq)|[lg][te](?=_os)|n[lg][te](?=_us)|(?:un)?ord(?=_q)|neq(?=_uq)|false(?=_oq)|true(?=_uq)))_[a-z]{1,2}(p[sd]|s[sd])$/;

const sizeSuffix = /^(?:ll|[bwlqst])$/;

/**
 * What a letter at the end of AT&T's names means, in bytes, or undefined. Floating point has letters of
 * its own (GNU as, "i386-Mnemonics").
 */
export function suffixSize(stem: string, suffix: string): number | undefined {
  if (!sizeSuffix.test(suffix)) return undefined;
  const integerFloat = stem.startsWith('fi');
  if (stem.startsWith('f')) {
    const sizes: Record<string, number> = integerFloat
      ? { s: 2, l: 4, q: 8, ll: 8 }
      : { s: 4, l: 8, t: 10 };
    return sizes[suffix];
  }
  const sizes: Record<string, number> = { b: 1, w: 2, l: 4, q: 8 };
  return sizes[suffix];
}

/** The name without a size at its end, and that size, for every way to read it. */
export function* stems(mnemonic: string): Generator<{ stem: string; size: number | undefined }> {
  yield { stem: mnemonic, size: undefined };
  for (const length of [1, 2]) {
    const stem = mnemonic.slice(0, -length);
    const size = stem === '' ? undefined : suffixSize(stem, mnemonic.slice(-length));
    if (size !== undefined) yield { stem, size };
  }
}

/** Comparisons that have their predicate in the name, and products of halves. */
const pseudo =
  /^(v?p?com|v?p?cmp)(eq|lt|le|unord|neq|nlt|nle|ord|ge|gt|false|true|nge|ngt)(_[a-z]{1,3})?(ps|pd|ss|sd|ph|sh|pbf16|u?[bwdq])$|^v?pclmul(lql|hql|lqh|hqh)qdq$/;

/** The name without its predicate, or undefined. */
export function withoutPredicate(mnemonic: string): string | undefined {
  const match = pseudo.exec(mnemonic);
  if (!match) return undefined;
  const [, stem, , , type] = match;
  if (stem === undefined) return mnemonic.startsWith('v') ? 'vpclmulqdq' : 'pclmulqdq';
  return `${stem}${type}`;
}

/** AT&T's `movzbl`: extension, source and target size. */
export const extension = /^mov([sz])([bwl])([wlq]?)$/;

/** AT&T's letter for the width of vectors in memory: `vcvtpd2psx`. */
export const vectorWidth = /^v(?:cvt\w+|fpclass\w+)[xyz]$/;

/** Whether an instruction has that name, by the names that a disassembler knows. */
export function isMnemonic(name: string, known: ReadonlySet<string>): boolean {
  if (extension.test(name) || pseudo.test(name) || aliases.has(name)) return true;
  if (vectorWidth.test(name)) return known.has(name.slice(0, -1));
  for (const { stem } of stems(name))
    if (known.has(stem) || known.has(canonical(stem))) return true;
  return stringStem(name) !== undefined;
}

/** Bytes by the letter at the end of a string instruction or an extension. */
export const stringSizes: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, d: 4, q: 8 };

/** `movsb`, `movs`, `movsl` → `movs`; undefined for what cannot be a string instruction. */
export function stringStem(name: string): string | undefined {
  return /^(movs|stos|lods|scas|cmps|ins|outs)[bwldq]?$/.exec(name)?.[1];
}

/** Instructions whose names are words or that prose begins with, and need two operands (or three). */
const needsTwo =
  /^(add|adc|and|or|sub|sbb|xor|test|cmp|mov|lea|xchg|in|bt|bts|btr|btc|bound|les|lds|lar|lsl)[bwlq]?$/;

/** Instructions that need one operand at least. */
const needsOne =
  /^(call|jmp|j[a-z]{1,4}|push|pop|not|neg|inc|dec|int|loop\w*|mul|div|idiv|imul|set[a-z]{1,3}|shl|shr|sal|sar|rol|ror|str|bswap|out|enter)[bwlq]?$/;

/** The fewest operands that the instruction can be written with. */
export function fewestOperands(mnemonic: string): 0 | 1 | 2 {
  if (stringStem(mnemonic) !== undefined) return 0;
  if (/^(pushf|popf|pusha|popa)[dqwl]?$/.test(mnemonic)) return 0;
  if (needsTwo.test(mnemonic)) return 2;
  return needsOne.test(mnemonic) && !/^int[13o]/.test(mnemonic) ? 1 : 0;
}

/** Instructions that stand alone and cannot be taken for prose. */
const alone: ReadonlySet<string> = new Set(
  [
    'ret retn retf retq lret lretw lretl lretq retfq nop leave leaveq leaved leavew hlt pause',
    'syscall sysret sysretl sysretq sysenter sysexit iret iretq iretd iretw iretl int1 int3 icebp ud2',
    'cpuid rdtsc rdtscp rdpmc rdmsr wrmsr rdpkru wrpkru xgetbv xsetbv swapgs wbinvd invd clts rsm',
    'cdq cqo cdqe cwde cbw cwd cltq cqto cltd cwtl cbtw cwtd aaa aas daa das salc xlat xlatb',
    'cld cli clc std sti stc cmc clac stac lahf sahf lfence mfence sfence endbr64 endbr32 serialize',
    'pushf pushfq pushfd pushfw popf popfq popfd popfw pusha pushad popa popad',
    'movsb movsw movsl movsd movsq stosb stosw stosl stosd stosq lodsb lodsw lodsl lodsd lodsq',
    'scasb scasw scasl scasd scasq cmpsb cmpsw cmpsl cmpsd cmpsq insb insw insl insd outsb outsw outsl outsd',
    'emms femms vzeroupper vzeroall xend xtest monitor mwait vmcall vmlaunch vmresume vmxoff',
    'encls enclu getsec fld1 fldz fldpi fldl2e fldl2t fldlg2 fldln2 fabs fchs fsqrt fsin fcos fsincos',
    'fptan fpatan f2xm1 fyl2x fyl2xp1 frndint fscale fprem fprem1 fxam ftst fxtract finit fninit fclex',
    'fnclex fdecstp fincstp fnop fcompp fucompp fwait',
  ].flatMap((names) => names.split(' ')),
);

/** Whether the name alone is a whole instruction, and nothing that a person would say. */
export function standsAlone(mnemonic: string): boolean {
  return alone.has(mnemonic);
}

/** Whether the operand is where to go on. */
export function isBranch(mnemonic: string): boolean {
  return /^(j[a-z]{1,5}|call[wlq]?|lcall|ljmp|loop(n?[ez])?|xbegin)$/.test(mnemonic);
}
