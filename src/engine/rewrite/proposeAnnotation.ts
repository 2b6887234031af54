/** An annotation for bytes that have none. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { Abi, Architecture } from '../../model/architecture.ts';
import type { JitBlock } from '../../model/block.ts';
import { findJitBlocks } from '../../source/findJitBlocks.ts';
import { languageOf } from '../../source/languages.ts';
import { Mark } from '../../source/lexer.ts';
import { applyEdits, CannotRewrite, type Rewrite, refusalOf, type TextEdit } from './edit.ts';
import { indentationAt, lineEnd, lineStart } from './gaps.ts';
import { guessArchitecture } from './guessArchitecture.ts';
import { type GuessedSignature, guessSignature } from './guessSignature.ts';
import { partAround, type TextPart } from './literalElements.ts';
import type { CommentSign } from './commentSign.ts';
import type { Reading } from './readAgain.ts';

export interface ProposalOptions extends Reading {
  /** What bytes are where nothing is said. */
  readonly defaultArchitecture: Architecture;
  /** The convention that is meant where none is stated. */
  readonly platform: Abi;
  readonly load: (architecture: Architecture) => Promise<Disassembler>;
}

export interface Proposal {
  readonly architecture: Architecture;
  readonly signature: GuessedSignature;
}

/** What the bytes seem to be: their architecture where it is clear, and their signature. */
export async function propose(
  bytes: Uint8Array,
  { defaultArchitecture, platform, load }: Omit<ProposalOptions, keyof Reading>,
): Promise<Proposal> {
  const architecture = await guessArchitecture(bytes, defaultArchitecture, load);
  const decoder = await load(architecture);
  return { architecture, signature: guessSignature(architecture, decoder.decode(bytes), platform) };
}

/**
 * The edit that puts an annotation above bytes without one, on a line of its own, with the indentation of the line below.
 * @param block the bytes, read as if they were annotated
 */
export async function proposeAnnotation(
  text: string,
  block: JitBlock,
  options: ProposalOptions,
): Promise<Rewrite> {
  try {
    const { architecture, signature } = await propose(block.bytes, options);
    const part = partAround(text, options.languageId, block.literal.start);
    const tags = [`@jit (${signature.parameters.join(', ')}) -> ${signature.result}`];
    if (architecture !== options.defaultArchitecture) tags.push(`@arch ${architecture}`);
    if (signature.abi !== undefined) tags.push(`@abi ${signature.abi}`);
    const at = placeFor(part, block.literal.start);
    const lead = indentationAt(text, at);
    const sign = signFor(part, block.literal.start, architecture);
    const newline = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
    const line = (tag: string): string => `${lead}${sign.open}${tag}${sign.close}${newline}`;
    const edit: TextEdit = { span: { start: at, end: at }, text: tags.map(line).join('') };
    const tag = at + edit.text.indexOf('@');
    const { blocks } = findJitBlocks(applyEdits(text, [edit]), options.languageId, options.scan);
    const found = blocks.find((one) => one.tag.start === tag);
    if (!found || found.broken || Buffer.compare(found.bytes, block.bytes) !== 0) {
      throw new CannotRewrite('an annotation here would not mean these bytes');
    }
    return { edits: [edit] };
  } catch (error) {
    return refusalOf(error);
  }
}

/** The start of the line on which the statement of the literal begins. */
function placeFor({ text, marks }: TextPart, place: number): number {
  let at = lineStart(text, place);
  // `char code[] =` and the bytes below.
  for (let lines = 0; lines < 2 && at > 0; lines++) {
    const above = text.slice(lineStart(text, at - 1), lineEnd(text, at - 1));
    if (!/[=(\\]\s*$/.test(above)) break;
    at = lineStart(text, at - 1);
  }
  const around = marks.kind.findIndex(
    (kind, mark) =>
      (kind === Mark.string || kind === Mark.comment) &&
      (marks.start[mark] ?? 0) < at &&
      (marks.end[mark] ?? 0) > at,
  );
  if (around >= 0 || /\\\s*$/.test(text.slice(lineStart(text, at - 1), Math.max(0, at - 1)))) {
    throw new CannotRewrite('there is no room for a comment above these bytes');
  }
  return at;
}

/** The sign of the line comment before, or else the language's own. */
function signFor(
  { text, marks, language }: TextPart,
  place: number,
  architecture: Architecture,
): CommentSign {
  let found: string | undefined;
  marks.kind.forEach((kind, mark) => {
    const start = marks.start[mark] ?? 0;
    if (kind !== Mark.comment || (found !== undefined && start > place)) return;
    const sign = text.slice(start, start + (marks.link[mark] ?? 0));
    if (language.line.includes(sign)) found = sign.trim();
  });
  const isGnu = language.ids.includes('gas');
  const usual = isGnu && architecture.startsWith('x86') ? '#' : language.line[0]?.trim();
  const line = found ?? usual;
  if (line !== undefined) return { open: `${line} `, close: '' };
  const pair = language.block[0] ?? languageOf('c').block[0];
  return { open: `${pair?.open ?? '/*'} `, close: ` ${pair?.close ?? '*/'}` };
}
