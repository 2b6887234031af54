/**
 * Runs every call in a process of its own: a grandchild that a runner forks for it, with nothing in it but the bytes, their
 * buffers and a stack.
 */
import type { RunRequest, Runner, RunResult } from '../../model/run.ts';
import type { Signature } from '../../model/signature.ts';
import { isAddress } from '../../model/signature.ts';
import { onAbort } from '../abort.ts';
import type { CallingConvention } from '../abi.ts';
import { placeArguments } from '../abi.ts';
import { placeBuffers } from './bufferPlaces.ts';
import { CallPage, watchdogGraceMs } from './callPage.ts';
import { pageSize, parts, stackTop } from './layout.ts';
import type { Port } from './port.ts';
import type { Asked } from './record.ts';
import { readRecord } from './record.ts';
import type { RunnerFacts } from '../protection.ts';
import type { RunnerOptions } from './runnerProcess.ts';
import { RunnerProcess } from './runnerProcess.ts';
import type { Stopwatch } from './stopwatch.ts';

/** Milliseconds after the runner's watchdog at which the host gives the runner up. */
const runnerGraceMs = 500;

export class IsolatedRunner implements Runner {
  readonly #options: RunnerOptions;
  readonly #stopwatch: Stopwatch;
  #process: RunnerProcess;
  /** The end of the last call: the next one begins then. */
  #last: Promise<unknown> = Promise.resolve();
  /** What the call before has left in the file, in bytes. */
  #before = { code: 0, buffers: 0 };

  private constructor(options: RunnerOptions, first: RunnerProcess, stopwatch: Stopwatch) {
    this.#options = options;
    this.#process = first;
    this.#stopwatch = stopwatch;
  }

  /** Starts a runner. Rejects with a `SystemCallError` or a `RunnerStartError` if it cannot be had. */
  static async start(
    options: RunnerOptions,
    stopwatch: Stopwatch,
  ): Promise<{ readonly runner: IsolatedRunner; readonly facts: RunnerFacts }> {
    const first = new RunnerProcess(options);
    const facts = await first.ready;
    return { runner: new IsolatedRunner(options, first, stopwatch), facts };
  }

  /** Process id of the runner. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Rejects only with the signal's reason; the process of the call is then gone. */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    const turn = this.#last.then(() => this.#call(request, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the runner. */
  dispose(): void {
    this.#process.end();
  }

  async #call(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    signal.throwIfAborted();
    const { port } = this.#options;
    const convention = conventionOf(port, request);
    if (typeof convention !== 'string') return { outcome: 'refused', reason: convention.reason };
    let asked: Asked;
    try {
      if (!this.#process.usable) await this.#restart();
      asked = this.#write(request, convention);
      if (!this.#process.begin()) {
        // Somebody has ended the runner since the last call.
        await this.#restart();
        asked = this.#write(request, convention);
        if (!this.#process.begin()) throw new Error('the runner ended as soon as it was up');
      }
    } catch (error) {
      return { outcome: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
    const running = this.#process;
    const stopListening = onAbort(signal, () => running.end());
    const deadlineMs = request.timeoutMs + watchdogGraceMs + runnerGraceMs;
    const answer = await running.answer(deadlineMs);
    stopListening();
    signal.throwIfAborted();
    if (!answer) return { outcome: 'refused', reason: 'the runner of the call ended unexpectedly' };
    const results = running.arena.read(parts.results.offset, parts.results.size);
    const read = readRecord(asked, answer, results);
    const output = running.takeOutput();
    return output ? { ...read, output } : read;
  }

  async #restart(): Promise<void> {
    this.#process = new RunnerProcess(this.#options);
    this.#before = { code: 0, buffers: 0 };
    await this.#process.ready;
  }

  /** Puts a call into the arena. Throws an error if its arguments do not suit, or if there is too much of them. */
  #write(request: RunRequest, convention: CallingConvention): Asked {
    const { port } = this.#options;
    const { arena } = this.#process;
    const { bytes, arguments: values, signature } = request;
    const at = (offset: number): bigint => port.base + BigInt(offset);
    const buffers = placeBuffers(values);
    const addressOf = (parameter: number): bigint | undefined => {
      const place = buffers.places.find((one) => one.parameter === parameter);
      return place && at(parts.buffers.offset + place.offset);
    };
    const frame = placeArguments(convention, signature, values, addressOf, at(stackTop));
    // Copied out again are the buffers that can have changed, or that a result can point to.
    const wanted = buffers.places.filter(
      ({ parameter }) => isAddress(signature.result) || isMutable(signature, parameter),
    );
    const outgoing = wanted.length === 0 ? 0 : buffers.size;

    const page = new CallPage(port);
    const kept = page.setRegisters(request, convention, frame);
    page.setLimits(request.timeoutMs);
    for (const { bytes: source, offset } of wanted) page.addCopy(offset, source.length);
    page.addUnmapped(parts.runnerCode.offset, parts.runnerCode.size);
    // Where there is no filter, madvise may have done nothing either: QEMU lets it be inherited.
    if (!this.#options.filtered) page.addUnmapped(parts.state.offset, parts.state.size);
    page.addUnmapped(parts.outgoing.offset + outgoing, parts.outgoing.size - outgoing);
    for (const guard of buffers.guards) page.addUnmapped(parts.buffers.offset + guard, pageSize);
    arena.write(parts.requests.offset, page.bytes);

    arena.fill(parts.results.offset, parts.results.size, 0);
    arena.fill(parts.outgoing.offset, outgoing, 0);
    arena.fill(parts.buffers.offset, Math.max(buffers.size, this.#before.buffers), 0);
    for (const place of buffers.places) {
      arena.write(parts.buffers.offset + place.offset, place.bytes);
    }
    arena.fill(parts.guest.offset + bytes.length, this.#before.code - bytes.length, port.fillByte);
    arena.write(parts.guest.offset, bytes);
    this.#before = { code: bytes.length, buffers: buffers.size };
    return {
      port,
      request,
      convention,
      buffers,
      kept,
      after: (parameter) => {
        const place = wanted.find((one) => one.parameter === parameter);
        return place && arena.read(parts.outgoing.offset + place.offset, place.bytes.length);
      },
      filtered: this.#options.filtered,
      nanoseconds: (ticks) => this.#stopwatch.nanoseconds(ticks),
    };
  }
}

function isMutable({ parameters }: Signature, index: number): boolean {
  const type = parameters[index]?.type;
  return type?.kind === 'pointer' && type.mutable;
}

/** The convention to call by, or why there is none. */
function conventionOf(
  port: Port,
  { architecture, abi }: RunRequest,
): CallingConvention | { readonly reason: string } {
  if (architecture !== port.architecture) {
    return {
      reason: `code for ${architecture} cannot run on this machine, which is ${port.architecture}`,
    };
  }
  const found =
    abi === undefined ? port.conventions[0] : port.conventions.find((one) => one === abi);
  return found ?? { reason: `the ${abi} calling convention cannot be used for ${architecture}` };
}
