/** Where an instruction's memory operand leads with the registers as they were. */
import type { Architecture } from '../model/architecture.ts';
import type { Instruction, MemoryOperand } from '../model/instruction.ts';
import { registerPart, registerValue, type Registers } from '../model/registers.ts';

const counters: ReadonlySet<string> = new Set(['rip', 'eip', 'pc']);

/**
 * The address, or undefined where a register is not known (vector indices, segments with a base of their own).
 * @param registers at the instruction, the program counter at its first byte
 */
export function effectiveAddress(
  architecture: Architecture,
  registers: Registers,
  instruction: Instruction,
  { base, index, scale, displacement }: MemoryOperand,
): bigint | undefined {
  let address = displacement;
  let bits = 64;
  for (const [name, factor] of [
    [base, 1],
    [index, scale],
  ] as const) {
    if (name === undefined) continue;
    const part = registerPart(architecture, name);
    const value = registerValue(architecture, registers, name);
    if (!part || value === undefined || part.bits > 64) return undefined;
    bits = Math.min(bits, part.bits);
    address += value * BigInt(factor);
    if (counters.has(name) && architecture === 'x86_64') address += BigInt(instruction.length);
  }
  return BigInt.asUintN(bits, address);
}

/** The registers that an operand's address is made of, the program counter left out. */
export function addressRegisters({ base, index }: MemoryOperand): readonly string[] {
  return [base, index].filter((name) => name !== undefined && !counters.has(name)) as string[];
}

/** Whether an address of 48 bits can be such: Intel SDM volume 1, section 3.3.7.1. */
export function isCanonical(address: bigint): boolean {
  const high = BigInt.asUintN(64, address) >> 47n;
  return high === 0n || high === 0x1_ffffn;
}
