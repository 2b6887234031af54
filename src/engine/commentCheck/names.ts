/** Whether a mnemonic as written is a name of what bytes decode to. */
import type { Instruction, Operand } from '../../model/instruction.ts';
import {
  canonical,
  extension,
  isBranch,
  stems,
  stringSizes,
  vectorWidth,
  withoutPredicate,
} from './mnemonics.ts';
import type { WrittenOperand } from './operands.ts';
import { registerSize } from './registers.ts';
import type { Order, Place } from './sameOperands.ts';
import { hasPredicate } from './variants.ts';

function attMnemonic({ att }: Instruction): string {
  return (
    /^(?:(?:lock|repn?[ez]?|xacquire|xrelease|bnd|notrack|data16|addr32|[c-gs]s) )*(\S+)/.exec(
      att,
    )?.[1] ?? ''
  );
}

/** The written name (a size at its end left out) where it is one of the decoded instruction's, or undefined. */
export function nameOf(
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
