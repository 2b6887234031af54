/** The assembly text that `@asm` means: the rest of its comment block, or else a string. */
import { syntaxOf } from '../model/assembly.ts';
import type { AssemblyText, Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';
import type { AsmTag } from './annotation.ts';
import { AssemblyStrings, type Parts } from './assemblyStrings.ts';
import type { CommentBlock } from './comments.ts';
import { problem } from './elements.ts';
import type { AnnotationPlace } from './literals.ts';
import { PlacedText, type ReadText } from './placedText.ts';
import type { Tag } from './tags.ts';

/** A text, and from where to where it stands in the source. */
export interface WrittenAssembly extends Omit<AssemblyText, 'reaches'> {
  readonly span: Span;
}

/** Finds and reads the text; what keeps it from being read is added to the problems. */
export function readAssembly(
  parts: Parts,
  block: CommentBlock,
  asm: AsmTag,
  tags: readonly Tag[],
  place: AnnotationPlace,
  problems: Problem[],
): WrittenAssembly | undefined {
  const { span: tag } = asm.tag;
  const written =
    inComment(block, asm, tags) ?? new AssemblyStrings(parts).find(place, tag, problems);
  if (written) return { ...written, tag, syntax: asm.syntax ?? syntaxOf(written.text) };
  if (problems.length === 0) {
    problems.push(problem(tag, 'no-literal', 'no assembly text follows this @asm'));
  }
  return undefined;
}

/** What stands in the comment block after `@asm` and is no tag. */
function inComment(block: CommentBlock, asm: AsmTag, tags: readonly Tag[]): ReadText | undefined {
  const { text } = block.text;
  const placed = new PlacedText();
  let at = asm.from;
  const copyTo = (end: number): void => {
    while (at < end) {
      const source = block.text.source(at);
      placed.add(text.charAt(at), source, source + 1);
      at++;
    }
  };
  for (const tag of tags) {
    if (tag.from <= asm.from) continue;
    copyTo(tag.from - tag.name.length - '@'.length);
    at = Math.max(at, tag.to);
  }
  copyTo(text.length);
  return placed.written;
}
