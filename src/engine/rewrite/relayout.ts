/** Code laid out anew after some of it has changed its length: displacements follow what they lead to. */
import { lastAtMost } from '../../model/search.ts';
import { displacementBytes, type DisplacementSize, fits } from './branches.ts';
import { CannotRewrite } from './edit.ts';

/** An instruction, or bytes that are none. */
export interface Piece {
  /** Offset in the old code that it stands for, or undefined where none does. */
  readonly old: number | undefined;
  /** Bytes of the old code from {@link old} on that are still the same place, at least 1. */
  readonly oldLength: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly relative: PieceRelative | undefined;
}

/** A displacement relative to the end of its piece. */
export interface PieceRelative {
  readonly size: DisplacementSize;
  /** An offset into the old code. */
  readonly target: number;
  /** What stands before a displacement of four bytes, or undefined where there is only one of one byte. */
  readonly near: readonly number[] | undefined;
  /** What is said where it cannot be reached. */
  readonly name: string;
}

/** The old code's places in the new one. */
export interface Laid {
  /** The new bytes of each piece. */
  readonly pieces: readonly Uint8Array[];
  /** The new offset of an old one, or undefined where nothing of it is left. */
  readonly moved: (old: number) => number | undefined;
}

/**
 * Lays pieces out one after the other.
 * @param oldEnd the length of the old code; places past it (data) move as its end does
 * @throws {CannotRewrite} where a branch cannot reach its target any more, or its target is gone
 */
export function layOut(pieces: readonly Piece[], oldEnd: number): Laid {
  const forms = pieces.map(({ before, relative }) => ({ before, size: relative?.size ?? 0 }));
  const starts: number[] = [];
  let end = 0;
  const place = (): void => {
    end = 0;
    pieces.forEach(({ after }, index) => {
      starts[index] = end;
      end += (forms[index]?.before.length ?? 0) + (forms[index]?.size ?? 0) + after.length;
    });
  };
  const anchored = pieces.flatMap(({ old, oldLength }, index) =>
    old === undefined ? [] : [{ old, oldLength, index }],
  );
  const anchors = anchored.map(({ old }) => old);
  const moved = (old: number): number | undefined => {
    if (old >= oldEnd) return end + old - oldEnd;
    if (old < 0) return old;
    const found = anchored[lastAtMost(anchors, old)];
    if (!found || old >= found.old + found.oldLength) return undefined;
    return (starts[found.index] ?? 0) + old - found.old;
  };
  const displacementOf = (index: number, relative: PieceRelative): number => {
    const target = moved(relative.target);
    if (target === undefined) {
      throw new CannotRewrite(`"${relative.name}" leads into the middle of a line that changes`);
    }
    const { before, size } = forms[index] ?? { before: new Uint8Array(), size: 0 };
    return (
      target - ((starts[index] ?? 0) + before.length + size + (pieces[index]?.after.length ?? 0))
    );
  };
  // Pieces only grow, so that this ends.
  for (let grows = true; grows;) {
    grows = false;
    place();
    pieces.forEach(({ relative }, index) => {
      const form = forms[index];
      if (!relative || form?.size !== 1 || fits(displacementOf(index, relative), 1)) return;
      if (!relative.near) {
        throw new CannotRewrite(
          `"${relative.name}" reaches at most 128 bytes, and its target is farther away now`,
        );
      }
      forms[index] = { before: Uint8Array.from(relative.near), size: 4 };
      grows = true;
    });
  }
  return {
    moved,
    pieces: pieces.map(({ relative, after }, index) => {
      const { before, size } = forms[index] ?? { before: new Uint8Array(), size: 0 };
      if (!relative) return Uint8Array.from([...before, ...after]);
      const displacement = displacementBytes(displacementOf(index, relative), size === 1 ? 1 : 4);
      return Uint8Array.from([...before, ...displacement, ...after]);
    }),
  };
}
