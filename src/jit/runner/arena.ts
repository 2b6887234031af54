/**
 * The arena from the host's side: a memory file that the host writes through a view of its own, while the runner has its
 * parts at fixed addresses with the rights of `layout.ts`. Once it is sealed, nobody can make a new writable view of it.
 */
import type { Mapping } from '../raw/linux.ts';
import {
  closeDescriptor,
  createMemoryFile,
  fillMemory,
  map,
  readMemory,
  sealMemoryFile,
  unmap,
  writeMemory,
} from '../raw/linux.ts';
import type { Part } from './layout.ts';
import { arenaBytes, parts } from './layout.ts';

export class Arena {
  /** Address of the arena in the runner. */
  readonly base: bigint;
  /** Whether the system refuses to execute the file as a program. */
  readonly noExecute: boolean;
  readonly #view: Mapping;
  readonly #descriptor: number;
  #fixed: Mapping[] = [];
  #open = true;

  /** Creates the file and the host's view. Throws a `SystemCallError`. */
  constructor(base: bigint) {
    this.base = base;
    const file = createMemoryFile(arenaBytes);
    this.#descriptor = file.descriptor;
    this.noExecute = file.noExecute;
    try {
      this.#view = map({
        address: undefined,
        size: arenaBytes,
        rights: 'read-write',
        descriptor: this.#descriptor,
        offset: 0,
        shared: true,
      });
    } catch (error) {
      closeDescriptor(this.#descriptor);
      throw error;
    }
  }

  /**
   * Maps every part at its place, for a runner to be forked with. What a guest may leave behind comes first: after
   * the seal there can be no further writable view of the file. Throws a `SystemCallError`.
   */
  mapParts(): void {
    const all: readonly Part[] = Object.values(parts);
    const isWritable = (part: Part): boolean =>
      part.backing === 'shared' && part.rights === 'read-write';
    for (const part of all.filter(isWritable)) this.#mapPart(part);
    sealMemoryFile(this.#descriptor);
    for (const part of all.filter((one) => !isWritable(one))) this.#mapPart(part);
    this.#closeFile();
  }

  /** Unmaps the parts in this process, which has its own view of them. */
  unmapParts(): void {
    for (const mapping of this.#fixed.splice(0)) unmap(mapping);
  }

  write(offset: number, bytes: Uint8Array): void {
    writeMemory(this.#view.address + BigInt(offset), bytes);
  }

  fill(offset: number, size: number, byte: number): void {
    fillMemory(this.#view.address + BigInt(offset), size, byte);
  }

  /** A copy of what stands there now: a guest may be writing to it. */
  read(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    readMemory(this.#view.address + BigInt(offset), bytes);
    return bytes;
  }

  /** Gives everything back, in this process. */
  dispose(): void {
    if (!this.#open) return;
    this.#open = false;
    this.unmapParts();
    this.#closeFile();
    unmap(this.#view);
  }

  #mapPart({ offset, size, rights, backing }: Part): void {
    this.#fixed.push(
      map({
        address: this.base + BigInt(offset),
        size,
        rights,
        descriptor: backing === 'anonymous' ? undefined : this.#descriptor,
        offset: backing === 'anonymous' ? 0 : offset,
        shared: backing === 'shared',
      }),
    );
  }

  #fileOpen = true;
  #closeFile(): void {
    if (!this.#fileOpen) return;
    this.#fileOpen = false;
    closeDescriptor(this.#descriptor);
  }
}
