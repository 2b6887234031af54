/** Every architecture but x86-64 by the user's own GNU as, where one is installed. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Architecture } from '../../model/architecture.ts';
import type { Assembled, AssemblyError } from '../../model/assembly.ts';
import { limits } from '../../model/run.ts';
import { LineIndex } from '../../model/text.ts';
import type { AssembleOptions, Assembler } from '../assembler.ts';
import { disassembler } from '../disassembler.ts';
import { type ElfText, readElfText, type Relocation } from './elfText.ts';
import { gnuErrors, lineSpan, listedLines } from './gnuMessages.ts';
import { type GnuTarget, gnuTarget, headerOf } from './gnuTargets.ts';
import { lexical } from './lexical.ts';
import { onPath, runProgram } from './program.ts';
import { resolve } from './relocations.ts';

/** The assembler for an architecture, or in words why there is none. */
export function gnuAssembler(architecture: Architecture): Assembler | string {
  const target = gnuTarget(architecture);
  if (!target) return `there is no assembler for ${architecture}`;
  const program = programFor(target);
  if (program === undefined) {
    const names = target.programs.slice(0, 2).join(' or ');
    return `${architecture} is assembled by GNU as, and there is no ${names} on the PATH (on Debian: apt install ${target.debian})`;
  }
  return {
    architecture,
    assemble: (text, options) => assemble(text, options, architecture, target, program),
  };
}

function programFor({ programs, native }: GnuTarget): string | undefined {
  for (const name of programs) {
    const found = onPath(name);
    if (found !== undefined) return found;
  }
  const plain = onPath('as');
  return plain !== undefined && native.test(configuredFor(plain)) ? plain : undefined;
}

/** Milliseconds to tell a version. */
const versionMs = 5000;

/** The target that `as --version` names, or nothing for another assembler of that name. */
function configuredFor(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
    timeout: versionMs,
  });
  return /configured for a target of [`'"]([^'"]+)['"]/.exec(stdout ?? '')?.[1] ?? '';
}

/** A name for the end of the text. */
const endLabel = 'jit_bytes_end_of_text';

/** Object files have more than the code: symbols, notes, lines. */
const mostObject = 16 * limits.codeBytes;

async function assemble(
  given: string,
  { syntax, signal }: AssembleOptions,
  architecture: Architecture,
  target: GnuTarget,
  program: string,
): Promise<Assembled> {
  const lines = new LineIndex(given);
  const text = given.replaceAll(/\r\n?/g, (end) => (end === '\r' ? '\n' : ' \n'));
  const read = architecture.startsWith('x86')
    ? await x86Code(architecture, text, syntax)
    : { code: text, errors: [] };
  const refused = [...readsFiles(text), ...read.errors];
  if (refused.length > 0) return { errors: refused };
  const header = headerOf(architecture, target, syntax);
  const folder = await mkdtemp(path.join(tmpdir(), 'jit-bytes-as-'));
  try {
    const options = [...target.options, '-aln=list', '--listing-lhs-width=1', '-o', 'object', '-'];
    const input = [...header, read.code, `${endLabel}:`, ''].join('\n');
    const run = { program, options, folder, input, output: 'object', mostOutput: mostObject };
    const { status, messages, gaveUp } = await runProgram(run, signal);
    const whole = (message: string): Assembled => ({
      errors: [{ span: { start: 0, end: given.length }, message }],
    });
    if (gaveUp !== undefined) return whole(`the assembler gave up: ${gaveUp}`);
    const errors = gnuErrors(messages, given, lines, header.length);
    if (errors.length > 0) return { errors };
    if (status !== 0) {
      const [first = ''] = messages.split('\n').filter((line) => !/Assembler messages/.test(line));
      return whole(`${path.basename(program)} failed: ${first}`);
    }
    const object = readElfText(await readFile(path.join(folder, 'object')));
    // What follows the end pads the section.
    const bytes = object.bytes.slice(0, object.offsetOf(endLabel));
    const listing = await readFile(path.join(folder, 'list'), 'latin1');
    const made = listedLines(listing, header.length, bytes.length);
    const left = resolve(bytes, object);
    const open = openEnds(object, left, target, (offset) => {
      const line = made.find((one) => offset >= one.offset && offset < one.offset + one.length);
      return line ? lineSpan(given, lines, line.line) : { start: 0, end: given.length };
    });
    return open.length > 0 ? { errors: open } : { bytes, lines: made };
  } catch (error) {
    signal?.throwIfAborted();
    const message = `the assembler failed: ${error instanceof Error ? error.message : String(error)}`;
    return { errors: [{ span: { start: 0, end: given.length }, message }] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A register, a number, or memory named by them, as Intel's syntax has it. */
const operand =
  /^(?:(?:byte|[dqtf]?word|tbyte|[xy]mmword)\s+(?:ptr\s+)?)?(?:\[[^\]]*\]|-?(?:0x[\da-f]+|\d[\da-f]*h|\d+)|e?[abcd]x|[abcd][hl]|e?[sd]i|e?[sb]p|[c-gs]s|[xy]?mm\d|st(?:\(\d\))?|[cd]r\d)$/i;

/**
 * With Intel's syntax `;` begins a comment as for x86-64, where the text has several lines; but what would be an
 * instruction behind it is in doubt.
 */
async function x86Code(
  architecture: Architecture,
  text: string,
  syntax: AssembleOptions['syntax'],
): Promise<{ readonly code: string; readonly errors: readonly AssemblyError[] }> {
  const { code, semicolons, errors } = lexical(text, syntax, text.trim().includes('\n'));
  if (semicolons.length === 0) return { code, errors };
  const { mnemonics } = await disassembler(architecture);
  const doubts = semicolons.filter(({ start, end }) => {
    const [, name = '', rest = ''] = /^\s*([a-z]\w*)(.*?)\s*$/i.exec(text.slice(start, end)) ?? [];
    const operands = rest.trim() === '' ? [] : rest.split(',');
    return mnemonics.has(name.toLowerCase()) && operands.every((one) => operand.test(one.trim()));
  });
  const message =
    'a comment or an instruction? Put an instruction on a line of its own, or begin the comment with #';
  return { code, errors: [...errors, ...doubts.map((span) => ({ span, message }))] };
}

/**
 * Directives that read files, and what could spell them: names put together from a macro's arguments. What cannot be written
 * here is no loss to code of a few lines.
 */
function readsFiles(text: string): AssemblyError[] {
  const patterns: readonly (readonly [RegExp, string])[] = [
    [/\.inc(?:bin|lude)\b|(?<=(?:^|[\n;:|])\s*)inc(?:bin|lude)\b/gi, 'no file is read'],
    [/\.altmacro\b|\.mri\b|\.subsection\b|\.text[^\S\n]+\d/gi, 'this is not read here'],
  ];
  const hasMacros = /\.(?:macro|irpc?)\b/i.test(text);
  const all = hasMacros
    ? [...patterns, [/[.\w]\\[\w(@]|\\\w+(?:\\|\(\))/g, 'names are not put together here'] as const]
    : patterns;
  return all.flatMap(([pattern, message]) =>
    [...text.matchAll(pattern)].map((found) => ({
      span: { start: found.index, end: found.index + found[0].length },
      message,
    })),
  );
}

/** What a linker would still have to fill in or to add. */
function openEnds(
  { machine, others, bytes }: ElfText,
  left: readonly Relocation[],
  target: GnuTarget,
  spanAt: (offset: number) => AssemblyError['span'],
): AssemblyError[] {
  const whole = spanAt(bytes.length);
  if (machine !== target.machine) {
    const message = `the assembler made code of machine ${machine}, not ${target.machine}`;
    return [{ span: whole, message }];
  }
  const errors = others.map((name) => ({
    span: whole,
    message: `only the section .text becomes bytes, not ${name}`,
  }));
  for (const { offset, symbol } of left) {
    // A numbered label has a control character behind its number.
    const name = symbol?.name.replace(/^\.?L(\d+)[\u0001\u0002].*$/, '$1') ?? '';
    const message =
      name === ''
        ? 'this depends on the address at which the bytes will lie'
        : symbol?.defined === true
          ? `the address of "${name}" is known only when the bytes lie in memory`
          : `nothing here defines "${name}"`;
    errors.push({ span: spanAt(offset), message });
  }
  return errors.sort((a, b) => a.span.start - b.span.start);
}
