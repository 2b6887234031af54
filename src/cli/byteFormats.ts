/** The forms in which bytes are printed. */
import { hexOf } from './jsonText.ts';

/** `hex`: two digits each in one line; `raw`: the bytes themselves. */
export const byteFormats = ['hex', 'raw'] as const;

export type ByteFormat = (typeof byteFormats)[number];

/** Bytes in a form, ready to be written. */
export function formatted(bytes: Uint8Array, format: ByteFormat): string | Uint8Array {
  return format === 'raw' ? bytes : `${hexOf(bytes)}\n`;
}
