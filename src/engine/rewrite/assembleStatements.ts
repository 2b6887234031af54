/** The bytes of the statements in comments. */
import type { Assembled, AssemblySyntax } from '../../model/assembly.ts';
import type { BlockInstructions } from '../blockInstructions.ts';
import type { AssemblyComment, AssemblyComments, Statement } from './commentStatements.ts';
import { CannotRewrite } from './edit.ts';
import { targetOf } from './targets.ts';

/** What turns a text into bytes; see `Assembler` in `src/asm`. */
export type AssembleText = (
  text: string,
  options: { readonly syntax: AssemblySyntax },
) => Promise<Assembled>;

/** A comment with the bytes of its statements; undefined for a branch, which is encoded later. */
export interface AssembledComment extends AssemblyComment {
  readonly bytes: readonly (Uint8Array | undefined)[];
}

/** Assembles what is no branch. A comment that is right, or may be, is left out where it cannot be assembled. */
export async function assembleAll(
  comments: readonly AssemblyComment[],
  assemble: AssembleText,
  isAsked: boolean,
  decoded: BlockInstructions,
  read: AssemblyComments,
): Promise<readonly AssembledComment[]> {
  const found: AssembledComment[] = [];
  const known = await assembleTogether(comments, assemble);
  for (const comment of comments) {
    try {
      const bytes: (Uint8Array | undefined)[] = [];
      for (const statement of comment.statements) {
        if (statement.branch) {
          targetOf(statement.branch.target, comment.start, decoded, read);
          bytes.push(undefined);
        } else {
          bytes.push(
            known.get(statement) ?? (await assembleOne(statement, comment.syntax, assemble)),
          );
        }
      }
      found.push({ ...comment, bytes });
    } catch (error) {
      if (!(error instanceof CannotRewrite) || isAsked || comment.isWrong) throw error;
    }
  }
  return found;
}

/** All statements of a syntax in one text, where that has no errors. */
async function assembleTogether(
  comments: readonly AssemblyComment[],
  assemble: AssembleText,
): Promise<ReadonlyMap<Statement, Uint8Array>> {
  const found = new Map<Statement, Uint8Array>();
  for (const syntax of ['att', 'intel'] as const) {
    const statements = comments
      .filter((comment) => comment.syntax === syntax)
      .flatMap((comment) => comment.statements.filter(({ branch }) => !branch));
    if (statements.length < 2) continue;
    const result = await assemble(statements.map(({ text }) => text).join('\n'), { syntax });
    if (!('bytes' in result)) continue;
    for (const { line, offset, length } of result.lines) {
      const statement = statements[line];
      if (statement) found.set(statement, result.bytes.slice(offset, offset + length));
    }
  }
  return found;
}

/** Where a note begins after an instruction. */
const note = /\s+(?:\(|[-–—=#]|\/\/|<-|\S+:\s).*$|\s{2,}\S.*$/;

async function assembleOne(
  { text }: Statement,
  syntax: AssemblySyntax,
  assemble: AssembleText,
): Promise<Uint8Array> {
  let message = '';
  for (const candidate of new Set([text, text.replace(note, '')])) {
    const result = await assemble(candidate, { syntax });
    if ('bytes' in result && result.bytes.length > 0) return result.bytes;
    message ||= 'errors' in result ? (result.errors[0]?.message ?? '') : 'it has no bytes';
  }
  throw new CannotRewrite(`"${text}" cannot be assembled: ${message}`);
}
