/** An instruction that holds its bytes alone, and decodes them again when something else is asked for. */
import type { Instruction } from '../../model/instruction.ts';

export type Texts = Pick<Instruction, 'mnemonic' | 'intel' | 'att'>;

/** What an instruction does, apart from where it stands and how it is written. */
export type Detail = Pick<
  Instruction,
  | 'operands'
  | 'registersRead'
  | 'registersWritten'
  | 'flagsRead'
  | 'flagsWritten'
  | 'memory'
  | 'category'
  | 'features'
  | 'privileged'
  | 'unpredictable'
> & {
  /** Where a direct branch goes, from the instruction's own first byte, or undefined. */
  readonly targetDistance: number | undefined;
};

/** Reads the bytes of one valid instruction. */
export interface Reader {
  texts(bytes: Uint8Array, address: bigint): Texts;
  detail(bytes: Uint8Array, address: bigint): Detail;
}

/** A valid instruction. */
export class LazyInstruction implements Instruction {
  readonly valid = true;
  readonly offset: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly #reader: Reader;
  #knownTexts: Texts | undefined;
  #knownDetail: Detail | undefined;

  /** `texts` are given where they depend on the instructions before (Thumb's `it`). */
  constructor(reader: Reader, bytes: Uint8Array, offset: number, address: bigint, texts?: Texts) {
    this.#reader = reader;
    this.bytes = bytes;
    this.offset = offset;
    this.address = address;
    this.#knownTexts = texts;
  }

  get length(): number {
    return this.bytes.length;
  }

  get mnemonic(): string {
    return this.#texts.mnemonic;
  }

  get intel(): string {
    return this.#texts.intel;
  }

  get att(): string {
    return this.#texts.att;
  }

  get operands(): Detail['operands'] {
    return this.#detail.operands;
  }

  get registersRead(): readonly string[] {
    return this.#detail.registersRead;
  }

  get registersWritten(): readonly string[] {
    return this.#detail.registersWritten;
  }

  get flagsRead(): readonly string[] {
    return this.#detail.flagsRead;
  }

  get flagsWritten(): readonly string[] {
    return this.#detail.flagsWritten;
  }

  get memory(): Detail['memory'] {
    return this.#detail.memory;
  }

  get target(): number | undefined {
    const { targetDistance } = this.#detail;
    return targetDistance === undefined ? undefined : this.offset + targetDistance;
  }

  get category(): Detail['category'] {
    return this.#detail.category;
  }

  get features(): readonly string[] {
    return this.#detail.features;
  }

  get privileged(): boolean {
    return this.#detail.privileged;
  }

  get unpredictable(): Detail['unpredictable'] {
    return this.#detail.unpredictable;
  }

  get #texts(): Texts {
    this.#knownTexts ??= this.#reader.texts(this.bytes, this.address);
    return this.#knownTexts;
  }

  get #detail(): Detail {
    this.#knownDetail ??= this.#reader.detail(this.bytes, this.address);
    return this.#knownDetail;
  }
}
