/** Values on their way into a call and out of it. They travel as BigInt, number or bytes, never as text. */

/** One argument, already fitted to its parameter's type. */
export type ArgumentValue =
  /** An integer, a bool (0 or 1), or an address given as a number; `null` is address 0. */
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** Memory of its own, whose address is passed. `align` is in bytes, a power of two. */
  | { readonly kind: 'buffer'; readonly bytes: Uint8Array; readonly align: number }
  | { readonly kind: 'vector'; readonly bytes: Uint8Array };

/** What a function gave back. Integers are wrapped to the result type; a bool is 0n or 1n. */
export type ReturnValue =
  | { readonly kind: 'void' }
  | { readonly kind: 'integer'; readonly value: bigint }
  /** `bits` is the IEEE 754 pattern, so that a NaN's payload and the sign of zero survive. */
  | { readonly kind: 'float'; readonly value: number; readonly bits: bigint }
  /** A SIMD value's 16 bytes as they lie in memory. */
  | { readonly kind: 'vector'; readonly bytes: Uint8Array }
  /** `target` is what stands there, as far as it was readable and lies in memory that was passed. */
  | {
      readonly kind: 'address';
      readonly value: bigint;
      readonly target: AddressTarget | undefined;
    };

/** Where a returned address leads: into the buffer of the parameter `parameter`, `offset` bytes from its start. */
export interface AddressTarget {
  readonly parameter: number;
  readonly offset: number;
  /** The bytes from there to the end of that buffer. */
  readonly bytes: Uint8Array;
}

/** The buffer of one parameter, before and after the call. */
export interface BufferState {
  readonly parameter: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}
