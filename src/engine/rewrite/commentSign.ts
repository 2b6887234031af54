/** How a comment is written inside a block's literal. */
import type { JitBlock } from '../../model/block.ts';
import type { Span } from '../../model/text.ts';
import { firstMarkAt, Mark } from '../../source/lexer.ts';
import type { TextPart } from './literalElements.ts';

/** What stands before a comment's words and after them, blanks included. */
export interface CommentSign {
  readonly open: string;
  readonly close: string;
}

const tag = /@(?:jit|fragment|call|more|arch|abi|timeout|entry|patch|data|asm|bench)\b/;

/** Whether a comment holds tags of an annotation. */
export function hasTag(text: string, { start, end }: Span): boolean {
  return tag.test(text.slice(start, end));
}

/** The sign of the comments that the literal has already, else the annotation's, else the language's first. */
export function commentSignOf(block: JitBlock, part: TextPart): CommentSign {
  const own = block.comments.find((comment) => !hasTag(part.text, comment));
  const annotation = markAround(part, block.tag.start);
  const signs = [own && firstMarkAt(part.marks, own.start), annotation].flatMap((mark) =>
    mark === undefined ? [] : (signAt(part, mark) ?? []),
  );
  const [first] = signs;
  if (first && (own || first.close === '')) return first;
  const { line, block: pairs } = part.language;
  const lineSign = line[0]?.trim();
  // A text that has only block comments keeps to them.
  if (lineSign !== undefined && (!first || hasLineComment(part)))
    return { open: `${lineSign} `, close: '' };
  const pair = pairs[0];
  return (
    first ??
    (pair ? { open: `${pair.open} `, close: ` ${pair.close}` } : { open: '// ', close: '' })
  );
}

function markAround({ marks }: TextPart, place: number): number | undefined {
  const mark = firstMarkAt(marks, place + 1) - 1;
  return marks.kind[mark] === Mark.comment && (marks.end[mark] ?? 0) > place ? mark : undefined;
}

function signAt({ text, marks, language }: TextPart, mark: number): CommentSign | undefined {
  const start = marks.start[mark] ?? 0;
  const sign = text.slice(start, start + (marks.link[mark] ?? 0));
  const pair = language.block.find(({ open }) => open === sign);
  if (pair)
    return pair.open.startsWith('\n')
      ? undefined
      : { open: `${pair.open.trim()} `, close: ` ${pair.close}` };
  const plain = sign.trim();
  return { open: `${plain.length > 1 ? plain.replace(/@+$/, '') : plain} `, close: '' };
}

function hasLineComment({ text, marks, language }: TextPart): boolean {
  return marks.kind.some((kind, mark) => {
    if (kind !== Mark.comment) return false;
    const start = marks.start[mark] ?? 0;
    const sign = text.slice(start, start + (marks.link[mark] ?? 0));
    return language.line.includes(sign);
  });
}
