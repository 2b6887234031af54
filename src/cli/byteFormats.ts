/** The forms in which bytes are printed. */
import { byteFormats as literals, copyAs } from '../engine/rewrite/copyAs.ts';
import { hexOf } from './jsonText.ts';

/** Two digits each in one line, the bytes themselves, or by its name the literal of a language. */
export const byteFormats: readonly string[] = [
  'hex',
  'raw',
  ...literals.map(({ id }) => id).filter((id) => !id.startsWith('hex')),
];

/** Bytes in one of {@link byteFormats}, ready to be written. */
export function formatted(bytes: Uint8Array, format: string): string | Uint8Array {
  if (format === 'raw') return bytes;
  const literal = literals.find(({ id }) => id === format);
  return `${literal && format !== 'hex' ? copyAs(bytes, literal) : hexOf(bytes)}\n`;
}
