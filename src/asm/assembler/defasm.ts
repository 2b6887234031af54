/** x86-64 by @defasm/core, in a thread of its own. */
import type { Assembled, AssembledLine, AssemblyError } from '../../model/assembly.ts';
import type { Instruction } from '../../model/instruction.ts';
import { LineIndex, type Span } from '../../model/text.ts';
import type { AssembleOptions, Assembler } from '../assembler.ts';
import { type Disassembler, disassembler } from '../disassembler.ts';
import type { AssemblyAnswer, StatementBytes } from './defasmMessages.ts';
import { prepare, type Prepared } from './prepare.ts';
import { AssemblingThread, ThreadFailure } from './thread.ts';

let thread: AssemblingThread | undefined;

export function defasmAssembler(): Assembler {
  return { architecture: 'x86_64', assemble };
}

async function assemble(given: string, { syntax, signal }: AssembleOptions): Promise<Assembled> {
  const prepared = prepare(given, syntax);
  if (prepared.errors.length > 0) return { errors: inOrder(prepared.errors) };
  try {
    const answer = await ask(prepared, signal);
    const errors =
      answer.errors.length > 0
        ? answer.errors
        : misread(answer, prepared, await disassembler('x86_64'));
    if (errors.length > 0) {
      const told = errors.map(({ span, message }) => ({
        span: trimmed(prepared.rewriting.sourceSpan(span), given),
        message,
      }));
      return { errors: inOrder(told) };
    }
    return { bytes: answer.bytes, lines: linesOf(answer.statements, prepared, given) };
  } catch (error) {
    if (!(error instanceof ThreadFailure)) throw error;
    const span = { start: 0, end: given.length };
    return { errors: [{ span, message: `the assembler gave up: ${error.message}` }] };
  }
}

/** The size that Intel's syntax gives a memory operand. */
const sizeHint =
  /\b(byte|[dqt]?word|tbyte|[oxyz]mmword|oword)(?:\s+ptr\b)?(?=\s*(?:[\w]+:)?\s*\[)/gi;

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
    const said = without.slice(span.start, span.end);
    const bare = said.replaceAll(sizeHint, (hint) => ' '.repeat(hint.length));
    if (bare === said) return first;
    without = without.slice(0, span.start) + bare + without.slice(span.end);
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

/** Instructions whose bytes decode to something else than one instruction of their length and of what is told by the text. */
function misread(
  answer: AssemblyAnswer,
  { text, syntax }: Prepared,
  { decode }: Disassembler,
): AssemblyError[] {
  return answer.statements.flatMap(({ span, offset, length, mnemonic }) => {
    if (mnemonic === undefined) return [];
    const own = answer.bytes.subarray(offset, offset + length);
    const [decoded] = decode(own, { count: 1 });
    const said = text.slice(span.start, span.end).trim();
    if (
      decoded?.valid === true &&
      decoded.length === length &&
      hasItsSize(said, mnemonic, decoded) &&
      leadsTo(said, decoded, offset, answer.labels)
    ) {
      return [];
    }
    const other = decoded?.[syntax] ?? Buffer.from(own).toString('hex');
    return [{ span, message: `"${said}" cannot be assembled here: ${other} came out` }];
  });
}

const hintBytes: Readonly<Record<string, number>> = {
  byte: 1,
  word: 2,
  dword: 4,
  qword: 8,
  tword: 10,
  tbyte: 10,
  oword: 16,
  xmmword: 16,
  ymmword: 32,
  zmmword: 64,
};

/** REX.W: the prefix that makes operands 64 bits wide, in its bits 0100 1xxx. */
const rexW = { mask: 0xf8, bits: 0x48 } as const;

/** Whether sizes that are written are those of the instruction. */
function hasItsSize(said: string, mnemonic: string, decoded: Instruction): boolean {
  if (/^(?:l|sys|i)ret\w?q$/.test(mnemonic)) {
    return ((decoded.bytes[0] ?? 0) & rexW.mask) === rexW.bits;
  }
  const hint = [...said.matchAll(sizeHint)].at(0)?.[1]?.toLowerCase();
  if (hint === undefined) return true;
  const memory = decoded.operands.find(({ kind }) => kind === 'memory');
  if (memory?.kind !== 'memory' || memory.memory.size === 0) return true;
  return memory.memory.size === hintBytes[hint];
}

/** Whether a branch or an address relative to the next instruction is that of the label that is named. */
function leadsTo(
  said: string,
  decoded: Instruction,
  offset: number,
  labels: AssemblyAnswer['labels'],
): boolean {
  const relative =
    /(?:^|[\s,])([\w.$@?]+)\(%rip\)/.exec(said)?.[1] ??
    /\[\s*(?:rip\s*\+\s*([A-Za-z_.$@?][\w.$@?]*)|([\w.$@?]+)\s*\+\s*rip)\s*\]/i
      .exec(said)
      ?.slice(1)
      .find(Boolean);
  const memory = decoded.operands.find(({ kind }) => kind === 'memory');
  if (relative !== undefined && memory?.kind === 'memory' && memory.memory.base === 'rip') {
    const label = labels.get(relative);
    const end = offset + decoded.length;
    return label === undefined || label === end + Number(memory.memory.displacement);
  }
  if (decoded.target === undefined) return true;
  const label = labels.get(/\s([A-Za-z_.$@?][\w.$@?]*)$/.exec(said)?.[1] ?? '');
  return label === undefined || label === offset + decoded.target;
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
