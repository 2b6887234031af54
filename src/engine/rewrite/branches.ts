/** Direct branches of x86: the bytes of a new one, and the displacement of one that is there. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { Instruction } from '../../model/instruction.ts';
import { x86Conditions } from '../x86Conditions.ts';

/** Bytes of a displacement. */
export type DisplacementSize = 1 | 4;

/** A branch's encodings by the size of its displacement: the bytes before it. From Intel's manual, volume 2. */
export interface BranchForm {
  readonly short: readonly number[] | undefined;
  readonly near: readonly number[] | undefined;
}

const forms = new Map<string, BranchForm>([
  ['jmp', { short: [0xeb], near: [0xe9] }],
  ['call', { short: undefined, near: [0xe8] }],
  ['loopne', { short: [0xe0], near: undefined }],
  ['loopnz', { short: [0xe0], near: undefined }],
  ['loope', { short: [0xe1], near: undefined }],
  ['loopz', { short: [0xe1], near: undefined }],
  ['loop', { short: [0xe2], near: undefined }],
  ['jrcxz', { short: [0xe3], near: undefined }],
  ['jecxz', { short: [0x67, 0xe3], near: undefined }],
]);
x86Conditions.forEach((names, code) => {
  for (const name of names)
    forms.set(`j${name}`, { short: [0x70 + code], near: [0x0f, 0x80 + code] });
});

/** The encodings of a branch by its mnemonic in lower case, with or without AT&T's suffix; undefined for what is none. */
export function branchForm(mnemonic: string): BranchForm | undefined {
  return forms.get(mnemonic) ?? forms.get(mnemonic.replace(/(?<=^(?:jmp|call))q$/, ''));
}

/** Whether a displacement fits. */
export function fits(displacement: number, size: DisplacementSize): boolean {
  return size === 4 || (displacement >= -0x80 && displacement <= 0x7f);
}

/** A displacement as bytes, the lowest first. */
export function displacementBytes(displacement: number, size: DisplacementSize): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.writeIntLE(displacement, 0, size);
  return bytes;
}

/** Where in an instruction a displacement relative to its end stands, and what it leads to. */
export interface Relative {
  readonly at: number;
  readonly size: DisplacementSize;
  /** As an offset into the bytes that were decoded. */
  readonly target: number;
}

/** The bytes that may follow a displacement of memory: an immediate's. */
const immediateSizes = [0, 1, 2, 4];

/** The displacement of a direct branch or of memory relative to `rip`, or undefined. */
export function relativeOf(
  instruction: Instruction,
  disassembler: Disassembler,
): Relative | undefined {
  const { bytes, offset, length, target } = instruction;
  const view = Buffer.from(bytes);
  if (target !== undefined) {
    const displacement = target - offset - length;
    if (length >= 5 && view.readInt32LE(length - 4) === displacement)
      return { at: length - 4, size: 4, target };
    if (length >= 2 && view.readInt8(length - 1) === displacement)
      return { at: length - 1, size: 1, target };
    return undefined;
  }
  const displacement = ripDisplacement(instruction);
  if (displacement === undefined) return undefined;
  for (const after of immediateSizes) {
    const at = length - after - 4;
    if (at < 2 || view.readInt32LE(at) !== displacement) continue;
    // Equal bytes may stand elsewhere: only the displacement itself moves the address.
    const changed = Buffer.from(bytes);
    changed.writeInt32LE(displacement ^ 1, at);
    const [again] = disassembler.decode(changed, { count: 1 });
    if (again && again.length === length && ripDisplacement(again) === (displacement ^ 1)) {
      return { at, size: 4, target: offset + length + displacement };
    }
  }
  return undefined;
}

function ripDisplacement({ operands }: Instruction): number | undefined {
  for (const operand of operands) {
    if (operand.kind === 'memory' && operand.memory.base === 'rip')
      return Number(operand.memory.displacement);
  }
  return undefined;
}

/** The same branch with a displacement of four bytes, or undefined where there is none. */
export function widened({ bytes, length }: Instruction): readonly number[] | undefined {
  if (length !== 2) return undefined;
  const [opcode = 0] = bytes;
  if (opcode === 0xeb) return [0xe9];
  return opcode >= 0x70 && opcode <= 0x7f ? [0x0f, opcode + 0x10] : undefined;
}
