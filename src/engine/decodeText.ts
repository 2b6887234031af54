/** From the bytes of a file to its text. */

export interface DecodedText {
  /** Without a byte order mark, so that columns count as in an editor. What is invalid is U+FFFD. */
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16';
  /** Offset in `text` of the first sequence of bytes that is not valid in the encoding, or undefined. */
  readonly invalidAt: number | undefined;
}

const replacement = '\ufffd';
/** U+FFFD in UTF-8. */
const replacementBytes = Buffer.from(replacement);
/** A byte order mark in UTF-8. */
const markBytes = Buffer.from('\ufeff');

/** Decodes UTF-8 with or without a byte order mark, and UTF-16 with one. Never throws. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodeUtf16(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decodeUtf16(bytes, 'utf-16be');
  const text = new TextDecoder('utf-8').decode(bytes);
  return { text, encoding: 'UTF-8', invalidAt: invalidUtf8(bytes, text) };
}

/** The first U+FFFD that the decoder has put there, not the author. */
function invalidUtf8(bytes: Uint8Array, text: string): number | undefined {
  const marked = markBytes.equals(bytes.subarray(0, markBytes.length));
  let byte = marked ? markBytes.length : 0;
  let from = 0;
  for (let at = text.indexOf(replacement); at >= 0; at = text.indexOf(replacement, from)) {
    byte += Buffer.byteLength(text.slice(from, at));
    if (!replacementBytes.equals(bytes.subarray(byte, byte + replacementBytes.length))) return at;
    byte += replacementBytes.length;
    from = at + 1;
  }
  return undefined;
}

function decodeUtf16(bytes: Uint8Array, label: 'utf-16le' | 'utf-16be'): DecodedText {
  const text = new TextDecoder(label).decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Each unit after the mark gives one unit of text, so the two can be compared in place.
  const written = (at: number): number | undefined => {
    const byte = 2 + 2 * at;
    return byte + 2 <= bytes.length ? view.getUint16(byte, label === 'utf-16le') : undefined;
  };
  let at = text.indexOf(replacement);
  while (at >= 0 && written(at) === replacement.charCodeAt(0))
    at = text.indexOf(replacement, at + 1);
  return { text, encoding: 'UTF-16', invalidAt: at < 0 ? undefined : at };
}
