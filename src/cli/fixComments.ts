/** `jit-bytes check --fix`: comments that say something else than their bytes are rewritten in their file. */
import { constants } from 'node:fs';
import { chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CommentMismatch } from '../engine/commentCheck/checkComments.ts';
import { commentFix } from '../engine/commentCheck/fix.ts';
import { decodeText } from '../engine/decodeText.ts';
import { systemMessage } from './output.ts';

/** What was done to a file: the text now in place of each mismatch, in their order; or why nothing was. */
export type Fixed = { readonly texts: readonly string[] } | { readonly failure: string };

/**
 * Writes a file anew with its comments mended: all of it or nothing, with its encoding, line ends and permissions.
 * @param text the file as it was checked
 * @param isSame whether a text still has the same bytes in its blocks
 */
export async function fixComments(
  file: string,
  text: string,
  mismatches: readonly CommentMismatch[],
  isSame: (text: string) => boolean,
): Promise<Fixed> {
  const fixes = mismatches.map((mismatch) => {
    const { start, end } = mismatch.commentSpan;
    return commentFix(text.slice(start, end), mismatch);
  });
  let mended = text;
  for (const { span, text: now } of fixes.toSorted((a, b) => b.span.start - a.span.start)) {
    mended = mended.slice(0, span.start) + now + mended.slice(span.end);
  }
  if (!isSame(mended)) return { failure: 'the bytes would be read otherwise with other comments' };
  try {
    const target = await realpath(file);
    const before = await readFile(target);
    if (decodeText(before).text !== text) return { failure: 'it has changed meanwhile' };
    const encode = encoderOf(before);
    if (!encode(text).equals(before)) return { failure: 'it is not valid text in its encoding' };
    await replace(target, encode(mended));
    return { texts: fixes.map(({ text: now }) => now) };
  } catch (error) {
    return { failure: systemMessage(error) };
  }
}

/** What makes bytes of a text as those of a file were made, byte order mark included. */
function encoderOf(bytes: Buffer): (text: string) => Buffer {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return (text) => Buffer.from(`\ufeff${text}`, 'utf16le');
  if (first === 0xfe && second === 0xff) {
    return (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  }
  const mark = first === 0xef && second === 0xbb && third === 0xbf ? '\ufeff' : '';
  return (text) => Buffer.from(mark + text);
}

/** Puts a new file in the place of one, with its mode and owner. */
async function replace(target: string, bytes: Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  const folder = path.dirname(target);
  const made = path.join(folder, `.${path.basename(target)}.${process.pid}.jit-bytes`);
  const permissions = mode & 0o7777;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  // Where there is one already it is not ours to remove.
  const handle = await open(made, flags, 0o600);
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Only root can give a file away; for others the owner is the one that may write here.
    if (process.getuid?.() === 0) await chown(made, uid, gid);
    await chmod(made, permissions);
    await rename(made, target);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}
