/** The x86 back end: iced-x86, compiled to WebAssembly. Its objects live outside the garbage collector. */
import type { Decoder, Instruction as IcedInstruction } from 'iced-x86';
import type { Architecture } from '../../model/architecture.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { DecodeOptions, Disassembler } from '../disassembler.ts';
import { type Detail, type Iced, detailOf } from './icedDetail.ts';
import { loadBackEnd } from './locate.ts';
import { undecodable } from './undecodable.ts';

export type IcedBits = 16 | 32 | 64;

const bitsOf: Partial<Record<Architecture, IcedBits>> = { x86_64: 64, x86: 32, x86_16: 16 };

/** The width of code segment to decode for, or undefined for an architecture that is not x86. */
export function icedBits(architecture: Architecture): IcedBits | undefined {
  return bitsOf[architecture];
}

/** What every instruction needs to work out its details: one of each, kept for ever. */
interface Formats {
  readonly iced: Iced;
  readonly intel: InstanceType<Iced['Formatter']>;
  readonly att: InstanceType<Iced['Formatter']>;
  /** Overwritten by each decoding. */
  readonly scratch: IcedInstruction;
}

let formats: Formats | undefined;

function load(): Formats {
  if (formats) return formats;
  const iced = loadBackEnd('iced_x86.js', 'iced-x86') as Iced;
  const intel = new iced.Formatter(iced.FormatterSyntax.Intel);
  const att = new iced.Formatter(iced.FormatterSyntax.Gas);
  for (const formatter of [intel, att]) {
    formatter.hexPrefix = '0x';
    formatter.hexSuffix = '';
    formatter.uppercaseHex = false;
    formatter.smallHexNumbersInDecimal = false;
    formatter.branchLeadingZeros = false;
    formatter.ripRelativeAddresses = true;
    formatter.spaceAfterOperandSeparator = true;
    formatter.showBranchSize = false;
  }
  formats = { iced, intel, att, scratch: new iced.Instruction() };
  return formats;
}

/** The disassembler for 16, 32 or 64-bit x86. Throws where iced-x86 cannot be loaded. */
export function icedDisassembler(architecture: Architecture, bits: IcedBits): Disassembler {
  const loaded = load();
  return {
    architecture,
    decode: (bytes, options = {}) => decode(loaded, bits, bytes, options),
  };
}

function decode(
  { iced, scratch }: Formats,
  bits: IcedBits,
  given: Uint8Array,
  { offset = 0, address = 0n, count = Infinity }: DecodeOptions,
): Instruction[] {
  const bytes = given.slice();
  const start = Math.min(Math.max(0, Math.trunc(offset)), bytes.length);
  const result: Instruction[] = [];
  const decoder = decoderAt(iced, bits, bytes.subarray(start), address + BigInt(start));
  try {
    for (let at = start; at < bytes.length && result.length < count;) {
      decoder.decodeOut(scratch);
      const here = address + BigInt(at);
      if (scratch.isInvalid) {
        result.push(undecodable(bytes.subarray(at, at + 1), at, here));
        at += 1;
        decoder.position = at - start;
        decoder.ip = BigInt.asUintN(64, address + BigInt(at));
      } else {
        const { length } = scratch;
        result.push(new X86Instruction(bits, bytes.subarray(at, at + length), at, here));
        at += length;
      }
    }
  } finally {
    decoder.free();
  }
  return result;
}

function decoderAt(iced: Iced, bits: IcedBits, bytes: Uint8Array, ip: bigint): Decoder {
  const decoder = new iced.Decoder(bits, bytes, iced.DecoderOptions.None);
  decoder.ip = BigInt.asUintN(64, ip);
  return decoder;
}

interface Texts {
  readonly mnemonic: string;
  readonly intel: string;
  readonly att: string;
}

/** Holds the bytes alone, and decodes them again when something else is asked for. */
class X86Instruction implements Instruction {
  readonly valid = true;
  readonly offset: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly #bits: IcedBits;
  #texts: Texts | undefined;
  #detail: Detail | undefined;

  constructor(bits: IcedBits, bytes: Uint8Array, offset: number, address: bigint) {
    this.#bits = bits;
    this.bytes = bytes;
    this.offset = offset;
    this.address = address;
  }

  get length(): number {
    return this.bytes.length;
  }

  get mnemonic(): string {
    return this.#getTexts().mnemonic;
  }

  get intel(): string {
    return this.#getTexts().intel;
  }

  get att(): string {
    return this.#getTexts().att;
  }

  get operands(): Detail['operands'] {
    return this.#getDetail().operands;
  }

  get registersRead(): readonly string[] {
    return this.#getDetail().registersRead;
  }

  get registersWritten(): readonly string[] {
    return this.#getDetail().registersWritten;
  }

  get flagsRead(): readonly string[] {
    return this.#getDetail().flagsRead;
  }

  get flagsWritten(): readonly string[] {
    return this.#getDetail().flagsWritten;
  }

  get memory(): Detail['memory'] {
    return this.#getDetail().memory;
  }

  get target(): number | undefined {
    const { targetDistance } = this.#getDetail();
    return targetDistance === undefined ? undefined : this.offset + targetDistance;
  }

  get category(): Detail['category'] {
    return this.#getDetail().category;
  }

  get features(): readonly string[] {
    return this.#getDetail().features;
  }

  get privileged(): boolean {
    return this.#getDetail().privileged;
  }

  get unpredictable(): Detail['unpredictable'] {
    return this.#getDetail().unpredictable;
  }

  #getTexts(): Texts {
    this.#texts ??= this.#decoded(({ iced, intel, att }, instruction) => ({
      mnemonic: intel.formatMnemonicOptions(instruction, iced.FormatMnemonicOptions.NoPrefixes),
      intel: intel.format(instruction),
      att: att.format(instruction),
    }));
    return this.#texts;
  }

  #getDetail(): Detail {
    this.#detail ??= this.#decoded(({ iced }, instruction) => detailOf(iced, instruction));
    return this.#detail;
  }

  #decoded<T>(read: (formats: Formats, instruction: IcedInstruction) => T): T {
    const loaded = load();
    const decoder = decoderAt(loaded.iced, this.#bits, this.bytes, this.address);
    try {
      decoder.decodeOut(loaded.scratch);
      return read(loaded, loaded.scratch);
    } finally {
      decoder.free();
    }
  }
}
