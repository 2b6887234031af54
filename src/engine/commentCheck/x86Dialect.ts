/** Comments in the assembly of x86. */
import type { Dialect, Spoken } from './dialect.ts';
import { means } from './match.ts';
import { isBranch } from './mnemonics.ts';
import { readInstructions, type WrittenInstruction } from './parse.ts';

/** `MOVQ DI, AX`, for Go's assembler: a size in the name, registers without one, all in capitals. */
const plan9 = /^(?:\w+:\s*)?[A-Z]+[BWLQ]\s+(?:\$?[-\w()]+,\s*)?(?:[ABCD]X|[SD]I|[BS]P|R\d+)\b(?!:)/;

export const x86Dialect: Dialect = {
  read: (comment, mnemonics) => readInstructions(comment, mnemonics).map(spoken),
  isForeign: (comment) => plan9.test(comment),
};

function spoken(written: WrittenInstruction): Spoken {
  return {
    confidence: written.confidence,
    syntax: written.syntax,
    naked: written.naked,
    means: (decoded, order, place) => means(written, order, decoded, place),
    address: (branch) => addressIn(written, branch),
  };
}

function addressIn(written: WrittenInstruction, branch: boolean): readonly bigint[] | undefined {
  if (branch) {
    const [operand] = written.operands;
    if (!isBranch(written.mnemonic) || operand?.kind !== 'number') return undefined;
    return operand.signed || operand.from === 'here' ? undefined : operand.values;
  }
  for (const operand of written.operands) {
    if (operand.kind === 'memory' && operand.absolute) return operand.displacement;
  }
  return undefined;
}
