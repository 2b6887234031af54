/**
 * Messages on a stream of bytes: four bytes of length, little-endian, then the value as V8 serializes it.
 *
 * Node's own channel between processes would do the same, but throws what it cannot read as an uncaught
 * exception and waits for any length it is told: one stray byte of a guest would end the editor's process.
 */
import v8 from 'node:v8';
import { ProtocolError } from './shape.ts';

const lengthBytes = 4;

/** The longest payload of a frame, in bytes: room for the buffers of a call, before and after, and their target. */
export const maxFrameBytes = 16 << 20;

/** The frame of a value. Throws for a function or another value that cannot be serialized. */
export function encodeFrame(value: unknown): Uint8Array {
  const payload = v8.serialize(value);
  const frame = Buffer.allocUnsafe(lengthBytes + payload.length);
  frame.writeUInt32LE(payload.length);
  frame.set(payload, lengthBytes);
  return frame;
}

/** Puts the values together again, however the stream was cut. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the frame that is being received, with its length, or undefined before its length is known. */
  #wanted: number | undefined;

  /**
   * Takes the next bytes of the stream and gives the values that are complete now, unchecked. Throws a
   * {@link ProtocolError} for a frame that is too long or cannot be read; the stream is then of no more use.
   */
  *push(chunk: Uint8Array): Generator<unknown, void, undefined> {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#length += chunk.length;
    for (;;) {
      this.#wanted ??= this.#readLength();
      if (this.#wanted === undefined || this.#length < this.#wanted) return;
      const frame = this.#take(this.#wanted);
      this.#wanted = undefined;
      yield deserialize(frame.subarray(lengthBytes));
    }
  }

  #readLength(): number | undefined {
    if (this.#length < lengthBytes) return undefined;
    const payload = this.#join().readUInt32LE();
    if (payload <= maxFrameBytes) return lengthBytes + payload;
    throw new ProtocolError(`a message of ${payload} bytes is longer than ${maxFrameBytes}`);
  }

  #take(length: number): Buffer {
    const all = this.#join();
    this.#chunks = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    if (first && this.#chunks.length === 1) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function deserialize(payload: Buffer): unknown {
  try {
    return v8.deserialize(payload);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError(`a message of ${payload.length} bytes cannot be read: ${reason}`, {
      cause,
    });
  }
}
