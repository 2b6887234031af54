/** The builder's instruction methods, made from the table. */
import { formsOfRow, type Form } from './form.ts';
import { forms } from './forms.ts';
import { conditions, type Condition } from './names.ts';
import type { OperandsOf, Row } from './notation.ts';
import type { Label, Operand } from './operands.ts';

type TableRow = (typeof forms)[number];

/** Every mnemonic with the union of its operand lists. */
type OperandLists = { [R in TableRow as R[0]]: OperandsOf<R[1]> };

export type Mnemonic = keyof OperandLists;

/** A method for every mnemonic, whose parameters are those of one of its forms; `b.eq` and its like are `b`'s own. */
export type Methods = {
  readonly [M in Exclude<Mnemonic, 'b' | 'b.cond'>]: (...operands: OperandLists[M]) => void;
} & {
  readonly b: ((...operands: OperandLists['b']) => void) & {
    readonly [C in Condition]: (target: Label) => void;
  };
};

const rowsOf = new Map<string, Row[]>();
for (const row of forms) {
  const rows = rowsOf.get(row[0]);
  if (rows) rows.push(row);
  else rowsOf.set(row[0], [row]);
}

/** All mnemonics, in the table's order; `b.cond` stands for the conditional branches. */
export const mnemonics: readonly string[] = [...rowsOf.keys()];

const read = new Map<string, readonly Form[]>();

/** The forms of a mnemonic, read when first asked for; none where there is no such mnemonic. */
export function formsOf(mnemonic: string): readonly Form[] {
  let found = read.get(mnemonic);
  if (!found) {
    found = (rowsOf.get(mnemonic) ?? []).flatMap(formsOfRow);
    read.set(mnemonic, found);
  }
  return found;
}

/** Takes an instruction that a method was called for. */
type Emit = (mnemonic: string, operands: readonly Operand[]) => void;

/** An object with a method for each mnemonic, which hands mnemonic and operands on. */
export function methodsFor(emit: Emit): Methods {
  const methods: Record<string, (...operands: readonly Operand[]) => void> = {};
  for (const name of mnemonics) methods[name] = (...operands) => emit(name, operands);
  const branches = Object.keys(conditions).map((condition) => [
    condition,
    (...operands: readonly Operand[]) =>
      // The names are those of the table of conditions.
      emit('b.cond', [condition as Condition, ...operands]),
  ]);
  const b = Object.assign(
    (...operands: readonly Operand[]) => emit('b', operands),
    Object.fromEntries(branches),
  );
  // Names and parameters come from the same table as the type.
  return { ...methods, b } as unknown as Methods;
}
