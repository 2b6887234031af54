/** Host, runner and grandchild killed or stopped at any moment: the next call works, and no process is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { JitClient } from '../../../src/jit/client.ts';
import {
  eventually,
  guests,
  hostPath,
  never,
  protectedClient,
  request,
  returned,
  runs,
} from '../clientSetup.ts';
import { jmpLoop } from './dangerous.ts';
import { callOf, isolatedHere, startRunner } from './setup.ts';

/** Pseudo-random numbers that a seed repeats. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

function childrenOf(pid: number): readonly number[] {
  try {
    return fs
      .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

/** This process' children and theirs. */
function descendants(pid: number = process.pid): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

async function addFour(client: JitClient): Promise<void> {
  // A call that met the end of its host is refused; the one after it is not.
  const first = await client.run(request(guests.addFour, 4n), never);
  if (first.outcome === 'refused') {
    assert.ok(returned(8n, await client.run(request(guests.addFour, 4n), never)));
  } else assert.ok(returned(8n, first));
}

describe('killed and stopped at any moment', { skip: !isolatedHere, timeout: 180_000 }, () => {
  for (const [who, count] of [
    ['host', 40],
    ['runner', 90],
    ['grandchild', 90],
  ] as const) {
    it(`the ${who}, ${count} times`, async () => {
      const next = random(count);
      using client = protectedClient();
      await client.ready();
      const before = new Set(descendants());
      for (let n = 0; n < count; n++) {
        const { pid, protection } = await client.ready();
        const runner = protection.runner?.pid ?? 0;
        const isLoop = next() < 0.5;
        const call = client.run(
          isLoop ? callOf(jmpLoop(), 40) : request(guests.addFour, 4n),
          never,
        );
        await sleep(next() * 4);
        const current = childrenOf(pid);
        const victims =
          who === 'host'
            ? [pid]
            : who === 'runner'
              ? [runner, ...current]
              : current.flatMap(childrenOf);
        const isStop = next() < 0.3 && who !== 'host';
        for (const victim of victims.slice(0, 1)) {
          signal(victim, isStop ? 'SIGSTOP' : 'SIGKILL');
        }
        const result = await call;
        assert.match(result.outcome, /^(?:returned|refused|timeout)$/);
        await addFour(client);
      }
      const { pid } = await client.ready();
      // Hosts that were spares and their runners; nothing else, and nobody waiting to be buried.
      const hosts = new Set(client.hostPids);
      assert.ok(hosts.has(pid));
      assert.ok(
        await eventually(() =>
          descendants().every((one) => before.has(one) || hosts.has(one) || isRunner(one, hosts)),
        ),
        JSON.stringify(descendants()),
      );
      for (const one of descendants()) assert.doesNotMatch(stateOf(one), /^[ZT]/);
    });
  }

  it('time-outs, 150 in a row', async () => {
    const runner = await startRunner();
    const { pid } = runner;
    for (let n = 0; n < 150; n++) {
      const { outcome } = await runner.run(callOf(jmpLoop(), 1), never);
      assert.equal(outcome, 'timeout');
    }
    assert.ok(returned(8n, await runner.run(request(guests.addFour, 4n), never)));
    assert.equal(runner.pid, pid);
    assert.deepEqual(childrenOf(pid), []);
    runner.dispose();
    assert.ok(!runs(pid));
  });

  it('another child of the host process does not disturb it, nor it the child', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => process.exit(7), 300)']);
    const exit = once(child, 'exit');
    const runner = await startRunner();
    for (let n = 0; n < 200; n++) {
      assert.ok(returned(8n, await runner.run(request(guests.addFour, 4n), never)));
    }
    assert.deepEqual(await exit, [7, null]);
    assert.ok(returned(8n, await runner.run(request(guests.addFour, 4n), never)));
    runner.dispose();
  });

  it('a thread that starts a client has hosts that end with it', async () => {
    const script = `
      const { parentPort } = require('node:worker_threads');
      const { spawn } = require('node:child_process');
      const host = spawn(process.execPath, [${JSON.stringify(hostPath)}, String(process.pid), 'strict'], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env: {}, detached: true });
      host.stdio[3].once('data', () => parentPort.postMessage(host.pid));
      setInterval(() => {}, 1000);`;
    const worker = new Worker(script, { eval: true });
    const [pid]: readonly number[] = await once(worker, 'message');
    assert.ok(pid !== undefined && runs(pid));
    const runnersOfIt = childrenOf(pid);
    assert.equal(runnersOfIt.length, 1);
    await worker.terminate();
    for (const one of [pid, ...runnersOfIt])
      assert.ok(await eventually(() => !runs(one)), String(one));
  });
});

function isRunner(pid: number, hosts: ReadonlySet<number>): boolean {
  return [...hosts].some((host) => childrenOf(host).includes(pid));
}

function stateOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
