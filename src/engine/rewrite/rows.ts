/** Lines of elements, one instruction each, and the comments that go with them. */
import type { JitBlock } from '../../model/block.ts';
import type { Instruction } from '../../model/instruction.ts';
import { LineIndex, type Span } from '../../model/text.ts';
import type { Disassembler } from '../../asm/disassembler.ts';
import { checkComments, readComments, readsAs } from '../commentCheck/checkComments.ts';
import { type CommentedBytes, commentedBytes, commentText } from '../commentCheck/lines.ts';
import { inStyleOf } from '../commentCheck/style.ts';
import type { AssemblySyntax } from '../../model/assembly.ts';
import { hasTag } from './commentSign.ts';

/** A line of elements. */
export interface Row {
  /** Elements `from` to `to`, exclusive. */
  readonly from: number;
  readonly to: number;
  /** Bytes `start` to `end`, exclusive, of the block. */
  readonly bytes: Span;
  /** Comments above it, as they were or as words that need signs. */
  readonly above: readonly Above[];
  /** What its comment says, without signs; as it stood where it is a span. */
  readonly comment: string | Span | undefined;
}

/** A comment on a line of its own, as it was, or words for one; empty for a blank line. */
export type Above = Span | string;

/** The words beside the rows of a block. */
export class RowComments {
  readonly #block: JitBlock;
  readonly #text: string;
  readonly #disassembler: Disassembler;
  readonly #pairs: ReadonlyMap<number, CommentedBytes>;
  readonly #wrong: ReadonlySet<number>;
  readonly #syntax: AssemblySyntax;
  /** The assembly that the comments hold already, whose habits new ones take over. */
  readonly #model: string;

  /** @param syntax where the comments themselves are in none */
  constructor(block: JitBlock, text: string, disassembler: Disassembler, syntax: AssemblySyntax) {
    this.#block = block;
    this.#text = text;
    this.#disassembler = disassembler;
    const lines = new LineIndex(text);
    this.#pairs = new Map(commentedBytes(block, lines).map((pair) => [pair.comment.start, pair]));
    this.#wrong = new Set(
      checkComments(block, text, lines, disassembler).map(({ commentSpan }) => commentSpan.start),
    );
    const read = readComments(block, text, lines, disassembler);
    const assembly = read?.comments.filter(({ instructions }) => instructions.length > 0) ?? [];
    this.#syntax = assembly.length > 0 ? (read?.syntax ?? syntax) : syntax;
    this.#model = assembly.map((comment) => comment.text).join('\n');
  }

  /** Whether a comment stands beside bytes, so that it is about them. */
  isBeside(comment: Span): boolean {
    return this.#pairs.has(comment.start);
  }

  /** What instructions are called in this block. */
  textOf(instructions: readonly Instruction[]): string {
    const plain = this.#plainTextOf(instructions);
    return this.#model === '' ? plain : inStyleOf(this.#model, plain);
  }

  #plainTextOf(instructions: readonly Instruction[]): string {
    return instructions.map((one) => (this.#syntax === 'att' ? one.att : one.intel)).join('; ');
  }

  /**
   * What becomes of the comments beside the bytes of a row: those that go above it and the one beside it.
   * @param said the instructions that begin in it; none where it continues one
   */
  of(
    bytes: Span,
    beside: readonly Span[],
    said: readonly Instruction[],
  ): { readonly above: readonly Above[]; readonly comment: string | Span | undefined } {
    const above: Above[] = [];
    const notes: string[] = [];
    let kept: Span | undefined;
    const own = said.length === 0 ? '' : this.textOf(said);
    for (const comment of beside) {
      const pair = this.#pairs.get(comment.start);
      const words = commentText(this.#text, comment);
      const isWhole = pair !== undefined && pair.start === bytes.start && pair.end === bytes.end;
      if (
        hasTag(this.#text, comment) ||
        /[\r\n]/.test(this.#text.slice(comment.start, comment.end))
      ) {
        above.push(comment);
      } else if (
        isWhole &&
        !kept &&
        (own === '' || this.#keeps(comment, words, [own, this.#plainTextOf(said)]))
      ) {
        kept = comment;
      } else {
        const prose = this.#proseOf(words);
        if (prose === '') continue;
        const isInside = pair !== undefined && pair.start >= bytes.start && pair.end <= bytes.end;
        if (isInside) notes.push(prose);
        else above.push(prose);
      }
    }
    const comment = kept ?? ([own, ...notes].filter((one) => one !== '').join('; ') || undefined);
    return { above, comment };
  }

  /** Whether a comment says already what its bytes are. */
  #keeps(comment: Span, words: string, own: readonly string[]): boolean {
    if (own.some((text) => words.startsWith(text))) return true;
    return this.#reads(words) && !this.#wrong.has(comment.start);
  }

  #reads(words: string): boolean {
    const { architecture } = this.#block;
    return readsAs(architecture, words, this.#disassembler.mnemonics).length > 0;
  }

  /** The pieces of a comment that name no instruction, not even by its mnemonic alone. */
  #proseOf(words: string): string {
    const pieces = words.split(/\s*;\s*/);
    const { mnemonics } = this.#disassembler;
    return pieces
      .filter((piece) => !this.#reads(piece) && !mnemonics.has(piece.toLowerCase()))
      .join('; ');
  }
}
