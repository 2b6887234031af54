/** Byte strings that a disassembler may be given: random ones, and such as are nearly code. */
import fs from 'node:fs';
import { architectures, type Architecture } from '../../src/model/architecture.ts';
import { supports } from '../../src/asm/disassembler.ts';
import { textSection } from '../asm/elf.ts';
import type { Random } from '../randomNumbers.ts';

export interface Sample {
  readonly architecture: Architecture;
  readonly bytes: Uint8Array;
}

/** Lengths: most strings are as long as a line or a function, a few as long as a table. */
const usualBytes = 48;
const longBytes = 400;
export const mostBytes = 6000;

const known = architectures.map(({ name }) => name).filter(supports);

/** Code to mutate, where these are there; Node's own executable always is on Linux. */
const codeFiles: readonly (readonly [Architecture, string])[] = [
  ['x86_64', '/lib/x86_64-linux-gnu/libc.so.6'],
  ['aarch64', '/usr/aarch64-linux-gnu/lib/libc.so.6'],
  ['x86_64', process.execPath],
];
/** Bytes kept of each. */
const codeBytes = 1 << 20;

/** Prefixes, REX, and the first bytes of VEX, EVEX and XOP. */
const prefixes = [
  0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x40, 0x48, 0x4f, 0xc4, 0xc5,
  0x62, 0x8f, 0x0f, 0xd5,
];

type Writer = (length: number) => Uint8Array;

/** An endless supply. */
export function samplesFrom(random: Random): () => Sample {
  const code = codeFiles.flatMap(([architecture, file]) => {
    const bytes = codeOf(file);
    return bytes ? [{ architecture, bytes }] : [];
  });
  const anything: Writer = (length) => Uint8Array.from({ length }, () => random(256));
  const piece = (length: number, of: Uint8Array): Uint8Array => {
    const start = random(Math.max(1, of.length - length));
    return of.slice(start, start + length);
  };
  const mutated = (length: number, of: Uint8Array): Uint8Array => {
    const bytes = piece(length, of);
    for (let left = 1 + random(4); left > 0 && bytes.length > 0; left--) {
      const at = random(bytes.length);
      if (random(3) === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      else if (random(2) === 0) bytes[at] = random(256);
      else bytes.copyWithin(at, Math.min(bytes.length, at + 1 + random(4)));
    }
    return bytes;
  };
  const prefixed: Writer = (length) => {
    const run = random(20);
    return Uint8Array.from({ length }, (_, at) =>
      at % (run + 4) < run ? (prefixes[random(prefixes.length)] ?? 0) : random(256),
    );
  };
  const repeated: Writer = (length) => {
    const unit = anything(1 + random(8));
    return Uint8Array.from({ length }, (_, at) => unit[at % unit.length] ?? 0);
  };
  const extreme: Writer = (length) =>
    Uint8Array.from({ length }, () => [0, 0xff, 0x7f, 0x80][random(4)] ?? 0);
  return () => {
    const own = code[random(code.length || 1)];
    const length = lengthFrom(random);
    const architecture = architectureFrom(random);
    switch (random(8)) {
      case 0:
      case 1:
        return { architecture, bytes: anything(length) };
      case 2:
        return { architecture, bytes: prefixed(length) };
      case 3:
        return { architecture, bytes: random(2) === 0 ? repeated(length) : extreme(length) };
      default:
        if (!own) return { architecture, bytes: anything(length) };
        return {
          architecture: random(4) === 0 ? architecture : own.architecture,
          bytes: mutated(length, own.bytes),
        };
    }
  };
}

function codeOf(file: string): Uint8Array | undefined {
  if (!fs.existsSync(file)) return undefined;
  try {
    return textSection(file).bytes.slice(0, codeBytes);
  } catch {
    return undefined;
  }
}

function lengthFrom(random: Random): number {
  const kind = random(1000);
  if (kind < 900) return random(usualBytes);
  return kind < 998 ? random(longBytes) : random(mostBytes);
}

/** Mainly those that run here. */
function architectureFrom(random: Random): Architecture {
  const kind = random(10);
  if (kind < 4) return 'x86_64';
  if (kind < 7) return 'aarch64';
  return known[random(known.length)] ?? 'x86_64';
}
