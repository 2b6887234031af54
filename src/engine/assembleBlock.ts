/** `@asm`: blocks of assembly text become blocks of bytes, before anything is run or shown. */
import { NoAssembler, type Programs } from '../asm/assembler.ts';
import type { AssembledLine } from '../model/assembly.ts';
import type { AssemblyText, ByteSpans, JitBlock, Problem } from '../model/block.ts';
import { lastAtMost } from '../model/search.ts';
import { LineIndex, type Span } from '../model/text.ts';
import { assembleText } from './assembleText.ts';

/** Blocks and problems, as a scan gives them. */
export interface Found {
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
}

/** Whether a scan has text that is still to be assembled. Without, nothing is loaded for it. */
export function hasAssembly({ blocks }: Pick<Found, 'blocks'>): boolean {
  return blocks.some(isUnassembled);
}

function isUnassembled({ assembly, bytes, broken, refused }: JitBlock): boolean {
  return assembly !== undefined && bytes.length === 0 && !broken && refused === undefined;
}

/** A scan with the text of its blocks assembled. Rejects only with the signal's reason when it is aborted. */
export async function assembleBlocks(
  found: Found,
  signal?: AbortSignal,
  programs: Programs = 'allowed',
): Promise<Found> {
  if (!hasAssembly(found)) return found;
  const blocks: JitBlock[] = [];
  const problems = [...found.problems];
  for (const block of found.blocks) {
    const made = await assembleBlock(block, signal, programs);
    blocks.push(made.block);
    problems.push(...made.problems);
  }
  problems.sort((a, b) => a.span.start - b.span.start);
  return { blocks, problems };
}

/**
 * A block with the bytes that its text becomes, each standing where its line of assembly does; broken, with problems at
 * the exact places, where it becomes none; refused where there is no assembler for it. Other blocks stay as they are.
 */
async function assembleBlock(
  block: JitBlock,
  signal: AbortSignal | undefined,
  programs: Programs,
): Promise<{ readonly block: JitBlock; readonly problems: readonly Problem[] }> {
  const { assembly } = block;
  if (!assembly || !isUnassembled(block)) return { block, problems: [] };
  const { text, syntax } = assembly;
  try {
    const options = signal ? { syntax, signal } : { syntax };
    const result = await assembleText(block.architecture, text, options, programs);
    const problems =
      'errors' in result
        ? result.errors.map(({ span, message }) => problem(sourceSpan(assembly, span), message))
        : problemsOf(result.bytes, assembly);
    if ('errors' in result || problems.length > 0) {
      return { block: { ...block, broken: true }, problems };
    }
    const byteSpans = new LineSpans(result.bytes.length, result.lines, assembly);
    return { block: { ...block, bytes: result.bytes, byteSpans }, problems };
  } catch (error) {
    signal?.throwIfAborted();
    const cause = error instanceof Error ? error.message : String(error);
    const reason = error instanceof NoAssembler ? cause : `the assembler failed: ${cause}`;
    return { block: { ...block, refused: { reason, span: assembly.tag } }, problems: [] };
  }
}

function problem(span: Span, message: string): Problem {
  return { span, severity: 'error', code: 'bad-assembly', message };
}

/** What the annotation says of the bytes and they do not have. */
function problemsOf({ length }: Uint8Array, { tag, reaches }: AssemblyText): Problem[] {
  if (length === 0) return [problem(tag, 'this assembly has no bytes')];
  return reaches.flatMap(({ offset, size, span }): Problem[] => {
    if (offset + size <= length) return [];
    const message =
      size === 1 && offset >= length
        ? `the block has only ${length} bytes`
        : `${size} bytes at +${offset} reach past the end of the ${length} bytes`;
    return [{ span, severity: 'error', code: 'bad-tag', message }];
  });
}

/** A span of the text, in the source. */
function sourceSpan({ text, offsets, tag }: AssemblyText, { start, end }: Span): Span {
  const first = Math.min(start, text.length - 1);
  if (first < 0) return tag;
  const last = Math.max(first, Math.min(end, text.length) - 1);
  return { start: offsets[2 * first] ?? tag.start, end: offsets[2 * last + 1] ?? tag.end };
}

/** Bytes that stand where the line of assembly does from which they come. */
class LineSpans implements ByteSpans {
  readonly length: number;
  readonly #starts: readonly number[];
  readonly #spans: readonly Span[];

  constructor(length: number, lines: readonly AssembledLine[], assembly: AssemblyText) {
    this.length = length;
    this.#starts = lines.map(({ offset }) => offset);
    const index = new LineIndex(assembly.text);
    this.#spans = lines.map(({ line }) => {
      const start = index.startOf(line);
      const end = line + 1 < index.lineCount ? index.startOf(line + 1) : assembly.text.length;
      const said = assembly.text.slice(start, end);
      const from = start + said.length - said.trimStart().length;
      return sourceSpan(assembly, { start: from, end: from + said.trim().length });
    });
  }

  at(index: number): Span {
    const span = this.#spans[lastAtMost(this.#starts, index)];
    if (!span || index >= this.length) throw new RangeError(`byte ${index} of ${this.length}`);
    return span;
  }
}
