/** Host, runner and grandchild killed or stopped at any moment; time-outs in a row. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { eventually, protectedClient, runs } from '../clientSetup.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { childrenOf } from './fuzz.ts';
import {
  assertWorks,
  inWords,
  isolatedHere,
  mapOf,
  never,
  requestFor,
  startRunner,
} from './ground.ts';
import { exists, killAtRandom, timeOuts } from './kill.ts';

describe('processes that end', { skip: !isolatedHere }, () => {
  it('killed or stopped at random moments: the next call works, and nothing is left', async () => {
    const client = protectedClient();
    const figures = await killAtRandom(client, { count: 200, seed: 7 });
    const hosts = client.hostPids;
    client.dispose();
    console.log([...figures.hits].map(([what, count]) => `${what} ${count}`).join(', '));
    console.log([...figures.outcomes].map(([what, count]) => `${what}: ${count}`).join(', '));
    for (const kind of [
      'host SIGKILL',
      'runner SIGKILL',
      'grandchild SIGKILL',
      'grandchild SIGSTOP',
    ]) {
      assert.ok((figures.hits.get(kind) ?? 0) > 5, `${kind} was tried`);
    }
    for (const pid of [...figures.pids, ...hosts]) {
      assert.ok(await eventually(() => !runs(pid)), `the process ${pid} is left`);
    }
    // Zombies would be this process' children, or its hosts'. (Orphans are for the system's first process to bury.)
    assert.ok(await eventually(() => childrenOf(process.pid).every((pid) => !hosts.includes(pid))));
  });

  it('300 time-outs in a row', async () => {
    const runner = await startRunner();
    const { pid } = runner;
    const { longestMs, unrecorded } = await timeOuts(runner, 300);
    console.log(
      `longest of 300 time-outs of 1 ms: ${longestMs.toFixed(1)} ms, ${unrecorded} not recorded`,
    );
    assert.equal(runner.pid, pid);
    runner.dispose();
    assert.ok(!exists(pid), 'the runner is dead and buried');
  });

  it('a runner ended between two calls', async () => {
    const runner = await startRunner();
    const { pid } = runner;
    process.kill(pid, 'SIGKILL');
    assert.ok(await eventually(() => !runs(pid)));
    await assertWorks(runner, 'the end of its runner');
    assert.notEqual(runner.pid, pid);
    assert.ok(!exists(pid), 'the one before is buried');
    runner.dispose();
  });

  it('a cancelled call, and the next', async () => {
    const runner = await startRunner();
    const reason = new Error('enough');
    for (const delay of [0, 1, 3, 10]) {
      const controller = new AbortController();
      const call = runner.run(
        requestFor(Uint8Array.of(0xeb, 0xfe), { timeoutMs: 1000 }),
        controller.signal,
      );
      setTimeout(() => controller.abort(reason), delay);
      await assert.rejects(call, reason);
      await assertWorks(runner, `a call cancelled after ${delay} ms`);
    }
    runner.dispose();
  });

  it('runners that end, by whatever, leave neither descriptors nor memory in the host', async () => {
    const count = async (): Promise<readonly [descriptors: number, mappings: number]> => {
      await eventually(() => false, 20); // Until what is being read has come to its end.
      const arenas = (mapOf('self') ?? []).filter((line) => line.includes('jit-bytes'));
      return [fs.readdirSync('/proc/self/fd').length, arenas.length];
    };
    const ends: readonly ((runner: IsolatedRunner) => unknown)[] = [
      (runner) => runner.dispose(),
      (runner) => process.kill(runner.pid, 'SIGKILL'),
    ];
    const before = await count();
    for (let index = 0; index < 40; index++) {
      const runner = await startRunner({ sandbox: index % 3 === 0 ? 'output' : 'strict' });
      const isRunning = index % 2 === 0;
      const call = isRunning
        ? runner.run(requestFor(Uint8Array.of(0xeb, 0xfe), { timeoutMs: 5000 }), never)
        : undefined;
      if (isRunning) await eventually(() => childrenOf(runner.pid).length > 0);
      ends[(index >> 1) % ends.length]?.(runner);
      if (call) assert.match(inWords(await call), /^refused: the runner of the call ended/);
      runner.dispose();
    }
    assert.deepEqual(await count(), before);
  });

  it("beside other children of the host: nobody takes another's end", async () => {
    const before = spawn('sleep', ['60']);
    const runner = await startRunner();
    const after = spawn('sh', ['-c', 'exit 5']);
    const [code] = (await once(after, 'exit')) as [number];
    assert.equal(code, 5);
    await assertWorks(runner, "a child's end");
    const ended = once(before, 'exit');
    before.kill('SIGTERM');
    await assertWorks(runner, 'a signal to a child');
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    const { pid } = runner;
    const third = spawn('sh', ['-c', 'exit 6']);
    const thirdEnded = once(third, 'exit');
    runner.dispose();
    assert.deepEqual(await thirdEnded, [6, null]);
    assert.ok(!exists(pid));
  });

  it('more calls than there are process ids', (context) => {
    const reason = 'not covered here: process ids that wrap around (`npm run soak` does that)';
    console.log(reason);
    context.skip(reason);
  });
});
