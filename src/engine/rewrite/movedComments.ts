/** Comments that name a place by a number, after the code has moved. */
import type { JitBlock } from '../../model/block.ts';
import { LineIndex } from '../../model/text.ts';
import { checkComments } from '../commentCheck/checkComments.ts';
import { inStyleOf } from '../commentCheck/style.ts';
import type { AssembledComment } from './assembleStatements.ts';
import type { AssemblyComment } from './commentStatements.ts';
import { applyEdits, type TextEdit } from './edit.ts';
import type { OldCode } from './pieces.ts';
import { movedBy } from './readAgain.ts';
import { numberOf } from './targets.ts';
import { wordsOf } from './updateComments.ts';

export interface MovedCode {
  readonly text: string;
  readonly block: JitBlock;
  /** The block after the edits. */
  readonly after: JitBlock;
  readonly edits: readonly TextEdit[];
  readonly old: OldCode;
  /** The comments that were assembled: what they say counts, not what their bytes were. */
  readonly assembled: readonly AssembledComment[];
  readonly moved: (old: number) => number | undefined;
}

/** The edits, against the old text, of comments that were right and would not be any more. */
export function movedComments(code: MovedCode): readonly TextEdit[] {
  const targets = code.old.read.comments.flatMap((comment) => targetEdits(comment, code));
  const known = new Set(
    code.old.read.comments.filter(namesPlace).map(({ comment }) => comment.start),
  );
  return [...targets, ...otherEdits(code, known)];
}

/** Whether a comment names the target of a branch by a number. */
function namesPlace({ statements }: AssemblyComment): boolean {
  return statements.some(
    ({ branch }) => branch && numberOf(branch.target.toLowerCase()) !== undefined,
  );
}

/** Numbers keep their distance from the place that they name: an author may count from another origin. */
function targetEdits(
  said: AssemblyComment,
  { text, old, assembled, moved }: MovedCode,
): readonly TextEdit[] {
  const isAssembled = assembled.some(({ comment }) => comment.start === said.comment.start);
  if (said.isWrong && !isAssembled) return [];
  const { code, disassembler } = old;
  const decoded = disassembler.decode(code, { offset: said.start, count: said.statements.length });
  let from = said.comment.start;
  return said.statements.flatMap(({ text: piece, branch }, index): TextEdit[] => {
    const at = text.indexOf(piece, from);
    if (at < 0) return [];
    from = at + piece.length;
    const number = branch && numberOf(branch.target.toLowerCase());
    if (!branch || number === undefined) return [];
    const target = isAssembled ? number : decoded[index]?.target;
    const now = target === undefined ? undefined : moved(target);
    if (target === undefined || now === undefined || now === target) return [];
    const start = at + piece.lastIndexOf(branch.target);
    const span = { start, end: start + branch.target.length };
    return [{ span, text: numberLike(branch.target, number + now - target) }];
  });
}

/** A number in the way of another one. */
function numberLike(model: string, value: number): string {
  const capitals = /[A-F]/.test(model.replace(/^0x/i, ''));
  const hex = (digits: number): string => {
    const text = value.toString(16).padStart(digits, '0');
    return capitals ? text.toUpperCase() : text;
  };
  if (/^0x/i.test(model))
    return model.slice(0, 2) + hex(/^0x0/i.test(model) ? model.length - 2 : 1);
  if (/h$/i.test(model)) return (/^[a-f]/i.test(hex(1)) ? '0' : '') + hex(1) + model.slice(-1);
  return String(value);
}

/** Comments about addresses relative to `rip` and the like, as the check finds them. */
function otherEdits(
  { text, block, after, edits, old: { disassembler } }: MovedCode,
  known: ReadonlySet<number>,
): readonly TextEdit[] {
  const now = applyEdits(text, edits);
  const wrong = checkComments(block, text, new LineIndex(text), disassembler);
  const were = new Set(wrong.map(({ commentSpan }) => movedBy(edits, commentSpan.start)));
  const places = new Map(block.comments.map((span) => [movedBy(edits, span.start), span]));
  return checkComments(after, now, new LineIndex(now), disassembler).flatMap(
    (mismatch): TextEdit[] => {
      const commentSpan = places.get(mismatch.commentSpan.start);
      if (!commentSpan || were.has(mismatch.commentSpan.start) || known.has(commentSpan.start)) {
        return [];
      }
      const { comment, decoded } = mismatch;
      return [{ span: wordsOf(text, { commentSpan, comment }), text: inStyleOf(comment, decoded) }];
    },
  );
}
