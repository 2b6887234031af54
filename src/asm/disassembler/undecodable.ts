/** Bytes that are no instruction. */
import type { Instruction } from '../../model/instruction.ts';

/** The instruction that stands for bytes which are none. */
export function undecodable(bytes: Uint8Array, offset: number, address: bigint): Instruction {
  return {
    offset,
    address,
    length: bytes.length,
    bytes,
    valid: false,
    mnemonic: '(bad)',
    intel: '(bad)',
    att: '(bad)',
    operands: [],
    registersRead: [],
    registersWritten: [],
    flagsRead: [],
    flagsWritten: [],
    memory: [],
    target: undefined,
    category: 'invalid',
    features: [],
    privileged: false,
    unpredictable: undefined,
  };
}
