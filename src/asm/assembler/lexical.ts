/** Comments, strings and character constants of assembly text. */
import type { AssemblyError, AssemblySyntax } from '../../model/assembly.ts';
import type { Span } from '../../model/text.ts';

export interface Lexical {
  /** The text with comments blanked; every other character keeps its place. */
  readonly code: string;
  /** The same, with what stands between quotes blanked too, by underscores. */
  readonly masked: string;
  /** Character constants, with their quotes: GNU as's `'A` and the usual `'A'`. */
  readonly characters: readonly Span[];
  /** What stands behind a `;` that begins a comment in NASM and ends a statement in GNU as. */
  readonly semicolons: readonly Span[];
  readonly errors: readonly AssemblyError[];
}

const string = /"(?:[^"\\\n]|\\[^\n])*"/y;
/** GNU as's character, whose second quote may be left out. */
const character = /'(?:\\(?:x[\da-f]{1,2}|[0-7]{1,3}|[^\n])|[^\\\n])'?/iy;
/** In Intel's syntax several may stand between quotes: NASM's strings. */
const quoted = /'(?:\\.|[^'\\\n])+'/iy;

/**
 * @param isComment whether `;` begins a comment
 */
export function lexical(text: string, syntax: AssemblySyntax, isComment: boolean): Lexical {
  const errors: AssemblyError[] = [];
  const characters: Span[] = [];
  const semicolons: Span[] = [];
  const code: string[] = [];
  const masked: string[] = [];
  /** Up to here all is in `code` and `masked`. */
  let done = 0;
  const plain = (to: number): void => {
    if (to > done) {
      const part = text.slice(done, to);
      code.push(part);
      masked.push(part);
    }
    done = to;
  };
  const blank = (from: number, to: number): void => {
    plain(from);
    const part = text.slice(from, to).replaceAll(/[^\n]/g, ' ');
    code.push(part);
    masked.push(part);
    done = to;
  };
  const mask = (from: number, to: number): void => {
    plain(from);
    const part = text.slice(from, to);
    code.push(part);
    masked.push(
      part.charAt(0) + '_'.repeat(Math.max(0, part.length - 2)) + part.slice(1).slice(-1),
    );
    done = to;
  };
  const interesting = /["'#;]|\/[/*]/g;
  for (let found = interesting.exec(text); found; found = interesting.exec(text)) {
    const at = found.index;
    const sign = found[0];
    const lineEnd = endOfLine(text, at);
    if (sign === '"') {
      const whole = matchAt(string, text, at);
      if (whole === undefined) errors.push(error(at, lineEnd, 'this string never closes'));
      mask(at, at + (whole ?? text.slice(at, lineEnd)).length);
    } else if (sign === "'") {
      const whole =
        (syntax === 'intel' ? matchAt(quoted, text, at) : undefined) ??
        matchAt(character, text, at);
      if (whole === undefined) errors.push(error(at, at + 1, 'expected a character after this'));
      else characters.push({ start: at, end: at + whole.length });
      mask(at, at + (whole ?? "'").length);
    } else if (sign === '/*') {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) errors.push(error(at, at + 2, 'this comment never closes'));
      blank(at, close < 0 ? text.length : close + 2);
    } else if (sign === ';') {
      if (syntax === 'att' || !isComment) continue;
      const leads = text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
      if (!leads) semicolons.push({ start: at + 1, end: lineEnd });
      blank(at, lineEnd);
    } else {
      blank(at, lineEnd);
    }
    interesting.lastIndex = done;
  }
  plain(text.length);
  return { code: code.join(''), masked: masked.join(''), characters, semicolons, errors };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function error(start: number, end: number, message: string): AssemblyError {
  return { span: { start, end }, message };
}
