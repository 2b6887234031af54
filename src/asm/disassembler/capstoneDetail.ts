/** What an instruction of a load-store machine does, from Capstone's text, groups and register lists. */
import type {
  Access,
  InstructionCategory,
  MemoryOperand,
  Operand,
  Unpredictability,
} from '../../model/instruction.ts';
import type { Detail } from './lazyInstruction.ts';

export type Family =
  'aarch64' | 'arm' | 'mips' | 'ppc' | 'sparc' | 's390x' | 'm68k' | 'riscv' | 'sh4';

/** What Capstone says of an instruction. */
export interface Said {
  readonly mnemonic: string;
  readonly intel: string;
  /** Empty where Capstone does not know (RISC-V, MIPS, PowerPC, SPARC, System Z, 68000). */
  readonly registersRead: readonly string[];
  readonly registersWritten: readonly string[];
  readonly groups: readonly string[];
}

/** Reads an instruction's details. */
export function detailOf(family: Family, address: bigint, said: Said): Detail {
  const operandText = said.intel.slice(said.mnemonic.length).trim();
  const category = categoryOf(family, said, operandText);
  const branches = /^(jump|conditional jump|call)$/.test(category);
  const operands = splitOperands(operandText).map((text) => operandOf(family, said, text));
  const last = operands.at(-1);
  let targetDistance: number | undefined;
  if (branches && last?.kind === 'immediate') {
    // Capstone gives RISC-V's distances as they are encoded, all others as addresses.
    const to = family === 'riscv' ? address + last.value : last.value;
    operands[operands.length - 1] = { kind: 'target', address: to };
    targetDistance = Number(BigInt.asIntN(32, to - address));
  }
  const flagsRead = flagReader.test(said.mnemonic) ? ['nzcv'] : [];
  return {
    operands,
    registersRead: said.registersRead.filter((name) => name !== ''),
    registersWritten: said.registersWritten.filter((name) => name !== ''),
    flagsRead: said.registersRead.includes('nzcv')
      ? ['nzcv']
      : family === 'aarch64'
        ? flagsRead
        : [],
    flagsWritten: said.registersWritten.some((name) => /^(nzcv|apsr|cpsr)/.test(name))
      ? ['nzcv']
      : [],
    memory: operands.flatMap((operand) =>
      operand.kind === 'memory' && operand.memory.access !== 'none' ? [operand.memory] : [],
    ),
    targetDistance,
    category,
    features: said.groups.filter((name) => feature.test(name)).map((name) => name.toUpperCase()),
    privileged:
      family === 'aarch64'
        ? aarch64Privileged.test(said.intel)
        : said.groups.includes('privilege') && !/^(mrs|msr)$/.test(said.mnemonic),
    unpredictable: unpredictabilityOf(said.intel),
  };
}

/**
 * What is undefined at EL0 (Arm Architecture Reference Manual, C5 and C6): returns from and calls of higher levels, and their
 * registers. Linux answers `mrs` of those that identify the processor.
 */
const aarch64Privileged =
  /^(?:eret\w*|drps|hvc .*|smc .*|tlbi .*|at s1.*|msr \w+_el[123],.*|msr spsel,.*|mrs \w+, (?!id_|midr|mpidr|revidr)\w+_el[123])$/;

const flagReader =
  /^(b\.|csel|csinc|csinv|csneg|cset|csetm|cinc|cinv|cneg|ccm[np]|fcsel|fccmp|adc|sbc)/;

/** Capstone's groups that are features; the others say modes or what an instruction is not. */
const feature =
  /^(crypto|crc|neon|fparmv8|v8|v6t2|v7|vfp[234]|mulops|dsp|mips\d|msa|altivec|vsx|qpx|vis|hasstdext\w)/i;

/** Branches that are always taken, of all families. */
const unconditional =
  /^(b|ba|br|br[a-z]{2}z?|bx|bxj|j|jr|c\.j|c\.jr|jalr|jmp|jmpl|bra(\.[bswl])?|bctr|blr|jg|bal|jr\.hb|braf)$/;

function categoryOf(
  family: Family,
  { mnemonic, groups }: Said,
  operands: string,
): InstructionCategory {
  const groupsHave = (...names: string[]) => names.some((name) => groups.includes(name));
  if (mnemonic === '(bad)') return 'invalid';
  if (systemCall.test(mnemonic)) return 'system call';
  if (trap.test(mnemonic)) return 'trap';
  if (groupsHave('ret', 'return', 'iret') || returns.test(mnemonic)) return 'return';
  if (/^(bx|jr|c\.jr|br|blr)$/.test(mnemonic) && /^(lr|ra|\$ra|%r14|)$/.test(operands)) {
    return 'return';
  }
  const hasAddress = /(^|[ ,#$])-?(0x)?[0-9a-f]+(\.[lw])?$/.test(operands);
  const linksTo = family === 'riscv' && /^(j|c\.j)$/.test(mnemonic) ? false : calls.test(mnemonic);
  if (linksTo || (groupsHave('call') && family !== 'riscv')) {
    return hasAddress ? 'call' : 'indirect call';
  }
  if (groupsHave('jump', 'branch_relative') || unconditional.test(mnemonic)) {
    if (!unconditional.test(mnemonic)) return 'conditional jump';
    return hasAddress ? 'jump' : 'indirect jump';
  }
  return groupsHave('int') ? 'interrupt' : 'ordinary';
}

const systemCall = /^(svc|swi|ecall|syscall|sc|hvc|smc)$/;
const trap = /^(brk|udf|bkpt|ebreak|c\.ebreak|break|hlt|trap|tw|illegal|ta)$/;
const returns = /^(ret|retl|rts|rte|rtr|eret|mret|sret|uret)$/;
const calls =
  /^(bl|blx|blr[a-z]*|jal|jalr|c\.jal|c\.jalr|bal|bctrl|bla|brasl|bras|basr|call|jsr|bsr(\.[bswl])?)$/;

/** Splits at commas outside of brackets. */
function splitOperands(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if ('[({'.includes(character)) depth++;
    else if ('])}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

function operandOf(family: Family, said: Said, text: string): Operand {
  const number = numberOf(text);
  if (number !== undefined) return { kind: 'immediate', value: number, bits: 64 };
  const memory = memoryOf(family, said, text);
  if (memory) return { kind: 'memory', memory };
  const register = text.replace(/^[%$]/, '').toLowerCase();
  if (!/^[a-z][a-z0-9]*$/.test(register)) return { kind: 'other', text };
  const isRead = said.registersRead.includes(register);
  const isWritten = said.registersWritten.includes(register);
  const access: Access = isRead
    ? isWritten
      ? 'read-write'
      : 'read'
    : isWritten
      ? 'write'
      : 'none';
  return { kind: 'register', register, access };
}

function numberOf(text: string): bigint | undefined {
  const match = /^[#$]{0,2}(-?)(0x|\$)?([0-9a-f]+)$/i.exec(text);
  if (!match) return undefined;
  const [, sign, prefix, digits = ''] = match;
  if (prefix === undefined && !/^[0-9]+$/.test(digits)) return undefined;
  const value = BigInt(prefix === undefined ? digits : `0x${digits}`);
  return sign === '-' ? -value : value;
}

/** `[x1, x2, lsl #3]`, `[x1, #8]!`, `8(sp)`, `0x10(%r1,%r15)`, `[%o0+4]`. */
function memoryOf(family: Family, said: Said, text: string): MemoryOperand | undefined {
  const bracketed = /^\[([^\]]*)\]!?$/.exec(text)?.[1];
  const parenthesized = /^(-?[0-9a-fx]*)\(([^)]*)\)$/i.exec(text);
  if (bracketed === undefined && !parenthesized) return undefined;
  const parts =
    bracketed === undefined
      ? [...(parenthesized?.[2] ?? '').split(','), parenthesized?.[1] ?? '']
      : bracketed.replace(/([+-])/g, family === 'sparc' ? ',$1' : '$1').split(',');
  const registers: string[] = [];
  let displacement = 0n;
  let scale = 1;
  for (const part of parts.map((each) => each.trim().replace(/^\+/, ''))) {
    const shift = /^(?:lsl|uxtw|sxtw|sxtx)\s*#(\d+)$/.exec(part)?.[1];
    const number = numberOf(part);
    if (shift !== undefined) scale = 2 ** Number(shift);
    else if (number !== undefined) displacement = number;
    else if (/^[%$]?[a-z]\w*$/i.test(part) && !/^(uxtw|sxtw|sxtx)$/.test(part)) {
      registers.push(part.replace(/^[%$]/, '').toLowerCase());
    }
  }
  // System Z writes the index first: D(X,B).
  if (family === 's390x') registers.reverse();
  const [base, index] = registers;
  return {
    base,
    index,
    scale,
    displacement,
    segment: undefined,
    size: family === 'aarch64' ? aarch64Size(said) : 0,
    access: memoryAccess(said.mnemonic),
  };
}

/** Bytes by the letter at the end of a load's or store's name, or of the first register's. */
const aarch64Sizes: Readonly<Record<string, number>> = {
  b: 1,
  h: 2,
  s: 4,
  w: 4,
  d: 8,
  x: 8,
  q: 16,
};

/** Bytes that a load or store of one or two registers accesses; 0 for others. */
function aarch64Size({ mnemonic, intel }: Said): number {
  const name = /^(?:ld|st)(?:[aloux]{0,3}|[aloux]{0,2}[nt]?)(r|p)(s?[bhw])?$/.exec(mnemonic);
  const letter = name?.[2]?.at(-1) ?? intel.slice(mnemonic.length).trim().at(0) ?? '';
  const size = name ? (aarch64Sizes[letter] ?? 0) : 0;
  return name?.[1] === 'p' ? 2 * size : size;
}

function memoryAccess(mnemonic: string): Access {
  if (/^(cas|swp|ld(add|clr|eor|set|smax|smin|umax|umin)|amo|lr\.|sc\.)/.test(mnemonic)) {
    return 'read-write';
  }
  if (/^(c\.)?f?(st|s[bhwdq]$|s[bhwdq]sp$|vst|push|stm|std|stw|stb|sth|mv[ch])/.test(mnemonic))
    return 'write';
  if (/^(c\.)?(v?f?l|pop)/.test(mnemonic) && mnemonic !== 'la' && mnemonic !== 'lay') return 'read';
  return 'none';
}

const time = /cntv?p?ct|pmccntr|rdtime|rdcycle|rdinstret|\bmftbu?\b|\bstck[ef]?\b|%tick|%stick/;
const chance = /rndr/;
const processor =
  /\bmidr|\bmpidr|\bctr_el0|dczid_el0|\bid_aa64|mvendorid|marchid|mhartid|\bstidp\b/;

function unpredictabilityOf(text: string): Unpredictability | undefined {
  if (time.test(text)) return 'time';
  if (chance.test(text)) return 'chance';
  return processor.test(text) ? 'processor' : undefined;
}
