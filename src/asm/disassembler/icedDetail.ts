/** What an x86 instruction reads, writes and needs, from iced's objects, each freed as soon as read. */
import type { Instruction as IcedInstruction, InstructionInfo } from 'iced-x86';
import type {
  Access,
  InstructionCategory,
  MemoryOperand,
  Operand,
  Unpredictability,
} from '../../model/instruction.ts';
import type { Detail } from './lazyInstruction.ts';

export type Iced = typeof import('iced-x86');

/** Reads an instruction's details. The instruction stays the caller's. */
export function detailOf(iced: Iced, instruction: IcedInstruction): Detail {
  const factory = new iced.InstructionInfoFactory();
  const info = factory.info(instruction);
  try {
    return {
      operands: operandsOf(iced, instruction, info),
      ...registersOf(iced, info),
      flagsRead: flagsOf(iced, instruction.rflagsRead),
      flagsWritten: flagsOf(iced, instruction.rflagsModified),
      memory: memoryOf(iced, instruction, info),
      targetDistance: targetDistanceOf(iced, instruction),
      category: categoryOf(iced, instruction),
      features: featuresOf(iced, instruction),
      privileged: instruction.isPrivileged,
      unpredictable: unpredictable.get(iced.Mnemonic[instruction.mnemonic] ?? ''),
    };
  } finally {
    info.free();
    factory.free();
  }
}

function operandsOf(iced: Iced, instruction: IcedInstruction, info: InstructionInfo): Operand[] {
  const operands: Operand[] = [];
  for (let index = 0; index < instruction.opCount; index++) {
    operands.push(operandOf(iced, instruction, index, accessOf(iced, info.opAccess(index))));
  }
  return operands;
}

function operandOf(
  iced: Iced,
  instruction: IcedInstruction,
  index: number,
  access: Access,
): Operand {
  const { OpKind } = iced;
  switch (instruction.opKind(index)) {
    case OpKind.Register:
      return {
        kind: 'register',
        register: registerName(iced, instruction.opRegister(index)) ?? '',
        access,
      };
    case OpKind.NearBranch16:
    case OpKind.NearBranch32:
    case OpKind.NearBranch64:
      return { kind: 'target', address: instruction.nearBranchTarget };
    case OpKind.FarBranch16:
      return {
        kind: 'far',
        selector: instruction.farBranchSelector,
        address: BigInt(instruction.farBranch16),
      };
    case OpKind.FarBranch32:
      return {
        kind: 'far',
        selector: instruction.farBranchSelector,
        address: BigInt(instruction.farBranch32 >>> 0),
      };
    case OpKind.Memory:
      return { kind: 'memory', memory: explicitMemory(iced, instruction, access) };
    case OpKind.MemorySegSI:
    case OpKind.MemorySegESI:
    case OpKind.MemorySegRSI:
    case OpKind.MemorySegDI:
    case OpKind.MemorySegEDI:
    case OpKind.MemorySegRDI:
    case OpKind.MemoryESDI:
    case OpKind.MemoryESEDI:
    case OpKind.MemoryESRDI:
      return { kind: 'memory', memory: stringMemory(iced, instruction, index, access) };
    default: {
      const bits = immediateBits(iced, instruction.opKind(index));
      return {
        kind: 'immediate',
        value: BigInt.asIntN(bits, instruction.immediate(index)),
        bits,
      };
    }
  }
}

function immediateBits({ OpKind }: Iced, kind: number): number {
  switch (kind) {
    case OpKind.Immediate16:
    case OpKind.Immediate8to16:
      return 16;
    case OpKind.Immediate32:
    case OpKind.Immediate8to32:
      return 32;
    case OpKind.Immediate64:
    case OpKind.Immediate8to64:
    case OpKind.Immediate32to64:
      return 64;
    default:
      return 8;
  }
}

function explicitMemory(iced: Iced, instruction: IcedInstruction, access: Access): MemoryOperand {
  const base = registerName(iced, instruction.memoryBase);
  const index = registerName(iced, instruction.memoryIndex);
  const relative = instruction.isIpRelMemoryOperand;
  const displacement = relative
    ? instruction.ipRelMemoryAddress - instruction.nextIP
    : instruction.memoryDisplacement;
  return {
    base,
    index,
    scale: index === undefined ? 1 : instruction.memoryIndexScale,
    displacement: signed(displacement, addressBits(iced, instruction)),
    segment: registerName(iced, instruction.segmentPrefix),
    size: iced.MemorySizeExt.size(instruction.memorySize),
    access,
  };
}

/** Bits in which a displacement wraps: those of the registers it is added to; without any it is an address. */
function addressBits(iced: Iced, instruction: IcedInstruction): 16 | 32 | 64 {
  const base = instruction.memoryBase;
  const index = instruction.memoryIndex;
  const register = base === iced.Register.None && !instruction.isVsib ? index : base;
  switch (register === iced.Register.None ? 8 : iced.RegisterExt.size(register)) {
    case 2:
      return 16;
    case 4:
      return 32;
    default:
      return 64;
  }
}

function signed(displacement: bigint, bits: 16 | 32 | 64): bigint {
  return BigInt.asIntN(bits, displacement);
}

const stringRegisters: readonly (readonly [kind: keyof Iced['OpKind'] & string, base: string])[] = [
  ['MemorySegSI', 'si'],
  ['MemorySegESI', 'esi'],
  ['MemorySegRSI', 'rsi'],
  ['MemorySegDI', 'di'],
  ['MemorySegEDI', 'edi'],
  ['MemorySegRDI', 'rdi'],
  ['MemoryESDI', 'di'],
  ['MemoryESEDI', 'edi'],
  ['MemoryESRDI', 'rdi'],
];

function stringMemory(
  iced: Iced,
  instruction: IcedInstruction,
  index: number,
  access: Access,
): MemoryOperand {
  const kind = iced.OpKind[instruction.opKind(index)] ?? '';
  const isDestination = kind.startsWith('MemoryES');
  return {
    base: stringRegisters.find(([name]) => name === kind)?.[1],
    index: undefined,
    scale: 1,
    displacement: 0n,
    segment: isDestination ? undefined : registerName(iced, instruction.segmentPrefix),
    size: iced.MemorySizeExt.size(instruction.memorySize),
    access,
  };
}

function registersOf(
  iced: Iced,
  info: InstructionInfo,
): Pick<Detail, 'registersRead' | 'registersWritten'> {
  const read = new Set<string>();
  const written = new Set<string>();
  for (const used of info.usedRegisters() as InstanceType<Iced['UsedRegister']>[]) {
    const name = registerName(iced, used.register);
    const access = accessOf(iced, used.access);
    used.free();
    if (name === undefined) continue;
    if (access === 'read' || access === 'read-write') read.add(name);
    if (access === 'write' || access === 'read-write') written.add(name);
  }
  return { registersRead: [...read], registersWritten: [...written] };
}

function memoryOf(
  iced: Iced,
  instruction: IcedInstruction,
  info: InstructionInfo,
): MemoryOperand[] {
  const relative = instruction.isIpRelMemoryOperand;
  const found: MemoryOperand[] = [];
  for (const used of info.usedMemory() as InstanceType<Iced['UsedMemory']>[]) {
    const { base, index, displacement, memorySize, segment, scale } = used;
    const access = accessOf(iced, used.access);
    used.free();
    if (access === 'none') continue;
    if (relative && base === iced.Register.None && index === iced.Register.None) {
      found.push(explicitMemory(iced, instruction, access));
      continue;
    }
    const sizing = base === iced.Register.None ? index : base;
    const bytes = sizing === iced.Register.None ? 8 : iced.RegisterExt.size(sizing);
    found.push({
      base: registerName(iced, base),
      index: registerName(iced, index),
      scale,
      displacement: signed(displacement, bytes === 2 ? 16 : bytes === 4 ? 32 : 64),
      segment:
        segment === instruction.segmentPrefix
          ? registerName(iced, instruction.segmentPrefix)
          : undefined,
      size: iced.MemorySizeExt.size(memorySize),
      access,
    });
  }
  return found;
}

function registerName({ Register }: Iced, register: number): string | undefined {
  if (register === Register.None) return undefined;
  // iced's names of the low bytes of r8 to r15 are not those that it formats.
  return Register[register]?.toLowerCase().replace(/^(r\d+)l$/, '$1b');
}

function accessOf({ OpAccess }: Iced, access: number): Access {
  switch (access) {
    case OpAccess.Read:
    case OpAccess.CondRead:
      return 'read';
    case OpAccess.Write:
    case OpAccess.CondWrite:
      return 'write';
    case OpAccess.ReadWrite:
    case OpAccess.ReadCondWrite:
      return 'read-write';
    default:
      return 'none';
  }
}

function flagsOf({ RflagsBits }: Iced, bits: number): string[] {
  const flags: string[] = [];
  for (let bit = 1; bit <= RflagsBits.C3; bit *= 2) {
    if (bits & bit) flags.push((RflagsBits[bit] ?? '').toLowerCase());
  }
  return flags;
}

function targetDistanceOf(iced: Iced, instruction: IcedInstruction): number | undefined {
  const { OpKind } = iced;
  const kind = instruction.op0Kind;
  if (instruction.opCount === 0) return undefined;
  if (kind === OpKind.NearBranch64) {
    return Number(BigInt.asIntN(64, instruction.nearBranchTarget - instruction.ip));
  }
  if (kind === OpKind.NearBranch32) {
    return Number(BigInt.asIntN(32, instruction.nearBranchTarget - instruction.ip));
  }
  if (kind === OpKind.NearBranch16) {
    return Number(BigInt.asIntN(16, instruction.nearBranchTarget - instruction.ip));
  }
  return undefined;
}

function categoryOf(
  { FlowControl, Mnemonic }: Iced,
  instruction: IcedInstruction,
): InstructionCategory {
  const { mnemonic } = instruction;
  if (mnemonic === Mnemonic.Syscall || mnemonic === Mnemonic.Sysenter) return 'system call';
  switch (instruction.flowControl) {
    case FlowControl.UnconditionalBranch:
      return 'jump';
    case FlowControl.IndirectBranch:
      return 'indirect jump';
    case FlowControl.ConditionalBranch:
      return 'conditional jump';
    case FlowControl.Return:
      return 'return';
    case FlowControl.Call:
      return 'call';
    case FlowControl.IndirectCall:
      return 'indirect call';
    case FlowControl.Interrupt:
      return 'interrupt';
    case FlowControl.XbeginXabortXend:
      return 'transaction';
    case FlowControl.Exception:
      return 'trap';
    default:
      return 'ordinary';
  }
}

/** Features that every processor of the last thirty years has in the mode in question. */
const baseFeature = /^(INTEL\d|X64$|CPUID$)/;

function featuresOf({ CpuidFeature }: Iced, instruction: IcedInstruction): string[] {
  return [...instruction.cpuidFeatures()]
    .map((feature) => CpuidFeature[feature] ?? '')
    .filter((name) => !baseFeature.test(name));
}

/** By iced's names; Intel SDM volume 2, the descriptions of each. */
const unpredictable: ReadonlyMap<string, Unpredictability> = new Map([
  ['Rdtsc', 'time'],
  ['Rdtscp', 'time'],
  ['Rdpmc', 'time'],
  ['Rdpru', 'time'],
  ['Umwait', 'time'],
  ['Tpause', 'time'],
  ['Rdrand', 'chance'],
  ['Rdseed', 'chance'],
  ['Xbegin', 'chance'],
  ['Cpuid', 'processor'],
  ['Rdpid', 'processor'],
  ['Xgetbv', 'processor'],
  ['Sgdt', 'processor'],
  ['Sidt', 'processor'],
  ['Sldt', 'processor'],
  ['Str', 'processor'],
  ['Smsw', 'processor'],
]);
