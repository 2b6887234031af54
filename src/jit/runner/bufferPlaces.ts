/** Where the buffers of a call lie in the arena: each ends at a page's end, and behind it is a page that nobody may touch. */
import type { ArgumentValue } from '../../model/value.ts';
import { pageSize, parts } from './layout.ts';

export interface BufferPlace {
  readonly parameter: number;
  readonly bytes: Uint8Array;
  /** From the start of the arena's buffers. */
  readonly offset: number;
}

export interface BufferPlaces {
  readonly places: readonly BufferPlace[];
  /** Offsets of the guard pages, from the start of the arena's buffers. */
  readonly guards: readonly number[];
  /** Bytes from the start of the arena's buffers to the end of the last one. */
  readonly size: number;
}

/**
 * Lays a call's buffers out. One whose size is a multiple of its alignment ends right at its guard. Throws a RangeError for an
 * alignment that is no power of two, or if they do not fit.
 */
export function placeBuffers(values: readonly ArgumentValue[]): BufferPlaces {
  const places: BufferPlace[] = [];
  const guards: number[] = [];
  let free = 0;
  for (const [parameter, value] of values.entries()) {
    if (value.kind !== 'buffer') continue;
    const { bytes, align } = value;
    if (!Number.isInteger(Math.log2(align))) {
      throw new RangeError(`a buffer is aligned to a power of two, not to ${align}`);
    }
    const first = align <= pageSize ? free : up(free, align);
    const end = up(first + bytes.length, pageSize);
    // The arena itself is aligned to more than any buffer that fits can ask for.
    const offset = Math.floor((end - bytes.length) / align) * align;
    places.push({ parameter, bytes, offset: Math.max(offset, first) });
    guards.push(end);
    free = end + pageSize;
    if (free > parts.buffers.size) {
      throw new RangeError(`the buffers of a call do not fit into ${parts.buffers.size} bytes`);
    }
  }
  return { places, guards, size: guards.at(-1) ?? 0 };
}

function up(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
