/** Starts the host, gives it calls, and replaces it when a call was its end. */
import type { RunRequest, Runner, RunResult } from '../model/run.ts';
import { onAbort } from './abort.ts';
import { HostProcess, HostStartError, notBegun } from './hostProcess.ts';
import type { HostInfo } from './protocol.ts';
import type { Sandbox } from './protection.ts';
import { ProtocolError, readRunRequest } from './protocol.ts';

export { channelGraceMs } from './hostProcess.ts';
export type { HostInfo } from './protocol.ts';

export interface JitClientOptions {
  /** The bundled `host.ts`. */
  readonly hostPath: string;
  /** What runs it: Node, or Electron in the guise of Node. This process' own program if not given. */
  readonly execPath?: string;
  /** What guests may do; `strict` if not given. */
  readonly sandbox?: Sandbox;
  /** Environment variables for the host, which otherwise gets next to none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds until a host must be up, 10,000 if not given. */
  readonly startTimeoutMs?: number;
  /** Told of starts and ends of hosts, a sentence each. */
  readonly log?: (message: string) => void;
  /** Told of every host that is up. */
  readonly onReady?: (info: HostInfo) => void;
}

interface Job {
  /** In the order of asking. */
  readonly number: number;
  /** Whether its promise is settled, so that no result is wanted. */
  settled: boolean;
  readonly request: RunRequest;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** A job that a host holds. */
interface Running {
  readonly host: HostProcess;
  readonly id: number;
  /** Settles when the host does not hold it any more. */
  readonly ended: Promise<void>;
}

const startTimeoutMs = 10_000;

/**
 * A runner whose calls happen in another process, one after another in the order of asking. The process starts with the
 * first call, and a spare one beside it, so that a crash costs the next call little. Hosts start only when they are asked
 * for, so that one that cannot start is not started again and again.
 *
 * Construct it on the main thread: Linux ends a host together with the thread that started it. Until {@link JitClient.dispose}
 * the hosts live on, but they do not keep this process from ending, and end with it.
 */
export class JitClient implements Runner, Disposable {
  readonly #options: JitClientOptions;
  readonly #hosts = new Set<HostProcess>();
  readonly #queue: Job[] = [];
  #active: HostProcess | undefined;
  #spare: HostProcess | undefined;
  readonly #running = new Map<Job, Running>();
  #lastNumber = 0;
  #sandbox: Sandbox;
  #working = false;
  #disposed = false;

  constructor(options: JitClientOptions) {
    this.#options = options;
    this.#sandbox = options.sandbox ?? 'strict';
  }

  /** Process ids of the hosts that run. */
  get hostPids(): readonly number[] {
    return [...this.#hosts].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /**
   * Makes a call. A call that breaks resolves like any other; so does one that cannot be made, as refused. Rejects only
   * with the signal's reason when it is aborted, which ends the call at once, or when the client has been disposed of.
   */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#checkAlive();
      signal.throwIfAborted();
      let checked: RunRequest;
      try {
        checked = readRunRequest(request, 'request');
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        resolve({ outcome: 'refused', reason: error.message });
        return;
      }
      const stopListening = onAbort(signal, () => {
        this.#drop(job);
        job.reject(signal.reason);
      });
      const job: Job = {
        number: ++this.#lastNumber,
        settled: false,
        request: checked,
        resolve: (result) => {
          job.settled = true;
          stopListening();
          resolve(result);
        },
        reject: (reason) => {
          job.settled = true;
          stopListening();
          reject(reason);
        },
      };
      this.#queue.push(job);
      void this.#work();
    });
  }

  /** Starts a host if there is none, and says what it is. Rejects with a {@link HostStartError}. */
  async ready(): Promise<HostInfo> {
    this.#checkAlive();
    const { info } = await this.#acquire();
    return info;
  }

  /** Ends every host and starts anew. A running call is refused; those that wait go on. */
  restart(): Promise<HostInfo> {
    this.#killAll('restarted');
    this.#active = undefined;
    return this.ready();
  }

  /** Ends every host if it has another sandbox; later ones have this one. A running call is refused. */
  useSandbox(sandbox: Sandbox): void {
    if (sandbox === this.#sandbox) return;
    this.#sandbox = sandbox;
    this.#killAll('restarted');
    this.#active = undefined;
  }

  /** Ends every host. Calls that wait or run, and later ones, are rejected. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const reason = disposedError();
    for (const job of this.#queue.splice(0)) job.reject(reason);
    for (const job of this.#running.keys()) job.reject(reason);
    this.#killAll('disposed of');
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkAlive(): void {
    if (this.#disposed) throw disposedError();
  }

  /** Serves the queue until it is empty. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#queue.length > 0) await this.#serveNext();
    } finally {
      this.#working = false;
    }
  }

  async #serveNext(): Promise<void> {
    let host: HostProcess;
    try {
      ({ host } = await this.#acquire());
    } catch (error) {
      // Each of them would meet the same failure, at the price of another start.
      const reason = error instanceof Error ? error.message : String(error);
      for (const job of this.#queue.splice(0)) job.resolve({ outcome: 'refused', reason });
      return;
    }
    while (host.hasRoom) {
      const job = this.#queue.shift();
      if (!job) break;
      this.#ask(host, job);
    }
    this.#warm();
    // Room comes with a result.
    await Promise.race([...this.#running.values()].map(({ ended }) => ended));
  }

  #ask(host: HostProcess, job: Job): void {
    const { id, result } = host.call(job.request);
    const ended = result.then((outcome) => {
      this.#running.delete(job);
      if (outcome !== notBegun) job.resolve(outcome);
      else if (!job.settled) this.#askAgain(job);
    });
    this.#running.set(job, { host, id, ended });
  }

  /** A call that its host did not come to is the next one, before those that were asked for later. */
  #askAgain(job: Job): void {
    const later = this.#queue.findIndex(({ number }) => number > job.number);
    this.#queue.splice(later < 0 ? this.#queue.length : later, 0, job);
    void this.#work();
  }

  /** A host that is up: the active one, else the spare one, else a new one. */
  async #acquire(): Promise<{ readonly host: HostProcess; readonly info: HostInfo }> {
    for (;;) {
      this.#checkAlive();
      const active = this.#active?.usable ? this.#active : undefined;
      const spare = this.#spare?.usable ? this.#spare : undefined;
      const host = active ?? spare ?? this.#start();
      if (!active) this.#spare = undefined;
      this.#active = host;
      try {
        const info = await host.ready;
        if (host.usable) return { host, info };
        throw new HostStartError('the host ended as soon as it was up');
      } catch (error) {
        // That a spare one did not come up, or one that was ended by a restart, says nothing of the next.
        if (host !== spare && this.#active === host) throw error;
      }
    }
  }

  /** Starts a spare host if there is none. A failure is met again, and told, when the host is needed. */
  #warm(): void {
    if (this.#disposed || this.#spare?.usable) return;
    try {
      this.#spare = this.#start();
    } catch (error) {
      this.#options.log?.(`a spare host could not be started: ${String(error)}`);
    }
  }

  #start(): HostProcess {
    const { hostPath, execPath = process.execPath, environment = {}, log, onReady } = this.#options;
    const host = new HostProcess({
      hostPath,
      execPath,
      sandbox: this.#sandbox,
      environment,
      startTimeoutMs: this.#options.startTimeoutMs ?? startTimeoutMs,
      onEnd: (how) => {
        this.#hosts.delete(host);
        log?.(`host ${host.pid ?? ''} ended: ${how}`);
      },
    });
    this.#hosts.add(host);
    if (onReady) host.ready.then(onReady, () => undefined);
    log?.(`host ${host.pid ?? ''} started: ${execPath} ${hostPath}`);
    return host;
  }

  /** Takes a job out of the queue, or ends the host that is at it. */
  #drop(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    const running = this.#running.get(job);
    running?.host.cancel(running.id);
  }

  #killAll(cause: 'restarted' | 'disposed of'): void {
    for (const host of this.#hosts) host.kill(cause);
  }
}

function disposedError(): Error {
  return new Error('the JIT client was disposed of');
}
