/** The same call twice is the same result, byte for byte, unless the code reads time, chance or the processor. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { disassembler } from '../../../src/asm/disassembler.ts';
import type { RunRequest, RunResult } from '../../../src/model/run.ts';
import { i64, mutBytes, signature } from '../functionTypes.ts';
import { inWords, isolatedHere, never, requestFor, startRunner } from './ground.ts';
import { computation, programsFrom, randomFrom } from './random.ts';

const programs = 500;

/** All of a result that may not differ: how long it took, may. */
function fixed(result: RunResult): unknown {
  return result.outcome === 'returned' ? { ...result, durationNs: undefined } : result;
}

it('the same call twice is the same result', { skip: !isolatedHere }, async () => {
  const { decode } = await disassembler('x86_64');
  const next = programsFrom(randomFrom(11));
  const random = randomFrom(12);
  const one = await startRunner();
  const other = await startRunner();
  const outcomes = new Map<string, number>();
  let flagged = 0;
  for (let done = 0; done < programs;) {
    const isComputation = done % 2 === 1;
    const bytes = isComputation ? computation(random) : next();
    // From every offset: random bytes jump into the middle of instructions.
    const unpredictable = [...bytes.keys()].some((offset) => {
      return decode(bytes, { offset, count: 1 }).some(
        (instruction) => instruction.unpredictable !== undefined,
      );
    });
    if (unpredictable) {
      flagged++;
      continue;
    }
    const request: RunRequest = {
      ...requestFor(bytes, { timeoutMs: isComputation ? 5000 : 30 }),
      signature: signature([mutBytes, i64], i64),
      arguments: [
        { kind: 'buffer', bytes: Uint8Array.from({ length: 100 }, () => random(256)), align: 1 },
        { kind: 'integer', value: BigInt(random(1000)) },
      ],
    };
    const first = await one.run(request, never);
    for (const runner of [one, other]) {
      const again = await runner.run(request, never);
      // Whether a loop is over in time depends on what else the machine does.
      if ([first, again].some(({ outcome }) => outcome === 'timeout')) continue;
      assert.deepEqual(
        fixed(again),
        fixed(first),
        `${Buffer.from(bytes).toString('hex')}: ${inWords(first)}`,
      );
    }
    outcomes.set(first.outcome, (outcomes.get(first.outcome) ?? 0) + 1);
    done++;
  }
  one.dispose();
  other.dispose();
  console.log(
    `${programs} programs thrice (${[...outcomes].map(([name, count]) => `${name} ${count}`).join(', ')}); ${flagged} left out as unpredictable`,
  );
  assert.ok((outcomes.get('fault') ?? 0) > 100);
  assert.ok((outcomes.get('returned') ?? 0) > 100);
});

it(
  'a register at the entry of a fragment is the same in every runner',
  { skip: !isolatedHere },
  async () => {
    const request: RunRequest = { ...requestFor(Uint8Array.of(0xc3)), fragment: [] };
    const results: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      const runner = await startRunner();
      results.push(fixed(await runner.run(request, never)));
      runner.dispose();
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  },
);
