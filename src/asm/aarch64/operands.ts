/** What an instruction can be given: registers, addresses, immediates, shifts, labels, names; and their text. */
import type { Barrier, Condition, DataCacheOperation, SystemRegister } from './names.ts';
import type { InstructionCacheOperation } from './names.ts';
import type { Register } from './registers.ts';

/** A place in the code: made by `label`, placed by `bind`. */
export interface Label {
  readonly kind: 'label';
  readonly name: string;
}

/** A whole number; a bigint where it is beyond 2^53. */
export type Immediate = number | bigint;

export type ShiftType = 'lsl' | 'lsr' | 'asr' | 'ror';
export type ExtendType = 'uxtb' | 'uxth' | 'uxtw' | 'uxtx' | 'sxtb' | 'sxth' | 'sxtw' | 'sxtx';

/** What is done to a register before it is used. A bare number in its place is an lsl. */
export interface Modifier<Type extends ShiftType | ExtendType = ShiftType | ExtendType> {
  readonly kind: 'modifier';
  readonly type: Type;
  /** Left shift after an extension, or the shift itself, in bits; undefined is 0, and not written. */
  readonly amount: number | undefined;
}

function shift<Type extends ShiftType>(type: Type): (amount: number) => Modifier<Type> {
  return (amount) => ({ kind: 'modifier', type, amount });
}

function extend<Type extends ExtendType>(type: Type): (amount?: number) => Modifier<Type> {
  return (amount) => ({ kind: 'modifier', type, amount });
}

export const lsl = shift('lsl');
export const lsr = shift('lsr');
export const asr = shift('asr');
export const ror = shift('ror');
export const uxtb = extend('uxtb');
export const uxth = extend('uxth');
export const uxtw = extend('uxtw');
export const uxtx = extend('uxtx');
export const sxtb = extend('sxtb');
export const sxth = extend('sxth');
export const sxtw = extend('sxtw');
export const sxtx = extend('sxtx');

type Base = Register<'X' | 'SP'>;

/** `[base, #offset]`, or with `!` behind it (pre-index), or with the offset behind it (post-index). */
export interface OffsetAddress<Mode extends 'offset' | 'pre' | 'post' = 'offset' | 'pre' | 'post'> {
  readonly kind: Mode;
  readonly base: Base;
  /** In bytes. */
  readonly offset: number;
}

/** `[base, index, extend #amount]`. */
export interface IndexedAddress {
  readonly kind: 'indexed';
  readonly base: Base;
  readonly index: Register<'X' | 'XZR' | 'W' | 'WZR'>;
  readonly extend: Modifier<'lsl' | 'uxtw' | 'sxtw' | 'sxtx'> | undefined;
}

export type Address = OffsetAddress | IndexedAddress;

/** `[base, #offset]`; the offset is in bytes. */
export function at(base: Base, offset?: number): OffsetAddress<'offset'>;
/** `[base, index]`, the index shifted left by 0 or by the logarithm of the access' size. */
export function at(
  base: Base,
  index: Register<'X' | 'XZR'>,
  shift?: number | Modifier<'lsl' | 'sxtx'>,
): IndexedAddress;
/** `[base, index, extend]`: a 32-bit index needs one. */
export function at(
  base: Base,
  index: Register<'W' | 'WZR'>,
  extend: Modifier<'uxtw' | 'sxtw'>,
): IndexedAddress;
export function at(
  base: Base,
  second: number | IndexedAddress['index'] = 0,
  third?: number | NonNullable<IndexedAddress['extend']>,
): OffsetAddress<'offset'> | IndexedAddress {
  if (typeof second === 'number') return { kind: 'offset', base, offset: second };
  const modifier = typeof third === 'number' ? lsl(third) : third;
  return { kind: 'indexed', base, index: second, extend: modifier };
}

/** `[base, #offset]!`: the base is changed before the access. */
export function pre(base: Base, offset: number): OffsetAddress<'pre'> {
  return { kind: 'pre', base, offset };
}

/** `[base], #offset`: the base is changed after the access. */
export function post(base: Base, offset: number): OffsetAddress<'post'> {
  return { kind: 'post', base, offset };
}

/** A condition, a system register, a cache operation, a barrier. */
export type Name =
  Condition | SystemRegister | DataCacheOperation | InstructionCacheOperation | Barrier;

export type Operand = Register | Address | Modifier | Immediate | Label | Name;

/** The operand as GNU as reads it. */
export function operandText(operand: Operand): string {
  if (typeof operand === 'string') return operand;
  if (typeof operand !== 'object') return `#${operand}`;
  switch (operand.kind) {
    case 'register':
    case 'label':
      return operand.name;
    case 'modifier':
      return operand.type + (operand.amount === undefined ? '' : ` #${operand.amount}`);
    case 'indexed': {
      const { base, index, extend: modifier } = operand;
      const parts = [base.name, index.name, ...(modifier ? [operandText(modifier)] : [])];
      return `[${parts.join(', ')}]`;
    }
    case 'offset':
      if (operand.offset === 0) return `[${operand.base.name}]`;
      return `[${operand.base.name}, #${operand.offset}]`;
    case 'pre':
      return `[${operand.base.name}, #${operand.offset}]!`;
    case 'post':
      return `[${operand.base.name}], #${operand.offset}`;
  }
}
