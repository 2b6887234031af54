/** Whether an instruction as written means what bytes decode to. */
import type { Instruction } from '../../model/instruction.ts';
import { stringSizes, stringStem } from './mnemonics.ts';
import { nameOf } from './names.ts';
import type { WrittenOperand } from './operands.ts';
import type { WrittenInstruction } from './parse.ts';
import { registerSize } from './registers.ts';
import { type Order, type Place, sameOperands } from './sameOperands.ts';
import { variants } from './variants.ts';

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
