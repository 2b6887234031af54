/** Bytes of any supported architecture → instructions. The back ends are loaded when first asked for. */
import type { Architecture } from '../model/architecture.ts';
import type { Instruction } from '../model/instruction.ts';
import { capstoneDisassembler, capstoneSupports } from './disassembler/capstone.ts';
import { icedBits, icedDisassembler } from './disassembler/iced.ts';

export interface DecodeOptions {
  /** Where in the bytes to begin; 0 by default. */
  readonly offset?: number;
  /** The address of the first of the bytes (not of the one at `offset`); 0 by default. */
  readonly address?: bigint;
  /** The most instructions to decode; all by default. */
  readonly count?: number;
}

export interface Disassembler {
  readonly architecture: Architecture;
  /** The names of all instructions that it knows, in lower case; worked out when first read. */
  readonly mnemonics: ReadonlySet<string>;
  /**
   * The instructions from `offset` on, one after the other. Never throws: bytes that are no instruction
   * give an instruction that is not valid, as long as the architecture's smallest unit. Without `count`
   * the lengths sum to the number of bytes. The bytes are copied; costly details are worked out when read.
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): Instruction[];
}

/** Whether there is a disassembler for the architecture. */
export function supports(architecture: Architecture): boolean {
  return icedBits(architecture) !== undefined || capstoneSupports(architecture);
}

const loaded = new Map<Architecture, Promise<Disassembler>>();

/**
 * The disassembler for an architecture, loaded at the first call. Rejects for an architecture that is
 * not supported, and where the back end's files are missing.
 */
export async function disassembler(architecture: Architecture): Promise<Disassembler> {
  let found = loaded.get(architecture);
  if (!found) {
    found = load(architecture);
    loaded.set(architecture, found);
  }
  return found;
}

async function load(architecture: Architecture): Promise<Disassembler> {
  const bits = icedBits(architecture);
  if (bits !== undefined) return icedDisassembler(architecture, bits);
  if (capstoneSupports(architecture)) return capstoneDisassembler(architecture);
  throw new Error(`there is no disassembler for ${architecture}`);
}
