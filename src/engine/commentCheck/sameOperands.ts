/** Whether operands as written are those that bytes decode to. */
import type { Instruction, MemoryOperand, Operand } from '../../model/instruction.ts';
import type { WrittenMemory, WrittenOperand } from './operands.ts';
import { registerSize } from './registers.ts';

/** In which order operands stand: AT&T's has the target last. */
export type Order = 'intel' | 'att';

/** What the comparison needs beside the two instructions. */
export interface Place {
  /** Bits of the code segment. */
  readonly bits: 16 | 32 | 64;
  /** What the block's author calls the address of its first byte, or undefined. */
  readonly origin: bigint | undefined;
}

/** Whether both lists, in Intel's order, mean the same. */
export function sameOperands(
  written: readonly WrittenOperand[],
  decoded: readonly Operand[],
  instruction: Instruction,
  place: Place,
): boolean {
  return (
    written.length === decoded.length &&
    decoded.every((operand, index) => {
      const other = written[index];
      return other !== undefined && sameOperand(other, operand, instruction, place);
    })
  );
}

function sameOperand(
  written: WrittenOperand,
  decoded: Operand,
  instruction: Instruction,
  place: Place,
): boolean {
  if (written.kind === 'symbol') {
    const size = decoded.kind === 'memory' ? decoded.memory.size : 0;
    return (
      written.size === undefined || size === 0 || written.size === size || decoded.kind !== 'memory'
    );
  }
  switch (decoded.kind) {
    case 'register':
      if (written.kind === 'register') {
        return (
          written.register === decoded.register ||
          (zeroExtends.test(instruction.mnemonic) &&
            wideName(written.register) === wideName(decoded.register))
        );
      }
      // AT&T writes the port as (%dx).
      return (
        written.kind === 'memory' &&
        /^(in|out)$/.test(instruction.mnemonic) &&
        decoded.register === 'dx' &&
        written.registers.size === 1 &&
        written.registers.has('dx')
      );
    case 'immediate':
      return written.kind === 'number' && sameImmediate(written.values, decoded, instruction);
    case 'target':
      return written.kind === 'number' && sameTarget(written, decoded.address, instruction, place);
    case 'memory':
      if (written.kind === 'memory') return sameMemory(written, decoded.memory, instruction, place);
      // AT&T's bare number is an address.
      return (
        written.kind === 'number' &&
        written.bare &&
        decoded.memory.base === undefined &&
        decoded.memory.index === undefined &&
        written.values.some((value) => equalIn(value, decoded.memory.displacement, 64))
      );
    case 'far':
      return written.kind === 'number';
    case 'other':
      return true;
  }
}

/** What writes a general register's low half clears the other: NASM names the whole. */
const zeroExtends = /^v?(movmskp[sd]|pmovmskb|pextr[bwd]|extractps)$/;

function wideName(register: string): string {
  return register.replace(/^e(?=[a-z]{2}$)/, 'r').replace(/^(r\d+)d$/, '$1');
}

function equalIn(a: bigint, b: bigint, bits: number): boolean {
  return BigInt.asUintN(bits, a) === BigInt.asUintN(bits, b);
}

function sameImmediate(
  values: readonly bigint[],
  { value, bits }: { readonly value: bigint; readonly bits: number },
  instruction: Instruction,
): boolean {
  return values.some((each) => {
    if (each < -(1n << BigInt(bits - 1)) || each >= 1n << 64n) return false;
    if (equalIn(each, value, bits))
      return each < 1n << BigInt(bits) || each >= (1n << 64n) - (1n << BigInt(bits - 1));
    // An assembler takes 0xfffffff0 for -16 where 32 bits are extended with their sign.
    return (
      bits === 64 &&
      instruction.mnemonic !== 'mov' &&
      value < 0n &&
      each === BigInt.asUintN(32, value)
    );
  });
}

function sameTarget(
  written: WrittenOperand & { kind: 'number' },
  address: bigint,
  instruction: Instruction,
  place: Place,
): boolean {
  const fromStart = BigInt.asIntN(64, address - instruction.address);
  const fromEnd = fromStart - BigInt(instruction.length);
  return written.values.some((value) => {
    if (equalIn(value, fromStart, place.bits)) return true;
    if (written.from === 'here') return false;
    if (equalIn(value, fromEnd, place.bits)) return true;
    if (written.signed) return false;
    return place.origin === undefined || equalIn(value, address + place.origin, place.bits);
  });
}

function sameMemory(
  written: WrittenMemory,
  decoded: MemoryOperand,
  instruction: Instruction,
  place: Place,
): boolean {
  if (
    written.size !== undefined &&
    comparableSizes.has(decoded.size) &&
    written.size !== decoded.size
  ) {
    return false;
  }
  const idle = place.bits === 64 ? /^[cdes]s$/ : /^[ds]s$/;
  const [segment, theirs] = [written.segment, decoded.segment].map((name) =>
    name !== undefined && idle.test(name) ? undefined : name,
  );
  if (segment !== theirs) return false;
  const terms = new Map<string, bigint>();
  if (decoded.base !== undefined) terms.set(decoded.base, 1n);
  if (decoded.index !== undefined) {
    terms.set(decoded.index, (terms.get(decoded.index) ?? 0n) + BigInt(decoded.scale));
  }
  const relative = decoded.base === 'rip' || decoded.base === 'eip';
  if (relative && written.registers.size === 0 && !written.symbolic && written.displacement) {
    const target = instruction.address + BigInt(instruction.length) + decoded.displacement;
    const { length } = instruction;
    return (
      place.origin === undefined ||
      written.displacement.some(
        (value) =>
          equalIn(value, target + (place.origin ?? 0n), 64) ||
          // `[+6]`: a distance, from the next instruction or from this one.
          equalIn(value, decoded.displacement, 64) ||
          equalIn(value, decoded.displacement + BigInt(length), 64),
      )
    );
  }
  for (const [register, factor] of written.registers) {
    if (terms.get(register) !== factor && !(written.symbolic && terms.has(register))) return false;
  }
  if (!written.symbolic && terms.size !== written.registers.size) {
    // A name alone is an address relative to the instruction pointer.
    const named = written.displacement === undefined && written.registers.size === 0;
    if (!named) return false;
  }
  const base = decoded.base ?? decoded.index ?? '';
  const bits = (registerSize(base) ?? 8) > 8 ? 64 : (registerSize(base) ?? place.bits / 8) * 8;
  return (
    written.displacement === undefined ||
    written.displacement.some((value) => equalIn(value, decoded.displacement, bits))
  );
}

const comparableSizes: ReadonlySet<number> = new Set([1, 2, 4, 6, 8, 10, 16, 32, 64]);
