/** Strings as bytes: escapes, hexadecimal text, base64. */
import { Elements, maxProblems, problem } from './elements.ts';
import type { Language } from './languages.ts';
import { type Marks, rawForm } from './lexer.ts';
import { escapeByte } from './numbers.ts';
import type { Problem } from '../model/block.ts';
import type { Span } from '../model/text.ts';

/** How the characters between the quotes become bytes. */
export type StringDecoding = 'hex' | 'base64' | 'escapes';

/** A string with its prefix and the span between its quotes. */
export interface StringToken {
  readonly span: Span;
  readonly content: Span;
  /** `b`, `x`, `L`… directly before the opening quote, or empty. */
  readonly prefix: string;
  readonly terminated: boolean;
}

const prefixes =
  /(?:^|[^\w])((?:b|br|rb|B|bR|Br|BR|Rb|RB|rB|r|R|x|X|h|c|cr|L|u|U|u8|f|e|E|s|#)|(?:\\?#))$/;
const bytePrefix = /^(?:b|br|rb|c|cr|#)$/i;
const hexPrefix = /^[xh]$/i;

/** The string at a mark. */
export function stringAt(
  text: string,
  marks: Marks,
  mark: number,
  language: Language,
): StringToken {
  const start = marks.start[mark] ?? 0;
  const end = marks.end[mark] ?? 0;
  const link = marks.link[mark] ?? 0;
  const whole = text.slice(start, Math.min(end, start + 24));
  let openLength = 1;
  let closeLength = 1;
  let terminated = true;
  if (link === rawForm) {
    const opening = /^(?:r(#+)"|R"([^(]*)\()/.exec(whole);
    openLength = opening?.[0].length ?? 1;
    closeLength =
      opening?.[1] === undefined ? (opening?.[2]?.length ?? 0) + 2 : opening[1].length + 1;
  } else {
    const form = language.strings[link];
    openLength = form?.open.length ?? 1;
    closeLength = form?.close.length ?? 1;
    const close = form?.close ?? '';
    terminated =
      end - start >= openLength + closeLength && text.startsWith(close, end - closeLength);
    if (!terminated) closeLength = 0;
  }
  const before = prefixes.exec(text.slice(Math.max(0, start - 4), start))?.[1] ?? '';
  const prefix = link === rawForm ? (text.charAt(start - 1) === 'b' ? 'b' : '') : before;
  return {
    span: { start: start - prefix.length, end },
    content: { start: start + openLength, end: end - closeLength },
    prefix,
    terminated,
  };
}

export interface StringReading {
  readonly elements: Elements;
  readonly problems: readonly Problem[];
}

const decoderBefore =
  /(?:(fromhex|from_?hex_?(?:string)?|unhexlify|hex!|hexb?|hex::decode|decode_?hex|DecodeString|FromHexString|parseHex|hex2bin|hextobytes|hexStringToByteArray|hex_decode|decode16!?|pack\s*\(?\s*["'][Hh]\*["']\s*,|binary\s+(?:format\s+H\*|decode\s+hex)|\bH\*["']\s*,)|(b64decode|atob|FromBase64String|base64_decode|decode64!?|decodebytes|base64::decode|base64\.decode|Base64\.\w*[dD]ecode\w*|StdEncoding\.DecodeString|getDecoder\(\)\s*\.\s*decode))\s*[([{]?\s*$/i;
const decoderAfter =
  /^\s*(?:,\s*["'`](hex|base64)["'`]|[)\]]?\s*\.\s*(?:pack\s*\(?\s*["'](?:H\*|(m0?\*?))["']|decode\s*\(?\s*["']hex|unhexlify|hexToByteArray|hexToUByteArray|decodeHex|unpack\s*\(?\s*["']H))/i;

/** How the calls around a string decode it. */
export function decodingAround(text: string, first: StringToken, end: number): StringDecoding {
  if (hexPrefix.test(first.prefix)) return 'hex';
  const before = text.slice(Math.max(0, first.span.start - 60), first.span.start);
  const calling = decoderBefore.exec(before);
  if (calling) {
    if (calling[2] !== undefined) return 'base64';
    return /base64\.\w+\.DecodeString\s*\($/i.test(before) ? 'base64' : 'hex';
  }
  const after = decoderAfter.exec(text.slice(end, end + 60));
  if (after)
    return after[1]?.toLowerCase() === 'base64' || after[2] !== undefined ? 'base64' : 'hex';
  return 'escapes';
}

/** Whether characters are hexadecimal text by themselves: even groups, four digits or more, one decimal. */
function isHexText(content: string): boolean {
  if (content.length < 4 || !/[0-9a-f]/i.test(content.charAt(content.search(/\S/)))) return false;
  if (/[^0-9a-fx\s:]/i.test(content)) return false;
  const groups = content.trim().split(/[\s:]+/);
  let digits = 0;
  let decimal = false;
  for (const group of groups) {
    const plain = /^0x/i.test(group) ? group.slice(2) : group;
    if (plain.length === 0 || plain.length % 2 !== 0 || /[^0-9a-f]/i.test(plain)) return false;
    digits += plain.length;
    decimal ||= /[0-9]/.test(plain);
  }
  return digits >= 4 && decimal;
}

const numericEscape = /\\(?:x[0-9a-fA-F]|u\{?[0-9a-fA-F]{2}|[0-9])/;

/**
 * The bytes of adjacent strings. Undefined: they are text, no bytes.
 * `always` takes plain text for bytes too, as assembler directives do.
 */
export function readStrings(
  text: string,
  strings: readonly StringToken[],
  decoding: StringDecoding,
  language: Language,
  always = false,
): StringReading | undefined {
  const first = strings[0];
  if (!first) return undefined;
  const contents = strings.map(({ content }) => text.slice(content.start, content.end));
  const elements = new Elements();
  const problems: Problem[] = [];
  const report = (span: Span, message: string): void => {
    if (problems.length < maxProblems) problems.push(problem(span, 'bad-string', message));
  };
  for (const { span, terminated } of strings) {
    if (!terminated) report({ start: span.start, end: span.start + 1 }, 'this string never closes');
  }
  if (decoding === 'base64') {
    readBase64(text, strings, elements, report);
    return { elements, problems };
  }
  const joined = contents.join('');
  const bytesMarked =
    always ||
    contents.some((content) => numericEscape.test(content)) ||
    strings.some(({ prefix }) => bytePrefix.test(prefix));
  if (decoding === 'hex' || (!bytesMarked && isHexText(joined))) {
    if (joined.includes('?')) return undefined;
    readHex(text, strings, elements, report);
    return { elements, problems };
  }
  if (!bytesMarked) return undefined;
  for (const { content, prefix } of strings) {
    const opened = text.charAt(content.start - 1);
    const sign = /f/i.test(prefix) ? '{' : (language.interpolation[opened] ?? '');
    const at = sign === '' ? -1 : text.slice(content.start, content.end).indexOf(sign);
    if (at >= 0) {
      const start = content.start + at;
      report({ start, end: start + sign.length }, 'a value put into a string is not literal');
    }
    readEscapes(text, content, elements, report, language);
  }
  return { elements, problems };
}

type Report = (span: Span, message: string) => void;

function readHex(
  text: string,
  strings: readonly StringToken[],
  elements: Elements,
  report: Report,
): void {
  for (const { content, span } of strings) {
    let pending = -1;
    for (let i = content.start; i < content.end; i++) {
      const character = text.charAt(i);
      if (/[\s:,_-]/.test(character)) continue;
      if (character === '0' && /^0x/i.test(text.slice(i, i + 2)) && pending < 0) {
        i++;
        continue;
      }
      if (character === '\\' && /^\\[nrt\n]/.test(text.slice(i, i + 2))) {
        i++;
        continue;
      }
      if (!/[0-9a-f]/i.test(character)) {
        report({ start: i, end: i + 1 }, `"${character}" is no hexadecimal digit`);
        return;
      }
      if (pending < 0) pending = i;
      else {
        const value = Number.parseInt(text.charAt(pending) + character, 16);
        elements.push(value, 0, pending, i + 1);
        pending = -1;
      }
    }
    if (pending >= 0) report(span, 'an odd number of hexadecimal digits');
  }
}

function readBase64(
  text: string,
  strings: readonly StringToken[],
  elements: Elements,
  report: Report,
): void {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let bits = 0;
  let held = 0;
  let from = 0;
  for (const { content } of strings) {
    for (let i = content.start; i < content.end; i++) {
      const character = text.charAt(i);
      if (character === '=' || /\s/.test(character)) continue;
      const digit = alphabet.indexOf(character === '-' ? '+' : character === '_' ? '/' : character);
      if (digit < 0) {
        report({ start: i, end: i + 1 }, `"${character}" is no base64 digit`);
        return;
      }
      if (held === 0) from = i;
      bits = (bits << 6) | digit;
      held += 6;
      if (held >= 8) {
        held -= 8;
        elements.push((bits >> held) & 0xff, 0, from, i + 1);
        bits &= (1 << held) - 1;
        from = i;
      }
    }
  }
}

/** Characters between quotes, with escapes, as bytes. */
function readEscapes(
  text: string,
  content: Span,
  elements: Elements,
  report: Report,
  language: Language,
): void {
  let i = content.start;
  while (i < content.end) {
    const code = text.charCodeAt(i);
    if (code !== 92) {
      if (code > 127) {
        const width = code >= 0xd800 && code < 0xdc00 ? 2 : 1;
        report({ start: i, end: i + width }, 'a character outside ASCII is no byte');
        i += width;
        continue;
      }
      elements.push(code, 0, i, i + 1);
      i++;
      continue;
    }
    const next = text.charAt(i + 1);
    let taken = 0;
    let value = -1;
    if (next === 'x') {
      const digits =
        /^(?:\{[0-9a-f]{1,6}\}|[0-9a-f]+)/i.exec(
          text.slice(i + 2, Math.min(content.end, i + 12)),
        )?.[0] ?? '';
      const plain = digits.replace(/[{}]/g, '');
      if (digits.startsWith('{')) {
        value = Number.parseInt(plain, 16);
        taken = 2 + digits.length;
      } else if (plain.length > 0) {
        if (plain.length > 2 && language.greedyHexEscape) {
          report(
            { start: i, end: i + 2 + plain.length },
            'a third hexadecimal digit belongs to this escape and makes it too large; split the string here',
          );
        }
        value = Number.parseInt(plain.slice(0, 2), 16);
        taken = 2 + Math.min(2, plain.length);
      }
    } else if (next === 'u' || next === 'U') {
      const digits = /^(?:\{[0-9a-f]{1,6}\}|[0-9a-f]{8}|[0-9a-f]{4}|[0-9a-f]{2})/i.exec(
        text.slice(i + 2, Math.min(content.end, i + (next === 'U' ? 10 : 8))),
      )?.[0];
      const used =
        digits !== undefined && next === 'u' && !digits.startsWith('{')
          ? digits.slice(0, 4)
          : digits;
      if (used !== undefined) {
        value = Number.parseInt(used.replace(/[{}]/g, ''), 16);
        taken = 2 + used.length;
      }
    } else if (/[0-9]/.test(next)) {
      const pattern = language.digitEscape === 10 ? /^[0-9]{1,3}/ : /^[0-7]{1,3}/;
      const digits = pattern.exec(text.slice(i + 1, Math.min(content.end, i + 4)))?.[0];
      if (digits !== undefined) {
        value = Number.parseInt(digits, language.digitEscape);
        taken = 1 + digits.length;
      }
    } else if (next === '\n' || next === '\r') {
      // In Haskell a second backslash ends the gap.
      const closed = language.stringGaps
        ? /^\\\s+\\/.exec(text.slice(i, Math.min(content.end, i + 400)))
        : undefined;
      if (closed) {
        i += closed[0].length;
        continue;
      }
      // A continued line: the break is no byte, nor in some languages the indentation after it.
      const pattern = language.skipsIndentation ? /^\\\r?\n[ \t]*/ : /^\\\r?\n/;
      const gap = pattern.exec(text.slice(i, Math.min(content.end, i + 400)))?.[0].length ?? 2;
      i += gap;
      continue;
    } else if (next === '&' && language.greedyHexEscape) {
      i += 2;
      continue;
    } else {
      const letter = escapeByte(next);
      if (letter !== undefined) {
        value = letter;
        taken = 2;
      }
    }
    const end = i + Math.max(taken, 2);
    if (taken === 0) {
      report({ start: i, end }, `the escape "\\${next}" is not known`);
      i = end;
      continue;
    }
    if (value > 255) report({ start: i, end }, `${value} is more than a byte holds`);
    elements.push(value & 0xff, 0, i, end);
    i = end;
  }
}
