/** The assembly in a block's comments, statement by statement. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { AssemblySyntax } from '../../model/assembly.ts';
import type { JitBlock } from '../../model/block.ts';
import { LineIndex, type Span } from '../../model/text.ts';
import { checkComments, readComments, readsAs } from '../commentCheck/checkComments.ts';
import { commentText } from '../commentCheck/lines.ts';
import { registerSize } from '../commentCheck/registers.ts';
import { type BranchForm, branchForm } from './branches.ts';

/** One instruction as a comment has it. */
export interface Statement {
  /** As it is given to the assembler; a name relative to `rip` is in it as {@link placeholder}. */
  readonly text: string;
  /** A direct branch, which is encoded here, or undefined. */
  readonly branch: { readonly form: BranchForm; readonly target: string } | undefined;
  /** The name whose address is taken relative to `rip`. */
  readonly symbol: string | undefined;
}

/** A displacement that stands for a name; no author writes it. */
export const placeholder = 0x5a17_0c3d;

/** A comment that reads as assembly, and the bytes it is about. */
export interface AssemblyComment {
  readonly comment: Span;
  /** What it says, without its signs. */
  readonly words: string;
  readonly start: number;
  readonly end: number;
  readonly statements: readonly Statement[];
  readonly syntax: AssemblySyntax;
  /** Whether its bytes are known to be something else. */
  readonly isWrong: boolean;
}

export interface AssemblyComments {
  readonly comments: readonly AssemblyComment[];
  /** Names that comments give to places, as offsets. */
  readonly labels: ReadonlyMap<string, number>;
}

const labels = /^(?:[A-Za-z_.$@?][\w.$@?]*\s*:\s*)+(?!\S*=)/;
const ripName =
  /\[\s*(?:rip\s*\+\s*([A-Za-z_.][\w.$]*)|rel\s+([A-Za-z_.][\w.$]*)|([A-Za-z_.][\w.$]*)\s*\+\s*rip)\s*\]/i;
const ripNameAtt = /(?<![\w$*%])([A-Za-z_.][\w.$]*)\(%rip\)/i;
const branching =
  /^(?:(?:bnd|notrack)\s+)?([a-z]+)\s+(?:(?:short|near)\s+(?:ptr\s+)?)?([A-Za-z_.$][\w.$@?]*(?:\s*[+-]\s*(?:0x)?[\da-f]+)?|[\da-f]+h|0x[\da-f]+|\d+)(?:\s*<[^<>]*>)?\s*$/i;

/** Reads the comments of a block; prose is left out. */
export function assemblyComments(
  text: string,
  block: JitBlock,
  disassembler: Disassembler,
  usual: AssemblySyntax,
): AssemblyComments {
  const lines = new LineIndex(text);
  const read = readComments(block, text, lines, disassembler);
  const wrong = new Set(
    checkComments(block, text, lines, disassembler).map(({ commentSpan }) => commentSpan.start),
  );
  const beside = new Set(read?.comments.map(({ comment }) => comment.start));
  const names = new Map<string, number>();
  const name = (words: string, offset: number): void => {
    for (const label of (labels.exec(words)?.[0] ?? '').split(':')) {
      if (label.trim() !== '') names.set(label.trim().toLowerCase(), offset);
    }
  };
  for (const comment of block.comments) {
    if (beside.has(comment.start)) continue;
    const words = commentText(text, comment);
    if (labels.exec(words)?.[0].length === words.length) name(words, byteAfter(block, comment.end));
  }
  const reads = (piece: string): boolean =>
    readsAs(block.architecture, piece, disassembler.mnemonics).length > 0;
  const comments = (read?.comments ?? []).flatMap(
    ({ comment, start, end, text: words, instructions }) => {
      name(words, start);
      const pieces = words
        .replace(labels, '')
        .split(/\s*;\s*/)
        .filter(reads);
      if (instructions.length === 0 || pieces.length === 0) return [];
      const own = instructions.find(({ syntax }) => syntax !== undefined)?.syntax;
      const isNaked = instructions.some(({ naked }) => naked);
      return [
        {
          comment,
          words,
          start,
          end,
          statements: pieces.map(statement),
          syntax: own ?? (isNaked ? 'intel' : (read?.syntax ?? usual)),
          isWrong: wrong.has(comment.start),
        },
      ];
    },
  );
  return { comments, labels: names };
}

/** The offset of the first byte after a place in the text. */
function byteAfter({ byteSpans }: JitBlock, place: number): number {
  let offset = 0;
  while (offset < byteSpans.length && byteSpans.at(offset).start < place) offset++;
  return offset;
}

function statement(piece: string): Statement {
  const found = branching.exec(piece.trim());
  const [, mnemonic = '', target = ''] = found ?? [];
  const form = branchForm(mnemonic.toLowerCase());
  if (form && registerSize(target.toLowerCase()) === undefined) {
    return { text: piece, branch: { form, target }, symbol: undefined };
  }
  const named = ripName.exec(piece) ?? ripNameAtt.exec(piece);
  if (!named || /^\d|^rip$/i.test(named.slice(1).find((one) => one !== undefined) ?? '')) {
    return { text: piece, branch: undefined, symbol: undefined };
  }
  const number = `0x${placeholder.toString(16)}`;
  const operand = named[0].startsWith('[') ? `[rip + ${number}]` : `${number}(%rip)`;
  const at = named.index;
  return {
    text: piece.slice(0, at) + operand + piece.slice(at + named[0].length),
    branch: undefined,
    symbol: named.slice(1).find((one) => one !== undefined),
  };
}
