/**
 * The memory through which a benchmark's harness and its host speak: a header of words, then a record for each sample. It is a
 * buffer like any other argument, so the guest can write to it: whoever lies in it lies about its own speed alone.
 */

/** Bytes of a word; all are little-endian. */
const wordBytes = 8;

/** Words of the header, by their index. The first two tell the harness what to do. */
export const header = {
  /** How many samples to take, at least 1. */
  samples: 0,
  /** n: calls in the shorter run of each pair, at least 1. */
  copies: 1,
  /** Ticks from the harness' start to its end. */
  ticks: 2,
  /** What rdtscp told of the processor at the start (Linux: its number in the low 12 bits). */
  processor: 3,
  /** 0 if every time stamp was taken on that processor. */
  moved: 4,
} as const;
const headerWords = 8;

/** Words of a sample, by their index: ticks of each run. */
export const record = {
  /** n calls of the guest, and 2n. */
  guest: 0,
  guestTwice: 1,
  /** n calls of an empty function in its place, and 2n. */
  empty: 2,
  emptyTwice: 3,
  /** {@link chainAdds} dependent additions, and twice as many. */
  chain: 4,
  chainTwice: 5,
} as const;
const recordWords = 6;

/** Bytes of the header, and of a record. */
export const headerBytes = headerWords * wordBytes;
export const recordBytes = recordWords * wordBytes;

/** Additions of the shorter chain. Each waits for the one before, and takes one cycle of the core (Intel and AMD optimization manuals). */
export const chainAdds = 4096;

/** The most samples of one request. */
export const maxSamples = 1000;

/** One sample, in ticks of the time stamp counter. */
export interface Sample {
  /** What one call of the guest took, with the cost of calling. */
  readonly call: number;
  /** The same for an empty function: the cost of calling. */
  readonly overhead: number;
  /** What one addition of the chain took: one cycle of the core. */
  readonly cycle: number;
}

export interface Samples {
  readonly samples: readonly Sample[];
  /** From the harness' start to its end. */
  readonly ticks: number;
  /** Whether all of it happened on one processor. */
  readonly pinned: boolean;
}

/** A buffer that asks for so many samples of n and 2n calls. */
export function samplesBuffer(samples: number, copies: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes + samples * recordBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(header.samples * wordBytes, BigInt(samples), true);
  view.setBigUint64(header.copies * wordBytes, BigInt(copies), true);
  return bytes;
}

/** What the harness has left in a buffer of {@link samplesBuffer}, for n calls. */
export function readSamples(bytes: Uint8Array, copies: number): Samples {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => Number(view.getBigInt64(at, true));
  const samples: Sample[] = [];
  for (let at = headerBytes; at + recordBytes <= bytes.length; at += recordBytes) {
    const between = (once: number, twice: number): number =>
      word(at + twice * wordBytes) - word(at + once * wordBytes);
    samples.push({
      call: between(record.guest, record.guestTwice) / copies,
      overhead: between(record.empty, record.emptyTwice) / copies,
      cycle: between(record.chain, record.chainTwice) / chainAdds,
    });
  }
  return {
    samples,
    ticks: word(header.ticks * wordBytes),
    pinned: word(header.moved * wordBytes) === 0,
  };
}
