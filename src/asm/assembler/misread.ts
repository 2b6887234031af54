/** What @defasm/core has made of instructions, read again: it makes wrong bytes of some without a word. */
import type { AssemblyError } from '../../model/assembly.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { Disassembler } from '../disassembler.ts';
import type { AssemblyAnswer } from './defasmMessages.ts';
import type { Prepared } from './prepare.ts';

/** The size that Intel's syntax gives a memory operand. */
export const sizeHint =
  /\b(byte|[dqt]?word|tbyte|[oxyz]mmword|oword)(?:\s+ptr\b)?(?=\s*(?:[\w]+:)?\s*\[)/gi;

/** Instructions whose bytes decode to something else than one instruction of their length and of what is told by the text. */
export function misread(
  answer: AssemblyAnswer,
  { text, syntax }: Prepared,
  { decode }: Disassembler,
): AssemblyError[] {
  return answer.statements.flatMap(({ span, offset, length, mnemonic }) => {
    if (mnemonic === undefined) return [];
    const own = answer.bytes.subarray(offset, offset + length);
    const [decoded] = decode(own, { count: 1 });
    const said = text.slice(span.start, span.end).trim();
    if (
      decoded?.valid === true &&
      decoded.length === length &&
      hasItsSize(said, mnemonic, decoded) &&
      hasItsNumber(said, decoded) &&
      leadsTo(said, decoded, offset, answer.labels)
    ) {
      return [];
    }
    const other = decoded?.[syntax] ?? Buffer.from(own).toString('hex');
    return [{ span, message: `"${said}" cannot be assembled here: ${other} came out` }];
  });
}

const hintBytes: Readonly<Record<string, number>> = {
  byte: 1,
  word: 2,
  dword: 4,
  qword: 8,
  tword: 10,
  tbyte: 10,
  oword: 16,
  xmmword: 16,
  ymmword: 32,
  zmmword: 64,
};

/** REX.W: the prefix that makes operands 64 bits wide, in its bits 0100 1xxx. */
const rexW = { mask: 0xf8, bits: 0x48 } as const;

/** Whether sizes that are written are those of the instruction. */
function hasItsSize(said: string, mnemonic: string, decoded: Instruction): boolean {
  if (/^(?:l|sys|i)ret\w?q$/.test(mnemonic)) {
    return ((decoded.bytes[0] ?? 0) & rexW.mask) === rexW.bits;
  }
  const hint = [...said.matchAll(sizeHint)].at(0)?.[1]?.toLowerCase();
  if (hint === undefined) return true;
  const memory = decoded.operands.find(({ kind }) => kind === 'memory');
  if (memory?.kind !== 'memory' || memory.memory.size === 0) return true;
  return memory.memory.size === hintBytes[hint];
}

/** `$5` or, in Intel's syntax, a number that is an operand. */
const immediate =
  /(?:\$|(?:^\S+(?:\s+\S+)??\s|,)\s*)(-?\s*(?:0x[\da-f]+|\d[\da-f]*h|\d+))(?=\s*(?:,|$))/gi;

/** Whether the one number that is written is the one of the instruction, and not one with another sign. */
function hasItsNumber(said: string, { operands }: Instruction): boolean {
  const [written, ...more] = [...said.matchAll(immediate)].map(([, number = '']) => number);
  const [found, ...others] = operands.flatMap((one) => (one.kind === 'immediate' ? [one] : []));
  if (written === undefined || !found || more.length + others.length > 0) return true;
  const digits = written.replaceAll(/[-\s]/g, '').toLowerCase();
  const size = BigInt(digits.endsWith('h') ? `0x${digits.slice(0, -1)}` : digits);
  const value = written.startsWith('-') ? -size : size;
  return BigInt.asUintN(found.bits, value - found.value) === 0n;
}

/** Whether a branch or an address relative to the next instruction is that of the label that is named. */
function leadsTo(
  said: string,
  decoded: Instruction,
  offset: number,
  labels: AssemblyAnswer['labels'],
): boolean {
  const relative =
    /(?:^|[\s,])([\w.$@?]+)\(%rip\)/.exec(said)?.[1] ??
    /\[\s*(?:rip\s*\+\s*([A-Za-z_.$@?][\w.$@?]*)|([\w.$@?]+)\s*\+\s*rip)\s*\]/i
      .exec(said)
      ?.slice(1)
      .find(Boolean);
  const memory = decoded.operands.find(({ kind }) => kind === 'memory');
  if (relative !== undefined && memory?.kind === 'memory' && memory.memory.base === 'rip') {
    const label = labels.get(relative);
    const end = offset + decoded.length;
    return label === undefined || label === end + Number(memory.memory.displacement);
  }
  if (decoded.target === undefined) return true;
  const label = labels.get(/\s([A-Za-z_.$@?][\w.$@?]*)$/.exec(said)?.[1] ?? '');
  return label === undefined || label === offset + decoded.target;
}
