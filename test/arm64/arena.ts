/** An arena in which a grandchild's code runs without the runner: forked from here by a stub. */
import assert from 'node:assert/strict';
import {
  aarch64,
  x0,
  x1,
  x2,
  x3,
  x4,
  x8,
  xzr,
  type AArch64,
  type Label,
} from '../../src/asm/aarch64.ts';
import { keptGeneral } from '../../src/jit/abi.ts';
import { koffi } from '../../src/jit/koffi.ts';
import { declareFunction, toInteger, toUnsigned } from '../../src/jit/raw/native.ts';
import {
  codeExtent,
  emitChild,
  FieldLabels,
  handlerFlags,
  stackPointer,
} from '../../src/jit/runner/aarch64/childCode.ts';
import * as layout from '../../src/jit/runner/layout.ts';

const { parts, request } = layout;

/** include/uapi/asm-generic/unistd.h; include/uapi/asm-generic/mman-common.h; SIGCHLD. */
const systemCalls = { sigaltstack: 132, rt_sigaction: 134, clone: 220 } as const;
const PROT = { none: 0, read: 1, 'read-write': 3, 'read-execute': 5 } as const;
const MAP_SHARED_ANONYMOUS = 0x21;
const SIGCHLD = 17;
export const signals = { ill: 4, trap: 5, bus: 7, segv: 11, sys: 31 } as const;

/** Forks; the new process installs its handlers, as a runner would have, and goes to the child code. */
function emitStub(f: AArch64, asked: FieldLabels, child: Label): void {
  const inChild = f.label();
  f.mov(x0, SIGCHLD);
  for (const register of [x1, x2, x3, x4]) f.mov(register, xzr);
  f.mov(x8, systemCalls.clone);
  f.svc(0);
  f.cbz(x0, inChild);
  f.ret();
  f.bind(inChild);
  f.adr(x0, asked.at(request.alternateStack));
  f.mov(x1, xzr);
  f.mov(x8, systemCalls.sigaltstack);
  f.svc(0);
  for (const signal of Object.values(signals)) {
    f.mov(x0, signal);
    f.adr(x1, asked.at(request.faultAction));
    f.mov(x2, xzr);
    f.mov(x3, 8);
    f.mov(x8, systemCalls.rt_sigaction);
    f.svc(0);
  }
  f.b(child);
}

/** How a grandchild ended, and its record. */
export interface Outcome {
  readonly exitCode: number;
  readonly record: DataView;
  /** Offsets count from the arena's start. */
  readonly read: (offset: number, size: number) => Uint8Array;
}

export interface Setting {
  readonly registers?: Readonly<Record<number, bigint>>;
  readonly fpcr?: bigint;
  readonly stack?: readonly bigint[];
  readonly unmapped?: readonly (readonly [address: bigint, bytes: number])[];
  readonly copied?: readonly (readonly [from: bigint, to: bigint, bytes: number])[];
  readonly buffers?: Uint8Array;
}

/** The memory in which everything happens. Node.js ends with its tests, and the memory with it. */
export class Arena {
  readonly base: bigint;
  readonly #mprotect = declareFunction(null, 'mprotect', 'int', ['uintptr', 'size_t', 'int']);
  readonly #write = declareFunction(null, 'memcpy', 'uintptr', ['uintptr', 'void *', 'size_t']);
  readonly #read = declareFunction(null, 'memcpy', 'uintptr', ['void *', 'uintptr', 'size_t']);
  readonly #waitpid = declareFunction(null, 'waitpid', 'int', ['int', 'void *', 'int']);
  readonly #start: () => number;

  constructor() {
    const mmap = declareFunction(null, 'mmap', 'uintptr', [
      ...(['uintptr', 'size_t', 'int', 'int', 'int', 'int64'] as const),
    ]);
    this.base = toUnsigned(mmap(0, layout.arenaBytes, PROT.none, MAP_SHARED_ANONYMOUS, -1, 0));
    const f = aarch64();
    const asked = new FieldLabels(f, parts.requests.offset);
    const told = new FieldLabels(f, parts.results.offset);
    const child = f.label();
    emitStub(f, asked, child);
    f.org(parts.childCode.offset);
    f.bind(child);
    const { faultHandler } = emitChild(f, asked, told);
    const end = f.label('end');
    f.bind(end);
    asked.bind();
    told.bind();
    for (const [name, part] of Object.entries(parts)) {
      // Requests are written here and only read by the code.
      this.#protect(part, name === 'requests' ? 'read-write' : part.rights);
    }
    this.#put(0, f.bytes().subarray(0, f.offsetOf(end)), parts.runnerCode, parts.childCode);
    this.faultHandler = this.base + BigInt(f.offsetOf(faultHandler));
    this.codeBytes = f.offsetOf(end) - parts.childCode.offset;
    const call = koffiCall(this.base);
    this.#start = () => toInteger(call());
  }

  readonly faultHandler: bigint;
  readonly codeBytes: number;

  #protect({ offset, size }: layout.Part, rights: keyof typeof PROT): void {
    const address = this.base + BigInt(offset);
    assert.equal(toInteger(this.#mprotect(address, size, PROT[rights])), 0);
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#write(this.base + BigInt(offset), bytes, bytes.length);
  }

  /** Writes code, which may span parts: QEMU notices new code only in pages that become executable. */
  #put(offset: number, bytes: Uint8Array, ...into: readonly layout.Part[]): void {
    for (const part of into) {
      this.#protect(part, 'read-write');
      this.write(
        part.offset,
        bytes.subarray(part.offset - offset, part.offset - offset + part.size),
      );
      this.#protect(part, 'read-execute');
    }
  }

  read(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#read(bytes, this.base + BigInt(offset), size);
    return bytes;
  }

  /** Runs the guest once. */
  run(emit: (f: AArch64) => void, setting: Setting = {}): Outcome {
    const f = aarch64({ base: this.base + BigInt(parts.guest.offset) });
    emit(f);
    const code = f.bytes();
    this.#put(parts.guest.offset, code, { ...parts.guest, size: code.length });
    this.write(parts.results.offset, new Uint8Array(parts.results.size));
    this.write(parts.requests.offset, this.#request(code.length, setting));
    this.write(parts.buffers.offset, setting.buffers ?? new Uint8Array());
    const pid = this.#start();
    assert.ok(pid > 0, `clone: ${pid}`);
    const status = new Uint8Array(4);
    assert.equal(toInteger(this.#waitpid(pid, status, 0)), pid);
    const [signal = 0, exitCode = 0] = status;
    assert.equal(signal, 0, `ended by signal ${signal}`);
    const record = this.read(parts.results.offset, parts.results.size);
    return {
      exitCode,
      record: new DataView(record.buffer),
      read: (offset, size) => this.read(offset, size),
    };
  }

  #request(codeBytes: number, setting: Setting): Uint8Array {
    const bytes = new Uint8Array(parts.requests.size);
    const view = new DataView(bytes.buffer);
    const set = (offset: number, value: bigint | number): void =>
      view.setBigUint64(offset, BigInt(value), true);
    const { registers = {}, fpcr = 0n, stack = [], unmapped = [], copied = [] } = setting;
    const guest = this.base + BigInt(parts.guest.offset);
    set(request.entry, guest);
    for (let number = 0; number < stackPointer; number++) {
      set(request.registers + 8 * number, registers[number] ?? keptGeneral(number));
      for (let half = 0; half < 2; half++) {
        set(request.image + 16 * number + 8 * half, vectorHalf(number, half));
      }
    }
    for (let half = 0; half < 2; half++)
      set(request.image + 16 * 31 + 8 * half, vectorHalf(31, half));
    set(request.registers + 8 * stackPointer, this.stackPointer(stack.length));
    set(request.flags, fpcr);
    set(request.stackWords, stack.length);
    for (const [index, word] of stack.entries()) set(request.stack + 8 * index, word);
    for (const [index, words] of unmapped.entries()) {
      for (const [part, word] of words.entries())
        set(request.unmapped + 16 * index + 8 * part, word);
    }
    for (const [index, words] of copied.entries()) {
      for (const [part, word] of words.entries()) set(request.copied + 24 * index + 8 * part, word);
    }
    set(codeExtent, guest);
    set(codeExtent + 8, guest + BigInt(codeBytes));
    // stack_t {sp, flags, size}; the kernel's struct sigaction {handler, flags, restorer, mask}.
    set(request.alternateStack, this.base + BigInt(parts.alternateStack.offset));
    set(request.alternateStack + 16, parts.alternateStack.size);
    set(request.faultAction, this.faultHandler);
    set(request.faultAction + 8, handlerFlags);
    return bytes;
  }

  /** With so many words of arguments on the stack, rounded up to 16 bytes. */
  stackPointer(words: number): bigint {
    return this.base + BigInt(layout.stackTop - 16 * Math.ceil(words / 2));
  }
}

function koffiCall(address: bigint): () => unknown {
  // The stub is a C function without parameters; it returns in both processes, of which one goes elsewhere.
  const { call, proto } = koffi();
  const prototype = proto('int64 ()');
  return () => call(address, prototype);
}

export function vectorHalf(number: number, half: number): bigint {
  return 0x1000_0000_0000_0000n * BigInt(half + 1) + BigInt(number);
}
