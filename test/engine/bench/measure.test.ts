/** Measuring with a runner whose clock is made up: what comes out is what was put in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchBlocks, type BenchReport } from '../../../src/engine/bench/benchBlocks.ts';
import { measure, NotMeasured } from '../../../src/engine/bench/measure.ts';
import { measureNoise, type Noise } from '../../../src/engine/bench/noise.ts';
import {
  briefText,
  comparisonText,
  measuredLines,
  noiseLines,
} from '../../../src/engine/bench/words.ts';
import {
  chainAdds,
  header,
  headerBytes,
  record,
  recordBytes,
} from '../../../src/jit/bench/samples.ts';
import type { RunRequest, Runner, RunResult } from '../../../src/model/run.ts';
import { findJitBlocks } from '../../../src/source/findJitBlocks.ts';

/** Ticks of the made-up processor: 2 in a nanosecond, half a tick a cycle. */
const ticksPerNs = 2;
const ticksPerCycle = 0.5;
const overheadTicks = 3;

interface Made {
  /** Ticks of a call of the guest with this first byte, in a round. */
  readonly call: (first: number, round: number) => number;
  readonly end?: RunResult;
  readonly cycle?: (sample: number) => number;
}

/** Answers requests of the harness with samples, and others with 0. Counts what it is asked for. */
class MadeRunner implements Runner {
  readonly #made: Made;
  readonly asked: RunRequest[] = [];
  bench = 0;

  constructor(made: Made) {
    this.#made = made;
  }

  async run(request: RunRequest): Promise<RunResult> {
    this.asked.push(request);
    const last = request.arguments.at(-1);
    const isBench = request.signature.parameters.at(-1)?.name === 'samples';
    if (!isBench || last?.kind !== 'buffer') {
      if (request.bytes[0] === 0xcc) return { outcome: 'end' };
      return {
        outcome: 'returned',
        value: { kind: 'integer', value: 0n },
        buffers: [],
        durationNs: 10n,
        registers: undefined,
      };
    }
    if (this.#made.end) return this.#made.end;
    const after = Uint8Array.from(last.bytes);
    const view = new DataView(after.buffer);
    const copies = Number(view.getBigUint64(8 * header.copies, true));
    const call = this.#made.call(request.bytes[0] ?? 0, this.bench++);
    let total = 0;
    for (let at = headerBytes, n = 0; at < after.length; at += recordBytes, n++) {
      const cycle = this.#made.cycle?.(n) ?? ticksPerCycle;
      const runs: readonly (readonly [number, number])[] = [
        [record.guest, 100 + copies * (call + overheadTicks)],
        [record.guestTwice, 100 + 2 * copies * (call + overheadTicks)],
        [record.empty, 100 + copies * overheadTicks],
        [record.emptyTwice, 100 + 2 * copies * overheadTicks],
        [record.chain, 40 + chainAdds * cycle],
        [record.chainTwice, 40 + 2 * chainAdds * cycle],
      ];
      for (const [index, ticks] of runs) {
        view.setBigUint64(at + 8 * index, BigInt(Math.round(ticks)), true);
        total += ticks;
      }
    }
    view.setBigUint64(8 * header.ticks, BigInt(Math.round(total)), true);
    const parameter = request.arguments.length - 1;
    return {
      outcome: 'returned',
      value: { kind: 'void' },
      buffers: [{ parameter, before: last.bytes, after }],
      durationNs: BigInt(Math.round(total / ticksPerNs)),
      registers: undefined,
    };
  }
}

const i64 = { kind: 'integer', bits: 64, signed: true } as const;
const never = new AbortController().signal;
const settings = { timeMs: 50, timeoutMs: 1000 };

function request(first = 0x90): RunRequest {
  return {
    architecture: 'x86_64',
    abi: undefined,
    signature: { name: undefined, parameters: [{ name: undefined, type: i64 }], result: i64 },
    fragment: undefined,
    bytes: Uint8Array.of(first, 0xc3),
    entry: 0,
    arguments: [{ kind: 'integer', value: 1n }],
    recordRegisters: false,
    timeoutMs: 1000,
  };
}

function close(actual: number | undefined, expected: number): void {
  const found = actual ?? Number.NaN;
  assert.ok(
    Math.abs(found - expected) <= 0.01 * Math.abs(expected) + 1e-3,
    `${found}, ${expected}`,
  );
}

describe('a measurement', () => {
  it('is what the clock says, less the cost of calling', async () => {
    const [found] = await measure([request()], new MadeRunner({ call: () => 20 }), settings, never);
    assert.ok(found && !(found instanceof NotMeasured));
    for (const timing of [found.alone, found.together]) {
      close(timing?.ns, 10);
      close(timing?.grossNs, 11.5);
      close(timing?.overheadNs, 1.5);
      close(timing?.cycles?.net, 40);
      close(timing?.cycles?.gross, 46);
      assert.equal(timing?.pinned, true);
    }
    assert.equal(found.alone.rounds.length, 9);
  });

  it('has a median that a few disturbed rounds do not move', async () => {
    const made = new MadeRunner({ call: (_, round) => (round % 5 === 4 ? 2000 : 20) });
    const [found] = await measure([request()], made, settings, never);
    assert.ok(found && !(found instanceof NotMeasured));
    close(found.alone.ns, 10);
  });

  it('names no cycles where the clock is not steady', async () => {
    const made = new MadeRunner({ call: () => 20, cycle: (sample) => (sample % 2) + 0.5 });
    const [found] = await measure([request()], made, settings, never);
    assert.ok(found && !(found instanceof NotMeasured));
    assert.equal(found.alone.cycles, undefined);
    close(found.alone.ns, 10);
  });

  it('of a long call is of few calls, one after another', async () => {
    const made = new MadeRunner({ call: () => 20e6 * ticksPerNs });
    const [found] = await measure([request()], made, settings, never);
    assert.ok(found && !(found instanceof NotMeasured));
    close(found.alone.ns, 20e6);
    assert.equal(found.alone.copies, 1);
    assert.equal(found.together, undefined);
    assert.ok(made.bench < 8, `${made.bench} requests`);
  });

  it('is not made of a call that is too long for the limit', async () => {
    const made = new MadeRunner({ call: () => 200e6 * ticksPerNs });
    const [found] = await measure([request()], made, settings, never);
    assert.ok(found instanceof NotMeasured);
    assert.match(found.message, /about 200 ms: too long .* limit of 1000 ms/);
  });

  it('is not made of a call that fails when repeated', async () => {
    const end: RunResult = { outcome: 'timeout', limitMs: 5, stuck: undefined };
    const [found] = await measure(
      [request()],
      new MadeRunner({ call: () => 1, end }),
      settings,
      never,
    );
    assert.ok(found instanceof NotMeasured);
    assert.match(found.message, /too long to be measured: 6 calls did not end .* of 5 ms/);
  });

  it('asks for less where a busy machine does not end in time', async () => {
    const made = new MadeRunner({ call: () => 20 });
    const limit: RunResult = { outcome: 'timeout', limitMs: 1000, stuck: undefined };
    let longest = 0;
    const busy: Runner = {
      run: (asked) => {
        const buffer = asked.arguments.at(-1);
        const bytes = buffer?.kind === 'buffer' ? buffer.bytes.length : 0;
        longest = Math.max(longest, bytes);
        return bytes > headerBytes + 20 * recordBytes ? Promise.resolve(limit) : made.run(asked);
      },
    };
    const [found] = await measure([request()], busy, settings, never);
    assert.ok(longest > headerBytes + 20 * recordBytes, 'it tried');
    assert.ok(found && !(found instanceof NotMeasured));
    close(found.alone.ns, 10);
    assert.equal(found.alone.rounds.length, 9);
  });

  it('keeps each request far within the limit', async () => {
    const made = new MadeRunner({ call: () => 2e6 * ticksPerNs });
    await measure([request()], made, { timeMs: 5000, timeoutMs: 100 }, never);
    for (const { arguments: values, timeoutMs } of made.asked) {
      const buffer = values.at(-1);
      assert.equal(timeoutMs, 100);
      assert.ok(buffer?.kind === 'buffer' && buffer.bytes.length <= headerBytes + 4 * recordBytes);
    }
  });
});

describe('blocks side by side', () => {
  const text = `
// @jit v1(n: i64) -> i64 @bench
// @call (3)
// @call (4)
let a = [0x01, 0xc3];
// @jit v2(n: i64) -> i64 @bench
// @call (4)
let b = [0x02, 0xc3];
// @jit v3(n: i64) -> i64 @bench
// @call (9)
let c = [0x03, 0xc3];
// @jit alone(n: u64) -> i64 @bench
// @call (4)
let d = [0x04, 0xc3];
// @jit ends() -> i64 @bench
let e = [0xcc];
// @fragment @bench
// @call (rax = 1)
let f = [0x05, 0xc3];
`;
  const ticks = (first: number): number => 100 / first;

  async function reports(): Promise<{
    readonly all: readonly BenchReport[];
    readonly noise: Noise;
  }> {
    const runner = new MadeRunner({ call: (first) => (first === 0xc3 ? 0 : ticks(first)) });
    const noise = await measureNoise(runner, settings, never);
    assert.ok(!(noise instanceof NotMeasured));
    const { blocks } = findJitBlocks(text, 'rust', { windows: false });
    const all: BenchReport[] = [];
    const machine = { architecture: 'x86_64', windows: false } as const;
    const found = benchBlocks(blocks, runner, { ...settings, machine }, noise, never);
    for await (const report of found) all.push(report);
    return { all, noise };
  }

  it('are compared where their signatures agree', async () => {
    const { all, noise } = await reports();
    assert.deepEqual(
      all.map((report) => briefText(report, noise)),
      [
        '≈ 50.0 ns · 200 cycles',
        '≈ 50.0 ns · 200 cycles',
        '≈ 25.0 ns · 100 cycles · 2.0 × faster than v1 (±2 %)',
        '≈ 16.7 ns · 67 cycles · 3.0 × faster than v1 (±2 %), given other arguments',
        '≈ 12.5 ns · 50 cycles',
        '≈ it does not return: end: ran off the last byte',
        '≈ a fragment does not return to a caller: only functions are measured',
      ],
    );
  });

  it('are told in full', async () => {
    const { all } = await reports();
    const end = all[0]?.end;
    assert.ok(end && !(end instanceof NotMeasured));
    const lines = measuredLines(end).join('\n');
    assert.match(
      lines,
      /one after another: 50.0 ns, 200 cycles, rounds within ±0.00 ns, .*with calling 51.5 ns/,
    );
    assert.match(lines, /waits for the result of the one before/);
    assert.match(lines, /back to back: 50.0 ns/);
    assert.match(lines, /in 9 rounds, n and 2n calls each, n = \d+$/);
  });
});

it('the noise is a cycle at least, or what an empty function seemed to take', async () => {
  const still = await measureNoise(new MadeRunner({ call: () => 0 }), settings, never);
  assert.ok(!(still instanceof NotMeasured));
  close(still.ns, 0.25);
  close(still.clockNs, 0);
  const restless = new MadeRunner({ call: (_, round) => (round % 2) * 4 });
  const found = await measureNoise(restless, settings, never);
  assert.ok(!(found instanceof NotMeasured));
  close(found.ns, 2);
  assert.match(noiseLines(found)[0] ?? '', /^noise: ±2\.00 ns \(8 cycles\)/);
});

const words: readonly (readonly [Parameters<typeof comparisonText>[0], string])[] = [
  [{ kind: 'faster', ratio: 0.55, error: 0.01 }, '1.8 × faster than f (±2 %)'],
  [{ kind: 'slower', ratio: 12.3, error: 0.1 }, '12 × slower than f (±1 %)'],
  [{ kind: 'slower', ratio: 1.07, error: 0.02 }, '7.0 % slower than f (±2 %)'],
  [{ kind: 'faster', ratio: 0.8, error: 0.01 }, '20 % faster than f (±2 %)'],
  [
    { kind: 'no difference', ratio: 1.01, error: 0.04 },
    'no difference to f beyond the noise (±4 %)',
  ],
  [{ kind: 'near the noise', which: 'both' }, 'as near to the noise as f'],
  [{ kind: 'near the noise', which: 'this' }, 'faster than f, too near the noise for a ratio'],
  [
    { kind: 'near the noise', which: 'other' },
    'slower than f, which is too near the noise for a ratio',
  ],
];
for (const [comparison, text] of words) {
  it(`says "${text}"`, () => assert.equal(comparisonText(comparison, 'than f', 'f'), text));
}
