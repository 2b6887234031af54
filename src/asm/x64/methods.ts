/** The builder's instruction methods, made from the table. */
import { forms } from './forms.ts';
import {
  conditions,
  formOf,
  type Form,
  type MnemonicsOf,
  type OperandsOf,
  type Row,
} from './notation.ts';
import type { Operand } from './operands.ts';

type TableRow = (typeof forms)[number];

/** Every mnemonic with the union of its operand lists. */
type OperandLists = {
  [R in TableRow as MnemonicsOf<R[0]>]: OperandsOf<R[1]>;
};

/** A method for every mnemonic; its parameters are those of one of the mnemonic's forms. */
export type Methods = {
  readonly [M in keyof OperandLists]: (...operands: OperandLists[M]) => void;
};

export type Mnemonic = keyof Methods;

const rowsOf = new Map<string, { readonly row: Row; readonly condition: number }[]>();
function addRow(mnemonic: string, row: Row, condition: number): void {
  const rows = rowsOf.get(mnemonic);
  if (rows === undefined) rowsOf.set(mnemonic, [{ row, condition }]);
  else rows.push({ row, condition });
}
for (const row of forms) {
  if (!row[0].endsWith('cc')) addRow(row[0], row, 0);
  else {
    for (const [name, condition] of Object.entries(conditions)) {
      addRow(row[0].slice(0, -2) + name, row, condition);
    }
  }
}

/** All mnemonics, in the table's order. */
export const mnemonics: readonly string[] = [...rowsOf.keys()];

const read = new Map<string, readonly Form[]>();

/** The forms of a mnemonic, read when first asked for; none where there is no such mnemonic. */
export function formsOf(mnemonic: string): readonly Form[] {
  const known = read.get(mnemonic);
  if (known !== undefined) return known;
  const found = (rowsOf.get(mnemonic) ?? []).map(({ row, condition }) =>
    formOf(row, mnemonic, condition),
  );
  read.set(mnemonic, found);
  return found;
}

/** Takes an instruction that a method was called for. */
export type Emit = (mnemonic: string, operands: readonly Operand[]) => void;

const EMIT = Symbol('emit');

/**
 * A maker of objects with a method for each of the mnemonics, which hands mnemonic and operands on. The objects
 * share their methods, so that one more costs nothing.
 */
export function methodsFor(names: readonly string[]): (emit: Emit) => Methods {
  const prototype: Record<string, (...operands: readonly Operand[]) => void> = {};
  for (const name of names) {
    prototype[name] = function (this: { readonly [EMIT]: Emit }, ...operands) {
      this[EMIT](name, operands);
    };
  }
  // Names and parameters come from the same table as the type.
  return (emit) => Object.create(prototype, { [EMIT]: { value: emit } }) as Methods;
}
