/** System libraries that only pretend: they log every call, keep what is written and fail on demand. */
import os from 'node:os';
import type { DarwinLibrary, LinuxLibrary, PosixLibrary } from '../../src/jit/raw/posix.ts';
import type { WindowsLibrary } from '../../src/jit/raw/windows.ts';
import type { Memory } from '../../src/jit/raw.ts';

/** Where the fakes' memory starts. */
export const base = 0x10000n;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** What all fakes share: the log, the memory, the failure to come and what is allocated. */
class Fake {
  readonly log: string[] = [];
  /** The call, by its name, that fails from now on. */
  failing: string | undefined;
  /** Whether a byte is dropped from everything that is written. */
  forgetful = false;
  readonly allocated = new Set<bigint>();
  readonly bytes = new Uint8Array(1 << 20);
  #next = base;

  /** Notes a call and says whether it succeeds. */
  note(name: string, ...values: readonly string[]): boolean {
    this.log.push(`${name}(${values.join(', ')})`);
    return this.failing !== name;
  }

  take(size: number): bigint {
    const address = this.#next;
    this.#next += BigInt(size);
    this.allocated.add(address);
    return address;
  }

  store(address: bigint, bytes: Uint8Array): void {
    const kept = this.forgetful ? bytes.subarray(0, bytes.length - 1) : bytes;
    this.bytes.set(kept, Number(address - base));
  }

  load(bytes: Uint8Array, address: bigint): void {
    const start = Number(address - base);
    bytes.set(this.bytes.subarray(start, start + bytes.length));
  }
}

export interface FakePosix extends Fake {
  readonly library: LinuxLibrary & DarwinLibrary;
}

/** A C library. A failing call sets errno to EACCES. */
export function fakePosix(pageSize: number): FakePosix {
  const fake = new Fake();
  const status = (ok: boolean): number => (ok ? 0 : -1);
  const common: PosixLibrary = {
    getpagesize: () => pageSize,
    mmap: (address, length, protection, flags, descriptor, offset) => {
      const values = [address, length, protection, hex(BigInt(flags)), descriptor, offset];
      return fake.note('mmap', ...values.map(String)) ? fake.take(length) : 0xffffffffffffffffn;
    },
    mprotect: (address, length, protection) =>
      status(fake.note('mprotect', hex(address), String(length), String(protection))),
    munmap: (address, length) => {
      const ok = fake.note('munmap', hex(address), String(length));
      if (ok) fake.allocated.delete(address);
      return status(ok);
    },
    memcpyTo: (address, bytes) => {
      fake.note('memcpy to', hex(address), String(bytes.length));
      fake.store(address, bytes);
    },
    memcpyFrom: (bytes, address) => {
      fake.note('memcpy from', hex(address), String(bytes.length));
      fake.load(bytes, address);
    },
    errno: () => os.constants.errno.EACCES,
    strerror: (errno) => (errno === os.constants.errno.EACCES ? 'Permission denied' : '?'),
  };
  const library: LinuxLibrary & DarwinLibrary = {
    ...common,
    prctl: (option, value) => status(fake.note('prctl', String(option), String(value))),
    __clear_cache: (begin, end) => void fake.note('__clear_cache', hex(begin), hex(end)),
    pthread_jit_write_protect_np: (enabled) =>
      void fake.note('pthread_jit_write_protect_np', String(enabled)),
    sys_icache_invalidate: (address, length) =>
      void fake.note('sys_icache_invalidate', hex(address), String(length)),
  };
  return Object.assign(fake, { library });
}

export interface FakeWindows extends Fake {
  readonly library: WindowsLibrary;
  /** What GetLastError gives. */
  lastError: number;
}

/** kernel32. */
export function fakeWindows(): FakeWindows {
  const fake = Object.assign(new Fake(), { lastError: 8 });
  const library: WindowsLibrary = {
    pageSize: () => 4096,
    VirtualAlloc: (address, size, type, protection) => {
      const values = [String(address), String(size), hex(BigInt(type)), hex(BigInt(protection))];
      return fake.note('VirtualAlloc', ...values) ? fake.take(size) : 0n;
    },
    VirtualProtect: (address, size, protection) =>
      Number(fake.note('VirtualProtect', hex(address), String(size), hex(BigInt(protection)))),
    VirtualFree: (address, size, type) => {
      const ok = fake.note('VirtualFree', hex(address), String(size), hex(BigInt(type)));
      if (ok) fake.allocated.delete(address);
      return Number(ok);
    },
    FlushInstructionCache: (process, address, size) =>
      Number(fake.note('FlushInstructionCache', hex(process), hex(address), String(size))),
    moveTo: (address, bytes) => {
      fake.note('RtlMoveMemory to', hex(address), String(bytes.length));
      fake.store(address, bytes);
    },
    moveFrom: (bytes, address) => {
      fake.note('RtlMoveMemory from', hex(address), String(bytes.length));
      fake.load(bytes, address);
    },
    GetLastError: () => fake.lastError,
  };
  return Object.assign(fake, { library });
}

/** Memory that remembers the addresses it gave, for looking them up in the kernel's list. */
export function recording(memory: Memory): { readonly memory: Memory; readonly given: bigint[] } {
  const given: bigint[] = [];
  return {
    given,
    memory: {
      pageSize: memory.pageSize,
      allocate: (size, purpose) => {
        const address = memory.allocate(size, purpose);
        given.push(address);
        return address;
      },
      protect: (address, size, protection) => memory.protect(address, size, protection),
      release: (address, size) => memory.release(address, size),
      write: (address, bytes) => memory.write(address, bytes),
      read: (address, length) => memory.read(address, length),
      flushInstructionCache: (address, size) => memory.flushInstructionCache(address, size),
    },
  };
}
