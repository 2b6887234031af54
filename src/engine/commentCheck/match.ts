/** Whether an instruction as written means what bytes decode to. */
import type { Instruction, MemoryOperand, Operand } from '../../model/instruction.ts';
import {
  canonical,
  extension,
  isBranch,
  stems,
  stringStem,
  vectorWidth,
  withoutPredicate,
} from './mnemonics.ts';
import type { WrittenMemory, WrittenOperand } from './operands.ts';
import type { WrittenInstruction } from './parse.ts';
import { registerSize } from './registers.ts';

/** In which order operands stand: AT&T's has the target last. */
export type Order = 'intel' | 'att';

/** What the comparison needs beside the two. */
export interface Place {
  /** Bits of the code segment. */
  readonly bits: 16 | 32 | 64;
  /** What the block's author calls the address of its first byte, or undefined. */
  readonly origin: bigint | undefined;
}

/** Whether the comment's instruction means the decoded one, read in that order. */
export function means(
  written: WrittenInstruction,
  order: Order,
  decoded: Instruction,
  place: Place,
): boolean {
  if (!decoded.valid) return false;
  if (isNop(decoded)) return isWrittenNop(written, decoded);
  const string = stringStem(decoded.mnemonic);
  if (string !== undefined && isStringInstruction(decoded)) {
    return meansString(written, decoded, string);
  }
  if (!samePrefixes(written, decoded)) return false;
  if (!sameDecorations(written, decoded)) return false;
  const operands = inOrder(written, order);
  const name = nameOf(written.mnemonic, order, decoded, operands, place);
  if (name === undefined) return false;
  return variants(decoded, written, name).some((variant) =>
    sameOperands(operands, variant, decoded, place),
  );
}

function inOrder({ operands }: WrittenInstruction, order: Order): readonly WrittenOperand[] {
  // GNU as leaves two immediates (`enter`) in Intel's order.
  const immediates = operands.every(({ kind }) => kind === 'number');
  return order === 'att' && !immediates ? [...operands].reverse() : operands;
}

/** 90, 66 90, 0f 1f and the like: all do nothing. */
function isNop({ mnemonic, operands, bytes }: Instruction): boolean {
  if (mnemonic === 'nop') return true;
  return mnemonic === 'xchg' && bytes.at(-1) === 0x90 && operands.length === 0;
}

function isWrittenNop(written: WrittenInstruction, decoded: Instruction): boolean {
  const { mnemonic } = written;
  if (/^xchg[wlq]?$/.test(mnemonic)) {
    const [first, second] = written.operands;
    return (
      first?.kind === 'register' &&
      second?.kind === 'register' &&
      first.register === second.register &&
      /^[re]?ax$/.test(first.register) &&
      (decoded.mnemonic === 'xchg' || decoded.operands.length === 0)
    );
  }
  // What a nop names it does not touch.
  return /^nop[wlq]?$/.test(mnemonic);
}

function isStringInstruction({ intel }: Instruction): boolean {
  return !/xmm/.test(intel) && /^(rep\w* )?(movs|stos|lods|scas|cmps|ins|outs)[bwdq]\b/.test(intel);
}

const stringSizes: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, d: 4, q: 8 };

function meansString(written: WrittenInstruction, decoded: Instruction, stem: string): boolean {
  const { mnemonic } = written;
  if (stringStem(mnemonic) !== stem) return false;
  if (!samePrefixes(written, decoded)) return false;
  const size = stringSizes[decoded.mnemonic.slice(-1)] ?? 0;
  const letter = mnemonic.slice(stem.length);
  if (letter !== '' && stringSizes[letter] !== size) return false;
  const bases = new Set(decoded.memory.map(({ base }) => base));
  const segments = new Set([
    undefined,
    'ds',
    'es',
    ...decoded.memory.map(({ segment }) => segment),
  ]);
  for (const operand of written.operands) {
    if (operand.kind === 'register') {
      const accumulator = /^([re]?ax|al)$/.test(operand.register);
      if (accumulator && registerSize(operand.register) !== size) return false;
      if (!accumulator && operand.register !== 'dx') return false;
    }
    if (operand.kind === 'memory') {
      if (operand.size !== undefined && operand.size !== size) return false;
      if (!segments.has(operand.segment)) return false;
      for (const register of operand.registers.keys()) {
        if (register !== 'dx' && !bases.has(register)) return false;
      }
      if (operand.displacement && !operand.displacement.includes(0n)) return false;
    }
    if (operand.kind === 'number') return false;
  }
  return true;
}

function samePrefixes(written: WrittenInstruction, { intel }: Instruction): boolean {
  const words = /^((?:lock|rep|repe|repne|xacquire|xrelease|bnd|notrack) )*/.exec(intel)?.[0] ?? '';
  const lock = /\block /.test(words);
  if (lock !== written.prefixes.has('lock')) return false;
  const string = /\b(movs|stos|lods|scas|cmps|ins|outs)[bwdq]\b/.test(intel) && !/mm/.test(intel);
  if (!string) return true;
  const repne = words.includes('repne ');
  const rep = !repne && words.includes('rep');
  return rep === written.prefixes.has('rep') && repne === written.prefixes.has('repne');
}

function sameDecorations(written: WrittenInstruction, { att }: Instruction): boolean {
  const decorations = (att.match(/\{[^{}]*\}/g) ?? [])
    .map((each) => each.replaceAll(/[\s%]/g, '').replace('rne-sae', 'rn-sae'))
    .sort();
  const plain = written.decorations.filter((each) => !each.startsWith('{1to'));
  const theirs = decorations.filter((each) => !each.startsWith('{1to'));
  return plain.length === theirs.length && plain.every((each, index) => each === theirs[index]);
}

function attMnemonic({ att }: Instruction): string {
  return (
    /^(?:(?:lock|repn?[ez]?|xacquire|xrelease|bnd|notrack|data16|addr32|[c-gs]s) )*(\S+)/.exec(
      att,
    )?.[1] ?? ''
  );
}

/** The written name where it is one of the decoded instruction's, or undefined. */
function nameOf(
  written: string,
  order: Order,
  decoded: Instruction,
  operands: readonly WrittenOperand[],
  place: Place,
): string | undefined {
  const att = attMnemonic(decoded);
  const names = new Set<string>();
  // AT&T's names of subtraction and division from the x87's registers are the other way round.
  const swapped = /^f(sub|div)r?p?$/.test(decoded.mnemonic);
  if (!swapped || order === 'intel') names.add(canonical(decoded.mnemonic));
  if (order === 'att') names.add(canonical(att));
  if (hasPredicate(decoded)) names.add(withoutPredicate(decoded.mnemonic) ?? '');
  if (written === 'int' && /^int[13]$/.test(decoded.mnemonic)) return written;
  if (/^(v?)movq$/.test(decoded.mnemonic)) names.add(decoded.mnemonic.replace('movq', 'movd'));
  if (written === att) return written;
  const extended = extension.exec(written);
  if (extended && /^mov[sz]xd?$/.test(decoded.mnemonic)) {
    const [, sign = '', from = '', to = ''] = extended;
    const [target, source] = decoded.operands;
    const fits =
      decoded.mnemonic.startsWith(`mov${sign}`) &&
      sizeOf(source) === stringSizes[from] &&
      (to === '' || sizeOf(target) === stringSizes[to]);
    if (fits) return written;
  }
  for (const { stem, size } of stems(written)) {
    const name = canonical(stem);
    if (!names.has(name)) continue;
    const sized = size !== undefined && !environment.test(name);
    if (sized && !sizesOf(decoded, place).has(size)) continue;
    return stem;
  }
  // The width of what converts is the letter after the name: vcvtpd2psx.
  if (vectorWidth.test(written) && names.has(written.slice(0, -1)) && operands.length > 0) {
    return written;
  }
  return undefined;
}

function sizeOf(operand: Operand | undefined): number | undefined {
  if (operand?.kind === 'register') return registerSize(operand.register);
  return operand?.kind === 'memory' ? operand.memory.size : undefined;
}

/** What the x87 stores at once; GNU's letter after it says nothing. */
const environment = /^f(n?stenv|ldenv|n?save|rstor|n?stcw|n?stsw|ldcw)$/;

/** Prefixes of one byte (Intel SDM volume 2, 2.1.1), and REX. */
const legacyPrefixes: ReadonlySet<number> = new Set([
  0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x66, 0x67,
]);
const operandSizePrefix = 0x66;

function hasSizePrefix({ bytes }: Instruction): boolean {
  for (const byte of bytes) {
    if (byte === operandSizePrefix) return true;
    if (!legacyPrefixes.has(byte)) return false;
  }
  return false;
}

const stackLike = /^(push|pop|call|ret|jmp|leave|iret|retf|enter|sysret|sysexit)/;

function sizesOf(decoded: Instruction, place: Place): ReadonlySet<number> {
  const sizes = new Set<number>();
  for (const operand of decoded.operands) {
    const size = sizeOf(operand);
    if (size !== undefined && size !== 0) sizes.add(size);
  }
  if (decoded.operands.length === 0 || stackLike.test(decoded.mnemonic)) {
    const isShort = hasSizePrefix(decoded);
    const wide = isShort ? 2 : place.bits / 8;
    sizes.add(wide);
  }
  if (isBranch(decoded.mnemonic)) sizes.add(place.bits / 8);
  // `shl %cl, %rax` and `in %dx, %al` have a second register whose size is not that of the instruction.
  if (/^(sh[lr]d?|sa[lr]|ro[lr]|rc[lr]|in|out)$/.test(decoded.mnemonic)) {
    const last = decoded.operands.at(decoded.mnemonic === 'out' ? 0 : -1);
    const first = sizeOf(decoded.operands.at(decoded.mnemonic === 'out' ? -1 : 0));
    const lastSize = sizeOf(last);
    if (lastSize !== undefined && lastSize !== first) sizes.delete(lastSize);
  }
  return sizes;
}

/** Whether the name says what the last operand, an immediate, says too. */
function hasPredicate({ mnemonic, operands }: Instruction): boolean {
  return withoutPredicate(mnemonic) !== undefined && operands.at(-1)?.kind === 'immediate';
}

/** The lists of operands that the instruction can be written with. */
function variants(decoded: Instruction, written: WrittenInstruction, name: string): Operand[][] {
  const operands = [...decoded.operands];
  const lists: Operand[][] = [];
  const predicate = hasPredicate(decoded);
  const named = withoutPredicate(name) !== undefined;
  if (!predicate || !named) lists.push(operands);
  if (predicate && named) lists.push(operands.slice(0, -1));
  const [first, second, third] = operands;
  const last = operands.at(-1);
  const isShift = /^(shl|sal|shr|sar|rol|ror|rcl|rcr)$/.test(decoded.mnemonic);
  if (isShift && last?.kind === 'immediate' && last.value === 1n) lists.push(operands.slice(0, -1));
  if (/^(test|xchg)$/.test(decoded.mnemonic) && first && second) lists.push([second, first]);
  if (/^aa[dm]$/.test(decoded.mnemonic) && last?.kind === 'immediate' && last.value === 10n)
    lists.push([]);
  if (/^int[13]$/.test(decoded.mnemonic) && name === 'int') {
    lists.push([{ kind: 'immediate', value: BigInt(decoded.mnemonic.slice(3)), bits: 8 }]);
  }
  const sameTwo =
    first?.kind === 'register' && second?.kind === 'register' && first.register === second.register;
  if (sameTwo && third && (decoded.mnemonic === 'imul' || decoded.mnemonic.startsWith('v'))) {
    lists.push([first, ...operands.slice(2)]);
    if (predicate && named) lists.push([first, ...operands.slice(2, -1)]);
  }
  if (/^(p?blendv(b|p[sd])|sha256rnds2)$/.test(decoded.mnemonic)) {
    const xmm0: Operand = { kind: 'register', register: 'xmm0', access: 'read' };
    lists.push(operands.length === 2 ? [...operands, xmm0] : operands.slice(0, 2));
  }
  if (decoded.mnemonic.startsWith('f'))
    lists.push(...x87Variants(operands, written.operands.length));
  if (
    /^(xlatb?|monitorx?|mwaitx?|clzero|invlpga|vmrun|vmload|vmsave|skinit|umonitor)$/.test(
      decoded.mnemonic,
    )
  ) {
    lists.push([]);
  }
  if (/^v?maskmov(dqu|q)$/.test(decoded.mnemonic)) lists.push(operands.slice(1));
  return lists;
}

/** `fxch` is `fxch st1`; `faddp` is `faddp st1, st0`; `fadd st1` is `fadd st0, st1`. */
function x87Variants(operands: Operand[], count: number): Operand[][] {
  const isStack = (operand: Operand | undefined, name: string) =>
    operand?.kind === 'register' && operand.register === name;
  const [first, second] = operands;
  const st0: Operand = { kind: 'register', register: 'st0', access: 'read' };
  if (operands.length === 2 && first && second) {
    if (count === 1 && isStack(second, 'st0')) return [[first]];
    if (count === 1 && isStack(first, 'st0')) return [[second]];
    if (count === 0 && (isStack(first, 'st1') || isStack(second, 'st1'))) return [[]];
  }
  if (operands.length === 1 && first) {
    if (count === 0 && isStack(first, 'st1')) return [[]];
    if (count === 2)
      return [
        [st0, first],
        [first, st0],
      ];
  }
  return [];
}

function sameOperands(
  written: readonly WrittenOperand[],
  decoded: readonly Operand[],
  instruction: Instruction,
  place: Place,
): boolean {
  return (
    written.length === decoded.length &&
    decoded.every((operand, index) => {
      const other = written[index];
      return other !== undefined && sameOperand(other, operand, instruction, place);
    })
  );
}

function sameOperand(
  written: WrittenOperand,
  decoded: Operand,
  instruction: Instruction,
  place: Place,
): boolean {
  if (written.kind === 'symbol') {
    const size = decoded.kind === 'memory' ? decoded.memory.size : 0;
    return (
      written.size === undefined || size === 0 || written.size === size || decoded.kind !== 'memory'
    );
  }
  switch (decoded.kind) {
    case 'register':
      if (written.kind === 'register') {
        return (
          written.register === decoded.register ||
          (zeroExtends.test(instruction.mnemonic) &&
            wideName(written.register) === wideName(decoded.register))
        );
      }
      // AT&T writes the port as (%dx).
      return (
        written.kind === 'memory' &&
        /^(in|out)$/.test(instruction.mnemonic) &&
        decoded.register === 'dx' &&
        written.registers.size === 1 &&
        written.registers.has('dx')
      );
    case 'immediate':
      return written.kind === 'number' && sameImmediate(written.values, decoded, instruction);
    case 'target':
      return written.kind === 'number' && sameTarget(written, decoded.address, instruction, place);
    case 'memory':
      if (written.kind === 'memory') return sameMemory(written, decoded.memory, instruction, place);
      // AT&T's bare number is an address.
      return (
        written.kind === 'number' &&
        written.bare &&
        decoded.memory.base === undefined &&
        decoded.memory.index === undefined &&
        written.values.some((value) => equalIn(value, decoded.memory.displacement, 64))
      );
    case 'far':
      return written.kind === 'number';
    case 'other':
      return true;
  }
}

/** What writes a general register's low half clears the other: NASM names the whole. */
const zeroExtends = /^v?(movmskp[sd]|pmovmskb|pextr[bwd]|extractps)$/;

function wideName(register: string): string {
  return register.replace(/^e(?=[a-z]{2}$)/, 'r').replace(/^(r\d+)d$/, '$1');
}

function equalIn(a: bigint, b: bigint, bits: number): boolean {
  return BigInt.asUintN(bits, a) === BigInt.asUintN(bits, b);
}

function sameImmediate(
  values: readonly bigint[],
  { value, bits }: { readonly value: bigint; readonly bits: number },
  instruction: Instruction,
): boolean {
  return values.some((each) => {
    if (each < -(1n << BigInt(bits - 1)) || each >= 1n << 64n) return false;
    if (equalIn(each, value, bits))
      return each < 1n << BigInt(bits) || each >= (1n << 64n) - (1n << BigInt(bits - 1));
    // An assembler takes 0xfffffff0 for -16 where 32 bits are extended with their sign.
    return (
      bits === 64 &&
      instruction.mnemonic !== 'mov' &&
      value < 0n &&
      each === BigInt.asUintN(32, value)
    );
  });
}

function sameTarget(
  written: WrittenOperand & { kind: 'number' },
  address: bigint,
  instruction: Instruction,
  place: Place,
): boolean {
  const fromStart = BigInt.asIntN(64, address - instruction.address);
  const fromEnd = fromStart - BigInt(instruction.length);
  return written.values.some((value) => {
    if (equalIn(value, fromStart, place.bits)) return true;
    if (written.from === 'here') return false;
    if (equalIn(value, fromEnd, place.bits)) return true;
    if (written.signed) return false;
    return place.origin === undefined || equalIn(value, address + place.origin, place.bits);
  });
}

function sameMemory(
  written: WrittenMemory,
  decoded: MemoryOperand,
  instruction: Instruction,
  place: Place,
): boolean {
  if (
    written.size !== undefined &&
    comparableSizes.has(decoded.size) &&
    written.size !== decoded.size
  ) {
    return false;
  }
  const idle = place.bits === 64 ? /^[cdes]s$/ : /^[ds]s$/;
  const [segment, theirs] = [written.segment, decoded.segment].map((name) =>
    name !== undefined && idle.test(name) ? undefined : name,
  );
  if (segment !== theirs) return false;
  const terms = new Map<string, bigint>();
  if (decoded.base !== undefined) terms.set(decoded.base, 1n);
  if (decoded.index !== undefined) {
    terms.set(decoded.index, (terms.get(decoded.index) ?? 0n) + BigInt(decoded.scale));
  }
  const relative = decoded.base === 'rip' || decoded.base === 'eip';
  if (relative && written.registers.size === 0 && !written.symbolic && written.displacement) {
    const target = instruction.address + BigInt(instruction.length) + decoded.displacement;
    return (
      place.origin === undefined ||
      written.displacement.some((value) => equalIn(value, target + (place.origin ?? 0n), 64))
    );
  }
  for (const [register, factor] of written.registers) {
    if (terms.get(register) !== factor && !(written.symbolic && terms.has(register))) return false;
  }
  if (!written.symbolic && terms.size !== written.registers.size) {
    // A name alone is an address relative to the instruction pointer.
    const named = written.displacement === undefined && written.registers.size === 0;
    if (!named) return false;
  }
  const base = decoded.base ?? decoded.index ?? '';
  const bits = (registerSize(base) ?? 8) > 8 ? 64 : (registerSize(base) ?? place.bits / 8) * 8;
  return (
    written.displacement === undefined ||
    written.displacement.some((value) => equalIn(value, decoded.displacement, bits))
  );
}

const comparableSizes: ReadonlySet<number> = new Set([1, 2, 4, 6, 8, 10, 16, 32, 64]);
