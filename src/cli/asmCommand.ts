/** `jit-bytes asm`: assembly text → bytes. */
import { NoAssembler } from '../asm/assembler.ts';
import { assembleText } from '../engine/assembleText.ts';
import { escapeControls } from '../engine/escape.ts';
import { machineOf } from '../engine/plan.ts';
import type { Architecture } from '../model/architecture.ts';
import { type Assembled, type AssemblySyntax, syntaxOf } from '../model/assembly.ts';
import { LineIndex } from '../model/text.ts';
import type { AsmOptions } from './asmOptions.ts';
import { formatted } from './byteFormats.ts';
import { painter, wantsColours } from './colours.ts';
import { watchInterrupt } from './interrupt.ts';
import { hexOf, type Json, problemJson, textOf } from './jsonText.ts';
import type { FileProblem } from './report.ts';
import { unreadableProblem } from './scanSource.ts';
import { readPlace } from './sources.ts';
import { exitStatus } from './tally.ts';
import { problemText } from './textReport.ts';

/** What has become of a text. */
interface Outcome {
  readonly text: string;
  readonly architecture: Architecture;
  readonly syntax: AssemblySyntax | undefined;
  readonly problems: readonly FileProblem[];
  readonly made: Extract<Assembled, { readonly bytes: Uint8Array }> | undefined;
  readonly status: number;
}

/**
 * Assembles the text that the options name, writes its bytes to standard output, and gives the exit status. Problems and
 * the listing go to standard error, or into the JSON document.
 * @param closed aborted when nobody reads the bytes any more
 */
export async function asmCommand(options: AsmOptions, closed: AbortSignal): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  try {
    const outcome = await outcomeOf(options, signal);
    if (options.json) process.stdout.write(jsonOf(options, outcome));
    else report(options, outcome);
    return outcome.status;
  } catch (error) {
    if (!signal.aborted) throw error;
    return interrupt.status ?? exitStatus.well;
  }
}

async function outcomeOf(options: AsmOptions, signal: AbortSignal): Promise<Outcome> {
  const architecture =
    options.architecture ?? machineOf(process.platform, process.arch).architecture ?? 'x86_64';
  const source = await readPlace({ kind: 'place', file: options.path }, undefined, signal);
  const none = { architecture, syntax: options.syntax, made: undefined };
  if (source.kind === 'unreadable') {
    const problems = [unreadableProblem(source.reason)];
    return { ...none, text: '', problems, status: exitStatus.unreadable };
  }
  const { text } = source.decoded;
  const syntax = architecture.startsWith('x86') ? (options.syntax ?? syntaxOf(text)) : undefined;
  try {
    const made = await assembleText(architecture, text, { syntax: syntax ?? 'att', signal });
    if ('bytes' in made) {
      return { text, architecture, syntax, problems: [], made, status: exitStatus.well };
    }
    const lines = new LineIndex(text);
    const problems = made.errors.map(({ span, message }): FileProblem => ({
      range: lines.range(span),
      severity: 'error',
      code: 'bad-assembly',
      message,
    }));
    return { ...none, syntax, text, problems, status: exitStatus.unreadable };
  } catch (error) {
    if (!(error instanceof NoAssembler)) throw error;
    const { message } = error;
    const problem = { range: undefined, severity: 'error', code: 'no-assembler', message } as const;
    return { ...none, syntax, text, problems: [problem], status: exitStatus.refused };
  }
}

function report({ path, format, verbose }: AsmOptions, { text, problems, made }: Outcome): void {
  const paint = painter(wantsColours(process.env, process.stderr.isTTY));
  const told = problems.map((problem) => problemText(path, problem, paint));
  const listing = made && verbose ? listingOf(text, made) : [];
  for (const line of [...told, ...listing]) process.stderr.write(`${line}\n`);
  if (made) process.stdout.write(formatted(made.bytes, format));
}

/** Columns of bytes before the text: most instructions have no more. */
const shownBytes = 7;

/** Each line with bytes: where it begins, its bytes, its text. */
function listingOf(text: string, { bytes, lines }: NonNullable<Outcome['made']>): string[] {
  const index = new LineIndex(text);
  return lines.map(({ line, offset, length }) => {
    const end = line + 1 < index.lineCount ? index.startOf(line + 1) : text.length;
    const said = escapeControls(text.slice(index.startOf(line), end).trim());
    const numbers = hexOf(bytes.subarray(offset, offset + length)).replaceAll(/..(?=.)/g, '$& ');
    return `${offset.toString(16).padStart(6)}  ${numbers.padEnd(3 * shownBytes)}  ${said}`;
  });
}

function jsonOf({ path }: AsmOptions, { architecture, syntax, problems, made }: Outcome): string {
  const lines = made?.lines.map(({ line, offset, length }): Json => ({
    line: line + 1,
    offset,
    bytes: hexOf(made.bytes.subarray(offset, offset + length)),
  }));
  const file = {
    file: path,
    problems: problems.map(problemJson),
    arch: architecture,
    syntax: syntax ?? null,
    bytes: made ? hexOf(made.bytes) : null,
    lines: lines ?? [],
  };
  return `{"version":1,"files":[\n${textOf(file)}]}\n`;
}
