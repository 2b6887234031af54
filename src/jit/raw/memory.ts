/** What every operating system offers for memory, by one name each. */

declare const addressBrand: unique symbol;

/** An address in this process, from 0 to 2⁶⁴ - 1. */
export type Address = bigint & { readonly [addressBrand]: true };

/** The number as an address; it is wrapped to 64 bits without a sign. */
export function toAddress(value: bigint | number): Address {
  return BigInt.asUintN(64, BigInt(value)) as Address;
}

/** What a page lets the process do. There is no way to ask for writable and executable at once. */
export type Protection = 'none' | 'read' | 'read-write' | 'read-execute';

/** What pages are for. Where a system wants executable memory to be asked for as such, `code` does. */
export type Purpose = 'code' | 'data';

/**
 * Pages of this process. Sizes are in bytes and whole pages, addresses are those of pages.
 * Every failing system call throws a `SystemCallError`.
 */
export interface Memory {
  /** Bytes in a page, a power of two. */
  readonly pageSize: number;
  /** New pages, zeroed, readable and writable. The caller releases them. */
  allocate(size: number, purpose: Purpose): Address;
  protect(address: Address, size: number, protection: Protection): void;
  /** Gives back pages that {@link allocate} gave, all of them at once. */
  release(address: Address, size: number): void;
  /** Copies bytes to any address in writable pages. */
  write(address: Address, bytes: Uint8Array): void;
  /** A copy of the bytes at any address in readable pages. */
  read(address: Address, length: number): Uint8Array;
  /** Makes instructions that were written visible to execution. Needed before code is called. */
  flushInstructionCache(address: Address, size: number): void;
}
