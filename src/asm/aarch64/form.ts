/** Lines of the instruction table, read: one form for each choice of a line's variables. */
import { arrangementsOf, type Row } from './notation.ts';
import type { Arrangement } from './registers.ts';

/** The values of an encoding's fields by their names. */
export type Fields = Map<string, number>;

/** A run of an encoding's bits: a constant, or a field's. */
export type Piece =
  | { readonly width: number; readonly constant: number }
  | { readonly width: number; readonly field: string };

/** An operand's place in a form, the form's variables replaced: `Xd` where the line says `Rd`. */
export interface Place {
  readonly token: string;
  readonly optional: boolean;
}

export interface Form {
  readonly row: Row;
  readonly mnemonic: string;
  readonly places: readonly Place[];
  /** Highest bits first; 32 in all. */
  readonly pieces: readonly Piece[];
  /** Fields that the choice of the variables has filled. */
  readonly chosen: ReadonlyMap<string, number>;
  /** Width of the operation on general registers. */
  readonly bits: 32 | 64;
}

/** Fields by their width in bits, with the manual's names where it has one. */
const fieldNames: Readonly<Record<number, string>> = {
  1: 'sf Q sz sh N S b5',
  2: 'ftype size hw shift immlo cmode',
  3: 'option imm3 abc',
  4: 'cond nzcv CRm',
  5: 'Rd Rn Rm Ra Rt Rt2 Rs esize imm5 b40 defgh',
  6: 'immr imms imm6',
  7: 'imm7',
  8: 'imm8',
  9: 'imm9',
  12: 'imm12',
  14: 'imm14 sysop',
  15: 'sysreg',
  16: 'imm16',
  19: 'imm19 immhi',
  26: 'imm26',
};
const fieldWidths: ReadonlyMap<string, number> = new Map(
  Object.entries(fieldNames).flatMap(([width, names]) =>
    names.split(' ').map((name): [string, number] => [name, Number(width)]),
  ),
);

const WORD_BITS = 32;

function piecesOf(row: Row): readonly Piece[] {
  const pieces = row[2].split(' ').map((part): Piece => {
    if (/^[01]+$/.test(part)) return { width: part.length, constant: Number.parseInt(part, 2) };
    const width = fieldWidths.get(part);
    if (width === undefined) throw new Error(`${row.join(' | ')}: no field is named ${part}`);
    return { width, field: part };
  });
  const total = pieces.reduce((sum, { width }) => sum + width, 0);
  if (total !== WORD_BITS) throw new Error(`${row.join(' | ')}: ${total} bits, not ${WORD_BITS}`);
  return pieces;
}

/** A choice for a variable: what replaces it in tokens, and the fields that say so. */
interface Choice {
  readonly replace: (token: string) => string;
  readonly fields: readonly (readonly [string, number])[];
}

const nothing: readonly Choice[] = [{ replace: (token) => token, fields: [] }];

const widths: readonly Choice[] = (['W', 'X'] as const).map((width, sf) => ({
  replace: (token) => token.replace(/^R/, width),
  fields: [['sf', sf]],
}));

const floats: readonly Choice[] = (['S', 'D'] as const).map((size, ftype) => ({
  replace: (token) => token.replace(/^F/, size),
  fields: [['ftype', ftype]],
}));

/** How the manual encodes each arrangement: Q, and the logarithm of an element's bytes. */
const arrangementFields: Readonly<Record<Arrangement, readonly [Q: number, size: number]>> = {
  '8b': [0, 0],
  '16b': [1, 0],
  '4h': [0, 1],
  '8h': [1, 1],
  '2s': [0, 2],
  '4s': [1, 2],
  '2d': [1, 3],
};

function arrangementChoices(set: keyof typeof arrangementsOf): readonly Choice[] {
  return arrangementsOf[set].map((arrangement) => {
    const [q, size] = arrangementFields[arrangement];
    return {
      replace: (token) => token.replace(/^(V\w+)\.[TMFB]$/, `$1.${arrangement}`),
      // sz tells 2s and 4s from 2d; esize is the element's size as one bit set.
      fields: [
        ['Q', q],
        ['size', size],
        ['sz', size & 1],
        ['esize', 1 << size],
      ],
    };
  });
}

/** All forms of a line. Throws an Error if the line is not in the notation. */
export function formsOfRow(row: Row): readonly Form[] {
  const [mnemonic, operands] = row;
  const tokens = operands === '' ? [] : operands.split(', ');
  const pieces = piecesOf(row);
  const set = tokens.map((token) => /^V\w+\.([TMFB])$/.exec(token)?.[1]).find((name) => name);
  const isSet = (name: string | undefined): name is keyof typeof arrangementsOf =>
    name !== undefined && name in arrangementsOf;
  const forms: Form[] = [];
  for (const width of tokens.some((token) => token.startsWith('R')) ? widths : nothing) {
    for (const float of tokens.some((token) => token.startsWith('F')) ? floats : nothing) {
      for (const vector of isSet(set) ? arrangementChoices(set) : nothing) {
        const places = tokens.map((token): Place => {
          const chosen = vector.replace(float.replace(width.replace(token)));
          return { token: chosen.replace(/\?$/, ''), optional: chosen.endsWith('?') };
        });
        const chosen = new Map([...width.fields, ...float.fields, ...vector.fields]);
        const general = places.find(({ token }) => /^[WX]/.test(token));
        const bits = general?.token.startsWith('W') ? 32 : 64;
        forms.push({ row, mnemonic, places, pieces, chosen, bits });
      }
    }
  }
  return forms;
}
