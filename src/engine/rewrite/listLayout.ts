/** The lines of a bracketed list. */
import type { Span } from '../../model/text.ts';
import { CannotRewrite } from './edit.ts';
import { codeOf, commentsIn, lineStart } from './gaps.ts';
import type { Layout } from './layout.ts';
import type { LiteralStyle, Segment } from './literalStyle.ts';

export function listLayout(style: LiteralStyle, segment: Segment): Layout {
  const { part, elements } = style;
  const { text } = part;
  const { head, tail, base, indent, separator } = segment;
  const sign = separator.trim();
  const gapAt = (index: number): Span => ({
    start: elements[index]?.span.end ?? 0,
    end: elements[index + 1]?.span.start ?? 0,
  });
  for (let index = segment.from; index < segment.to; index++) {
    if (elements[index]?.form === 'repeated') {
      throw new CannotRewrite(
        'these bytes are repeated by an expression, so that one place stands for several bytes',
      );
    }
    if (index + 1 === segment.to) break;
    const code = codeOf(part, gapAt(index)).trim();
    if (code === sign) continue;
    throw new CannotRewrite(
      code.includes('\\')
        ? 'the list is part of a macro, whose lines cannot be broken'
        : `something else stands among the bytes: ${code.slice(0, 40)}`,
    );
  }
  refuseMacro(text, head.start);
  // `[ 0x48` and below it `, 0x89`, as Haskell and SQL are often written.
  const leads = hasLeadingSeparators(style, segment, sign);
  const lead = codeOf(part, head).trim();
  const trail = codeOf(part, tail).trim();
  const ending = sign !== '' && trail.startsWith(sign) ? sign : '';
  const close = trail.slice(ending.length).trim();
  const isSpread = codeOf(part, tail).includes('\n');
  const closeIndent = isSpread
    ? (/[^\n]*$/.exec(codeOf(part, tail))?.[0].replace(/\S.*$/, '') ?? base)
    : base;
  const first = elements[segment.from]?.span.start ?? 0;
  const firstStart = text.slice(lineStart(text, first), first);
  return {
    segment,
    head,
    tail,
    rowStart: (index) =>
      !leads ? indent : index === segment.from ? firstStart : `${base}${sign} `,
    inner: (index) => {
      const gap = gapAt(index);
      const isPlain =
        commentsIn(part, gap).length === 0 && !/[\r\n]/.test(text.slice(gap.start, gap.end));
      return isPlain ? text.slice(gap.start, gap.end) : separator;
    },
    rowEnd: (index) => (index + 1 === segment.to ? ending : leads ? '' : sign),
    mayBreak: () => true,
    mustBreak: () => false,
    keepsBreak: () => false,
    headText: (comments) => (leads ? undefined : lead + comments),
    tailText: (newline, footing) => newline + footing + closeIndent + close,
  };
}

/** Whether the lines of a list begin with its separator, in the column of its bracket. */
function hasLeadingSeparators(
  { part: { text }, elements }: LiteralStyle,
  { from, to, head, base }: Segment,
  sign: string,
): boolean {
  if (sign === '' || !/^[ \t]*$/.test(text.slice(head.start, head.end))) return false;
  if (text.slice(lineStart(text, head.start), head.start).trim().length !== 1) return false;
  let leading = 0;
  let trailing = 0;
  for (let index = from; index + 1 < to; index++) {
    const gap = text.slice(elements[index]?.span.end, elements[index + 1]?.span.start);
    if (gap.includes(`\n${base}${sign}`)) leading++;
    else if (gap.includes('\n')) trailing++;
  }
  return leading > trailing;
}

/** A line of `#define` ends where its line ends. */
export function refuseMacro(text: string, place: number): void {
  if (/^[ \t]*#[ \t]*define\b/.test(text.slice(lineStart(text, place), place))) {
    throw new CannotRewrite('the bytes are part of a macro, whose lines cannot be broken');
  }
}
