/** The memory behind a call's buffer arguments. */
import type { AddressTarget, ArgumentValue, BufferState } from '../model/value.ts';
import type { Address, Memory } from './raw.ts';
import { toAddress } from './raw.ts';
import { DataRegion } from './region.ts';

interface Placed {
  readonly parameter: number;
  readonly bytes: Uint8Array;
  /** Bytes from the region's start. */
  readonly offset: number;
}

/** Free bytes after each buffer, so that one's end is never another's start. */
const gap = 16;

/** Copies of a call's buffers in one region of their own, to be disposed of after the call. */
export class BufferMemory {
  readonly #placed: readonly Placed[];
  /** Undefined if there are no buffers. */
  readonly #region: DataRegion | undefined;

  private constructor(placed: readonly Placed[], region: DataRegion | undefined) {
    this.#placed = placed;
    this.#region = region;
  }

  /**
   * Copies every buffer among the arguments. Throws a RangeError for an alignment that is no power of two,
   * and what {@link DataRegion.allocate} throws.
   */
  static of(values: readonly ArgumentValue[], memory: Memory): BufferMemory {
    const { placed, size, align } = layOut(values);
    if (placed.length === 0) return new BufferMemory(placed, undefined);
    // Regions start at a page; for more alignment than that, there must be room to move up.
    const slack = Math.max(0, align - memory.pageSize);
    const region = DataRegion.allocate(size + slack, memory);
    try {
      const start = slack === 0 ? 0 : roundUp(region.address, align) - Number(region.address);
      const shifted = placed.map((buffer) => ({ ...buffer, offset: buffer.offset + start }));
      for (const { bytes, offset } of shifted) region.write(bytes, offset);
      return new BufferMemory(shifted, region);
    } catch (error) {
      region.dispose();
      throw error;
    }
  }

  /** Where the buffer of a parameter starts, or undefined if it has none. */
  addressOf(parameter: number): Address | undefined {
    const found = this.#placed.find((buffer) => buffer.parameter === parameter);
    if (!found || !this.#region) return undefined;
    return toAddress(this.#region.address + BigInt(found.offset));
  }

  /** A parameter's buffer before the call and now, or undefined if it has none. */
  stateOf(parameter: number): BufferState | undefined {
    const found = this.#placed.find((buffer) => buffer.parameter === parameter);
    if (!found || !this.#region) return undefined;
    const after = this.#region.read(found.offset, found.bytes.length);
    return { parameter, before: new Uint8Array(found.bytes), after };
  }

  /** Where an address leads if it lies in a buffer or at its end, or undefined. */
  targetOf(address: bigint): AddressTarget | undefined {
    if (!this.#region) return undefined;
    for (const { parameter, bytes, offset } of this.#placed) {
      const inside = address - this.#region.address - BigInt(offset);
      if (inside < 0n || inside > BigInt(bytes.length)) continue;
      const from = Number(inside);
      return {
        parameter,
        offset: from,
        bytes: this.#region.read(offset + from, bytes.length - from),
      };
    }
    return undefined;
  }

  dispose(): void {
    this.#region?.dispose();
  }
}

function layOut(values: readonly ArgumentValue[]): {
  readonly placed: readonly Placed[];
  readonly size: number;
  readonly align: number;
} {
  const placed: Placed[] = [];
  let size = 0;
  let align = 1;
  for (const [parameter, value] of values.entries()) {
    if (value.kind !== 'buffer') continue;
    if (!isPowerOfTwo(value.align)) {
      throw new RangeError(`a buffer is aligned to a power of two, not to ${value.align}`);
    }
    const offset = Math.ceil(size / value.align) * value.align;
    placed.push({ parameter, bytes: value.bytes, offset });
    size = offset + value.bytes.length + gap;
    align = Math.max(align, value.align);
  }
  return { placed, size, align };
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 2 ** 30 && (value & (value - 1)) === 0;
}

function roundUp(address: bigint, align: number): number {
  const step = BigInt(align);
  return Number(((address + step - 1n) / step) * step);
}
