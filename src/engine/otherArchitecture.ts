/** Whether bytes are code of another architecture than they are said to be. */
import type { Architecture } from '../model/architecture.ts';
import { type ByteStatistics, byteStatistics } from './codeStatistics.ts';

/** What code of an architecture is like. */
interface Likeness {
  /**
   * Bits by which bytes must be more likely as code of this architecture than of the declared one. Functions of the libraries
   * that were counted, declared as what they are, stay at least 10 below it; x86 is the most like arbitrary data.
   */
  readonly ahead: number;
  /** The most bits that a byte costs on average: 99 of 100 functions cost less, random bytes and text cost more. */
  readonly dearest: number;
  /** Its code is a multiple of so many bytes long. */
  readonly unit: 1 | 2 | 4;
}

const likenesses: ReadonlyMap<Architecture, Likeness> = new Map([
  ['x86_64', { ahead: 40, dearest: 8.4, unit: 1 }],
  ['x86', { ahead: 40, dearest: 8.4, unit: 1 }],
  ['aarch64', { ahead: 18, dearest: 7.5, unit: 4 }],
  ['arm', { ahead: 18, dearest: 6.8, unit: 4 }],
  ['thumb', { ahead: 30, dearest: 7.9, unit: 2 }],
  ['riscv64', { ahead: 30, dearest: 7.9, unit: 2 }],
]);

/** Architectures too much alike to be told apart. */
const twins: readonly ReadonlySet<Architecture>[] = [new Set(['x86_64', 'x86'])];

/** Bytes that are looked at, and those in a word of which only the first counts where there are several. */
const mostBytes = 4096;
const wordBytes = 4;

/** The share of zeros from which on bytes are rather data. */
const mostZeros = 0.45;

/** The architecture that bytes are surely code of, where that is not the one declared; undefined where there is any doubt. */
export function otherArchitecture(
  declared: Architecture,
  code: Uint8Array,
): Architecture | undefined {
  const own = byteStatistics.get(declared);
  if (!own) return undefined;
  const words = withoutRepeats(code.subarray(0, mostBytes));
  if (words.length === 0 || shareOfZeros(words) > mostZeros) return undefined;
  const declaredCost = costOf(words, own());
  let best: { readonly architecture: Architecture; readonly cost: number } | undefined;
  for (const [architecture, { ahead, dearest, unit }] of likenesses) {
    if (architecture === declared || code.length % unit !== 0) continue;
    if (twins.some((pair) => pair.has(architecture) && pair.has(declared))) continue;
    // So many bits ahead is out of reach without so many bits.
    if (declaredCost <= ahead) continue;
    const statistics = byteStatistics.get(architecture);
    if (!statistics) continue;
    const cost = costOf(words, statistics());
    if (cost > dearest * words.length || declaredCost - cost <= ahead) continue;
    if (!best || cost < best.cost) best = { architecture, cost };
  }
  return best?.architecture;
}

/** Each word once: a table or a slide of the same word tells no more than one of it. */
function withoutRepeats(code: Uint8Array): Uint8Array {
  const seen = new Set<number>();
  const kept: number[] = [];
  const whole = code.length - (code.length % wordBytes);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at < whole; at += wordBytes) {
    const word = view.getUint32(at);
    if (seen.has(word)) continue;
    seen.add(word);
    kept.push(...code.subarray(at, at + wordBytes));
  }
  kept.push(...code.subarray(whole));
  return Uint8Array.from(kept);
}

function shareOfZeros(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 0).length / bytes.length;
}

function costOf(bytes: Uint8Array, { period, bits }: ByteStatistics): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) {
    sum += bits[(at % period) * 256 + (bytes[at] ?? 0)] ?? 0;
  }
  return sum;
}
