/** The lines of adjacent strings, each between quotes of its own. */
import type { Span } from '../../model/text.ts';
import { hasTag } from './commentSign.ts';
import { CannotRewrite } from './edit.ts';
import { codeOf, commentsIn, indentationAt, lineEnd, lineStart } from './gaps.ts';
import type { Layout } from './layout.ts';
import { refuseMacro } from './listLayout.ts';
import { type LiteralStyle, type Segment, tokenOf } from './literalStyle.ts';

/** Languages that join strings which stand beside each other, whatever line they are on. */
const joining = new Set(['c', 'cpp', 'objective-c', 'python', 'sage', 'dart']);

export function stringsLayout(style: LiteralStyle, segment: Segment): Layout {
  const { part, elements } = style;
  const { text, marks, language } = part;
  const [first, last] = [elements[segment.from], elements[segment.to - 1]];
  if (!first || !last) throw new RangeError('an empty segment');
  const token = tokenOf(part, first.string);
  const lastToken = tokenOf(part, last.string);
  const { base, indent } = segment;
  const open = text.slice(token.span.start, token.content.start);
  const close = text.slice(lastToken.content.end, lastToken.span.end);
  const before = text.slice(lineStart(text, token.span.start), token.span.start);
  const isMacroOfStrings = /\bhex!\s*[([{]\s*$/.test(
    text.slice(Math.max(0, token.span.start - 20), token.span.start),
  );
  if (!isMacroOfStrings && !language.ids.some((id) => joining.has(id))) {
    throw new CannotRewrite(
      `strings on lines of their own are not joined in ${language.ids[0] === '*' ? 'this language' : language.ids[0]}; write the bytes as a list`,
    );
  }
  if (!/["']$/.test(open) || /["']{3}$/.test(open) || close.length !== 1) {
    throw new CannotRewrite('a string of this form cannot be broken into lines');
  }
  refuseMacro(text, token.span.start);
  const isFirstOnLine = before.trim() === '';
  const isBracketed = (marks.inside[first.string] ?? -1) >= 0;
  const needsBrackets = !isBracketed && language.ids.some((id) => id === 'python' || id === 'sage');
  const headStart = isFirstOnLine
    ? token.span.start - before.length
    : token.span.start - (before.length - before.trimEnd().length);
  const afterEnd = lineEnd(text, lastToken.span.end);
  const rest = codeOf(part, { start: lastToken.span.end, end: afterEnd });
  const stays = /^[ \t]*[;,]?[ \t]*$/.test(rest) && !needsBrackets;
  const blanks = /^[ \t]*/.exec(text.slice(lastToken.span.end, afterEnd))?.[0].length ?? 0;
  // A comma stays on the line of what it ends.
  const comma =
    !stays && /^[ \t]*,/.test(rest) ? /^[ \t]*,[ \t]*/.exec(rest)?.[0].length : undefined;
  const tailEnd = lastToken.span.end + (comma ?? blanks);
  const tail = { start: last.span.end, end: stays ? afterEnd : tailEnd };
  if (commentsIn(part, tail).some((comment) => hasTag(text, comment))) {
    throw new CannotRewrite('the annotation stands beside the bytes; put it above them');
  }
  const contentOf = (index: number): { text: string; isSplit: boolean } => {
    const gap: Span = {
      start: elements[index]?.span.end ?? 0,
      end: elements[index + 1]?.span.start ?? 0,
    };
    const [a, b] = [elements[index]?.string ?? -1, elements[index + 1]?.string ?? -1];
    const raw =
      a === b
        ? text.slice(gap.start, gap.end)
        : text.slice(gap.start, tokenOf(part, a).content.end) +
          text.slice(tokenOf(part, b).content.start, gap.end);
    return { text: raw.replace(/\\\r?\n[ \t]*/g, ''), isSplit: a !== b };
  };
  return {
    segment,
    head: { start: headStart, end: first.span.start },
    tail,
    rowStart: () => indent + open,
    inner: (index) => {
      const content = contentOf(index);
      const next = text.charAt(elements[index + 1]?.span.start ?? 0);
      // A digit after an escape would become a part of it.
      return content.isSplit && /[0-9a-f]/i.test(next) && elements[index + 1]?.form === 'escape'
        ? `${close} ${open}`
        : content.text;
    },
    rowEnd: (index) => {
      if (index + 1 < segment.to) return contentOf(index).text + close;
      const lastContent = text.slice(last.span.end, lastToken.content.end);
      return (
        lastContent +
        close +
        (stays ? rest.trim() : comma === undefined || needsBrackets ? '' : ',')
      );
    },
    mayBreak: () => true,
    mustBreak: () => false,
    keepsBreak: () => false,
    headText: () => {
      if (isFirstOnLine && !needsBrackets) return undefined;
      const lead = before.trim() === '' || !needsBrackets ? '' : ' ';
      return lead + (needsBrackets ? '(' : '');
    },
    tailText: (newline) => {
      if (stays) return '';
      const outer = isFirstOnLine ? outerIndentation(text, token.span.start, base) : base;
      if (rest.trim() === '' && !needsBrackets) return '';
      if (comma !== undefined && needsBrackets) return `${newline}${outer}), `;
      return newline + (comma === undefined ? outer : indent) + (needsBrackets ? ')' : '');
    },
  };
}

/** The indentation of the nearest line above that is indented less. */
function outerIndentation(text: string, place: number, own: string): string {
  let at = lineStart(text, place);
  for (let lines = 0; at > 0 && lines < 200; lines++) {
    at = lineStart(text, at - 1);
    const line = text.slice(at, lineEnd(text, at));
    const indentation = indentationAt(text, at);
    if (line.trim() !== '' && indentation.length < own.length) return indentation;
  }
  return '';
}
