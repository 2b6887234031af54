/** The offsets that an annotation states, after the code has moved. */
import type { JitBlock } from '../../model/block.ts';
import { CannotRewrite, type TextEdit } from './edit.ts';

const offsetTag = /(@(?:entry|patch|data)\s+\+?\s*)(0x[0-9a-f]+|\d+)/gi;
const faultOffset = /(\bat\s+\+?\s*)(0x[0-9a-f]+|\d+)/gi;

/**
 * The edits that keep `@entry`, `@patch`, `@data` and the offsets of expected faults at their bytes.
 * @param moved the new offset of an old one, or undefined where nothing of it is left
 * @throws {CannotRewrite} where one of them points at bytes that are gone
 */
export function offsetEdits(
  text: string,
  block: JitBlock,
  moved: (offset: number) => number | undefined,
): readonly TextEdit[] {
  const faults = block.calls.flatMap(({ expectation }) =>
    expectation?.kind === 'fault' && expectation.offset !== undefined ? [expectation.span] : [],
  );
  const places = [
    { span: block.annotation, pattern: offsetTag },
    ...faults.map((span) => ({ span, pattern: faultOffset })),
  ];
  return places.flatMap(({ span, pattern }) =>
    [...text.slice(span.start, span.end).matchAll(pattern)].flatMap((found): TextEdit[] => {
      const [whole, lead = '', number = ''] = found;
      const old = Number(number);
      const now = moved(old);
      if (now === undefined) {
        throw new CannotRewrite(`"${whole}" points into the middle of a line that changes`);
      }
      if (now === old) return [];
      const start = span.start + found.index + lead.length;
      const isHexadecimal = /^0x/i.test(number);
      const digits = isHexadecimal
        ? now.toString(16).padStart(number.length - 2, '0')
        : String(now);
      const written = isHexadecimal
        ? number.slice(0, 2) + (/[A-F]/.test(number.slice(2)) ? digits.toUpperCase() : digits)
        : digits;
      return [{ span: { start, end: start + number.length }, text: written }];
    }),
  );
}
