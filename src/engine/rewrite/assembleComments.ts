/** Comments assembled into the bytes beside them. */
import { factsOf } from '../../model/architecture.ts';
import type { JitBlock } from '../../model/block.ts';
import { LineIndex } from '../../model/text.ts';
import { BlockInstructions } from '../blockInstructions.ts';
import { assembleAll, type AssembleText } from './assembleStatements.ts';
import type { RewriteOptions } from './commentEveryLine.ts';
import {
  type AssemblyComment,
  assemblyComments,
  type AssemblyComments,
} from './commentStatements.ts';
import { CannotRewrite, refusalOf, type Rewrite, type TextEdit } from './edit.ts';
import { literalStyle } from './literalStyle.ts';
import { movedComments } from './movedComments.ts';
import { offsetEdits } from './offsetTags.ts';
import { type OldCode, piecesOf, type Range, untouched } from './pieces.ts';
import { readAgain } from './readAgain.ts';
import { layOut } from './relayout.ts';
import { type Replacement, writeBytes } from './writeBytes.ts';

export type { AssembleText } from './assembleStatements.ts';

export interface AssembleOptions extends RewriteOptions {
  /** A place in the text: only the comment on its line is assembled. By default every one that reads as assembly. */
  readonly place?: number | undefined;
}

/**
 * The edits that make bytes what the comments beside them say. Where their number changes, branches and addresses
 * relative to `rip` inside the block follow their targets, and so do the annotation's offsets and the comments that
 * name a target. Bytes that are already what their comment says stay, and so does every other instruction.
 */
export async function assembleComments(
  text: string,
  block: JitBlock,
  assemble: AssembleText,
  options: AssembleOptions,
): Promise<Rewrite> {
  try {
    if (block.broken) throw new CannotRewrite('the bytes cannot be read whole');
    return { edits: await assembledEdits(text, block, assemble, options) };
  } catch (error) {
    return refusalOf(error);
  }
}

async function assembledEdits(
  text: string,
  block: JitBlock,
  assemble: AssembleText,
  options: AssembleOptions,
): Promise<readonly TextEdit[]> {
  const { disassembler } = options;
  const style = literalStyle(text, block, options.languageId, options.step);
  const read = assemblyComments(text, block, disassembler, options.syntax);
  const decoded = new BlockInstructions(block, disassembler);
  const chosen = chosenComments(text, read, decoded, options.place);
  const assembled = await assembleAll(chosen, assemble, options.place !== undefined, decoded, read);
  const code = block.bytes.subarray(0, block.dataFrom ?? block.bytes.length);
  const old: OldCode = { code, size: block.bytes.length, decoded, read, disassembler };
  const ranges: Range[] = [];
  let at = 0;
  for (const line of assembled) {
    if (line.start < at) throw new CannotRewrite('two comments are about the same bytes');
    ranges.push(...untouched(old, at, line.start));
    ranges.push({
      start: line.start,
      end: line.end,
      pieces: piecesOf(line, old),
    });
    at = line.end;
  }
  ranges.push(...untouched(old, at, code.length));
  const laid = layOut(
    ranges.flatMap(({ pieces }) => pieces),
    code.length,
  );
  const replacements: Replacement[] = [];
  const whole: number[] = [];
  let next = 0;
  for (const { start, end, pieces } of ranges) {
    const bytes = Uint8Array.from(
      laid.pieces.slice(next, next + pieces.length).flatMap((one) => [...one]),
    );
    next += pieces.length;
    for (const byte of bytes) whole.push(byte);
    if (Buffer.compare(bytes, code.subarray(start, end)) !== 0)
      replacements.push({ start, end, bytes });
  }
  whole.push(...block.bytes.subarray(code.length));
  const hasMoved = whole.length !== block.bytes.length;
  if (hasMoved) refuseOtherArchitectures(block);
  const bigEndian = isBigEndian(block);
  const edits = [
    ...writeBytes(style, block.bytes, replacements, bigEndian),
    ...(hasMoved ? offsetEdits(text, block, laid.moved) : []),
  ].sort((a, b) => a.span.start - b.span.start);
  const after = readAgain(text, block, edits, options);
  if (Buffer.compare(after.bytes, Uint8Array.from(whole)) !== 0) {
    throw new CannotRewrite('the bytes would not read as what was assembled');
  }
  const more = hasMoved
    ? movedComments({ text, block, after, edits, old, assembled, moved: laid.moved })
    : [];
  return [...edits, ...more].sort((a, b) => a.span.start - b.span.start);
}

/** The displacements of other architectures are not re-encoded. */
function refuseOtherArchitectures({ architecture }: JitBlock): void {
  if (architecture.startsWith('x86')) return;
  throw new CannotRewrite(
    `the line would get another length, and jumps of ${architecture} cannot be re-targeted yet`,
  );
}

/** Whether words of code have their highest byte first. */
function isBigEndian({ architecture }: JitBlock): boolean {
  const { bigEndian, littleEndianCode } = factsOf(architecture);
  return bigEndian && littleEndianCode !== true;
}

/** The comments to assemble, with all the bytes of the instructions that begin on their lines. */
function chosenComments(
  text: string,
  { comments }: AssemblyComments,
  decoded: BlockInstructions,
  place: number | undefined,
): readonly AssemblyComment[] {
  const lines = new LineIndex(text);
  const starts = new Set(decoded.instructions.map(({ offset }) => offset));
  if (place !== undefined) {
    const line = lines.lineAt(place);
    const chosen = comments.filter(({ comment }) => lines.lineAt(comment.start) === line);
    if (chosen.length === 0) throw new CannotRewrite('no comment on this line reads as assembly');
    return chosen.map((one) => withWholeInstructions(one, comments, decoded, starts));
  }
  if (comments.length === 0) throw new CannotRewrite('no comment of these bytes reads as assembly');
  // A line that begins inside an instruction of the line before cannot be known to be right.
  return comments
    .filter(
      ({ isWrong, start, statements }) =>
        isWrong || !starts.has(start) || statements.some(({ branch, symbol }) => branch ?? symbol),
    )
    .map((one) => withWholeInstructions(one, comments, decoded, starts));
}

/** The bytes of an instruction that goes on over lines without a comment belong to the comment. */
function withWholeInstructions(
  one: AssemblyComment,
  all: readonly AssemblyComment[],
  decoded: BlockInstructions,
  starts: ReadonlySet<number>,
): AssemblyComment {
  const isOthers = (offset: number): boolean =>
    all.some((other) => other !== one && other.start <= offset && offset < other.end);
  let { start, end } = one;
  const before = starts.has(start) ? undefined : decoded.at(start);
  if (before && !isOthers(before.offset) && !isOthers(start - 1)) start = before.offset;
  const last = decoded.at(end - 1);
  if (last && last.valid && last.offset >= start) {
    const stop = last.offset + last.length;
    let free = end;
    while (free < stop && !isOthers(free)) free++;
    if (free === stop) end = stop;
  }
  return { ...one, start, end };
}
