/**
 * The notation of the instruction table, a line a form: `['add', 'Rd|SP, Rn|SP, #imm12, lsl12?', 'sf 0 0 100010 sh imm12 Rn Rd']`.
 *
 * Operands: a class and a place. Classes are X, W, B, H, S, D, Q; R is W or X (the field sf says which), F is S or D
 * (the field ftype), V.T, V.M, V.F, V.B are SIMD registers in one of several arrangements, the same one throughout the
 * line (the fields Q and size or sz). `|SP` means that number 31 is the stack pointer and not zero. `?` may be left
 * out. The pattern is the manual's diagram: bits, and fields by name, highest first.
 */
import type * as names from './names.ts';
import type { IndexedAddress, Immediate, Label, Modifier, OffsetAddress } from './operands.ts';
import type { Arrangement, Register } from './registers.ts';

/** A line of the table: mnemonic, operands, encoding. */
export type Row = readonly [mnemonic: string, operands: string, pattern: string];

/** Operands other than registers and addresses, and what may stand there in a call. */
interface OperandTypes {
  /** lsl #0 or #12. */
  lsl12: number | Modifier<'lsl'>;
  /** lsl #0, #16, #32 or #48. */
  hw: number | Modifier<'lsl'>;
  /** lsl #0 or #8, #16, #24 of a vector's immediate. */
  lsl8: number | Modifier<'lsl'>;
  shift: number | Modifier<'lsl' | 'lsr' | 'asr'>;
  shiftr: number | Modifier<'lsl' | 'lsr' | 'asr' | 'ror'>;
  extend: Modifier<'uxtb' | 'uxth' | 'uxtw' | 'sxtb' | 'sxth' | 'sxtw'>;
  extendx: number | Modifier<'lsl' | 'uxtx' | 'sxtx'>;
  extendw: number | Modifier<'lsl'>;
  cond: names.Condition;
  /** Encoded inverted; al and nv have no opposite. */
  invcond: Exclude<names.Condition, 'al' | 'nv'>;
  label26: Label;
  label19: Label;
  label14: Label;
  /** Of adr: bytes. */
  label21: Label;
  /** Of adrp: pages of 4096 bytes. */
  page21: Label;
  sysreg: names.SystemRegister;
  sysregw: names.WritableSystemRegister;
  dcop: names.DataCacheOperation;
  icop: names.InstructionCacheOperation;
  barrier: names.Barrier;
}

/** The arrangements that a SIMD class of the notation stands for. */
export const arrangementsOf = {
  T: ['8b', '16b', '4h', '8h', '2s', '4s', '2d'],
  M: ['8b', '16b', '4h', '8h', '2s', '4s'],
  F: ['2s', '4s', '2d'],
  B: ['8b', '16b'],
} as const;
type ArrangementSet = keyof typeof arrangementsOf;

type Place = 'd' | 'n' | 'm' | 'a' | 't' | 't2' | 's';
type Width = 'W' | 'X';
type Float = 'S' | 'D';
/** A general register whose number 31 is zero, or is the stack pointer. */
type General<W extends Width> = W extends 'X' ? Register<'X' | 'XZR'> : Register<'W' | 'WZR'>;
type GeneralOrSp<W extends Width> = W extends 'X' ? Register<'X' | 'SP'> : Register<'W' | 'WSP'>;

/** What stands for one operand of the notation, R, F and the arrangement being chosen. */
type OperandType<
  T extends string,
  R extends Width,
  F extends Float,
  A extends Arrangement,
> = T extends keyof OperandTypes
  ? OperandTypes[T]
  : T extends `#${string}`
    ? Immediate
    : T extends `R${Place}|SP`
      ? GeneralOrSp<R>
      : T extends `R${Place}`
        ? General<R>
        : T extends `${infer W extends Width}${Place}|SP`
          ? GeneralOrSp<W>
          : T extends `${infer W extends Width}${Place}`
            ? General<W>
            : T extends `F${Place}`
              ? Register<F>
              : T extends `${infer C extends 'B' | 'H' | 'S' | 'D' | 'Q'}${Place}`
                ? Register<C>
                : T extends `V${Place}.${infer C}`
                  ? Register<`V.${C extends ArrangementSet ? A : C extends Arrangement ? C : never}`>
                  : AddressType<T>;

type AddressType<T extends string> = T extends `[Xn|SP,Rm,${string}]`
  ? IndexedAddress
  : T extends `[${string}]!`
    ? OffsetAddress<'pre'>
    : T extends `[${string}],${string}`
      ? OffsetAddress<'post'>
      : T extends `[${string}]`
        ? OffsetAddress<'offset'>
        : never;

type Tuple<
  Text extends string,
  R extends Width,
  F extends Float,
  A extends Arrangement,
> = Text extends ''
  ? []
  : Text extends `${infer First}, ${infer Rest}`
    ? [...One<First, R, F, A>, ...Tuple<Rest, R, F, A>]
    : One<Text, R, F, A>;
type One<
  T extends string,
  R extends Width,
  F extends Float,
  A extends Arrangement,
> = T extends `${infer Needed}?` ? [OperandType<Needed, R, F, A>?] : [OperandType<T, R, F, A>];

/** The widths, floating-point sizes and arrangements that a line's variables go through. */
type WidthsIn<Text extends string> = `, ${Text}` extends `${string}, R${string}` ? Width : 'X';
type FloatsIn<Text extends string> = `, ${Text}` extends `${string}, F${string}` ? Float : 'D';
type ArrangementsIn<Text extends string> = [FirstSet<Text>] extends [never]
  ? '2d'
  : (typeof arrangementsOf)[FirstSet<Text>][number];
type FirstSet<Text extends string> =
  `${Text},` extends `${string}.${infer S extends ArrangementSet},${string}` ? S : never;

type EachArrangement<
  Text extends string,
  R extends Width,
  F extends Float,
  A,
> = A extends Arrangement ? Tuple<Text, R, F, A> : never;
type EachFloat<Text extends string, R extends Width, F> = F extends Float
  ? EachArrangement<Text, R, F, ArrangementsIn<Text>>
  : never;
type EachWidth<Text extends string, R> = R extends Width
  ? EachFloat<Text, R, FloatsIn<Text>>
  : never;

/** `'Rd, #imm16, hw?'` as a union of tuples of parameter types, one for each choice of its variables. */
export type OperandsOf<Text extends string> = Text extends string
  ? EachWidth<Text, WidthsIn<Text>>
  : never;
