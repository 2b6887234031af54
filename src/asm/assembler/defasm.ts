/** x86-64 by @defasm/core, in a thread of its own. */
import type { Assembled, AssembledLine, AssemblyError } from '../../model/assembly.ts';
import { LineIndex, type Span } from '../../model/text.ts';
import type { AssembleOptions, Assembler } from '../assembler.ts';
import { disassembler } from '../disassembler.ts';
import type { AssemblyAnswer, StatementBytes } from './defasmMessages.ts';
import { misread, sizeHint } from './misread.ts';
import { prepare, type Prepared } from './prepare.ts';
import { AssemblingThread, ThreadFailure } from './thread.ts';

let thread: AssemblingThread | undefined;

export function defasmAssembler(): Assembler {
  return { architecture: 'x86_64', assemble };
}

async function assemble(given: string, { syntax, signal }: AssembleOptions): Promise<Assembled> {
  const prepared = prepare(given, syntax);
  if (prepared.unreadable) return { errors: inOrder(prepared.errors) };
  try {
    const answer = await ask(prepared, signal);
    const errors =
      answer.errors.length > 0
        ? answer.errors
        : misread(answer, prepared, await disassembler('x86_64'));
    if (errors.length + prepared.errors.length > 0) {
      const told = errors.map(({ span, message }) => ({
        span: trimmed(prepared.rewriting.sourceSpan(span), given),
        message,
      }));
      return { errors: inOrder([...prepared.errors, ...told]) };
    }
    return { bytes: answer.bytes, lines: linesOf(answer.statements, prepared, given) };
  } catch (error) {
    if (!(error instanceof ThreadFailure)) throw error;
    const span = { start: 0, end: given.length };
    return { errors: [{ span, message: `the assembler gave up: ${error.message}` }] };
  }
}

/**
 * What the thread makes of a text. It knows no sizes with the memory operands of `movsd` and its like: where
 * a size is wrong to it, the text is tried once more without it.
 */
async function ask(prepared: Prepared, signal: AbortSignal | undefined): Promise<AssemblyAnswer> {
  thread ??= new AssemblingThread();
  const { text, doubtful } = prepared;
  const intel = prepared.syntax === 'intel';
  const first = await thread.ask({ text, intel, doubtful }, signal);
  if (!intel || first.errors.length === 0) return first;
  let without = text;
  for (const { span, message } of first.errors) {
    if (!message.startsWith('wrong operand size')) return first;
    const from = without.lastIndexOf('\n', span.start - 1) + 1;
    const end = without.indexOf('\n', span.start);
    const said = without.slice(from, end < 0 ? without.length : end);
    const bare = said.replaceAll(sizeHint, (hint) => ' '.repeat(hint.length));
    if (bare === said) return first;
    without = without.slice(0, from) + bare + without.slice(from + said.length);
  }
  const second = await thread.ask({ text: without, intel, doubtful }, signal);
  return second.errors.length > 0 ? first : second;
}

/** An error's span without the blanks at its ends. */
function trimmed({ start, end }: Span, text: string): Span {
  const said = text.slice(start, end);
  const from = start + said.length - said.trimStart().length;
  return said.trim() === '' ? { start, end } : { start: from, end: from + said.trim().length };
}

/** In the order of the text, one at a place. */
function inOrder(errors: readonly AssemblyError[]): AssemblyError[] {
  const places = new Set<number>();
  return [...errors]
    .sort((a, b) => a.span.start - b.span.start)
    .filter(({ span }) => !places.has(span.start) && places.add(span.start));
}

/** One entry for each line with bytes. */
function linesOf(
  statements: readonly StatementBytes[],
  { rewriting }: Prepared,
  given: string,
): AssembledLine[] {
  const index = new LineIndex(given);
  const lines: AssembledLine[] = [];
  for (const { span, offset, length } of statements) {
    const line = index.lineAt(rewriting.sourceSpan(span).start);
    const last = lines.at(-1);
    if (last?.line === line) {
      lines[lines.length - 1] = { ...last, length: last.length + length };
    } else lines.push({ line, offset, length });
  }
  return lines;
}
