/** The client with real hosts. This file is also the program of a parent that is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JitClient } from '../../src/jit/client.ts';
import { channelGraceMs } from '../../src/jit/client.ts';
import type { Outcome, RunResult } from '../../src/model/run.ts';
import {
  client,
  eventually,
  failing,
  guests,
  never,
  request,
  requestOf,
  returned,
  runs,
  withScript,
} from './clientSetup.ts';
import {
  bufferValue,
  constBytes,
  f32x4,
  i64,
  mutBytes,
  nothing,
  runsHere,
  signature,
} from './functionTypes.ts';

const linux = process.platform === 'linux' && runsHere;

/** A host, in a few lines of JavaScript, that says hello and then does `onRun` for each message. */
function fakeHost(onRun: string, more = ''): string {
  return `
    const v8 = require('node:v8');
    const net = require('node:net');
    const channel = new net.Socket({ fd: 3 });
    const send = (value) => {
      const payload = v8.serialize(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(payload.length);
      channel.write(Buffer.concat([length, payload]));
    };
    const host = { protocol: 2, pid: process.pid, node: 'x', koffi: 'x', protection: { level: 'crash-only', sandbox: 'strict', reason: 'fake', runner: undefined }, parentDeath: 'channel-close' };
    const fault = { signal: 'SIGSEGV', code: undefined, access: undefined, address: undefined, offset: undefined, registers: undefined };
    channel.on('close', () => process.exit(0));
    ${more}
    send({ type: 'hello', host });
    let id = 0;
    channel.on('data', () => { id++; ${onRun} });`;
}

/** Kills the process of that program when it dies with an endless call. */
async function parentProgram(): Promise<void> {
  const jit = client();
  await jit.run(request(guests.addFour), never);
  const call = jit.run(request(guests.loop, 0n, 60_000), never);
  await sleep(200);
  fs.writeSync(1, `${jit.hostPids.join(' ')}\n`);
  await call;
}

function tests(): void {
  describe('a call through the client', { skip: !linux }, () => {
    let jit: JitClient;
    before(() => {
      jit = client();
    });
    after(() => jit.dispose());

    it('returns what the code returns', async () => {
      assert.ok(returned(8n, await jit.run(request(guests.addFour, 4n), never)));
    });

    it('shows buffers before and after, and where a pointer leads', async () => {
      // mov byte ptr [rdi], 7; lea rax, [rdi+1]; ret
      const shape = signature([mutBytes], constBytes);
      const hex = 'c6 07 07 48 8d 47 01 c3';
      const result = await jit.run(requestOf(shape, hex, [bufferValue([1, 2, 3])]), never);
      assert.equal(result.outcome, 'returned');
      assert.deepEqual(result.buffers, [
        { parameter: 0, before: Uint8Array.of(1, 2, 3), after: Uint8Array.of(7, 2, 3) },
      ]);
      assert.ok(result.value.kind === 'address');
      assert.deepEqual(result.value.target, {
        parameter: 0,
        offset: 1,
        bytes: Uint8Array.of(2, 3),
      });
    });

    const refusals: readonly (readonly [string, Parameters<JitClient['run']>[0], RegExp])[] = [
      [
        'another architecture',
        { ...request(guests.addFour), architecture: 'm68k' },
        /m68k cannot run/,
      ],
      ['no code', request(''), /does not lie in 0 bytes/],
      ['an entry behind the code', { ...request('c3'), entry: 1 }, /entry, offset 1/],
      [
        'too much code',
        { ...request('c3'), bytes: new Uint8Array(2 ** 20 + 1) },
        /1048577 bytes, more than 1048576/,
      ],
      ['a time limit of nothing', request('c3', 0n, 0), /timeoutMs is 0 ms/],
      ['no time limit', request('c3', 0n, Number.NaN), /timeoutMs is NaN ms/],
      ['missing arguments', requestOf(signature([i64], i64), 'c3', []), /takes 1 argument, not 0/],
      [
        'SIMD parameters',
        requestOf(signature([f32x4], nothing), 'c3', [
          { kind: 'vector', bytes: new Uint8Array(16) },
        ]),
        /SIMD/,
      ],
      ['SIMD results', requestOf(signature([], f32x4), 'c3', []), /SIMD/],
    ];
    for (const [what, asked, reason] of refusals) {
      it(`is refused for ${what}`, async () => {
        const result = await jit.run(asked, never);
        assert.equal(result.outcome, 'refused');
        assert.match(result.reason, reason);
      });
    }

    const faults: readonly (readonly [keyof typeof guests, string])[] = [
      ['segfault', 'SIGSEGV'],
      ['illegal', 'SIGILL'],
      ['divide', 'SIGFPE'],
      ['breakpoint', 'SIGTRAP'],
    ];
    for (const [guest, signal] of faults) {
      it(`ends as ${signal}, and the next one is made`, async () => {
        const unknown = {
          code: undefined,
          access: undefined,
          address: undefined,
          offset: undefined,
          registers: undefined,
        };
        assert.deepEqual(await jit.run(request(guests[guest]), never), {
          outcome: 'fault',
          fault: { signal, ...unknown },
        });
        assert.ok(returned(5n, await jit.run(request(guests.addFour, 1n), never)));
      });
    }

    it('ends as exited with the status that the code gave', async () => {
      const exited: RunResult = { outcome: 'exited', status: 3 };
      assert.deepEqual(await jit.run(request(guests.exitGroup, 3n), never), exited);
      assert.deepEqual(await jit.run(request(guests.exitThread, 3n, 100), never), exited);
    });

    it('is refused if its host was killed, by whomever', async () => {
      const killed = await jit.run(request(guests.killItself), never);
      assert.deepEqual(killed, { outcome: 'refused', reason: 'the host was killed (SIGKILL)' });
      // Signals to its own group reach nobody else: this process goes on.
      const group = await jit.run(request(guests.killGroup), never);
      assert.deepEqual(group, { outcome: 'refused', reason: 'the host was killed (SIGTERM)' });
    });

    it('ends at its time limit, and the next one is made at once', async () => {
      await jit.ready();
      const start = performance.now();
      const result = await jit.run(request(guests.loop, 0n, 150), never);
      const took = performance.now() - start;
      assert.deepEqual(result, { outcome: 'timeout', limitMs: 150, stuck: undefined });
      assert.ok(took >= 150, `${took} ms`);
      assert.ok(took < 150 + channelGraceMs + 150, `${took} ms`);
      assert.ok(returned(4n, await jit.run(request(guests.addFour), never)));
    });

    it('leaves no process that it forked', async () => {
      const result = await jit.run(request(guests.forkAndLoop, 0n, 100), never);
      assert.equal(result.outcome, 'timeout');
      const strays = (): number => groupMembers(jit.hostPids);
      assert.ok(await eventually(() => strays() === 0), `${strays()} strays`);
    });

    it('survives bytes that the code writes to the channel', async () => {
      const text = [...Buffer.from('\xff\xff\xff\xff garbage!')];
      const shape = signature([constBytes], nothing);
      const result = await jit.run(
        requestOf(shape, guests.writeToChannel, [bufferValue(text)]),
        never,
      );
      assert.equal(result.outcome, 'refused');
      assert.match(result.reason, /garbled/);
      assert.ok(returned(4n, await jit.run(request(guests.addFour), never)));
    });

    it('is made after 200 crashes in a row', { timeout: 120_000 }, async () => {
      for (let count = 0; count < 200; count++) {
        const { outcome } = await jit.run(request(guests.segfault), never);
        assert.equal(outcome, 'fault', `crash ${count}`);
      }
      assert.ok(returned(8n, await jit.run(request(guests.addFour, 4n), never)));
      assert.ok(jit.hostPids.length <= 2, `${jit.hostPids.length} hosts`);
    });

    it('keeps its place among 1,000', async () => {
      const order: bigint[] = [];
      const warnings: string[] = [];
      const warn = (warning: Error): void => void warnings.push(warning.message);
      process.on('warning', warn);
      const { signal } = new AbortController();
      const calls = Array.from({ length: 1000 }, async (_, index) => {
        const result = await jit.run(request(guests.addFour, BigInt(index)), signal);
        assert.ok(returned(BigInt(index) + 4n, result));
        order.push(BigInt(index));
      });
      await Promise.all(calls);
      await sleep(10);
      process.off('warning', warn);
      assert.deepEqual(order, [...order.keys()].map(BigInt));
      assert.deepEqual(warnings, []);
    });
  });

  describe('an aborted call', { skip: !linux }, () => {
    it('is dropped while it waits, and ended at once while it runs', async () => {
      using jit = client();
      await jit.run(request(guests.addFour), never);
      const [running, queued] = [new AbortController(), new AbortController()];
      const first = jit.run(request(guests.loop, 0n, 30_000), running.signal);
      const second = jit.run(request(guests.loop, 0n, 30_000), queued.signal);
      const third = jit.run(request(guests.addFour, 1n), never);
      await sleep(50);
      queued.abort(new Error('not needed'));
      await assert.rejects(second, /not needed/);
      const start = performance.now();
      running.abort(new Error('superseded'));
      await assert.rejects(first, /superseded/);
      assert.ok(returned(5n, await third));
      assert.ok(performance.now() - start < 500, 'the queue went on at once');
    });

    it('is not even begun when the signal is aborted before', async () => {
      using jit = client();
      const gone = jit.run(request(guests.addFour), AbortSignal.abort(new Error('before')));
      await assert.rejects(gone, /before/);
      assert.deepEqual(jit.hostPids, []);
    });
  });

  describe('a host', { skip: !linux }, () => {
    it('starts with the first call, and a spare one with it', async () => {
      using jit = client();
      assert.deepEqual(jit.hostPids, []);
      await jit.run(request(guests.addFour), never);
      assert.equal(jit.hostPids.length, 2);
    });

    it('says what it is', async () => {
      using jit = client();
      const info = await jit.ready();
      assert.deepEqual([info.pid], jit.hostPids);
      assert.equal(info.node, process.versions.node);
      assert.equal(info.protection.level, 'crash-only');
      assert.equal(info.parentDeath, 'parent-death-signal');
    });

    it('gets nothing of this environment, no descriptors of ours, and leaves no core dumps', async () => {
      process.env['JIT_BYTES_SECRET'] = 'secret';
      using jit = client({ environment: { EXTRA: 'yes' } });
      const { pid } = await jit.ready();
      delete process.env['JIT_BYTES_SECRET'];
      const names = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
      const allowed = names.filter((entry) => !/^(LD_LIBRARY_PATH|NODE_V8_COVERAGE)=/.test(entry));
      assert.deepEqual(allowed.sort(), [
        'ELECTRON_RUN_AS_NODE=1',
        'EXTRA=yes',
        'JIT_BYTES_HOST_TEST=crash-only',
      ]);
      assert.equal(fs.readlinkSync(`/proc/${pid}/cwd`), '/');
      assert.equal(fs.readlinkSync(`/proc/${pid}/fd/0`), '/dev/null');
      assert.equal(fs.readlinkSync(`/proc/${pid}/fd/1`), '/dev/null');
      assert.match(
        fs.readFileSync(`/proc/${pid}/limits`, 'utf8'),
        /Max core file size +[01] +[01] /,
      );
    });

    it('is replaced silently when it is killed while idle', async () => {
      using jit = client();
      const { pid } = await jit.ready();
      process.kill(pid, 'SIGKILL');
      assert.ok(await eventually(() => !jit.hostPids.includes(pid)));
      assert.ok(returned(4n, await jit.run(request(guests.addFour), never)));
    });

    it('that is killed while a call runs refuses it, and the next is made', async () => {
      using jit = client();
      const { pid } = await jit.ready();
      const call = jit.run(request(guests.loop, 0n, 30_000), never);
      await sleep(100);
      process.kill(pid, 'SIGKILL');
      assert.deepEqual(await call, { outcome: 'refused', reason: 'the host was killed (SIGKILL)' });
      assert.ok(returned(4n, await jit.run(request(guests.addFour), never)));
    });

    it('that is stopped does not stop the client', async () => {
      using jit = client({ startTimeoutMs: 500 });
      const { pid } = await jit.ready();
      process.kill(pid, 'SIGSTOP');
      const result = await jit.run(request(guests.addFour), never);
      assert.equal(result.outcome, 'refused');
      assert.match(result.reason, /did not begin the call within 500 ms/);
      assert.ok(returned(4n, await jit.run(request(guests.addFour), never)));
    });

    it('is another one after a restart, and what waits goes on', async () => {
      using jit = client();
      const { pid } = await jit.ready();
      const running = jit.run(request(guests.loop, 0n, 30_000), never);
      const waiting = jit.run(request(guests.addFour), never);
      await sleep(50);
      const info = await jit.restart();
      assert.notEqual(info.pid, pid);
      assert.deepEqual(await running, { outcome: 'refused', reason: 'the host was restarted' });
      assert.ok(returned(4n, await waiting));
      assert.equal(runs(pid), false);
    });

    it('restarted while it starts keeps what waits', async () => {
      using jit = client();
      const waiting = jit.run(request(guests.addFour), never);
      await jit.restart();
      assert.ok(returned(4n, await waiting));
    });
  });

  describe('a host that does not start', { skip: !linux }, () => {
    it('refuses the call with its own words, once for all that wait', async () => {
      const starts: string[] = [];
      using jit = failing('refuse', {
        log: (line) => line.includes('started') && starts.push(line),
      });
      const results = await Promise.all(
        Array.from({ length: 50 }, () => jit.run(request(guests.addFour), never)),
      );
      for (const result of results) {
        assert.equal(result.outcome, 'refused');
        assert.match(result.reason, /did not start.*the host was told to refuse/);
      }
      await sleep(200);
      assert.equal(starts.length, 1);
      await assert.rejects(jit.ready(), /told to refuse/);
    });

    it('is given up after a while', async () => {
      using jit = failing('mute', { startTimeoutMs: 300 });
      const start = performance.now();
      const result = await jit.run(request(guests.addFour), never);
      assert.equal(result.outcome, 'refused');
      assert.match(result.reason, /did not say hello within 300 ms/);
      assert.ok(performance.now() - start < 2000);
      assert.ok(await eventually(() => jit.hostPids.length === 0));
    });

    it('may take its time', async () => {
      using jit = failing('slow');
      assert.ok(returned(4n, await jit.run(request(guests.addFour, 0n, 100), never)));
    });

    it('because koffi is missing says how to install it', async () => {
      const bundle = fs.readFileSync('out/host/main.js', 'utf8');
      await withScript(bundle, async (hostPath) => {
        using jit = client({ hostPath });
        const result = await jit.run(request(guests.addFour), never);
        assert.equal(result.outcome, 'refused');
        assert.match(result.reason, /Install it with: npm install @koromix\/koffi/);
      });
    });

    const impossible = [
      ['a program that does not exist', { execPath: '/nowhere/node' }, /ENOENT/],
      ['a script that does not exist', { hostPath: '/nowhere/host.js' }, /Cannot find module/],
    ] as const;
    for (const [what, options, reason] of impossible) {
      it(`refuses for ${what}`, async () => {
        using jit = client(options);
        const result = await jit.run(request(guests.addFour), never);
        assert.equal(result.outcome, 'refused');
        assert.match(result.reason, reason);
      });
    }
  });

  describe('an answer that is no answer', { skip: !linux }, () => {
    for (const knob of ['garbage', 'forge'] as const) {
      it(`is refused as garbled (${knob})`, async () => {
        using jit = failing(knob);
        for (let count = 0; count < 3; count++) {
          const result = await jit.run(request(guests.addFour), never);
          assert.equal(result.outcome, 'refused');
          assert.match(result.reason, /garbled/);
        }
      });
    }

    it('does not come from a deaf host, which is replaced', async () => {
      using jit = failing('deaf', { startTimeoutMs: 300 });
      const result = await jit.run(request(guests.addFour), never);
      assert.equal(result.outcome, 'refused');
      assert.match(result.reason, /did not begin the call/);
    });

    const started = "send({ type: 'started', id });";
    const scripts: readonly (readonly [string, string, Outcome, RegExp])[] = [
      [
        'an unknown message',
        "send({ type: 'party' })",
        'refused',
        /message\.type is "party", unknown/,
      ],
      ['a text', "send('hello')", 'refused', /message is "hello", not an object/],
      [
        'a result without a start',
        "send({ type: 'result', id, result: { outcome: 'end' } })",
        'refused',
        /out of turn/,
      ],
      ['two starts', started + started, 'refused', /out of turn/],
      ['a second hello', "send({ type: 'hello', host })", 'refused', /hello twice/],
      [
        'a float for an integer',
        `${started} send({ type: 'result', id, result: { outcome: 'returned', value: { kind: 'float', value: 1, bits: 1n }, buffers: [], durationNs: 1n, registers: undefined } })`,
        'refused',
        /a float was returned as integer/,
      ],
      [
        'a buffer that was never passed',
        `${started} send({ type: 'result', id, result: { outcome: 'returned', value: { kind: 'integer', value: 1n }, buffers: [{ parameter: 0, before: new Uint8Array(1), after: new Uint8Array(1) }], durationNs: 1n, registers: undefined } })`,
        'refused',
        /buffer of parameter 0/,
      ],
      [
        'a field too many',
        `${started} send({ type: 'result', id, result: { outcome: 'end', extra: 1 } })`,
        'refused',
        /unknown field "extra"/,
      ],
      ['a length of 4 GiB', 'channel.write(Buffer.alloc(8, 255))', 'refused', /longer than/],
      [
        'the channel closed',
        'channel.end(); channel.removeAllListeners("close"); setInterval(() => 0, 1000); require("node:fs").closeSync(3)',
        'refused',
        /./,
      ],
      [
        'a good fault',
        `${started} send({ type: 'result', id, result: { outcome: 'fault', fault } })`,
        'fault',
        /SIGSEGV/,
      ],
    ];
    for (const [what, onRun, outcome, text] of scripts) {
      it(`${what}: ${outcome}`, async () => {
        await withScript(fakeHost(onRun), async (hostPath) => {
          using jit = client({ hostPath });
          const result = await jit.run(request(guests.addFour), never);
          assert.equal(result.outcome, outcome);
          assert.match(JSON.stringify(result).replaceAll('\\"', '"'), text);
        });
      });
    }

    const hellos: readonly (readonly [string, string, RegExp])[] = [
      ['of another protocol', 'host.protocol = 99;', /protocol is 99, not one of 2/],
      ['of another process', 'host.pid = 1;', /another process/],
      ['with garbage before it', "channel.write('garbage garbage');", /garbled/],
    ];
    for (const [what, more, reason] of hellos) {
      it(`a hello ${what} is no start`, async () => {
        await withScript(fakeHost('', more), async (hostPath) => {
          using jit = client({ hostPath });
          await assert.rejects(jit.ready(), reason);
        });
      });
    }

    it('a flood of errors on stderr is bounded', async () => {
      await withScript(
        "process.stderr.write('x'.repeat(1 << 20) + ' the end', () => process.exit(1))",
        async (hostPath) => {
          using jit = client({ hostPath });
          const result = await jit.run(request(guests.addFour), never);
          assert.equal(result.outcome, 'refused');
          assert.ok(result.reason.length < 5000, String(result.reason.length));
          assert.match(result.reason, /the end$/);
        },
      );
    });
  });

  describe('after disposal', { skip: !linux }, () => {
    it('no process is left and every call rejects', async () => {
      const jit = client();
      await jit.run(request(guests.addFour), never);
      const running = jit.run(request(guests.loop, 0n, 30_000), never);
      const queued = jit.run(request(guests.addFour), never);
      await sleep(50);
      const pids = jit.hostPids;
      assert.equal(pids.length, 2);
      jit.dispose();
      jit.dispose();
      await assert.rejects(running, /disposed/);
      await assert.rejects(queued, /disposed/);
      await assert.rejects(jit.run(request(guests.addFour), never), /disposed/);
      await assert.rejects(jit.ready(), /disposed/);
      assert.ok(await eventually(() => !pids.some(runs)));
      assert.ok(await eventually(() => jit.hostPids.length === 0));
    });

    it('so too while a host starts', async () => {
      const jit = client();
      const call = jit.run(request(guests.addFour), never);
      const pids = jit.hostPids;
      jit.dispose();
      await assert.rejects(call, /disposed/);
      assert.ok(await eventually(() => !pids.some(runs)));
    });
  });

  describe('the process of the client', { skip: !linux }, () => {
    it('takes its hosts along when it is killed, even from an endless call', async () => {
      const parent = spawn(process.execPath, [__filename, 'parent'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {},
      });
      const [line]: readonly unknown[] = await once(parent.stdout, 'data');
      const pids = String(line).trim().split(' ').map(Number);
      assert.equal(pids.length, 2);
      assert.ok(pids.every(runs));
      parent.kill('SIGKILL');
      assert.ok(await eventually(() => !pids.some(runs), 2000));
    });

    for (const role of ['done', 'disposed']) {
      it(`ends by itself when its calls are ${role}`, async () => {
        const parent = spawn(process.execPath, [__filename, role], {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: {},
          timeout: 5000,
          killSignal: 'SIGKILL',
        });
        const start = performance.now();
        let line = '';
        parent.stdout.on('data', (chunk: Buffer) => (line += String(chunk)));
        const [status]: readonly unknown[] = await once(parent, 'exit');
        assert.equal(status, 0);
        assert.ok(performance.now() - start < 2000);
        const [outcome, ...pids] = line.trim().split(' ');
        assert.equal(outcome, 'returned');
        assert.ok(await eventually(() => !pids.map(Number).some(runs)));
      });
    }
  });
}

/** How many processes are of the session of a host that has ended, and so were left by a guest. */
function groupMembers(hosts: readonly number[]): number {
  return fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => isStray(pid, hosts)).length;
}

function isStray(pid: number, hosts: readonly number[]): boolean {
  try {
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return (
      command.includes(String(process.pid)) &&
      command.some((part) => part.endsWith('host/main.js')) &&
      !hosts.includes(pid) &&
      runs(pid)
    );
  } catch {
    return false;
  }
}

async function endProgram(dispose: boolean): Promise<void> {
  const jit = client();
  const { outcome } = await jit.run(request(guests.addFour), never);
  fs.writeSync(1, `${outcome} ${jit.hostPids.join(' ')}\n`);
  if (dispose) jit.dispose();
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  parent: parentProgram,
  done: () => endProgram(false),
  disposed: () => endProgram(true),
};

const program = programs[process.argv[2] ?? ''];
if (program) void program();
else tests();
