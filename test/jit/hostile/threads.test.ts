/** A worker thread that starts runners and hosts: they end with it. This file is also the worker. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { eventually, protectedClient, runs } from '../clientSetup.ts';
import { addFour, inWords, isolatedHere, never, startRunner } from './ground.ts';

interface Report {
  readonly words: readonly string[];
  readonly pids: readonly number[];
}

async function work(): Promise<Report> {
  const runner = await startRunner();
  const client = protectedClient();
  const words = [
    inWords(await runner.run(addFour, never)),
    inWords(await client.run(addFour, never)),
    inWords(await runner.run(addFour, never)),
  ];
  return { words, pids: [runner.pid, ...client.hostPids] };
}

if (isMainThread) {
  it(
    'a worker thread starts a runner and a client, and takes them with it',
    { skip: !isolatedHere },
    async () => {
      const worker = new Worker(__filename);
      const [report] = (await once(worker, 'message')) as [Report];
      assert.deepEqual(report.words, ['returned 8', 'returned 8', 'returned 8']);
      for (const pid of report.pids) assert.ok(runs(pid), `${pid} runs`);
      await worker.terminate();
      for (const pid of report.pids) {
        assert.ok(await eventually(() => !runs(pid)), `the process ${pid} is left`);
      }
    },
  );
} else {
  void work().then((report) => parentPort?.postMessage(report));
  setInterval(() => undefined, 1000); // Until it is terminated.
}
