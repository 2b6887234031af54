/** Which instructions of a block can be reached from its entry, and how its paths end. */
import type { Disassembler } from '../asm/disassembler.ts';
import type { Architecture } from '../model/architecture.ts';
import type { JitBlock } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import { mostDecoded } from './blockInstructions.ts';
import { patched } from './plan.ts';

/** How a path ends. */
export type EndKind =
  | 'return'
  /** Stops on purpose, or at an interrupt that no system call is. */
  | 'trap'
  /** An instruction that only the kernel may use. */
  | 'privileged'
  /** Bytes that are no instruction. */
  | 'undecodable'
  /** The last instruction needs more bytes than there are. */
  | 'cut short'
  | 'indirect jump'
  /** A direct jump to what is not in the code, or is data. */
  | 'outside'
  /** The instruction after this one would begin where the code ends. */
  | 'falls off'
  /** Goes on where nobody knows: a placeholder, or beyond the bytes that are read. */
  | 'unknown';

/** The end of a path, at the instruction that is its last one. */
export interface PathEnd {
  readonly kind: EndKind;
  readonly at: Instruction;
}

/** A direct jump, conditional jump or call that can be reached. */
export interface Branch {
  readonly from: Instruction;
  /** From the first byte, perhaps outside. */
  readonly target: number;
}

/** What can be reached from a block's entry. */
export interface ControlFlow {
  /**
   * The instructions that are surely executed as such if the paths to them are taken, by their offset. What stands
   * behind a system call or a call that may not come back is in {@link perhaps} instead.
   */
  readonly reached: ReadonlyMap<number, Instruction>;
  readonly perhaps: ReadonlyMap<number, Instruction>;
  /** Of reached instructions alone, like {@link ends}. */
  readonly branches: readonly Branch[];
  readonly ends: readonly PathEnd[];
  /** The ends of what is reached perhaps. */
  readonly perhapsEnds: readonly PathEnd[];
  /** Offset at which the code ends: the first byte of data, or the number of bytes. */
  readonly codeEnd: number;
  /** False where there was too much to follow all of it. */
  readonly complete: boolean;
}

/** Architectures whose branches are followed: all of them name their target and have no delay slots. */
const followed: ReadonlySet<Architecture> = new Set(['x86_64', 'x86', 'x86_16', 'aarch64']);

/** Whether the control flow of an architecture's code is understood. */
export function canFollow(architecture: Architecture): boolean {
  return followed.has(architecture);
}

/** Instructions that are followed in one block, at most; each may be seen twice. */
const mostSteps = 1 << 17;
/** Instructions decoded in a row, where a path leads to bytes that were not decoded yet. */
const decodedAtOnce = 32;
/** Rounds in which calls inside the block are found to come back. */
const mostRounds = 100;
/** Instructions between two yields. */
const stepsPerTurn = 64;

/**
 * Follows every path from a block's entry, patches applied. Yields now and then, so that an editor gets its turn;
 * returns what was found. A direct call inside the block comes back if a return can be reached from its target; one
 * that goes elsewhere, and one through a register, always.
 * @param notFollowed offsets of branches whose targets are left alone
 */
export function* followBlock(
  block: JitBlock,
  disassembler: Disassembler,
  notFollowed: ReadonlySet<number> = new Set(),
): Generator<void, ControlFlow, void> {
  return yield* new Walk(block, disassembler, notFollowed).run();
}

/** What a generator returns, without a pause. */
export function finished<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

class Walk {
  readonly #architecture: Architecture;
  readonly #disassembler: Disassembler;
  readonly #code: Uint8Array;
  readonly #entry: number;
  readonly #notFollowed: ReadonlySet<number>;
  readonly #isWhole: boolean;
  readonly #decoded = new Map<number, Instruction>();
  readonly #reached = new Map<number, Instruction>();
  readonly #perhaps = new Map<number, Instruction>();
  readonly #branches: Branch[] = [];
  readonly #ends: PathEnd[] = [];
  readonly #perhapsEnds: PathEnd[] = [];
  /** From an offset to those of the instructions that lead to it, within one function. */
  readonly #cameFrom = new Map<number, number[]>();
  /** Instructions from which the function is left as by a return. */
  readonly #leaves: number[] = [];
  #waiting: { readonly call: Instruction; readonly target: number }[] = [];
  #next: number[] = [];
  #nextPerhaps: number[] = [];
  #steps = 0;

  constructor(block: JitBlock, disassembler: Disassembler, notFollowed: ReadonlySet<number>) {
    this.#notFollowed = notFollowed;
    this.#architecture = block.architecture;
    this.#disassembler = disassembler;
    const bytes = patched(block);
    const end = Math.min(block.dataFrom ?? bytes.length, bytes.length);
    this.#isWhole = end <= mostDecoded;
    this.#code = bytes.subarray(0, Math.min(end, mostDecoded));
    this.#entry = block.entry;
  }

  *run(): Generator<void, ControlFlow, void> {
    if (this.#entry < this.#code.length) this.#next.push(this.#entry);
    for (let round = 0; round < mostRounds; round++) {
      yield* this.#drain();
      const back = this.#comingBack();
      if (back.length === 0 || this.#isTired) break;
      for (const call of back) this.#goOn(call, this.#reached.has(call.offset));
    }
    return {
      reached: this.#reached,
      perhaps: this.#perhaps,
      branches: this.#branches,
      ends: this.#ends,
      perhapsEnds: this.#perhapsEnds,
      codeEnd: this.#code.length,
      complete: !this.#isTired,
    };
  }

  get #isTired(): boolean {
    return this.#steps >= mostSteps;
  }

  *#drain(): Generator<void, void, void> {
    for (;;) {
      const sure = this.#next.pop();
      const offset = sure ?? this.#nextPerhaps.pop();
      if (offset === undefined || this.#isTired) return;
      if (this.#reached.has(offset)) continue;
      if (sure === undefined && this.#perhaps.has(offset)) continue;
      if (++this.#steps % stepsPerTurn === 0) yield;
      const instruction = this.#at(offset);
      if (!instruction) continue;
      const isSure = sure !== undefined;
      (isSure ? this.#reached : this.#perhaps).set(offset, instruction);
      if (isSure) this.#perhaps.delete(offset);
      this.#follow(instruction, isSure);
    }
  }

  #at(offset: number): Instruction | undefined {
    const known = this.#decoded.get(offset);
    if (known) return known;
    for (const one of this.#disassembler.decode(this.#code, { offset, count: decodedAtOnce })) {
      if (this.#decoded.has(one.offset)) break;
      this.#decoded.set(one.offset, one);
    }
    return this.#decoded.get(offset);
  }

  #follow(at: Instruction, isSure: boolean): void {
    if (!at.valid) {
      this.#end(this.#isCutShort(at) ? 'cut short' : 'undecodable', at, isSure);
      return;
    }
    const privileged = at.privileged && this.#architecture !== 'x86_16';
    if (privileged) {
      this.#end('privileged', at, isSure);
      return;
    }
    const { target } = at;
    switch (at.category) {
      case 'return':
        this.#end('return', at, isSure);
        break;
      case 'trap':
        this.#end('trap', at, isSure);
        break;
      case 'indirect jump':
        this.#end('indirect jump', at, isSure);
        break;
      case 'jump':
        if (target === undefined) this.#end('indirect jump', at, isSure);
        else this.#branch(at, target, isSure);
        break;
      case 'conditional jump':
      case 'transaction':
        if (target !== undefined) this.#branch(at, target, isSure);
        this.#goOn(at, isSure);
        break;
      case 'call':
        this.#call(at, target, isSure);
        break;
      case 'interrupt':
        if (isSystemCall(at, this.#architecture)) this.#goOn(at, false);
        else this.#end('trap', at, isSure);
        break;
      case 'system call':
        this.#goOn(at, false);
        break;
      case 'indirect call':
        this.#goOn(at, isSure && this.#code.length > at.offset + at.length);
        break;
      default:
        // `hlt` of 16-bit code waits for an interrupt.
        this.#goOn(at, isSure && at.mnemonic !== 'hlt');
    }
  }

  #branch(from: Instruction, target: number, isSure: boolean): void {
    if (isPlaceholder(from) || this.#notFollowed.has(from.offset)) {
      this.#end('unknown', from, isSure);
      return;
    }
    if (isSure) this.#branches.push({ from, target });
    if (target < 0 || target >= this.#code.length) {
      this.#end(this.#isWhole || target < 0 ? 'outside' : 'unknown', from, isSure);
    } else {
      this.#lead(from, target, isSure);
    }
  }

  #call(at: Instruction, target: number | undefined, isSure: boolean): void {
    const next = at.offset + at.length;
    const isLast = next >= this.#code.length;
    if (target === undefined || isPlaceholder(at) || this.#notFollowed.has(at.offset)) {
      this.#goOn(at, isSure && !isLast);
      return;
    }
    if (target < 0 || target >= this.#code.length) {
      if (isSure) this.#branches.push({ from: at, target });
      this.#goOn(at, isSure && !isLast);
    } else if (target === next || takesReturnAddress(this.#at(target))) {
      // The way to learn where the code stands, or where a string behind the call does: a jump.
      this.#branch(at, target, isSure);
    } else {
      if (isSure) this.#branches.push({ from: at, target });
      (isSure ? this.#next : this.#nextPerhaps).push(target);
      this.#waiting.push({ call: at, target });
    }
  }

  #goOn(from: Instruction, isSure: boolean): void {
    const next = from.offset + from.length;
    if (next < this.#code.length) this.#lead(from, next, isSure);
    else this.#end(this.#isWhole ? 'falls off' : 'unknown', from, isSure);
  }

  #lead(from: Instruction, to: number, isSure: boolean): void {
    const sources = this.#cameFrom.get(to);
    if (sources) sources.push(from.offset);
    else this.#cameFrom.set(to, [from.offset]);
    (isSure ? this.#next : this.#nextPerhaps).push(to);
  }

  #end(kind: EndKind, at: Instruction, isSure: boolean): void {
    (isSure ? this.#ends : this.#perhapsEnds).push({ kind, at });
    if (kind === 'return' || kind === 'indirect jump' || kind === 'outside' || kind === 'unknown') {
      this.#leaves.push(at.offset);
    }
  }

  /** Whether undecodable bytes are the beginning of an instruction that the code's end cuts off. */
  #isCutShort({ offset }: Instruction): boolean {
    const left = this.#code.length - offset;
    if (left >= longestInstruction) return false;
    const longer = new Uint8Array(longestInstruction);
    longer.set(this.#code.subarray(offset));
    const [read] = this.#disassembler.decode(longer, { count: 1 });
    return read !== undefined && read.valid && read.length > left;
  }

  /** The calls inside the block that are now found to come back, each told once. */
  #comingBack(): Instruction[] {
    if (this.#waiting.length === 0) return [];
    const seen = new Set(this.#leaves);
    const open = [...this.#leaves];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const from of this.#cameFrom.get(at) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        open.push(from);
      }
    }
    const back = this.#waiting.filter(({ target }) => seen.has(target));
    this.#waiting = this.#waiting.filter(({ target }) => !seen.has(target));
    return back.map(({ call }) => call);
  }
}

/** Bytes of the longest x86 instruction (Intel SDM volume 2, 2.3.11). */
export const longestInstruction = 15;

/** Whether an interrupt is one by which programs call the system. */
function isSystemCall({ operands }: Instruction, architecture: Architecture): boolean {
  if (architecture === 'x86_16') return true;
  const [number] = operands;
  return number?.kind === 'immediate' && (number.value & 0xffn) === 0x80n;
}

/** Whether a function takes its return address from the stack, and so does not come back. */
function takesReturnAddress(first: Instruction | undefined): boolean {
  return first !== undefined && first.valid && first.mnemonic === 'pop';
}

/** Distances that stand in templates until the real one is written, in hexadecimal, as people and assemblers put them. */
const placeholders: ReadonlySet<string> = new Set([
  'deadbeef',
  'efbeadde',
  'cafebabe',
  'bebafeca',
  'cafed00d',
  '0dd0feca',
  'baadf00d',
  '0df0adba',
  '11223344',
  '44332211',
  '12345678',
  '78563412',
  // What GNU as leaves to the linker: the distance from the next instruction to the field itself.
  'fcffffff',
]);

/** Whether a branch's distance is no distance yet. */
export function isPlaceholder({ bytes, mnemonic, target, offset }: Instruction): boolean {
  if (mnemonic === 'bl') return target === offset;
  if (bytes.length < 5) return false;
  const field = Buffer.from(bytes.subarray(-4)).toString('hex');
  return placeholders.has(field) || /^([1-9a-e][0-9a-f])\1{3}$|^(ff){4}$/.test(field);
}
