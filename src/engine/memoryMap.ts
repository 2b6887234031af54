/** What lies at an address of a call that ran isolated: its code, its stack, its buffers, and what is beside them. */
import { placeBuffers } from '../jit/runner/bufferPlaces.ts';
import { pageSize, parts, stackBytes } from '../jit/runner/layout.ts';
import type { Registers } from '../model/registers.ts';
import type { RunRequest } from '../model/run.ts';
import { parameterName } from '../model/signature.ts';

/** Where an address leads. Counts are in bytes. */
export type MemoryPlace =
  | { readonly kind: 'code'; readonly offset: number }
  /** Below the stack: it was used up. */
  | { readonly kind: 'below-stack' }
  | { readonly kind: 'stack' }
  | { readonly kind: 'buffer'; readonly name: string; readonly offset: number }
  | {
      readonly kind: 'beside-buffer';
      readonly name: string;
      readonly length: number;
      readonly side: 'past' | 'before';
      readonly distance: number;
    };

/** How far below the stack an access still counts as one of the stack: a large frame may skip its guard. */
const belowStackBytes = stackBytes / 2;

export class MemoryMap {
  readonly #request: RunRequest;
  /** Address of the arena, or undefined if it is not known. */
  readonly #base: bigint | undefined;

  /**
   * @param offset of the instruction that the registers are of, or undefined if it was not in the code
   */
  constructor(request: RunRequest, offset: number | undefined, registers: Registers | undefined) {
    this.#request = request;
    const counter = registers?.['rip'] ?? registers?.['pc'];
    // A trap is told of after the fact; the arena is aligned to more than its parts are apart.
    const near = counter === undefined ? undefined : counter - BigInt(parts.guest.offset);
    this.#base =
      near === undefined || offset === undefined
        ? undefined
        : (near - BigInt(offset)) & ~BigInt(pageSize - 1);
  }

  /** What lies at the address, as far as it belongs to the call. */
  placeOf(address: bigint): MemoryPlace | undefined {
    if (this.#base === undefined) return undefined;
    const at = Number(BigInt.asIntN(64, address - this.#base));
    const { guest, stack, buffers } = parts;
    const code = at - guest.offset;
    if (code >= 0 && code < guest.size) return { kind: 'code', offset: code };
    if (at >= stack.offset && at < stack.offset + stack.size) return { kind: 'stack' };
    if (at < stack.offset && at >= stack.offset - belowStackBytes) return { kind: 'below-stack' };
    return this.#bufferAt(at - buffers.offset);
  }

  /** The bytes that lie from the address on, as the call found them; none where that is not known. */
  bytesAt(address: bigint): Uint8Array {
    const place = this.placeOf(address);
    if (place?.kind === 'code') return this.#request.bytes.subarray(place.offset);
    if (place?.kind !== 'buffer') return new Uint8Array();
    const found = this.#request.arguments.find(
      (value, index) => value.kind === 'buffer' && this.#nameOf(index) === place.name,
    );
    return found?.kind === 'buffer' ? found.bytes.subarray(place.offset) : new Uint8Array();
  }

  #bufferAt(at: number): MemoryPlace | undefined {
    let nearest: (MemoryPlace & { kind: 'beside-buffer' }) | undefined;
    for (const { parameter, offset, bytes } of placeBuffers(this.#request.arguments).places) {
      const name = this.#nameOf(parameter);
      const end = offset + bytes.length;
      if (at >= offset && at < end) return { kind: 'buffer', name, offset: at - offset };
      const side = at >= end ? 'past' : 'before';
      const distance = side === 'past' ? at - end + 1 : offset - at;
      if (distance > pageSize || (nearest && nearest.distance <= distance)) continue;
      nearest = { kind: 'beside-buffer', name, length: bytes.length, side, distance };
    }
    return nearest;
  }

  #nameOf(parameter: number): string {
    return parameterName(this.#request.signature, parameter);
  }
}
