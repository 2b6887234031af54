/** The x86 back end: iced-x86, compiled to WebAssembly. Its objects live outside the garbage collector. */
import type { Decoder, Instruction as IcedInstruction } from 'iced-x86';
import type { Architecture } from '../../model/architecture.ts';
import type { Instruction } from '../../model/instruction.ts';
import type { DecodeOptions, Disassembler } from '../disassembler.ts';
import { type Iced, detailOf } from './icedDetail.ts';
import { LazyInstruction, type Reader } from './lazyInstruction.ts';
import { loadBackEnd } from './locate.ts';
import { undecodable } from './undecodable.ts';

/** Bytes of the longest instruction (Intel SDM volume 2, 2.3.11). */
const longest = 15;

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
  let mnemonics: ReadonlySet<string> | undefined;
  return {
    architecture,
    get mnemonics() {
      mnemonics ??= mnemonicsOf(loaded.iced);
      return mnemonics;
    },
    decode: (bytes, options = {}) => decode(loaded, bits, bytes, options),
  };
}

function mnemonicsOf({ Mnemonic }: Iced): ReadonlySet<string> {
  return new Set(
    Object.values(Mnemonic).flatMap((name) =>
      typeof name === 'string' && name !== 'INVALID' ? [name.toLowerCase()] : [],
    ),
  );
}

function decode(
  { iced, scratch }: Formats,
  bits: IcedBits,
  given: Uint8Array,
  { offset = 0, address = 0n, count = Infinity }: DecodeOptions,
): Instruction[] {
  const start = Math.min(Math.max(0, Math.trunc(offset)), given.length);
  const bytes = given.slice(start, start + count * longest);
  const result: Instruction[] = [];
  const read = reader(bits);
  const first = address + BigInt(start);
  const decoder = decoderAt(iced, bits, bytes, first);
  try {
    for (let at = 0; at < bytes.length && result.length < count;) {
      decoder.decodeOut(scratch);
      const here = first + BigInt(at);
      if (scratch.isInvalid) {
        result.push(undecodable(bytes.subarray(at, at + 1), start + at, here));
        at += 1;
        decoder.position = at;
        decoder.ip = BigInt.asUintN(64, first + BigInt(at));
      } else {
        const { length } = scratch;
        result.push(new LazyInstruction(read, bytes.subarray(at, at + length), start + at, here));
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

function reader(bits: IcedBits): Reader {
  return {
    texts: (bytes, address) =>
      decoded(bits, bytes, address, ({ iced, intel, att }, instruction) => ({
        mnemonic: mnemonicOf(iced, intel, instruction),
        intel: intel.format(instruction),
        att: att.format(instruction),
      })),
    detail: (bytes, address) =>
      decoded(bits, bytes, address, ({ iced }, instruction) => detailOf(iced, instruction)),
  };
}

function mnemonicOf(iced: Iced, intel: Formats['intel'], instruction: IcedInstruction): string {
  const options = iced.FormatMnemonicOptions.NoPrefixes;
  const formatted = intel.formatMnemonicOptions(instruction, options);
  // Of two words (`ret far`, `call far`) the instruction's own name is left.
  if (!formatted.includes(' ')) return formatted;
  return (iced.Mnemonic[instruction.mnemonic] ?? formatted).toLowerCase();
}

function decoded<T>(
  bits: IcedBits,
  bytes: Uint8Array,
  address: bigint,
  read: (formats: Formats, instruction: IcedInstruction) => T,
): T {
  const loaded = load();
  const decoder = decoderAt(loaded.iced, bits, bytes, address);
  try {
    decoder.decodeOut(loaded.scratch);
    return read(loaded, loaded.scratch);
  } finally {
    decoder.free();
  }
}
