/** What a fault was, in words: which instruction did what, with which registers. */
import { parts, stackBytes } from '../jit/runner/layout.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Instruction, MemoryOperand } from '../model/instruction.ts';
import { registerPart, registerValue } from '../model/registers.ts';
import type { Access, Fault } from '../model/run.ts';
import { addressRegisters, effectiveAddress, isCanonical } from './effectiveAddress.ts';
import { instructionText } from './crashListing.ts';
import { formatOffset } from './instructionText.ts';
import type { MemoryMap } from './memoryMap.ts';
import { bytesText, hexText, registersText } from './numberText.ts';

/** A fault and what is known around it. */
export interface FaultScene {
  readonly architecture: Architecture;
  readonly fault: Fault;
  /** The faulting instruction, where it could be found. */
  readonly instruction: Instruction | undefined;
  readonly memory: MemoryMap;
}

const verbs: Readonly<Record<Access, string>> = {
  read: 'reads',
  write: 'writes',
  execute: 'jumps to',
};

/** Operands of this size and more must lie at a multiple of it, but for the instructions that say they need not. */
const alignedBytes = 16;

/** `fault SIGSEGV at +0x2: reads address 0x0, which is not mapped; rax = 0`, as far as it is known. */
export function faultText(scene: FaultScene): string {
  const { signal, offset } = scene.fault;
  const at = offset === undefined ? '' : ` at ${formatOffset(offset)}`;
  const words = wordsOf(scene);
  return `fault ${signal}${at}${words === undefined ? '' : `: ${words}`}`;
}

function wordsOf(scene: FaultScene): string | undefined {
  const { fault } = scene;
  if (fault.access !== undefined && fault.address !== undefined) {
    return accessText(scene, fault.access, fault.address);
  }
  switch (fault.signal) {
    case 'SIGSEGV':
    case 'SIGBUS':
      return protectionText(scene);
    case 'SIGFPE':
      return arithmeticText(scene);
    case 'SIGILL':
      return illegalText(scene);
    case 'SIGTRAP':
      return withInstruction(fault.code, scene.instruction);
    default:
      return fault.code;
  }
}

/** A page fault: what was touched, why it could not be, and the registers that led there. */
function accessText(scene: FaultScene, access: Access, address: bigint): string {
  const { architecture, fault, memory } = scene;
  const operands = operandsAt(scene, address, access);
  const registers = registersText(
    architecture,
    fault.registers,
    access === 'execute' ? targetRegisters(scene) : operands.flatMap(addressRegisters),
  );
  const because = registers === '' ? '' : `; ${registers}`;
  const place = memory.placeOf(address);
  const touched = `${verbs[access]} address ${hexText(address)}`;
  if (place?.kind === 'below-stack' && access !== 'execute') {
    return `the stack is used up (${stackBytes >> 20} MiB): ${touched}${because}`;
  }
  if (place?.kind === 'beside-buffer' && access !== 'execute') {
    const { side, name, length } = place;
    const distance =
      side === 'past' ? place.distance - 1 + bytesFrom(scene, operands, address) : place.distance;
    const of = `\`${name}\`, which has ${bytesText(length)}`;
    const where = side === 'past' ? `past the end of ${of}` : `before the start of ${of}`;
    return `${verbs[access]} ${bytesText(distance)} ${where}${because}`;
  }
  if (place?.kind === 'code' && access === 'write') {
    const at = place.offset < parts.guest.size ? ` at ${formatOffset(place.offset)}` : '';
    return `writes to its own code${at}, which is read-only while it runs${because}`;
  }
  if (access === 'execute') {
    if (place?.kind === 'stack') return `${touched}, the stack, which cannot be executed${because}`;
    if (place?.kind === 'buffer') {
      return `${touched}, in \`${place.name}\`, which cannot be executed${because}`;
    }
  }
  return `${touched}, which ${refusal(fault.code, access)}${because}`;
}

function refusal(code: string | undefined, access: Access): string {
  if (code === 'address not mapped') return 'is not mapped';
  if (code === 'protection') {
    if (access === 'execute') return 'cannot be executed';
    return access === 'write' ? 'is read-only' : 'is protected';
  }
  return code === undefined ? 'cannot be used' : `cannot be used (${code})`;
}

/** The memory operands that touch the address; where none does, those of the same kind of access. */
function operandsAt(
  { architecture, fault: { registers }, instruction }: FaultScene,
  address: bigint,
  access: Access,
): readonly MemoryOperand[] {
  if (!instruction?.valid) return [];
  const fitting = instruction.memory.filter(
    (operand) => operand.access === 'read-write' || operand.access === access,
  );
  if (!registers) return fitting;
  const touching = fitting.filter((operand) => {
    const start = effectiveAddress(architecture, registers, instruction, operand);
    return start !== undefined && address >= start && address < start + sizeOf(operand);
  });
  return touching.length > 0 ? touching : fitting;
}

/** How many bytes an access takes from an address on: 1 where that is not known. */
function bytesFrom(
  { architecture, fault: { registers }, instruction }: FaultScene,
  operands: readonly MemoryOperand[],
  address: bigint,
): number {
  const counts = operands.map((operand) => {
    const start =
      registers && instruction && effectiveAddress(architecture, registers, instruction, operand);
    return start === undefined ? 1n : start + sizeOf(operand) - address;
  });
  return Math.max(1, ...counts.map(Number));
}

function sizeOf({ size }: MemoryOperand): bigint {
  return BigInt(Math.max(size, 1));
}

/** Registers that name where an indirect branch goes. */
function targetRegisters({ instruction }: FaultScene): readonly string[] {
  if (instruction?.category !== 'indirect jump' && instruction?.category !== 'indirect call') {
    return [];
  }
  return instruction.operands.flatMap((operand) =>
    operand.kind === 'register' ? [operand.register] : [],
  );
}

/** A fault without an address: what is forbidden, not canonical or not aligned. */
function protectionText(scene: FaultScene): string | undefined {
  const { architecture, fault, instruction } = scene;
  const { code, registers } = fault;
  if (!instruction?.valid) return code;
  if (instruction.privileged || instruction.category === 'interrupt') {
    return withInstruction('privileged instruction', instruction);
  }
  if (!registers || architecture !== 'x86_64') return withInstruction(code, instruction);
  for (const operand of instruction.memory) {
    const address = effectiveAddress(architecture, registers, instruction, operand);
    if (address === undefined || operand.access === 'none') continue;
    const given = registersText(architecture, registers, addressRegisters(operand));
    const because = given === '' ? '' : `; ${given}`;
    const verb = operand.access === 'write' ? 'writes' : 'reads';
    if (!isCanonical(address)) return `${verb} non-canonical address ${hexText(address)}${because}`;
    if (operand.size >= alignedBytes && address % BigInt(operand.size) !== 0n) {
      const where = `${verb} address ${hexText(address)}`;
      return `${where}, which is not aligned to ${bytesText(operand.size)}${because}`;
    }
  }
  for (const name of targetRegisters(scene)) {
    const target = registerValue(architecture, registers, name);
    if (target === undefined || isCanonical(target)) continue;
    return `jumps to non-canonical address ${hexText(target)}; ${name} = ${hexText(target)}`;
  }
  return withInstruction(code, instruction);
}

/** A division: by zero, or with a quotient that does not fit; both come as the same signal. */
function arithmeticText({ architecture, fault, instruction }: FaultScene): string | undefined {
  const { code, registers } = fault;
  if (!instruction?.valid || !/^i?div$/.test(instruction.mnemonic)) return code;
  const [divisor] = instruction.operands;
  const name = divisor?.kind === 'register' ? divisor.register : undefined;
  const value = name && registers && registerValue(architecture, registers, name);
  if (name === undefined || value === undefined || value === '') {
    return 'divides by zero, or the quotient is too large';
  }
  const given = registersText(architecture, registers, [name]);
  if (value === 0n) return `divides by zero; ${given}`;
  const dividend = registersText(architecture, registers, dividendRegisters(architecture, name));
  return `the quotient is too large; ${dividend}, ${given}`;
}

/** Where the dividend is, by the divisor's size: Intel SDM volume 2, DIV. */
function dividendRegisters(architecture: Architecture, divisor: string): readonly string[] {
  switch (registerPart(architecture, divisor)?.bits) {
    case 8:
      return ['ax'];
    case 16:
      return ['dx', 'ax'];
    case 32:
      return ['edx', 'eax'];
    default:
      return ['rdx', 'rax'];
  }
}

function illegalText({ fault, instruction }: FaultScene): string | undefined {
  if (!instruction) return fault.code;
  if (!instruction.valid) {
    const bytes = [...instruction.bytes].map((byte) => byte.toString(16).padStart(2, '0'));
    return `illegal instruction: no instruction begins with the byte ${bytes.join(' ')}`;
  }
  if (instruction.category === 'trap') return withInstruction('illegal on purpose', instruction);
  const needs = instruction.features.length > 0 ? `; it needs ${instruction.features.join()}` : '';
  return `${withInstruction('illegal instruction', instruction) ?? ''}${needs}`;
}

function withInstruction(
  words: string | undefined,
  instruction: Instruction | undefined,
): string | undefined {
  if (!instruction?.valid) return words;
  return words === undefined
    ? instructionText(instruction)
    : `${words} (${instructionText(instruction)})`;
}
