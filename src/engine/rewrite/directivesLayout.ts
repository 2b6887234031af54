/** The lines of `.byte`, `db` and their like. */
import type { Span } from '../../model/text.ts';
import { CannotRewrite } from './edit.ts';
import { codeOf, commentsIn, lineStart } from './gaps.ts';
import type { Layout } from './layout.ts';
import type { LiteralStyle, Segment } from './literalStyle.ts';

/** The directive at the end of what stands before its first operand, with the blanks after it. */
const named = /((?:times[ \t]+\S+[ \t]+)?[.\w]+)([ \t]+)$/i;
const nextStatement = /^[ \t]*;[ \t]*([.\w]+)[ \t]+$/;
const nextLine = /^[ \t]*,?[ \t]*(?:\r?\n[ \t]*)+([.\w]+)[ \t]+$/;
const oneOperand = /^(?:_?_?emit|byte|word|long|quad)$/i;

interface Statement {
  readonly name: string;
  /** From the start of its line to its first operand. */
  readonly lead: string;
}

export function directivesLayout(style: LiteralStyle, segment: Segment): Layout {
  const { part, elements } = style;
  const { text, marks } = part;
  const gapAt = (index: number): Span => ({
    start: elements[index]?.span.end ?? 0,
    end: elements[index + 1]?.span.start ?? 0,
  });
  /** Where an operand begins: a string with its opening quote. */
  const startOf = (index: number): number => {
    const element = elements[index];
    if (!element || element.string < 0) return element?.span.start ?? 0;
    return isSameString(index - 1) ? element.span.start : (marks.start[element.string] ?? 0);
  };
  const isSameString = (index: number): boolean =>
    (elements[index]?.string ?? -1) >= 0 && elements[index]?.string === elements[index + 1]?.string;
  /** The quote that an operand ends with. */
  const quoteAfter = (index: number): string => {
    const element = elements[index];
    if (!element || element.string < 0 || isSameString(index)) return '';
    return text.slice(element.span.end, marks.end[element.string]);
  };
  const statements = new Map<number, Statement>();
  let current: Statement | undefined;
  for (let index = segment.from; index < segment.to; index++) {
    const start = startOf(index);
    const code = index === segment.from ? '\n' : codeOf(part, gapAt(index - 1));
    if (/\n/.test(code)) {
      const lead = text.slice(lineStart(text, start), start);
      const found = named.exec(lead);
      // `BYTE $0x48`: the sign belongs to the operand.
      if (!found) throw new CannotRewrite('this directive is not understood');
      current = { name: (found[1] ?? '') + (found[2] ?? ''), lead };
    } else {
      const found = nextStatement.exec(code);
      if (found && current) current = { ...current, name: `${found[1] ?? ''} ` };
    }
    if (current) statements.set(index, current);
  }
  const nameAt = (index: number): string => statements.get(index)?.name ?? '';
  const isSingle = (index: number): boolean =>
    oneOperand.test(nameAt(index).trim()) &&
    (style.part.language.ids.includes('goasm') || /emit/i.test(nameAt(index)));
  const kindAt = (index: number): 'operand' | 'statement' | 'line' | 'kept' | 'fixed' => {
    const code = codeOf(part, gapAt(index));
    if (/^["'`]?[ \t]*,[ \t]*["'`]?$/.test(code)) return 'operand';
    if (nextStatement.test(code)) return 'statement';
    if (!/\n/.test(code)) return 'fixed';
    const found = nextLine.exec(code);
    return found && nameAt(index).trim() === found[1] && elements[index + 1]?.form !== 'repeated'
      ? 'line'
      : 'kept';
  };
  const isFirstOfLine = (index: number): boolean =>
    index === segment.from || ['line', 'kept'].includes(kindAt(index - 1));
  return {
    segment,
    head: segment.head,
    tail: segment.tail,
    rowStart: (index) => {
      const statement = statements.get(index);
      if (!statement) return '';
      if (isFirstOfLine(index)) return statement.lead;
      const width = statement.lead.length - statement.name.length;
      return statement.lead.slice(0, Math.max(0, width)).replace(/[^\t]/g, ' ') + statement.name;
    },
    inner: (index) => {
      const gap = gapAt(index);
      if (kindAt(index) === 'line')
        return isSingle(index)
          ? `; ${nameAt(index + 1)}`
          : segment.separator.includes(',')
            ? segment.separator
            : ', ';
      const isPlain = commentsIn(part, gap).length === 0;
      return isPlain
        ? text.slice(gap.start, gap.end)
        : codeOf(part, gap).trim() === ','
          ? segment.separator
          : `; ${nameAt(index + 1)}`;
    },
    rowEnd: quoteAfter,
    mayBreak: (index) => kindAt(index) !== 'fixed',
    mustBreak: (index) => {
      const kind = kindAt(index);
      return kind === 'kept' || (kind === 'line' && /emit/i.test(nameAt(index)));
    },
    keepsBreak: (index) => kindAt(index) === 'kept',
    headText: () => undefined,
    tailText: () => '',
  };
}
