/** Every hostile program ends as it must, and harms nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { rax, rdi, rsi, x64 } from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { parts } from '../../../src/jit/runner/layout.ts';
import { x64Port } from '../../../src/jit/runner/x64/port.ts';
import { never, request, guests, returned } from '../clientSetup.ts';
import { briefly, callOf, isolatedHere, startRunner } from './setup.ts';
import { hostilePrograms } from './programs.ts';

const port = isolatedHere ? x64Port() : undefined;
const programs = port ? hostilePrograms(port) : [];

function processorHas(feature: string): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1] ?? '';
  return flags.trim().split(/\s+/).includes(feature);
}

describe('hostile programs', { skip: !isolatedHere, timeout: 120_000 }, () => {
  let runner: IsolatedRunner;
  let pid = 0;
  before(async () => {
    runner = await startRunner();
    ({ pid } = runner);
  });
  after(() => runner.dispose());
  const addFour = async (): Promise<boolean> =>
    returned(8n, await runner.run(request(guests.addFour, 4n), never));

  it(`are ${programs.length}, each by a name of its own`, () => {
    assert.ok(programs.length >= 120);
    assert.equal(new Set(programs.map(({ name }) => name)).size, programs.length);
  });

  const lacking = programs.filter(({ needs }) => needs !== undefined && !processorHas(needs));
  for (const { name, needs } of lacking) {
    console.log(`not covered here: ${name} (this processor has no ${needs})`);
  }
  for (const { name, build, expected } of programs.filter((one) => !lacking.includes(one))) {
    it(name, async () => {
      const f = x64();
      build(f);
      const text = briefly(await runner.run(callOf(f.bytes(), 20), never));
      if (typeof expected === 'string')
        assert.equal(text.slice(0, expected.length + 1).trim(), expected, text);
      else assert.match(text, expected);
      assert.ok(await addFour());
      assert.equal(runner.pid, pid, 'the runner goes on');
    });
  }

  it('a jump to every address of our code harms nothing', async () => {
    const { offset, size } = parts.childCode;
    for (let at = 0; at < size; at++) {
      const f = x64();
      const address = (port?.base ?? 0n) + BigInt(offset + at);
      const seed = BigInt(at) * 0x9e37_79b9_7f4a_7c15n;
      f.mov(rdi, BigInt.asUintN(64, seed));
      f.mov(rsi, (port?.base ?? 0n) + (seed & 0xfff_ffffn));
      f.mov(rax, address);
      f.jmp(rax);
      await runner.run(callOf(f.bytes(), 5), never);
      if (at % 64 === 0) assert.ok(await addFour(), `after a jump to ${at}`);
    }
    assert.ok(await addFour());
    assert.equal(runner.pid, pid);
  });
});
