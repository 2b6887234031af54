/** Assembly text → bytes that mean what the text says. */
import { assembler, type AssembleOptions, type Programs } from '../asm/assembler.ts';
import { disassembler } from '../asm/disassembler.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Assembled, AssemblyError, AssemblySyntax } from '../model/assembly.ts';
import type { Instruction } from '../model/instruction.ts';
import { LineIndex } from '../model/text.ts';
import { x86Dialect } from './commentCheck/x86Dialect.ts';

/**
 * Assembles a text, as {@link assembler} says, and rejects where it does. The instructions of x86-64 are then read from the bytes again and compared
 * with the text, by what comments are checked with: a line of which other instructions have become is an error.
 */
export async function assembleText(
  architecture: Architecture,
  text: string,
  options: AssembleOptions,
  programs: Programs = 'allowed',
): Promise<Assembled> {
  const { assemble } = await assembler(architecture, programs);
  const result = await assemble(text, options);
  if (architecture !== 'x86_64' || 'errors' in result) return result;
  const { decode, mnemonics } = await disassembler(architecture);
  const index = new LineIndex(text);
  const errors: AssemblyError[] = [];
  for (const { line, offset, length } of result.lines) {
    const start = index.startOf(line);
    const end = line + 1 < index.lineCount ? index.startOf(line + 1) : text.length;
    const written = text.slice(start, end);
    const decoded = decode(result.bytes.subarray(offset, offset + length));
    if (agree(written, decoded, mnemonics, options.syntax)) continue;
    const lead = written.length - written.trimStart().length;
    const said = written.trim();
    const message = `"${said}" cannot be assembled here: ${decoded.map((each) => each[options.syntax]).join('; ')} came out`;
    errors.push({ span: { start: start + lead, end: start + lead + said.length }, message });
  }
  return errors.length > 0 ? { errors } : result;
}

/** Whether the instructions of a line, as far as they are read, are those decoded. */
function agree(
  line: string,
  decoded: readonly Instruction[],
  mnemonics: ReadonlySet<string>,
  syntax: AssemblySyntax,
): boolean {
  const written = x86Dialect.read(line.replace(/(?:\/\/|#).*$/s, ''), mnemonics);
  // Data, and what is not read, stand beside none.
  if (written.length !== decoded.length) return true;
  return written.every((each, index) => {
    const instruction = decoded[index];
    return instruction !== undefined && each.means(instruction, syntax, { bits: 64, origin: 0n });
  });
}
