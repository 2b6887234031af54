/** The ways to write one instruction's operands: some may be left out, some exchanged. */
import type { Instruction, Operand } from '../../model/instruction.ts';
import { withoutPredicate } from './mnemonics.ts';
import type { WrittenInstruction } from './parse.ts';

/** Whether the name says what the last operand, an immediate, says too. */
export function hasPredicate({ mnemonic, operands }: Instruction): boolean {
  return withoutPredicate(mnemonic) !== undefined && operands.at(-1)?.kind === 'immediate';
}

/** Instructions whose operands are always the same registers. */
const impliesAll =
  /^(xlatb?|monitorx?|mwaitx?|clzero|invlpga|vmrun|vmload|vmsave|skinit|umonitor)$/;

/** The lists of operands, in Intel's order, that the instruction can be written with. */
export function variants(
  decoded: Instruction,
  written: WrittenInstruction,
  name: string,
): Operand[][] {
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
  if (/^xlatb?$/.test(decoded.mnemonic) && first?.kind === 'memory') {
    lists.push([{ kind: 'memory', memory: { ...first.memory, index: undefined } }]);
  }
  if (impliesAll.test(decoded.mnemonic)) lists.push([]);
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
