/** The builder: instructions, labels and data in, bytes out. */
import { encode, instructionText, type Prefix } from './encode.ts';
import { littleEndian, whyNotInteger } from './immediate.ts';
import { labelOffset, layOut, write, type Item, type Layout } from './layout.ts';
import { formsOf, methodsFor, mnemonics, type Methods, type Mnemonic } from './methods.ts';
import type { Immediate, Label, Operand } from './operands.ts';

type StringMnemonic = Extract<
  Mnemonic,
  `${'movs' | 'stos' | 'lods' | 'scas' | 'cmps' | 'ins' | 'outs'}${'b' | 'w' | 'd' | 'q'}`
>;
type JumpMnemonic = Extract<Mnemonic, 'jmp' | 'call' | `j${string}`>;
type LockMnemonic =
  | 'adc'
  | 'add'
  | 'and'
  | 'btc'
  | 'btr'
  | 'bts'
  | 'cmpxchg'
  | 'cmpxchg8b'
  | 'cmpxchg16b'
  | 'dec'
  | 'inc'
  | 'neg'
  | 'not'
  | 'or'
  | 'sbb'
  | 'sub'
  | 'xadd'
  | 'xchg'
  | 'xor';

const lockable =
  'adc add and btc btr bts cmpxchg cmpxchg8b cmpxchg16b dec inc neg not or sbb sub xadd xchg xor'.split(
    ' ',
  );
const repeatable = mnemonics.filter((name) =>
  /^(?:movs|stos|lods|scas|cmps|ins|outs)[bwdq]$/.test(name),
);
const jumps = mnemonics.filter((name) => /^(?:j.*|call)$/.test(name));

/** Labels, data and results; `Methods` has the instructions. */
export interface Builder {
  /** A label, not placed yet. A name that is taken already gets a number in `symbols`. */
  label(name?: string): Label;
  /** Places a label here. @throws Error where it is placed already or is another builder's */
  bind(label: Label): void;
  /** Bytes, -128 to 255. */
  db(...bytes: readonly number[]): void;
  /** 16-bit words. */
  dw(...words: readonly Immediate[]): void;
  /** 32-bit words. */
  dd(...words: readonly Immediate[]): void;
  /** 64-bit words; a label gives its address, which is base plus offset. */
  dq(...words: readonly (Immediate | Label)[]): void;
  data(bytes: Uint8Array): void;
  /** Pads to a multiple of a power of two. */
  align(to: number, fill?: number): void;
  /** Pads up to an offset. `bytes` throws where the code is past it. */
  org(offset: number, fill?: number): void;
  /** The code. @throws Error naming a label not bound, a short jump out of range, an org already passed */
  bytes(): Uint8Array<ArrayBuffer>;
  /** A label's offset from the start. @throws Error as `bytes` does */
  offsetOf(label: Label): number;
  /** Every bound label's name and offset, in order. @throws Error as `bytes` does */
  symbols(): ReadonlyMap<string, number>;
  readonly lock: Pick<Methods, LockMnemonic>;
  /** Also repe and repz. */
  readonly rep: Pick<Methods, StringMnemonic>;
  readonly repe: Pick<Methods, StringMnemonic>;
  readonly repne: Pick<Methods, StringMnemonic>;
  /** Jumps with a distance of 8 bits, whatever the distance is: `bytes` throws where it does not fit. */
  readonly short: Pick<Methods, JumpMnemonic>;
  /** Jumps with a distance of 32 bits, even where 8 would do. */
  readonly near: Pick<Methods, JumpMnemonic>;
}

/** An x86-64 emitter: a method for every instruction of the table, and those of `Builder`. */
export type X64 = Builder & Methods;

export interface X64Options {
  /** Address of offset 0, for absolute addresses; 0 where it is not given. */
  readonly base?: bigint;
}

/** A new emitter. Its methods throw at once where no encoding takes the operands. */
export function x64(options: X64Options = {}): X64 {
  const code = new Code(options.base ?? 0n);
  const emit = (prefix?: Prefix) => (mnemonic: string, operands: readonly Operand[]) =>
    code.instruction(mnemonic, operands, prefix);
  const jump = (length: 'short' | 'near') => (mnemonic: string, operands: readonly Operand[]) =>
    code.instruction(mnemonic, operands, undefined, length);
  const rep = methodsFor(repeatable, emit('rep'));
  const builder: Builder = {
    label: (name) => code.label(name),
    bind: (label) => code.bind(label),
    db: (...bytes) => code.words(1, bytes),
    dw: (...words) => code.words(2, words),
    dd: (...words) => code.words(4, words),
    dq: (...words) => code.words(8, words),
    data: (bytes) => code.data(bytes),
    align: (to, fill = 0) => code.align(to, fill),
    org: (offset, fill = 0) => code.org(offset, fill),
    bytes: () => code.bytes(),
    offsetOf: (label) => code.offsetOf(label),
    symbols: () => code.symbols(),
    lock: methodsFor(lockable, emit('lock')),
    rep,
    repe: rep,
    repne: methodsFor(repeatable, emit('repne')),
    short: methodsFor(jumps, jump('short')),
    near: methodsFor(jumps, jump('near')),
  };
  return { ...methodsFor(mnemonics, emit()), ...builder };
}

class Code {
  readonly #base: bigint;
  readonly #items: Item[] = [];
  readonly #labels = new Set<Label>();
  readonly #bound = new Set<Label>();
  #layout: Layout | undefined;

  constructor(base: bigint) {
    this.#base = base;
  }

  #add(item: Item): void {
    this.#items.push(item);
    this.#layout = undefined;
  }

  #laidOut(): Layout {
    this.#layout ??= layOut(this.#items);
    return this.#layout;
  }

  instruction(
    mnemonic: string,
    operands: readonly Operand[],
    prefix: Prefix | undefined,
    length?: 'short' | 'near',
  ): void {
    const forms = formsOf(mnemonic);
    const [target] = operands;
    const isLabel = typeof target === 'object' && target.kind === 'label';
    if (
      isLabel &&
      operands.length === 1 &&
      forms.some((form) => form.operands[0]?.relative !== undefined)
    ) {
      const opcodeOf = (bits: number) =>
        forms.find((form) => form.operands[0]?.relative === bits)?.opcode;
      const short = length === 'near' ? undefined : opcodeOf(8);
      const near = length === 'short' ? undefined : opcodeOf(32);
      const text = instructionText(mnemonic, operands);
      if (short === undefined && near === undefined)
        throw new TypeError(`${text}: has no ${length} form`);
      this.#add({ kind: 'jump', text, short, near, label: target });
      return;
    }
    if (prefix === 'lock' && !(typeof target === 'object' && target.kind === 'memory')) {
      throw new TypeError(
        `${instructionText(mnemonic, operands, prefix)}: lock needs a memory destination`,
      );
    }
    const { bytes, fixup } = encode(mnemonic, forms, operands, prefix);
    this.#add({ kind: 'bytes', bytes: Uint8Array.from(bytes), fixup });
  }

  label(name = `L${this.#labels.size}`): Label {
    const label: Label = { kind: 'label', name };
    this.#labels.add(label);
    return label;
  }

  bind(label: Label): void {
    if (!this.#labels.has(label)) throw new Error(`the label ${label.name} is another builder's`);
    if (this.#bound.has(label)) throw new Error(`the label ${label.name} is bound already`);
    this.#bound.add(label);
    this.#add({ kind: 'label', label });
  }

  words(size: 1 | 2 | 4 | 8, words: readonly (Immediate | Label)[]): void {
    for (const word of words) {
      if (typeof word === 'object') {
        const fixup = { at: 0, size: 8, kind: 'absolute', label: word, addend: 0 } as const;
        this.#add({ kind: 'bytes', bytes: new Uint8Array(8), fixup });
        continue;
      }
      const wrong = whyNotInteger(word);
      const [value, bits] = [wrong === undefined ? BigInt(word) : 0n, BigInt(8 * size)];
      if (wrong !== undefined) throw new RangeError(`data: ${wrong}`);
      if (value < -(1n << (bits - 1n)) || value >= 1n << bits) {
        throw new RangeError(`data: ${word} does not fit ${bits} bits`);
      }
      this.data(Uint8Array.from(littleEndian(value, size)));
    }
  }

  data(bytes: Uint8Array): void {
    this.#add({ kind: 'bytes', bytes: Uint8Array.from(bytes), fixup: undefined });
  }

  align(to: number, fill: number): void {
    if (!Number.isInteger(Math.log2(to))) throw new RangeError(`align ${to}: not a power of two`);
    this.#add({ kind: 'align', to, fill });
  }

  org(offset: number, fill: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new RangeError(`org ${offset}: no offset`);
    this.#add({ kind: 'org', offset, fill });
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return write(this.#items, this.#laidOut(), this.#base);
  }

  offsetOf(label: Label): number {
    return labelOffset(this.#laidOut().labels, label, 'offsetOf');
  }

  symbols(): ReadonlyMap<string, number> {
    const symbols = new Map<string, number>();
    for (const [label, offset] of this.#laidOut().labels) {
      let name = label.name;
      for (let count = 2; symbols.has(name); count++) name = `${label.name}.${count}`;
      symbols.set(name, offset);
    }
    return symbols;
  }
}
