/**
 * The entry of the host process, from which guests are run. Started by the client with the client's process id and the sandbox
 * as its arguments and the channel as descriptor 3; serves one request after another and ends when the channel closes or its
 * parent does.
 *
 * A guest has a process of its own where the system grants it (`runner/choose.ts`). At the level `crash-only` a guest runs in this very process. It can then do what this process can: read and write its
 * memory, open files, and write to its descriptors, the channel among them. It can forge its own result and those of calls
 * after it, but nothing worse: the client checks every message, bounds what it keeps, and throws the host away at the first
 * one that it does not expect.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { RunRequest, RunResult } from '../model/run.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { HostKnob } from './hostKnob.ts';
import { hostKnob, slowStartMs } from './hostKnob.ts';
import { koffiVersion } from './koffi.ts';
import type { HostInfo, ToClient, ToHost } from './protocol.ts';
import { protocolVersion, readToHost } from './protocol.ts';
import type { ParentDeath } from './raw.ts';
import { dieWithParent } from './raw.ts';
import { forbidCoreDumps } from './raw/coreDump.ts';
import type { Protection, ProtectionLevel } from './protection.ts';
import { sandboxes } from './protection.ts';
import type { Chosen } from './runner/choose.ts';
import { chooseRunner } from './runner/choose.ts';

/** The descriptor that is the channel to the client. */
const channelDescriptor = 3;
const stderrDescriptor = 2;
/** Milliseconds that quick calls may hold up the event loop. */
const breathMs = 2;

class Host {
  readonly #channel: net.Socket;
  readonly #chosen: Chosen;
  readonly #knob: HostKnob | undefined;
  readonly #reader = new FrameReader();
  /** Calls that wait or run, by their numbers. */
  readonly #calls = new Map<number, AbortController>();
  /** When the event loop was last seen to turn, in milliseconds. */
  #breathed = 0;
  /** The end of the last request's work: the next one begins then. */
  #last = Promise.resolve();

  constructor(channel: net.Socket, chosen: Chosen, knob: HostKnob | undefined) {
    this.#channel = channel;
    this.#chosen = chosen;
    this.#knob = knob;
  }

  listen(): void {
    this.#channel.on('data', (chunk: Uint8Array) => {
      try {
        for (const value of this.#reader.push(chunk)) this.#take(readToHost(value));
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

  #take(message: ToHost): void {
    if (message.type === 'cancel') {
      this.#calls.get(message.id)?.abort(new Error('the call was cancelled'));
      return;
    }
    const { id, request } = message;
    const controller = new AbortController();
    this.#calls.set(id, controller);
    this.#last = this.#last.then(() => this.#serve(id, request, controller.signal)).catch(fail);
  }

  async #serve(id: number, request: RunRequest, signal: AbortSignal): Promise<void> {
    if (this.#knob === 'deaf') return;
    if (this.#knob === 'garbage') this.#channel.write('This is no message.');
    await this.#breathe();
    // Where the call can crash this process, the client must know before that it has begun.
    if (this.#chosen.protection.level === 'crash-only') await this.send({ type: 'started', id });
    const result = await this.#run(request, signal);
    this.#calls.delete(id);
    // Results that come within one turn of the event loop go out in one write.
    if (this.#channel.writableCorked === 0) {
      this.#channel.cork();
      setImmediate(() => this.#channel.uncork());
    }
    void this.send({ type: 'result', id: this.#knob === 'forge' ? id + 1 : id, result });
  }

  /** Lets the event loop turn now and then, so that calls can be called off while others end quickly one after another. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathed < breathMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#breathed = performance.now();
  }

  async #run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    try {
      return await this.#chosen.runner.run(request, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { outcome: 'refused', reason: 'the call was cancelled' };
    }
  }
}

/** Ends the process with an error's text, which the client shows. */
function fail(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  fs.writeSync(stderrDescriptor, `${text}\n`);
  process.exit(1);
}

function hello(protection: Protection, parentDeath: ParentDeath): ToClient {
  const host: HostInfo = {
    protocol: protocolVersion,
    pid: process.pid,
    node: process.versions.node,
    koffi: koffiVersion,
    protection,
    parentDeath,
  };
  return { type: 'hello', host };
}

function highestLevel(knob: HostKnob | undefined): ProtectionLevel {
  if (knob === 'deaf') return 'crash-only';
  return knob === 'process' || knob === 'crash-only' ? knob : 'isolated';
}

async function main(parent: string | undefined, sandboxName: string | undefined): Promise<void> {
  const parentDeath = dieWithParent(Number(parent));
  forbidCoreDumps(); // Where it is refused, dumps are the system's wish.
  const knob = hostKnob(process.env);
  if (knob === 'refuse') throw new Error('the host was told to refuse');
  const sandbox = sandboxes.find((one) => one === sandboxName);
  if (!sandbox) throw new Error(`there is no sandbox ${sandboxName}`);
  const highest = highestLevel(knob);
  const chosen = await chooseRunner(sandbox, highest);
  const host = new Host(new net.Socket({ fd: channelDescriptor }), chosen, knob);
  host.listen();
  if (knob === 'mute') return;
  if (knob === 'slow') await new Promise((resolve) => setTimeout(resolve, slowStartMs));
  await host.send(hello(chosen.protection, parentDeath));
}

main(process.argv[2], process.argv[3]).catch(fail);
