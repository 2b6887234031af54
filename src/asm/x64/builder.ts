/** The builder: instructions, labels and data in, bytes out. */
import { encode, instructionText, type Prefix } from './encode.ts';
import { littleEndian, whyNotWord } from './immediate.ts';
import { labelOffset, layOut, write, type Item, type Layout } from './layout.ts';
import { formsOf, methodsFor, mnemonics, type Methods, type Mnemonic } from './methods.ts';
import type { Immediate, Label, Operand } from './operands.ts';

/** What a lock prefix may stand before, with a memory destination (Intel SDM vol. 2, LOCK). */
const lockable = [
  'adc',
  'add',
  'and',
  'btc',
  'btr',
  'bts',
  'cmpxchg',
  'cmpxchg8b',
  'cmpxchg16b',
  'dec',
  'inc',
  'neg',
  'not',
  'or',
  'sbb',
  'sub',
  'xadd',
  'xchg',
  'xor',
] as const satisfies readonly Mnemonic[];

const STRING = /^(?:movs|stos|lods|scas|cmps|ins|outs)[bwdq]$/;
const instructions = methodsFor(mnemonics);
const locked = methodsFor(lockable);
const repeated = methodsFor(mnemonics.filter((name) => STRING.test(name)));
type StringMnemonic = Extract<
  Mnemonic,
  `${'movs' | 'stos' | 'lods' | 'scas' | 'cmps' | 'ins' | 'outs'}${'b' | 'w' | 'd' | 'q'}`
>;

const jumps = methodsFor(mnemonics.filter((name) => /^(?:j.*|call)$/.test(name)));
type JumpMnemonic = Extract<Mnemonic, 'jmp' | 'call' | `j${string}`>;

/** String instructions under a repeat prefix. Not the SSE instructions of the same names. */
export type Repeated = { readonly [Name in StringMnemonic]: () => void };

/** Jumps to a label in a length that the author chooses. */
export type JumpsTo<M extends Mnemonic> = { readonly [Name in M]: (label: Label) => void };

type JumpLength = 'short' | 'near';

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
  readonly lock: Pick<Methods, (typeof lockable)[number]>;
  /** While rcx is not zero; before cmps and scas also while they compare equal (the same as repe). */
  readonly rep: Repeated;
  readonly repe: Repeated;
  readonly repne: Repeated;
  /** Jumps with a distance of 8 bits, whatever the distance is: `bytes` throws where it does not fit. */
  readonly short: JumpsTo<Exclude<JumpMnemonic, 'call'>>;
  /** Jumps with a distance of 32 bits, even where 8 would do. */
  readonly near: JumpsTo<Exclude<JumpMnemonic, 'jrcxz'>>;
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
  const jump = (length: JumpLength) => (mnemonic: string, operands: readonly Operand[]) =>
    code.jump(mnemonic, operands[0], length);
  const rep = repeated(emit('rep'));
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
    lock: locked(emit('lock')),
    rep,
    repe: rep,
    repne: repeated(emit('repne')),
    short: jumps(jump('short')),
    near: jumps(jump('near')),
  };
  return Object.assign(instructions(emit()), builder);
}

function isLabel(operand: Operand | undefined): operand is Label {
  return typeof operand === 'object' && operand.kind === 'label';
}

function isJump(mnemonic: string): boolean {
  return formsOf(mnemonic).some((form) => form.operands[0]?.relative !== undefined);
}

function whyNotPrefixed(
  [destination]: readonly Operand[],
  prefix: Prefix | undefined,
): string | undefined {
  if (prefix === undefined) return undefined;
  if (prefix === 'lock') {
    const isMemory = typeof destination === 'object' && destination.kind === 'memory';
    return isMemory ? undefined : 'lock needs a memory destination';
  }
  return destination === undefined ? undefined : 'only string instructions repeat';
}

/** What has been written so far. */
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

  instruction(mnemonic: string, operands: readonly Operand[], prefix?: Prefix): void {
    const [target] = operands;
    if (isLabel(target) && operands.length === 1 && isJump(mnemonic)) {
      this.jump(mnemonic, target);
      return;
    }
    const wrong = whyNotPrefixed(operands, prefix);
    if (wrong !== undefined) {
      throw new TypeError(`${instructionText(mnemonic, operands, prefix)}: ${wrong}`);
    }
    const { bytes, fixup } = encode(mnemonic, formsOf(mnemonic), operands, prefix);
    this.#add({ kind: 'bytes', bytes: Uint8Array.from(bytes), fixup });
  }

  jump(mnemonic: string, target: Operand | undefined, length?: JumpLength): void {
    const text = instructionText(mnemonic, target === undefined ? [] : [target]);
    if (!isLabel(target)) throw new TypeError(`${text}: a ${length} jump goes to a label`);
    const opcodeOf = (bits: 8 | 32) =>
      formsOf(mnemonic).find((form) => form.operands[0]?.relative === bits)?.opcode;
    const short = length === 'near' ? undefined : opcodeOf(8);
    const near = length === 'short' ? undefined : opcodeOf(32);
    if (short === undefined && near === undefined) {
      throw new TypeError(`${text}: there is no ${length} form`);
    }
    this.#add({ kind: 'jump', text, short, near, label: target });
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
      const wrong = whyNotWord(word, 8 * size);
      if (wrong !== undefined) throw new RangeError(`data: ${wrong}`);
      this.data(Uint8Array.from(littleEndian(BigInt(word), size)));
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
