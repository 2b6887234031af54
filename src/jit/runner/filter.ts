/**
 * The system call filter, a seccomp program: every call of ours is allowed at exactly one address, and everything else
 * traps. It is installed once, in the runner; a grandchild inherits it but not the code at most of those addresses.
 */
import type { Architecture } from '../../model/architecture.ts';

/** A place from which a system call of ours is made. */
export interface CallSite {
  /** Offset in the arena of the instruction after the system call, which is what the kernel shows the filter. */
  readonly after: number;
  readonly number: number;
}

// include/uapi/linux/bpf_common.h
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

// include/uapi/linux/seccomp.h
const SECCOMP_RET_TRAP = 0x0003_0000;
const SECCOMP_RET_ALLOW = 0x7fff_0000;
/** Offsets in struct seccomp_data. */
const data = { number: 0, architecture: 4, addressLow: 8, addressHigh: 12, argument0: 16 } as const;

/** include/uapi/linux/audit.h */
export const auditArchitectures: Partial<Readonly<Record<Architecture, number>>> = {
  x86_64: 0xc000_003e,
  aarch64: 0xc000_00b7,
};

/** The calls that a guest's output needs: `write` to these descriptors, from the guest's own code. */
export interface OutputCall {
  readonly number: number;
  readonly descriptors: readonly [number, number];
  /** Where the guest's code lies, as offsets in the arena. */
  readonly from: number;
  readonly to: number;
}

interface Instruction {
  readonly code: number;
  /** Instructions to skip if the condition holds, and if not. */
  readonly yes: number;
  readonly no: number;
  readonly operand: number;
}

function load(offset: number): Instruction {
  return { code: LOAD_WORD, yes: 0, no: 0, operand: offset };
}

function unlessEqual(operand: number, skip: number): Instruction {
  return { code: JUMP_IF_EQUAL, yes: 0, no: skip, operand };
}

const allow: Instruction = { code: RETURN, yes: 0, no: 0, operand: SECCOMP_RET_ALLOW };
const trapCall: Instruction = { code: RETURN, yes: 0, no: 0, operand: SECCOMP_RET_TRAP };

/** Whether the value loaded is `operand`; if not, the call traps. */
function must(operand: number): Instruction[] {
  return [{ code: JUMP_IF_EQUAL, yes: 1, no: 0, operand }, trapCall];
}

/**
 * The program for an arena at `base` in the kernel's form, 8 bytes an instruction (struct sock_filter). `output` allows a guest
 * to write. Throws an error if this architecture has no filter.
 */
export function systemCallFilter(
  architecture: Architecture,
  base: bigint,
  sites: readonly CallSite[],
  output: OutputCall | undefined,
): Uint8Array {
  const audit = auditArchitectures[architecture];
  if (audit === undefined) throw new Error(`there is no system call filter for ${architecture}`);
  const low = (offset: number): number => Number((base + BigInt(offset)) & 0xffff_ffffn);
  const program = [
    load(data.architecture),
    ...must(audit),
    load(data.addressHigh),
    ...must(Number(base >> 32n)),
    load(data.addressLow),
  ];
  for (const { after, number } of sites) {
    program.push(unlessEqual(low(after), 4), load(data.number), ...must(number), allow);
  }
  if (output) {
    const [first, second] = output.descriptors;
    program.push(
      { code: JUMP_IF_AT_LEAST, yes: 1, no: 0, operand: low(output.from) },
      trapCall,
      { code: JUMP_IF_AT_LEAST, yes: 0, no: 1, operand: low(output.to) + 1 },
      trapCall,
      load(data.number),
      ...must(output.number),
      load(data.argument0 + 4),
      ...must(0),
      load(data.argument0),
      { code: JUMP_IF_EQUAL, yes: 2, no: 0, operand: first },
      ...must(second),
      allow,
    );
  }
  program.push(trapCall);
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, yes, no, operand }] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, yes);
    view.setUint8(index * 8 + 3, no);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}
