/** Comments in the assembly of AArch64. */
import type { Instruction } from '../../model/instruction.ts';
import { type ArmInstruction, canonicalArm } from './aarch64Canonical.ts';
import { type ArmOperand, readArmOperand } from './aarch64Operands.ts';
import type { Dialect, Spoken } from './dialect.ts';
import type { Place } from './sameOperands.ts';
import { type Confidence, type OneRead, readSequence } from './sequence.ts';

export const aarch64Dialect: Dialect = {
  read(comment, mnemonics) {
    const isName = (word: string) => isMnemonic(word, mnemonics);
    return readSequence(comment.toLowerCase(), isName, (text, start) =>
      readOne(text, start, isName),
    ).map(({ instruction, confidence }) => spoken(instruction, confidence));
  },
  isForeign: (comment) => plan9.test(comment),
};

/** `MOVD R0, R1`, for Go's assembler. */
const plan9 = /^(?:\w+:\s*)?[A-Z]+\s+(?:\$?[-\w()]+,\s*)?R\d+\b/;

const branchName = /^(b|bl|bc?\.?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)|cbn?z|tbn?z)$/;
/** Instructions whose last operand, where it is a number, is an address relative to them. */
const relativeName = /^(adrp?|ldr|ldrsw|prfm)$/;

function isRelative(mnemonic: string): boolean {
  return branchName.test(mnemonic) || relativeName.test(mnemonic);
}

function isMnemonic(word: string, known: ReadonlySet<string>): boolean {
  return known.has(word) || /^b\.?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)$/.test(word);
}

interface Read {
  readonly instruction: ArmInstruction;
  readonly confidence: Confidence;
}

const mostOperands = 6;

function readOne(
  text: string,
  start: number,
  isName: (word: string) => boolean,
): OneRead<Read> | undefined {
  const mnemonic = /^[a-z][\da-z]*(?:\.[a-z]{2})?/.exec(text.slice(start))?.[0];
  if (mnemonic === undefined || !isName(mnemonic)) return undefined;
  let end = start + mnemonic.length;
  if (/^[\w.'’:=-]/.test(text.slice(end))) return undefined;
  const branch = branchName.test(mnemonic);
  const relative = isRelative(mnemonic);
  const operands: ArmOperand[] = [];
  let at = end;
  while (operands.length < mostOperands) {
    const read = readArmOperand(text, at, relative);
    if (!read || !/^(?:$|[\s,;:(|&)#!=]|\/|->|=>|\.(?:\s|$))/.test(text.slice(read.end))) break;
    if (operands.length > 0 && read.operand.kind === 'symbol' && isNextName(text, at, isName))
      break;
    operands.push(read.operand);
    end = read.end;
    const comma = /^\s*,/.exec(text.slice(end));
    if (!comma) break;
    at = end + comma[0].length;
  }
  const target = relative ? /^\s*<[^<>]*>/.exec(text.slice(end)) : null;
  if (target) end += target[0].length;
  const confidence = confidenceOf(mnemonic, operands, text.slice(end), branch);
  if (confidence === undefined) return undefined;
  return { instruction: { instruction: { mnemonic, operands }, confidence }, end };
}

/** `ldp x29, x30, [sp], #16, ret`: a name after a comma begins another instruction. */
function isNextName(text: string, at: number, isName: (word: string) => boolean): boolean {
  const match = /^\s*([a-z][\da-z.]*)(?:\s+(?:[xwsdqvb]\d|sp|\[)|\s*$)/.exec(text.slice(at));
  return match?.[1] !== undefined && isName(match[1]);
}

/** Words that are instructions without operands and nothing else. */
const alone =
  /^(ret|nop|eret|wfi|wfe|sev|sevl|isb|clrex|drps|xpaclri|pac[ia][ab](sp|z|1716)|aut[ia][ab](sp|z|1716)|reta[ab]|eretaa|eretab|bti|csdb|esb|ssbb|pssbb|sb)$/;
/** Words that are also English, and how many operands they need. */
const fewest: Readonly<Record<string, number>> = {
  add: 3,
  and: 3,
  sub: 3,
  mul: 3,
  adds: 3,
  subs: 3,
  ands: 3,
};

function confidenceOf(
  mnemonic: string,
  operands: readonly ArmOperand[],
  rest: string,
  branch: boolean,
): Confidence | undefined {
  const words = /^\s+[\w'’"]/.test(rest) && !/^\s+(?:and|then)\s/.test(rest);
  if (operands.length === 0) {
    if (!alone.test(mnemonic)) return undefined;
    return words ? 'perhaps' : 'sure';
  }
  if (operands.length < (fewest[mnemonic] ?? 1)) return undefined;
  const strong = operands.some(
    (operand) => operand.kind === 'memory' || (operand.kind === 'word' && operand.register),
  );
  if (strong) return 'sure';
  if (operands.every(({ kind }) => kind === 'symbol')) {
    if (!branch || words || mnemonic === 'b') return undefined;
    return 'branch';
  }
  return words ? 'perhaps' : 'sure';
}

function spoken(written: ArmInstruction, confidence: Confidence): Spoken {
  return {
    confidence,
    syntax: 'intel',
    naked: true,
    means: (decoded, _order, place) => means(written, decoded, place),
    address: () => addressIn(written),
  };
}

function addressIn({ mnemonic, operands }: ArmInstruction): readonly bigint[] | undefined {
  const last = operands.at(-1);
  return isRelative(mnemonic) && last?.kind === 'number' && !last.here ? last.values : undefined;
}

function means(written: ArmInstruction, decoded: Instruction, place: Place): boolean {
  // Capstone does not know the latest extensions: what it cannot read may be what the comment says.
  if (!decoded.valid) return true;
  const theirs = readDecoded(decoded);
  const [a, b] = [written, theirs].map(canonicalArm);
  if (!a || !b || a.mnemonic !== b.mnemonic || a.operands.length !== b.operands.length)
    return false;
  const first = b.operands[0];
  const bits = first?.kind === 'word' && first.text.startsWith('w') ? 32 : 64;
  const relative = isRelative(b.mnemonic);
  return a.operands.every((operand, index) => {
    const other = b.operands[index];
    if (!other) return false;
    const isTarget = relative && index === b.operands.length - 1 && other.kind === 'number';
    return isTarget
      ? sameTarget(operand, other, decoded, place)
      : sameOperand(operand, other, bits);
  });
}

/** The disassembler's own text, read like a comment. */
function readDecoded({ mnemonic, intel }: Instruction): ArmInstruction {
  const text = intel.slice(mnemonic.length).toLowerCase();
  const operands: ArmOperand[] = [];
  let at = 0;
  while (operands.length < mostOperands) {
    const read = readArmOperand(text, at, isRelative(mnemonic));
    if (!read) break;
    operands.push(read.operand);
    const comma = /^\s*,/.exec(text.slice(read.end));
    if (!comma) break;
    at = read.end + comma[0].length;
  }
  return { mnemonic, operands };
}

function sameOperand(a: ArmOperand, b: ArmOperand, bits: 32 | 64): boolean {
  if (a.kind === 'symbol' || b.kind === 'symbol') return true;
  if (a.kind === 'number' && b.kind === 'float')
    return a.values.some((value) => Number(value) === b.value);
  if (a.kind === 'number' && b.kind === 'number') {
    return a.values.some((value) =>
      b.values.some((other) => BigInt.asUintN(bits, value) === BigInt.asUintN(bits, other)),
    );
  }
  if (a.kind === 'float' && b.kind === 'float') return a.value === b.value;
  if (a.kind === 'word' && b.kind === 'word') return a.text === b.text;
  if (a.kind === 'shift' && b.kind === 'shift') {
    return a.name === b.name && sameOperand(a.amount, b.amount, 64);
  }
  if (a.kind === 'memory' && b.kind === 'memory') {
    return a.writesBack === b.writesBack && sameParts(a.parts, b.parts);
  }
  if (a.kind === 'list' && b.kind === 'list')
    return a.lane === b.lane && sameParts(a.parts, b.parts);
  return false;
}

function sameParts(a: readonly ArmOperand[], b: readonly ArmOperand[]): boolean {
  if (a.length === b.length) {
    return a.every((part, index) => {
      const other = b[index];
      return other !== undefined && sameOperand(part, other, 64);
    });
  }
  // `[x1, offset]` may be `[x1]`: the name may stand for 0.
  return a.length === b.length + 1 && a.at(-1)?.kind === 'symbol' && sameParts(a.slice(0, -1), b);
}

function sameTarget(
  written: ArmOperand,
  decoded: ArmOperand & { kind: 'number' },
  { address, mnemonic }: Instruction,
  { origin }: Place,
): boolean {
  if (written.kind === 'symbol') return true;
  if (written.kind !== 'number') return false;
  const target = decoded.values[0] ?? 0n;
  const distance = BigInt.asIntN(64, target - address);
  return written.values.some((value) => {
    if (value === distance) return true;
    if (written.here || value < 0n) return false;
    if (origin === undefined) return true;
    if (mnemonic !== 'adrp') return BigInt.asUintN(64, target + origin) === value;
    return BigInt.asUintN(64, pageOf(address + origin) + target - pageOf(address)) === value;
  });
}

/** `adrp` counts from the page of 4 KiB that it stands in. */
function pageOf(address: bigint): bigint {
  return address & ~0xfffn;
}
