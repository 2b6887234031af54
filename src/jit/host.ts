/**
 * The entry of the host process, in which guests run. Started by the client with the client's process id as its argument and
 * the channel as descriptor 3; serves one request after another and ends when the channel closes or its parent does.
 *
 * At the level `crash-only` a guest runs in this very process. It can then do what this process can: read and write its
 * memory, open files, and write to its descriptors, the channel among them. It can forge its own result and those of calls
 * after it, but nothing worse: the client checks every message, bounds what it keeps, and throws the host away at the first
 * one that it does not expect.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { RunRequest, Runner, RunResult } from '../model/run.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { HostKnob } from './hostKnob.ts';
import { hostKnob, slowStartMs } from './hostKnob.ts';
import { koffiVersion } from './koffi.ts';
import type { HostInfo, ToClient, ToHost } from './protocol.ts';
import { protocolVersion, readToHost } from './protocol.ts';
import type { ParentDeath } from './raw.ts';
import { dieWithParent } from './raw.ts';
import { forbidCoreDumps } from './raw/coreDump.ts';
import { InProcessRunner } from './runner/inProcess.ts';

/** The descriptor that is the channel to the client. */
const channelDescriptor = 3;
const stderrDescriptor = 2;

class Host {
  readonly #channel: net.Socket;
  readonly #runner: Runner;
  readonly #knob: HostKnob | undefined;
  readonly #reader = new FrameReader();
  /** The end of the last request's work: the next one begins then. */
  #last = Promise.resolve();

  constructor(channel: net.Socket, runner: Runner, knob: HostKnob | undefined) {
    this.#channel = channel;
    this.#runner = runner;
    this.#knob = knob;
  }

  listen(): void {
    this.#channel.on('data', (chunk: Uint8Array) => {
      try {
        for (const value of this.#reader.push(chunk)) this.#enqueue(readToHost(value));
      } catch (error) {
        fail(error);
      }
    });
    this.#channel.on('error', () => this.#channel.destroy());
    this.#channel.on('close', () => process.exit(0));
  }

  /** Resolves when the system has the message, so that it arrives even if this process crashes. */
  send(message: ToClient): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#channel.write(encodeFrame(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  #enqueue({ id, request }: ToHost): void {
    this.#last = this.#last.then(() => this.#serve(id, request)).catch(fail);
  }

  async #serve(id: number, request: RunRequest): Promise<void> {
    if (this.#knob === 'deaf') return;
    if (this.#knob === 'garbage') this.#channel.write('This is no message.');
    await this.send({ type: 'started', id });
    const result: RunResult = await this.#runner.run(request, new AbortController().signal);
    await this.send({ type: 'result', id: this.#knob === 'forge' ? id + 1 : id, result });
  }
}

/** Ends the process with an error's text, which the client shows. */
function fail(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  fs.writeSync(stderrDescriptor, `${text}\n`);
  process.exit(1);
}

function hello(parentDeath: ParentDeath): ToClient {
  const host: HostInfo = {
    protocol: protocolVersion,
    pid: process.pid,
    node: process.versions.node,
    koffi: koffiVersion,
    level: 'crash-only',
    reason: 'calls are made in the host process itself',
    parentDeath,
  };
  return { type: 'hello', host };
}

async function main(): Promise<void> {
  const parentDeath = dieWithParent(Number(process.argv[2]));
  forbidCoreDumps(); // Where it is refused, dumps are the system's wish.
  const knob = hostKnob(process.env);
  if (knob === 'refuse') throw new Error('the host was told to refuse');
  const host = new Host(new net.Socket({ fd: channelDescriptor }), new InProcessRunner(), knob);
  host.listen();
  if (knob === 'mute') return;
  if (knob === 'slow') await new Promise((resolve) => setTimeout(resolve, slowStartMs));
  await host.send(hello(parentDeath));
}

main().catch(fail);
