/** `npm run bench`: medians of what the product's feel depends on, with alternatives in the same run. */
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { planCalls, machineOf } from '../src/engine/plan.ts';
import { JitClient } from '../src/jit/client.ts';
import { jitFunction } from '../src/jit/function.ts';
import type { RunRequest } from '../src/model/run.ts';
import { findJitBlocks } from '../src/source/findJitBlocks.ts';
import { alternatives } from './alternatives.ts';
import { isolation } from './isolation.ts';
import { median, print } from './measure.ts';
import { manyLines, scanTexts } from './scanTexts.ts';
import { testing } from './testing.ts';

const addFour =
  '// @jit (i64) -> i64\n// @call (4) => 8\n[0x48,0x89,0xf8,0x48,0x83,0xc0,0x04,0xc3]';
const hostPath = path.join(process.cwd(), 'out/host/main.js');

async function scanning(): Promise<void> {
  console.log('\nscanning, median of 20');
  for (const [name, text] of Object.entries({
    ...scanTexts,
    '100,000 lines, one array': manyLines(),
  })) {
    const ms = await median(20, () => findJitBlocks(text, 'rust'));
    print(name, ms, `${(text.length / 1e6 / (ms / 1000)).toFixed(0)} MB/s`);
  }
}

function addFourRequest(): RunRequest | undefined {
  const block = findJitBlocks(addFour, 'rust').blocks[0];
  const settings = { timeoutMs: 1000, machine: machineOf(process.platform, process.arch) };
  const planned = block && planCalls(block, settings)[0];
  return planned && 'request' in planned ? planned.request : undefined;
}

async function calling(request: RunRequest | undefined): Promise<number> {
  console.log('\ncalling add-four, through the client');
  if (!request) {
    console.log('add-four is x86-64 code and cannot run on this machine');
    return NaN;
  }
  const { signal } = new AbortController();
  const start = await median(9, async () => {
    const client = new JitClient({ hostPath });
    await client.ready();
    client.dispose();
  });
  print('host start, spawn to ready', start);
  const client = new JitClient({ hostPath });
  await client.run(request, signal);
  await sleep(500); // Until the spare host that starts with the first call is up.
  const roundTrip = await median(500, () => client.run(request, signal));
  print('round trip: client, host, call, and back', roundTrip);
  const batch = await median(5, () =>
    Promise.all(Array.from({ length: 1000 }, () => client.run(request, signal))),
  );
  print('1,000 calls asked for at once', batch);
  const crash = { ...request, bytes: Uint8Array.of(0x31, 0xc0, 0x8b, 0, 0xc3) };
  print(
    'a fault: client, host, fault, and back',
    await median(500, () => client.run(crash, signal)),
  );
  client.dispose();
  const cycle = await median(500, () => {
    const add = jitFunction(request.signature, request.bytes);
    add(4n);
    add.dispose();
  });
  print('in process: map, copy, protect, call, unmap', cycle);
  const add = jitFunction(request.signature, request.bytes);
  const calls = 10_000;
  const many = await median(9, () => {
    for (let n = 0; n < calls; n++) add(4n);
  });
  print('in process: one call of a function that exists', many / calls);
  add.dispose();
  return roundTrip;
}

async function main(): Promise<void> {
  console.log(
    `Node ${process.version}, ${process.platform}-${process.arch}, ${os.cpus().length} processors`,
  );
  await scanning();
  const request = addFourRequest();
  const roundTrip = await calling(request);
  if (request) await isolation(request);
  await alternatives(roundTrip);
  await testing();
}

void main();
