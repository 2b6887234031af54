/** AArch64's aliases written out as the instructions that they are (Arm ARM, C6.2). */
import type { ArmOperand } from './aarch64Operands.ts';

export interface ArmInstruction {
  readonly mnemonic: string;
  readonly operands: readonly ArmOperand[];
}

/** The same instruction without aliases, so that two that mean the same are alike. */
export function canonicalArm({ mnemonic, operands }: ArmInstruction): ArmInstruction {
  const name = conditionOf(mnemonic.replace(/^(ld|st)ur(s?[bhw]*)$/, '$1r$2'));
  const plain = withoutIdleShift(operands);
  const zero = zeroLike(plain[0]);
  const as = (other: string, ...list: readonly (ArmOperand | undefined)[]): ArmInstruction => ({
    mnemonic: other,
    operands: list.filter((operand) => operand !== undefined),
  });
  const [first, second, third, fourth] = plain;
  switch (name) {
    case 'mov':
      return plain.length === 2 ? moved(first, second, zero) : { mnemonic: name, operands: plain };
    case 'movz':
    case 'movn':
      return constant(name, first, second, third, plain);
    case 'orr':
      if (isZero(second) && third && !fourth) return moved(first, third, zero);
      break;
    case 'add':
      if (third?.kind === 'number' && third.values[0] === 0n && (isStack(first) || isStack(second)))
        return as('mov', first, second);
      break;
    case 'cmp':
    case 'cmn':
      return as(name === 'cmp' ? 'subs' : 'adds', zero, ...plain);
    case 'tst':
      return as('ands', zero, ...plain);
    case 'neg':
    case 'negs':
      return first?.kind === 'word' && first.text.includes('.')
        ? { mnemonic: name, operands: plain }
        : as(name === 'neg' ? 'sub' : 'subs', first, zero, second, ...plain.slice(2));
    case 'ngc':
    case 'ngcs':
      return as(name === 'ngc' ? 'sbc' : 'sbcs', first, zero, second);
    case 'mvn':
      return isVector(first) ? as('not', ...plain) : as('orn', first, zero, ...plain.slice(1));
    case 'mul':
    case 'mneg':
      if (isVector(first)) break;
      return as(name === 'mul' ? 'madd' : 'msub', first, second, third, zero);
    case 'smull':
    case 'umull':
      if (isVector(first)) break;
      return as(`${name.slice(0, 1)}maddl`, first, second, third, zeroX);
    case 'cset':
    case 'csetm':
      return as(name === 'cset' ? 'csinc' : 'csinv', first, zero, zero, inverted(second));
    case 'cinc':
    case 'cinv':
    case 'cneg':
      return as(`cs${name.slice(1)}`, first, second, second, inverted(third));
    case 'lslv':
    case 'lsrv':
    case 'asrv':
    case 'rorv':
      return { mnemonic: name.slice(0, 3), operands: plain };
    case 'sxtl':
    case 'sxtl2':
    case 'uxtl':
    case 'uxtl2':
      return as(name.replace('xtl', 'shll'), first, second, noShift);
    case 'ins':
      return { mnemonic: 'mov', operands: plain };
    case 'ret':
      return { mnemonic: name, operands: isLink(first) && plain.length === 1 ? [] : plain };
    case 'hint':
      if (first?.kind === 'number' && first.values[0] === 0n)
        return { mnemonic: 'nop', operands: [] };
      break;
    default:
      break;
  }
  return { mnemonic: name, operands: plain };
}

const zeroX: ArmOperand = { kind: 'word', text: 'xzr', register: true };
const zeroW: ArmOperand = { kind: 'word', text: 'wzr', register: true };

const noShift: ArmOperand = { kind: 'number', values: [0n], here: false };

function zeroLike(operand: ArmOperand | undefined): ArmOperand {
  return operand?.kind === 'word' && operand.text.startsWith('w') ? zeroW : zeroX;
}

function isZero(operand: ArmOperand | undefined): boolean {
  return operand?.kind === 'word' && /^[xw]zr$/.test(operand.text);
}

function isStack(operand: ArmOperand | undefined): boolean {
  return operand?.kind === 'word' && /^w?sp$/.test(operand.text);
}

function isLink(operand: ArmOperand | undefined): boolean {
  return operand?.kind === 'word' && operand.text === 'x30';
}

function isVector(operand: ArmOperand | undefined): boolean {
  return operand?.kind === 'word' && operand.text.includes('.');
}

/** `mov` between registers and of constants; all ways to a constant are `mov` with its value. */
function moved(
  first: ArmOperand | undefined,
  second: ArmOperand | undefined,
  zero: ArmOperand,
): ArmInstruction {
  const source = isZero(second) && zero.kind === 'word' ? zero : second;
  return {
    mnemonic: 'mov',
    operands: [first, source].filter((operand) => operand !== undefined),
  };
}

function constant(
  name: 'movz' | 'movn',
  first: ArmOperand | undefined,
  second: ArmOperand | undefined,
  third: ArmOperand | undefined,
  plain: readonly ArmOperand[],
): ArmInstruction {
  if (first === undefined || second?.kind !== 'number') return { mnemonic: name, operands: plain };
  const shift =
    third?.kind === 'shift' && third.amount.kind === 'number' ? third.amount.values[0] : 0n;
  const mostShift = 48n;
  const by = shift !== undefined && shift >= 0n && shift <= mostShift ? shift : 0n;
  const values = second.values.map((value) => (name === 'movn' ? ~(value << by) : value << by));
  return { mnemonic: 'mov', operands: [first, { kind: 'number', values, here: false }] };
}

/** `lsl #0` after a register changes nothing. */
function withoutIdleShift(operands: readonly ArmOperand[]): readonly ArmOperand[] {
  return operands.filter(
    (operand, index) =>
      index === 0 ||
      operand.kind !== 'shift' ||
      operand.name !== 'lsl' ||
      operand.amount.kind !== 'number' ||
      operand.amount.values[0] !== 0n,
  );
}

/** In pairs, each the other's opposite (Arm ARM, C1.2.4). */
const conditions = [
  'eq',
  'ne',
  'cs',
  'cc',
  'mi',
  'pl',
  'vs',
  'vc',
  'hi',
  'ls',
  'ge',
  'lt',
  'gt',
  'le',
];

function inverted(operand: ArmOperand | undefined): ArmOperand | undefined {
  if (operand?.kind !== 'word') return operand;
  const index = conditions.indexOf(operand.text);
  const text = index < 0 ? operand.text : (conditions[index ^ 1] ?? operand.text);
  return { ...operand, text };
}

/** `beq` and `b.eq` are one, and so are `b.hs` and `b.cs`. */
function conditionOf(mnemonic: string): string {
  const match = /^b\.?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)$/.exec(mnemonic);
  if (!match) return mnemonic;
  const condition = match[1] ?? '';
  return `b.${condition === 'hs' ? 'cs' : condition === 'lo' ? 'cc' : condition}`;
}
