/** From a mnemonic and operands to the instruction's 32 bits. */
import type { Fields, Form } from './form.ts';
import { operandText, type Operand } from './operands.ts';
import { placementOf, type Site } from './placement.ts';

export interface Encoded {
  readonly word: number;
  readonly form: Form;
}

/**
 * Encodes by the first form that takes the operands and can hold them.
 * @param site where the instruction stands and where labels are
 * @throws TypeError if no form takes operands of such kinds
 * @throws RangeError if one does, but cannot hold their values; it says why
 */
export function encode(
  mnemonic: string,
  forms: readonly Form[],
  operands: readonly Operand[],
  site: Site,
): Encoded {
  const taking = forms.filter((form) => takes(form, operands));
  if (taking.length === 0) {
    const lists = forms.map(({ row }) => (row[1] === '' ? 'nothing' : row[1]));
    const text = instructionText(mnemonic, operands);
    throw new TypeError(`${text}: ${mnemonic} takes ${[...new Set(lists)].join('; or ')}`);
  }
  const reasons = new Set<string>();
  for (const form of taking) {
    const result = fill(form, operands, site);
    if (typeof result === 'number') return { word: result, form };
    reasons.add(result);
  }
  throw new RangeError(`${instructionText(mnemonic, operands)}: ${[...reasons].join('; and ')}`);
}

function takes({ places }: Form, operands: readonly Operand[]): boolean {
  if (operands.length > places.length) return false;
  return places.every(({ token, optional }, index) => {
    const operand = operands[index];
    return operand === undefined ? optional : placementOf(token).takes(operand);
  });
}

/** The instruction, or why the form cannot hold the operands. */
function fill(form: Form, operands: readonly Operand[], site: Site): number | string {
  const fields: Fields = new Map(form.chosen);
  for (const [index, { token }] of form.places.entries()) {
    const wrong = placementOf(token).put(operands[index], fields, form, site);
    if (wrong !== undefined) return wrong;
  }
  let word = 0n;
  for (const piece of form.pieces) {
    const value = 'constant' in piece ? piece.constant : fields.get(piece.field);
    if (value === undefined) throw new Error(`${form.row.join(' | ')}: a field is left empty`);
    word = (word << BigInt(piece.width)) | BigInt.asUintN(piece.width, BigInt(value));
  }
  return Number(word);
}

/** Tokens in whose place a bare number is a left shift. */
const shiftTokens: ReadonlySet<string> = new Set(
  'lsl12 hw lsl8 shift shiftr extendx extendw'.split(' '),
);

/** The instruction as GNU as reads it. A form says which numbers are shifts. */
export function instructionText(
  mnemonic: string,
  operands: readonly Operand[],
  form?: Form,
): string {
  const parts = operands.map((operand, index) => {
    const text = operandText(operand);
    return shiftTokens.has(form?.places[index]?.token ?? '') && text.startsWith('#')
      ? `lsl ${text}`
      : text;
  });
  if (mnemonic !== 'b.cond') return `${mnemonic} ${parts.join(', ')}`.trim();
  const [condition, ...rest] = parts;
  return `b.${condition} ${rest.join(', ')}`;
}
