/** One host process as its client sees it: its start, a call at a time, its end. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import type { RunRequest, RunResult } from '../model/run.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { HostInfo, ToClient } from './protocol.ts';
import type { ProtectionLevel, Sandbox } from './protection.ts';
import { mainThreadStatus } from './mainThread.ts';
import { readToClient } from './protocol.ts';
import { checkResult } from './protocolRun.ts';
import { ProtocolError } from './shape.ts';

/** How a host is started. */
export interface HostStart {
  /** The bundled `host.ts`. */
  readonly hostPath: string;
  /** Node, or Electron, which then behaves as Node. */
  readonly execPath: string;
  readonly sandbox: Sandbox;
  /** Added to the few variables that the host gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds until the host must have said hello, and later until it must have begun a call. */
  readonly startTimeoutMs: number;
  /** Called once, when the process has ended, with how in words. */
  readonly onEnd: (how: string) => void;
}

/** The host could not be had. The message says why, with what the host itself said. */
export class HostStartError extends Error {
  override readonly name = 'HostStartError';
}

/** Milliseconds by which a result may be later than the call's limit allows: the channel's time. */
export const channelGraceMs = 50;
/** The same where the host itself ends what takes too long, and its runner if that does not answer. */
const isolatedGraceMs = 1000;
/** Milliseconds within which a host must have called a call off. */
const cancelMs = 40;

/** Index of the channel among the host's descriptors. */
const channelDescriptor = 3;
/** At most this much of what a host writes to its standard error is kept, in characters: the last of it. */
const maxErrorText = 4096;
/** Bytes of standard error after which nobody listens any more: a guest may be writing them. */
const maxErrorBytes = 1 << 20;
/** Milliseconds that the last words of a host may take after its end. */
const lastWordsMs = 200;

/** Signals that others send, and no fault of the code. */
const killingSignals: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

interface Call {
  readonly id: number;
  readonly request: RunRequest;
  started: boolean;
  /** Runs for the first of the calls only: the others wait for it in the host. */
  timer: NodeJS.Timeout | undefined;
  readonly resolve: (result: RunResult | NotBegun) => void;
}

/** The host ended while the call was waiting in it for another one: it can be made elsewhere. */
export const notBegun = Symbol('not begun');
export type NotBegun = typeof notBegun;

/**
 * Calls that a host holds at a time, the first of them running. More than one spare the channel's latency, but where a call can
 * end the host, it must be alone.
 */
const callsAhead: Readonly<Record<ProtectionLevel, number>> = {
  isolated: 64,
  process: 64,
  'crash-only': 1,
};

/** Why this end has killed the host: what then becomes of its call. */
interface KillCause {
  readonly how: string;
  readonly result: () => RunResult;
}

export class HostProcess {
  /** What the host says of itself. Rejects with a {@link HostStartError}. */
  readonly ready: Promise<HostInfo>;
  readonly #child: ChildProcess;
  readonly #channel: net.Socket | undefined;
  readonly #options: HostStart;
  readonly #reader = new FrameReader();
  readonly #settleReady: Settle;
  #startTimer: NodeJS.Timeout | undefined;
  #state: 'starting' | 'up' | 'ended' = 'starting';
  #level: ProtectionLevel = 'crash-only';
  #killed: KillCause | undefined;
  /** In the order of asking; the host makes them one after another. */
  readonly #calls: Call[] = [];
  #lastId = 0;
  #errorText = '';
  #errorBytes = 0;

  /** Starts the process. It has a session of its own, so that a guest's signal to its group does not reach the client. */
  constructor(options: HostStart) {
    this.#options = options;
    const { promise, settle } = deferred();
    this.ready = promise;
    this.#settleReady = settle;
    // Whoever needs the host waits for it; of a spare that nobody needed the failure is no news.
    this.ready.catch(() => undefined);
    const hostPath = path.resolve(options.hostPath);
    this.#child = spawn(options.execPath, [hostPath, String(process.pid), options.sandbox], {
      cwd: path.parse(hostPath).root,
      env: { ...minimalEnvironment(), ...options.environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#channel = this.#listen();
    this.#startTimer = setTimeout(() => {
      const how = `it did not say hello within ${options.startTimeoutMs} ms`;
      this.#kill({ how, result: () => refused(how) });
    }, options.startTimeoutMs);
  }

  /** Undefined if the system could not even start it. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it can still be asked: neither ended nor about to. */
  get usable(): boolean {
    const open = this.#channel !== undefined && !this.#channel.destroyed;
    return open && this.#state !== 'ended' && !this.#killed;
  }

  /** Whether it is ready and can be given another call. */
  get hasRoom(): boolean {
    return this.usable && this.#state === 'up' && this.#calls.length < callsAhead[this.#level];
  }

  /** Makes a call when those before have ended. The host must have room. Never rejects. */
  call(request: RunRequest): HostCall {
    if (!this.hasRoom) throw new Error('the host is not ready for a call');
    const id = ++this.#lastId;
    const result = new Promise<RunResult | NotBegun>((resolve) => {
      this.#calls.push({ id, request, started: false, timer: undefined, resolve });
      if (this.#calls.length === 1) this.#expectBegin();
      this.#channel?.write(encodeFrame({ type: 'run', id, request }));
    });
    return { id, result };
  }

  /** The first of the calls must begin soon. */
  #expectBegin(): void {
    const call = this.#calls[0];
    if (!call) return;
    if (this.#level !== 'crash-only') {
      call.started = true;
      call.timer = this.#limit(call);
      return;
    }
    const { startTimeoutMs } = this.#options;
    call.timer = setTimeout(() => {
      this.#kill({
        how: `it did not begin a call within ${startTimeoutMs} ms`,
        result: () => refused(`the host did not begin the call within ${startTimeoutMs} ms`),
      });
    }, startTimeoutMs);
  }

  /** Calls a call off: by a word to the host if it can do that itself, else by its end. */
  cancel(id: number): void {
    const call = this.#calls.find((one) => one.id === id);
    if (!call) return;
    if (this.#level === 'crash-only') {
      this.kill('cancelled');
      return;
    }
    this.#channel?.write(encodeFrame({ type: 'cancel', id }));
    setTimeout(() => {
      if (this.#calls[0] === call) this.kill('cancelled');
    }, cancelMs).unref();
  }

  /** Ends the process, and with it a call, which is refused. `cause` completes the sentence "the host was". */
  kill(cause: 'cancelled' | 'restarted' | 'disposed of'): void {
    this.#kill({ how: `it was ${cause}`, result: () => refused(`the host was ${cause}`) });
  }

  #listen(): net.Socket | undefined {
    const child = this.#child;
    // A process that could not be started has no channel; why is told by the event.
    child.on('error', (error) => this.#end(`it could not be started: ${error.message}`, undefined));
    child.on('exit', (code, signal) => {
      // What it sent before its end may still be in the channel, and not only until this turn of the event loop is over:
      // a signal of one child tells of all that have ended, also of those whose channel was looked at before.
      setImmediate(() => {
        setImmediate(() => this.#end(endInWords(code, signal), { code, signal }));
      });
    });
    child.unref();
    child.stderr?.on('data', (chunk: Buffer) => this.#keepErrorText(chunk));
    child.stderr?.on('error', () => child.stderr?.destroy());
    if (child.stderr instanceof net.Socket) child.stderr.unref();
    const channel: unknown = child.stdio[channelDescriptor];
    if (!(channel instanceof net.Socket)) return undefined;
    channel.unref();
    channel.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    channel.on('error', () => channel.destroy());
    channel.on('close', () => {
      // The channel of a process that ends is closed first; of one that does not, it was the guest.
      setTimeout(() => {
        const result = (): RunResult => refused('the host closed the channel');
        this.#kill({ how: 'it closed the channel', result });
      }, channelGraceMs).unref();
    });
    return channel;
  }

  #receive(chunk: Uint8Array): void {
    if (!this.usable) return;
    try {
      for (const value of this.#reader.push(chunk)) this.#take(readToClient(value));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const how = `its answer is garbled: ${error.message}`;
      this.#kill({ how, result: () => refused(`the host's answer is garbled: ${error.message}`) });
    }
  }

  #take(message: ToClient): void {
    if (message.type === 'hello') {
      if (this.#state !== 'starting') throw new ProtocolError('the host said hello twice');
      if (message.host.pid !== this.pid) throw new ProtocolError('the host is another process');
      this.#state = 'up';
      this.#level = message.host.protection.level;
      clearTimeout(this.#startTimer);
      this.#settleReady.resolve(message.host);
      return;
    }
    const call = this.#calls[0];
    if (call?.id !== message.id || call.started !== (message.type === 'result')) {
      throw new ProtocolError(`the host sent "${message.type}" for call ${message.id} out of turn`);
    }
    if (message.type === 'started') {
      call.started = true;
      clearTimeout(call.timer);
      call.timer = this.#limit(call);
    } else {
      checkResult(message.result, call.request);
      this.#settle(message.result);
    }
  }

  #limit(call: Call): NodeJS.Timeout {
    const { timeoutMs } = call.request;
    const graceMs = this.#level === 'crash-only' ? channelGraceMs : isolatedGraceMs;
    return setTimeout(() => {
      // After a pause of this process the answer may be there, unread: channels come after timers.
      setImmediate(() => {
        if (this.#calls[0] !== call) return;
        const result = this.#overdue(timeoutMs);
        this.#kill({ how: `a call did not end within ${timeoutMs} ms`, result: () => result });
      });
    }, timeoutMs + graceMs);
  }

  /** What became of a call that has not ended in time. */
  #overdue(limitMs: number): RunResult {
    // Elsewhere the host ends what takes too long: then it is the host itself that hangs.
    if (this.#level !== 'crash-only') return refused('the host did not answer in time');
    const status = this.pid === undefined ? undefined : mainThreadStatus(this.pid);
    if (status !== undefined) return { outcome: 'exited', status };
    return { outcome: 'timeout', limitMs, stuck: undefined };
  }

  #settle(result: RunResult): void {
    const call = this.#calls.shift();
    if (!call) return;
    clearTimeout(call.timer);
    call.resolve(result);
    this.#expectBegin();
  }

  #kill(cause: KillCause): void {
    if (this.#state === 'ended' || this.#killed) return;
    this.#killed = cause;
    clearTimeout(this.#startTimer);
    this.#child.ref(); // Somebody may be waiting for the end.
    this.#killGroup();
  }

  /** The host and what its guest has forked. */
  #killGroup(): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL'); // The group is gone already; perhaps its leader was not of it.
    }
  }

  /** `exit` is undefined if there never was a process. */
  #end(how: string, exit: Exit | undefined): void {
    if (this.#state === 'ended') return;
    const wasStarting = this.#state === 'starting';
    this.#state = 'ended';
    clearTimeout(this.#startTimer);
    if (exit) this.#killGroup();
    const said = this.#killed && exit?.signal === 'SIGKILL' ? this.#killed.how : how;
    if (wasStarting) void this.#rejectReady(said);
    else this.#forget();
    for (const [index, call] of this.#calls.splice(0).entries()) {
      clearTimeout(call.timer);
      call.resolve(index === 0 ? resultOf(call, exit, this.#killed) : notBegun);
    }
    this.#options.onEnd(said);
  }

  async #rejectReady(how: string): Promise<void> {
    const { stderr } = this.#child;
    if (stderr && !stderr.closed && this.pid !== undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lastWordsMs);
        stderr.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    const words = this.#errorText.trim();
    this.#settleReady.reject(
      new HostStartError(`the host did not start: ${words === '' ? how : `${how}: ${words}`}`),
    );
    this.#forget();
  }

  /** Lets go of the streams, which what a guest has left behind could keep open. */
  #forget(): void {
    this.#channel?.destroy();
    this.#child.stderr?.destroy();
  }

  #keepErrorText(chunk: Buffer): void {
    this.#errorText = (this.#errorText + chunk.toString('utf8')).slice(-maxErrorText);
    this.#errorBytes += chunk.length;
    if (this.#errorBytes > maxErrorBytes) this.#child.stderr?.destroy();
  }
}

/** A call that a host holds. */
export interface HostCall {
  readonly id: number;
  readonly result: Promise<RunResult | NotBegun>;
}

interface Settle {
  readonly resolve: (host: HostInfo) => void;
  readonly reject: (why: HostStartError) => void;
}

function deferred(): { readonly promise: Promise<HostInfo>; readonly settle: Settle } {
  let settle: Settle = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<HostInfo>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, settle };
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What an end of the process means for its call. */
function resultOf(call: Call, exit: Exit | undefined, killed: KillCause | undefined): RunResult {
  const { code, signal } = exit ?? { code: null, signal: null };
  // A host that crashed before it was killed has crashed.
  if (killed && signal === 'SIGKILL') return killed.result();
  if (signal !== null && killingSignals.includes(signal))
    return refused(`the host was killed (${signal})`);
  if (!call.started)
    return refused(`the host ended before the call began: ${endInWords(code, signal)}`);
  if (signal !== null) {
    const unknown = {
      code: undefined,
      access: undefined,
      address: undefined,
      offset: undefined,
      registers: undefined,
    };
    return { outcome: 'fault', fault: { signal, ...unknown } };
  }
  return { outcome: 'exited', status: code ?? 0 };
}

function refused(reason: string): RunResult {
  return { outcome: 'refused', reason };
}

function endInWords(code: number | null, signal: string | null): string {
  return signal === null ? `it exited with status ${code}` : `it was ended by ${signal}`;
}

/** Nothing of ours but what programs need in order to start at all. */
function minimalEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { ELECTRON_RUN_AS_NODE: '1' };
  for (const name of ['LD_LIBRARY_PATH', 'SystemRoot']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
