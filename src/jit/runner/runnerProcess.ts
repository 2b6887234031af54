/**
 * A runner as the host sees it: an arena, two pipes and a process that forks a grandchild for every byte it reads. One call
 * at a time; whatever goes wrong ends the runner, and a new one is started.
 */
import fs from 'node:fs';
import { limits } from '../../model/run.ts';
import { koffi } from '../koffi.ts';
import { systemMemory, toAddress } from '../raw.ts';
import type { Mapping, Pipe } from '../raw/linux.ts';
import {
  bindToProcessor,
  closeDescriptor,
  createPipe,
  currentProcessor,
  killProcess,
  makeCapturePipe,
  readPipe,
  reap,
  rseqOffset,
  waitReadable,
  writePipe,
} from '../raw/linux.ts';
import { Arena } from './arena.ts';
import { systemCallFilter } from './filter.ts';
import type { Step } from './layout.ts';
import {
  answer as answerFields,
  arenaBytes,
  entryImageBytes,
  failure as failureFields,
  maxHostRanges,
  parts,
  readyFacts,
  readyWord,
  request,
  steps,
} from './layout.ts';
import type { RunnerFacts, Sandbox } from '../protection.ts';
import type { Port, RunnerCode } from './port.ts';

export interface RunnerOptions {
  readonly port: Port;
  readonly sandbox: Sandbox;
  /** Whether system calls are filtered; without, the level is `process`. Never with the sandbox off. */
  readonly filtered: boolean;
  /** Whether it has a user and process namespace of its own, so that killing it kills its grandchildren. */
  readonly namespaces: boolean;
}

/** A runner could not be started: at which step, and why. */
export class RunnerStartError extends Error {
  override readonly name = 'RunnerStartError';
  /** The step that failed in the runner itself, or undefined if it was not forked or said nothing. */
  readonly step: Step | undefined;

  constructor(message: string, step: Step | undefined) {
    super(message);
    this.step = step;
  }
}

/** The runner's answer: the grandchild's id or minus an error number, its wait status, and which of `ends`. */
export interface Answer {
  readonly pid: number;
  readonly status: number;
  readonly end: number;
}

/** Milliseconds for which the event loop waits in place for an answer: most come within one. */
const inPlaceMs = 2;
/** Milliseconds that a runner has for its start. */
const startMs = 2000;
/** nobody, the user that owns nothing. */
const nobody = 65534;

// include/uapi/linux/sched.h
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWPID = 0x2000_0000;
const SIGCHLD = 17;
/** include/uapi/linux/capability.h, _LINUX_CAPABILITY_VERSION_3 */
const capabilityVersion = 0x2008_0522;

export class RunnerProcess {
  readonly arena: Arena;
  /** Settles once, when the runner is ready. Rejects with a {@link RunnerStartError}. */
  readonly ready: Promise<RunnerFacts>;
  readonly pid: number;
  readonly #requests: number;
  readonly #answers: number;
  readonly #output: number | undefined;
  #processor = -1;
  #reading = false;
  #ended = false;

  /** Forks the runner. Throws a `SystemCallError` or a {@link RunnerStartError}. */
  constructor(options: RunnerOptions) {
    const { port, sandbox } = options;
    this.arena = new Arena(port.base);
    const pipes: Pipe[] = [];
    const pipe = (): Pipe => {
      const made = createPipe();
      pipes.push(made);
      return made;
    };
    try {
      const { code } = port;
      this.arena.write(0, code.bytes);
      this.arena.fill(parts.guest.offset, parts.guest.size, port.fillByte);
      this.arena.mapParts();
      const requests = pipe();
      const answers = pipe();
      const output = sandbox === 'strict' ? undefined : pipe();
      if (output) makeCapturePipe(output, limits.outputBytes);
      this.#writeStartFields(options, code, requests.read, answers.write, output?.write ?? -1);
      systemMemory().flushInstructionCache(toAddress(port.base), code.bytes.length);
      const entry = port.base + BigInt(code.start);
      const pid = Number(koffi().call(entry, koffi().proto('int64', [])));
      if (pid <= 0) throw new RunnerStartError(`clone failed with error ${-pid}`, undefined);
      this.pid = pid;
      this.#requests = requests.write;
      this.#answers = answers.read;
      this.#output = output?.read;
      for (const end of [requests.read, answers.write, output?.write]) {
        if (end !== undefined) closeDescriptor(end);
      }
      this.arena.unmapParts();
    } catch (error) {
      for (const { read, write } of pipes) [read, write].forEach(closeDescriptor);
      this.arena.dispose();
      throw error;
    }
    this.ready = this.#awaitReady(options.namespaces);
    this.ready.catch(() => undefined); // Whoever needs the runner waits for it.
  }

  /** Whether it can be asked. */
  get usable(): boolean {
    return !this.#ended;
  }

  /**
   * Has a grandchild forked for what stands in the arena. False if the runner has ended since it was last heard of: nothing has
   * begun then.
   */
  begin(): boolean {
    this.#followHost();
    if (!this.#ended && writePipe(this.#requests, oneByte)) return true;
    this.end();
    return false;
  }

  /**
   * Waits for the end of the grandchild: in place for a moment, then without holding up anything else, and at most `deadlineMs`
   * milliseconds. Undefined if the runner has ended or did not answer in time, and was ended.
   */
  async answer(deadlineMs: number): Promise<Answer | undefined> {
    const bytes = await this.#receive(deadlineMs);
    if (bytes?.length === answerFields.bytes) return readAnswer(bytes);
    this.end();
    return undefined;
  }

  /**
   * Has the runner run where the host does. Host, runner and grandchild work one after another: on one processor none waits for
   * another one to wake up, which saves a fourth of a call.
   */
  #followHost(): void {
    const processor = currentProcessor();
    if (processor !== this.#processor && bindToProcessor(this.pid, processor)) {
      this.#processor = processor;
    }
  }

  /** What the guest has written since the last time, bounded; undefined if it cannot write. */
  takeOutput(): Uint8Array | undefined {
    if (this.#output === undefined || this.#ended) return undefined;
    const chunk = new Uint8Array(limits.outputBytes);
    let taken = 0;
    while (taken < chunk.length) {
      const count = readPipe(this.#output, chunk.subarray(taken));
      if (count === 0) break;
      taken += count;
    }
    return chunk.slice(0, taken);
  }

  /** Kills the runner and with it its grandchild. Descriptors that are being read are closed when that has ended. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    killProcess(this.pid);
    killProcess(-this.pid);
    reap(this.pid);
    closeDescriptor(this.#requests);
    if (this.#output !== undefined) closeDescriptor(this.#output);
    if (!this.#reading) closeDescriptor(this.#answers);
    this.arena.dispose();
  }

  async #awaitReady(namespaces: boolean): Promise<RunnerFacts> {
    const bytes = await this.#receive(startMs);
    if (bytes?.length === answerFields.bytes) {
      const { pid, status } = readAnswer(bytes);
      if (pid === readyWord) {
        return {
          pid: this.pid,
          namespaces,
          noExecuteFile: this.arena.noExecute,
          denyWriteExecute: (status & readyFacts.mdwe) !== 0,
        };
      }
    }
    const how = bytes === undefined ? 'did not answer' : startFailure(bytes);
    this.end();
    throw typeof how === 'string'
      ? new RunnerStartError(`the runner ${how}`, undefined)
      : new RunnerStartError(
          `the runner failed at the step ${how.step}: error ${how.error}`,
          how.step,
        );
  }

  /** The next bytes of the answer pipe; none at its end, undefined if there were none in time. */
  async #receive(deadlineMs: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(answerFields.bytes);
    if (waitReadable(this.#answers, Math.min(inPlaceMs, deadlineMs))) {
      return bytes.slice(0, readPipe(this.#answers, bytes));
    }
    this.#reading = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(undefined);
        this.end(); // Which ends the reading, too.
      }, deadlineMs);
      fs.read(this.#answers, bytes, 0, bytes.length, null, (error, count) => {
        this.#reading = false;
        clearTimeout(timer);
        if (this.#ended) closeDescriptor(this.#answers);
        resolve(error ? new Uint8Array() : bytes.slice(0, count));
      });
    });
  }

  #writeStartFields(
    { port, sandbox, filtered, namespaces }: RunnerOptions,
    code: RunnerCode,
    requestPipe: number,
    answerPipe: number,
    outputPipe: number,
  ): void {
    const { base } = port;
    const page = new Uint8Array(parts.requests.size);
    const view = new DataView(page.buffer);
    const word = (offset: number, value: bigint | number): void =>
      view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    const root = process.getuid?.() === 0;
    const strict = sandbox !== 'off';
    word(request.requestPipe, requestPipe);
    word(request.answerPipe, answerPipe);
    word(request.outputPipe, outputPipe);
    // Where it can be had, no signal to this process at its end: nobody here but us waits for it.
    const ownNamespaces = CLONE_NEWPID | (root ? 0 : CLONE_NEWUSER);
    word(request.cloneFlags, port.cloneFlags | (namespaces ? ownNamespaces : 0));
    word(request.rseqOffset, rseqOffset() ?? 0n);
    word(request.identity, root && strict ? nobody : -1);
    word(request.dropCapabilities, namespaces && !root ? 1 : 0);
    word(request.restricted, strict ? 1 : 0);
    if (filtered && strict) {
      const program = systemCallFilter(
        port.architecture,
        base,
        code.sites,
        sandbox === 'output'
          ? {
              number: port.systemCalls.write,
              descriptors: [1, 2],
              from: parts.guest.offset,
              to: parts.guest.offset + parts.guest.size,
            }
          : undefined,
      );
      page.set(program, request.filter);
      word(request.filterProgram, program.length / 8);
      word(request.filterProgram + 8, base + BigInt(parts.requests.offset + request.filter));
    }
    word(request.alternateStack, base + BigInt(parts.alternateStack.offset));
    word(request.alternateStack + 16, parts.alternateStack.size);
    // The kernel's struct sigaction: handler, flags, restorer (never returned to), mask (everything waits meanwhile).
    word(request.faultAction, base + BigInt(code.faultHandler));
    word(request.faultAction + 8, port.handlerFlags);
    word(request.faultAction + 24, -1n);
    word(request.childSignal, 1n << BigInt(SIGCHLD - 1));
    // One byte: then Linux makes no dump, and starts no program that takes dumps either. QEMU would make one.
    const dumpBytes = filtered ? 1 : 0;
    word(request.noDump, dumpBytes);
    word(request.noDump + 8, dumpBytes);
    view.setUint32(request.capabilities, capabilityVersion, true);
    const image = page.subarray(request.initialImage, request.initialImage + entryImageBytes);
    port.writeImage(image, new Map(), [0n, 0n]);
    if (port.hostRanges === 'list') {
      for (const [index, { address, size }] of hostRanges(base).entries()) {
        word(request.hostRanges + 16 * index, address);
        word(request.hostRanges + 16 * index + 8, size);
      }
    }
    this.arena.write(parts.requests.offset, page);
  }
}

const oneByte = new Uint8Array(1);

/** The mappings of this process but the arena's. Throws an error if there are more than can be told. */
function hostRanges(base: bigint): readonly Mapping[] {
  const ranges: { address: bigint; size: number }[] = [];
  for (const line of fs.readFileSync('/proc/self/maps', 'latin1').trim().split('\n')) {
    const [, first = '0', last = '0'] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? [];
    const [start, end] = [BigInt(`0x${first}`), BigInt(`0x${last}`)];
    if (start >= base && start < base + BigInt(arenaBytes)) continue;
    const before = ranges.at(-1);
    if (before && before.address + BigInt(before.size) === start)
      before.size += Number(end - start);
    else ranges.push({ address: start, size: Number(end - start) });
  }
  if (ranges.length > maxHostRanges) {
    throw new RunnerStartError(
      `the host has ${ranges.length} mappings, too many to unmap`,
      undefined,
    );
  }
  return ranges;
}

function readAnswer(bytes: Uint8Array): Answer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    pid: view.getInt32(answerFields.pid, true),
    status: view.getInt32(answerFields.status, true),
    end: view.getInt32(answerFields.end, true),
  };
}

function startFailure(bytes: Uint8Array): string | { readonly step: Step; readonly error: number } {
  if (bytes.length !== failureFields.bytes) return 'ended without a word';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = view.getInt32(failureFields.step, true);
  const step = (Object.keys(steps) as Step[]).find((name) => steps[name] === number);
  if (step === undefined) return `failed at an unknown step ${number}`;
  return { step, error: -view.getInt32(failureFields.error, true) };
}
