/**
 * Regions of whole pages, owned. A region for code is writable or executable, never both, and its type says
 * which: turning one into the other uses it up, and only an executable one has an address to call.
 */
import { addressInWords } from './raw/error.ts';
import type { Address, Memory, Protection, Purpose } from './raw.ts';
import { systemMemory, toAddress } from './raw.ts';

/** A region for code, in either state. */
export type MappedRegion = WritableRegion | ExecutableRegion;

export const MappedRegion = {
  /**
   * A writable region of zeroes, of at least `size` bytes and whole pages. Whoever gets it disposes of it,
   * or of what it is turned into.
   *
   * Throws a RangeError for a size that no region can have, and a SystemCallError if the system refuses.
   */
  allocate(size: number, memory: Memory = systemMemory()): WritableRegion {
    return new WritableRegion(Pages.allocate(size, 'code', memory));
  },
} as const;

/** What every region has: a size, contents to be read, and an end. */
class Region {
  /** The right to the pages. */
  protected readonly owner: Owner;

  /** Only {@link MappedRegion} and the regions themselves make regions: nobody else has pages. */
  constructor(pages: Pages) {
    this.owner = new Owner(pages);
  }

  /** Bytes in the region, a multiple of the page size. */
  get size(): number {
    return this.owner.pages.size;
  }

  /** A copy of `length` bytes from `offset`; to the region's end if no length is given. */
  read(offset = 0, length: number = this.size - offset): Uint8Array {
    return this.owner.pages.read(offset, length);
  }

  /** Gives the pages back; more than once does nothing. */
  dispose(): void {
    this.owner.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Memory for code that is being written. It has no address, so that it cannot be called. */
export class WritableRegion extends Region {
  /**
   * Copies bytes to `offset` bytes from the region's start and compares what stands there with what was
   * given. Throws a RangeError if they do not fit, and an Error if they differ.
   */
  write(bytes: Uint8Array, offset = 0): void {
    this.owner.pages.write(bytes, offset);
  }

  /**
   * The same pages, executable and no longer writable. This object is used up: it must not be used
   * again, and disposing of it does nothing. If the system refuses, the pages are given back and it throws.
   */
  makeExecutable(): ExecutableRegion {
    const pages = this.owner.giveUp('it was made executable');
    pages.protect('read-execute');
    return new ExecutableRegion(pages);
  }
}

/** Memory with code to be called. */
export class ExecutableRegion extends Region {
  /** Where the region starts. Good for as long as the region is neither disposed of nor made writable. */
  get address(): Address {
    return this.owner.pages.address;
  }

  /** The same pages, writable and no longer executable, under the rules of {@link WritableRegion.makeExecutable}. */
  makeWritable(): WritableRegion {
    const pages = this.owner.giveUp('it was made writable');
    pages.protect('read-write');
    return new WritableRegion(pages);
  }
}

/** Memory for a callee's data: readable and writable, never executable. */
export class DataRegion extends Region {
  private constructor(pages: Pages) {
    super(pages);
  }

  /** Zeroes, at least `size` bytes of them and whole pages. Throws as {@link MappedRegion.allocate} does. */
  static allocate(size: number, memory: Memory = systemMemory()): DataRegion {
    return new DataRegion(Pages.allocate(size, 'data', memory));
  }

  get address(): Address {
    return this.owner.pages.address;
  }

  /** Copies bytes to `offset`, under the rules of {@link WritableRegion.write}. */
  write(bytes: Uint8Array, offset = 0): void {
    this.owner.pages.write(bytes, offset);
  }
}

/** The right to use some pages, until it is given up or they are given back. */
class Owner {
  #pages: Pages | undefined;
  #whyNot = '';

  constructor(pages: Pages) {
    this.#pages = pages;
  }

  get pages(): Pages {
    if (this.#pages) return this.#pages;
    throw new Error(`this region cannot be used: ${this.#whyNot}`);
  }

  giveUp(reason: string): Pages {
    const { pages } = this;
    this.#pages = undefined;
    this.#whyNot = reason;
    return pages;
  }

  dispose(): void {
    if (this.#pages) this.giveUp('it was disposed of').release();
  }
}

/** Pages and the bounds of what may be done with them. */
class Pages {
  readonly address: Address;
  readonly size: number;
  readonly #memory: Memory;

  private constructor(memory: Memory, address: Address, size: number) {
    this.#memory = memory;
    this.address = address;
    this.size = size;
  }

  static allocate(size: number, purpose: Purpose, memory: Memory): Pages {
    const { pageSize } = memory;
    const largest = Number.MAX_SAFE_INTEGER - pageSize;
    if (!Number.isInteger(size) || size < 1 || size > largest) {
      throw new RangeError(
        `a region needs a whole number of bytes from 1 to ${largest}, not ${size}`,
      );
    }
    const whole = Math.ceil(size / pageSize) * pageSize;
    return new Pages(memory, memory.allocate(whole, purpose), whole);
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#checkBounds(offset, bytes.length);
    const address = toAddress(this.address + BigInt(offset));
    this.#memory.write(address, bytes);
    const written = this.#memory.read(address, bytes.length);
    if (Buffer.compare(bytes, written) === 0) return;
    const differing = bytes.findIndex((byte, index) => byte !== written[index]);
    throw new Error(
      `${bytes.length} bytes were written to ${addressInWords(address)}, ` +
        `but byte ${differing} is ${written[differing]} and not ${bytes[differing]}`,
    );
  }

  read(offset: number, length: number): Uint8Array {
    this.#checkBounds(offset, length);
    return this.#memory.read(toAddress(this.address + BigInt(offset)), length);
  }

  /** Changes the protection of all pages; if that fails they are given back. */
  protect(protection: Protection): void {
    try {
      this.#memory.protect(this.address, this.size, protection);
      if (protection === 'read-execute') {
        this.#memory.flushInstructionCache(this.address, this.size);
      }
    } catch (error) {
      this.#releaseAfter(error);
      throw error;
    }
  }

  release(): void {
    this.#memory.release(this.address, this.size);
  }

  #releaseAfter(error: unknown): void {
    try {
      this.release();
    } catch (second) {
      // oxlint-disable-next-line preserve-caught-error -- both errors are in `errors`
      throw new AggregateError([error, second], `${String(error)}; then ${String(second)}`, {
        cause: error,
      });
    }
  }

  #checkBounds(offset: number, length: number): void {
    const whole = Number.isInteger(offset) && Number.isInteger(length);
    if (whole && offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw new RangeError(
      `${length} bytes at ${offset} do not lie in a region of ${this.size} bytes`,
    );
  }
}
