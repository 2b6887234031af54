/** The builder: instructions, labels and data in, bytes out. */
import { encode, instructionText } from './encode.ts';
import { bitmaskOf } from './immediate.ts';
import { formsOf, methodsFor, type Methods } from './methods.ts';
import type { Immediate, Label, Operand } from './operands.ts';
import type { Site } from './placement.ts';
import type { Register } from './registers.ts';

/** Labels, data and results; `Methods` has the instructions. */
interface Builder {
  /** A label, not placed yet. A name that is taken already gets a number in `symbols`. */
  label(name?: string): Label;
  /** Places a label here. @throws Error where it is placed already or is another builder's */
  bind(label: Label): void;
  /** Any value in a register: movz or movn with as many movk as it needs, or orr with a bitmask. */
  movImm(register: Register<'X' | 'W'>, value: Immediate): void;
  /** Bytes, -128 to 255. */
  db(...bytes: readonly number[]): void;
  /** 16-bit halfwords. */
  dh(...halfwords: readonly Immediate[]): void;
  /** 32-bit words. */
  dd(...words: readonly Immediate[]): void;
  /** 64-bit words; a label gives its address, which is base plus offset. */
  dq(...words: readonly (Immediate | Label)[]): void;
  data(bytes: Uint8Array): void;
  /** Pads to a multiple of a power of two with a word, 0 (udf) if none is given. */
  align(to: number, fillWord?: number): void;
  /** Pads up to an offset. @throws RangeError where the code is past it */
  org(offset: number, fillWord?: number): void;
  /** The code. @throws Error naming a label not bound; RangeError one out of reach */
  bytes(): Uint8Array<ArrayBuffer>;
  /** A label's offset from the start. @throws Error where it is not bound */
  offsetOf(label: Label): number;
  /** Every bound label's name and offset, in order. */
  symbols(): ReadonlyMap<string, number>;
}

/** An AArch64 emitter: a method for every instruction of the table, and those of `Builder`. */
export type AArch64 = Builder & Methods;

export interface AArch64Options {
  /** Address of offset 0, for absolute addresses and for adrp; 0 where it is not given. */
  readonly base?: bigint;
}

/** A new emitter. Its methods throw at once where no encoding takes the operands. */
export function aarch64(options: AArch64Options = {}): AArch64 {
  const code = new Code(options.base ?? 0n);
  const builder: Builder = {
    label: (name) => code.label(name),
    bind: (label) => code.bind(label),
    movImm: (register, value) => code.movImm(register, value),
    db: (...bytes) => code.words(1, bytes),
    dh: (...halfwords) => code.words(2, halfwords),
    dd: (...words) => code.words(4, words),
    dq: (...words) => code.words(8, words),
    data: (bytes) => code.data(bytes),
    align: (to, fillWord = 0) => code.align(to, fillWord),
    org: (offset, fillWord = 0) => code.org(offset, fillWord),
    bytes: () => code.bytes(),
    offsetOf: (label) => code.offsetOf(label, 'offsetOf'),
    symbols: () => code.symbols(),
  };
  return {
    ...methodsFor((mnemonic, operands) => code.instruction(mnemonic, operands)),
    ...builder,
  };
}

const INSTRUCTION_SIZE = 4;

/** What has to wait until labels are bound. */
interface Fixup {
  readonly at: number;
  /** Writes there what labels decide. */
  readonly write: (view: DataView) => void;
}

class Code {
  readonly #base: bigint;
  readonly #chunks: Uint8Array[] = [];
  readonly #fixups: Fixup[] = [];
  readonly #labels = new Set<Label>();
  readonly #bound = new Map<Label, number>();
  #offset = 0;

  constructor(base: bigint) {
    this.#base = base;
  }

  instruction(mnemonic: string, operands: readonly Operand[]): void {
    const at = this.#offset;
    const text = (): string => instructionText(mnemonic, operands);
    if (at % INSTRUCTION_SIZE !== 0) {
      throw new Error(`${text()}: offset ${at} is no multiple of ${INSTRUCTION_SIZE}; align first`);
    }
    const forms = formsOf(mnemonic);
    const address = this.#base + BigInt(at);
    const isLabel = (operand: Operand): operand is Label =>
      typeof operand === 'object' && operand.kind === 'label';
    for (const label of operands.filter(isLabel)) this.#checkOwn(label);
    // Until all labels are bound, each is taken to be here: everything else is checked at once.
    const { word } = encode(mnemonic, forms, operands, { address, addressOf: () => address });
    if (operands.some(isLabel)) {
      const site: Site = {
        address,
        addressOf: (label) => this.#base + BigInt(this.offsetOf(label, text())),
      };
      const write = (view: DataView): void =>
        view.setUint32(at, encode(mnemonic, forms, operands, site).word, true);
      this.#fixups.push({ at, write });
    }
    this.#addWord(word, 4);
  }

  movImm(register: Register<'X' | 'W'>, value: Immediate): void {
    const bits = register.class === 'X' ? 64 : 32;
    const exact = toWord(value, bits, `movImm ${register.name}`);
    const parts = Array.from({ length: bits / 16 }, (_, i) => (exact >> BigInt(16 * i)) & 0xffffn);
    const count = (part: bigint): number => parts.filter((one) => one === part).length;
    const inverted = count(0xffffn) > count(0n);
    const rest = inverted ? 0xffffn : 0n;
    const set = parts.flatMap((part, index) =>
      part === rest ? [] : [{ part, shift: 16 * index }],
    );
    if (set.length > 1 && bitmaskOf(exact, bits)) {
      this.instruction('mov', [register, exact]);
      return;
    }
    const [first = { part: rest, shift: 0 }, ...more] = set;
    const start = inverted ? first.part ^ 0xffffn : first.part;
    this.instruction(inverted ? 'movn' : 'movz', [register, start, first.shift]);
    for (const { part, shift } of more) this.instruction('movk', [register, part, shift]);
  }

  label(name = `L${this.#labels.size}`): Label {
    const label: Label = { kind: 'label', name };
    this.#labels.add(label);
    return label;
  }

  bind(label: Label): void {
    this.#checkOwn(label);
    if (this.#bound.has(label)) throw new Error(`the label ${label.name} is bound already`);
    this.#bound.set(label, this.#offset);
  }

  #checkOwn(label: Label): void {
    if (!this.#labels.has(label)) throw new Error(`the label ${label.name} is another builder's`);
  }

  words(size: 1 | 2 | 4 | 8, words: readonly (Immediate | Label)[]): void {
    for (const word of words) {
      if (typeof word !== 'object') {
        this.#addWord(toWord(word, 8 * size, 'data'), size);
        continue;
      }
      this.#checkOwn(word);
      const at = this.#offset;
      const write = (view: DataView): void =>
        view.setBigUint64(at, this.#base + BigInt(this.offsetOf(word, 'data')), true);
      this.#fixups.push({ at, write });
      this.#addWord(0, size);
    }
  }

  #addWord(value: number | bigint, size: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    this.data(bytes.subarray(0, size));
  }

  data(bytes: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(bytes));
    this.#offset += bytes.length;
  }

  align(to: number, fillWord: number): void {
    if (!Number.isInteger(Math.log2(to))) throw new RangeError(`align ${to}: not a power of two`);
    this.#pad(Math.ceil(this.#offset / to) * to, fillWord);
  }

  org(offset: number, fillWord: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new RangeError(`org ${offset}: no offset`);
    }
    if (offset < this.#offset) {
      throw new RangeError(`org ${offset}: the code is already at offset ${this.#offset}`);
    }
    this.#pad(offset, fillWord);
  }

  /** Fills so that words lie at multiples of 4, whatever the offset is now. */
  #pad(end: number, fillWord: number): void {
    const word = Number(toWord(fillWord, 32, 'fill'));
    const start = this.#offset;
    const bytes = Uint8Array.from({ length: end - start }, (_, index) => {
      return (word >>> (8 * ((start + index) % INSTRUCTION_SIZE))) & 0xff;
    });
    this.data(bytes);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#offset);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const view = new DataView(bytes.buffer);
    for (const { write } of this.#fixups) write(view);
    return bytes;
  }

  offsetOf(label: Label, user: string): number {
    const offset = this.#bound.get(label);
    if (offset === undefined) throw new Error(`${user}: the label ${label.name} is not bound`);
    return offset;
  }

  symbols(): ReadonlyMap<string, number> {
    const symbols = new Map<string, number>();
    for (const [label, offset] of this.#bound) {
      let { name } = label;
      for (let count = 2; symbols.has(name); count++) name = `${label.name}.${count}`;
      symbols.set(name, offset);
    }
    return symbols;
  }
}

/** The value's low bits. Throws a RangeError if it does not fit, with or without sign. */
function toWord(value: Immediate, bits: number, user: string): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${user}: ${value} is no whole number below 2^53; give a bigint`);
  }
  const exact = BigInt(value);
  if (exact >= -(1n << BigInt(bits - 1)) && exact < 1n << BigInt(bits)) {
    return BigInt.asUintN(bits, exact);
  }
  throw new RangeError(`${user}: ${value} does not fit ${bits} bits`);
}
