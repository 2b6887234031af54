/** The host process, spoken to without the client. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import { encodeFrame, FrameReader } from '../../src/jit/frames.ts';
import { hostKnob, hostKnobVariable } from '../../src/jit/hostKnob.ts';
import type { ToClient } from '../../src/jit/protocol.ts';
import { readToClient } from '../../src/jit/protocol.ts';
import { guests, hostPath, request } from './clientSetup.ts';
import { runsHere } from './functionTypes.ts';

interface Started {
  readonly child: ChildProcess;
  readonly channel: net.Socket;
  readonly messages: ToClient[];
  /** Its exit status or signal, and what it wrote to standard error. */
  readonly end: Promise<{ readonly how: unknown; readonly errors: string }>;
}

function start(
  parent = process.pid,
  environment: Readonly<Record<string, string>> = { [hostKnobVariable]: 'crash-only' },
  prefix: readonly string[] = [],
): Started {
  const [program = process.execPath, ...values] = [...prefix, process.execPath, hostPath];
  const child = spawn(program, [...values, String(parent), 'strict'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: environment,
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  const channel: unknown = child.stdio[3];
  assert.ok(channel instanceof net.Socket);
  const messages: ToClient[] = [];
  const reader = new FrameReader();
  channel.on('data', (chunk: Uint8Array) => {
    for (const value of reader.push(chunk)) messages.push(readToClient(value));
    channel.emit('messages');
  });
  channel.on('error', () => undefined);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const end = once(child, 'close').then(([code, signal]: readonly unknown[]) => ({
    how: signal ?? code,
    errors,
  }));
  return { child, channel, messages, end };
}

async function until(host: Started, count: number): Promise<void> {
  while (host.messages.length < count) await once(host.channel, 'messages');
}

const linux = process.platform === 'linux' && runsHere;

describe('the host', { skip: !linux, timeout: 20_000 }, () => {
  it('says hello, and for each request that it begins and how it ended', async () => {
    const host = start();
    for (const id of [1, 2]) {
      host.channel.write(encodeFrame({ type: 'run', id, request: request(guests.addFour) }));
    }
    await until(host, 5);
    const order = host.messages.map((message) =>
      'id' in message ? [message.type, message.id] : message.type,
    );
    assert.deepEqual(order, [
      'hello',
      ['started', 1],
      ['result', 1],
      ['started', 2],
      ['result', 2],
    ]);
    host.channel.end();
    assert.deepEqual(await host.end, { how: 0, errors: '' });
  });

  it('ends when the channel does', async () => {
    const host = start();
    await until(host, 1);
    host.channel.destroy();
    assert.deepEqual(await host.end, { how: 0, errors: '' });
  });

  it('tells that it begins before a call that is its end', async () => {
    const host = start();
    host.channel.write(encodeFrame({ type: 'run', id: 7, request: request(guests.segfault) }));
    assert.equal((await host.end).how, 'SIGSEGV');
    assert.deepEqual(host.messages.at(-1), { type: 'started', id: 7 });
  });

  it('does not outlive a parent that is another by now', async () => {
    assert.equal((await start(1).end).how, 'SIGKILL');
  });

  const garbage: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['bytes that are no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /longer than/],
    ['a payload that is no value', Buffer.from([2, 0, 0, 0, 1, 2]), /cannot be read/],
    ['a value that is no message', encodeFrame('run!'), /message is "run!", not an object/],
    [
      'a request without code',
      encodeFrame({ type: 'run', id: 1, request: {} }),
      /message\.request is an object, without/,
    ],
  ];
  for (const [what, bytes, reason] of garbage) {
    it(`ends itself for ${what}, and says why`, async () => {
      const host = start();
      await until(host, 1);
      host.channel.write(bytes);
      const { how, errors } = await host.end;
      assert.equal(how, 1);
      assert.match(errors, reason);
    });
  }

  it('leaves no core dump, though the system would take one', async () => {
    // As the shell of a developer may have it, as far as this machine permits.
    const command = 'ulimit -S -c "$(ulimit -H -c)"; exec "$0" "$@"';
    const host = start(process.pid, {}, ['/bin/sh', '-c', command]);
    await until(host, 1);
    const limits = fs.readFileSync(`/proc/${host.child.pid}/limits`, 'utf8');
    host.channel.end();
    await host.end;
    assert.match(limits, /Max core file size +([01]) +\1 /);
  });

  it('does not start for a knob that does not exist', async () => {
    const { how, errors } = await start(process.pid, { [hostKnobVariable]: 'typo' }).end;
    assert.equal(how, 1);
    assert.match(errors, /JIT_BYTES_HOST_TEST is typo, which is none of refuse, mute/);
    assert.equal(hostKnob({}), undefined);
  });
});
