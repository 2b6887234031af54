/** Memory on Linux and macOS. */
import os from 'node:os';
import { koffi } from '../koffi.ts';
import { addressInWords, sizeInWords, SystemCallError } from './error.ts';
import type { Address, Memory, Protection, Purpose } from './memory.ts';
import { toAddress } from './memory.ts';
import { declareFunction, toInteger, toUnsigned } from './native.ts';

/** The C library of either system, each function by its own name. */
export interface PosixLibrary {
  getpagesize(): number;
  mmap(
    address: bigint,
    length: number,
    protection: number,
    flags: number,
    descriptor: number,
    offset: number,
  ): bigint;
  mprotect(address: bigint, length: number, protection: number): number;
  munmap(address: bigint, length: number): number;
  /** memcpy, into memory outside of JavaScript. */
  memcpyTo(address: bigint, bytes: Uint8Array): void;
  /** memcpy, out of it. */
  memcpyFrom(bytes: Uint8Array, address: bigint): void;
  /** The error number of the last call that failed. */
  errno(): number;
  strerror(errno: number): string;
}

export interface LinuxLibrary extends PosixLibrary {
  prctl(option: number, value: bigint): number;
  /** libgcc's; never called on x86. */
  __clear_cache(begin: bigint, end: bigint): void;
}

export interface DarwinLibrary extends PosixLibrary {
  /** Makes the MAP_JIT pages of the calling thread executable (1) or writable (0). */
  pthread_jit_write_protect_np(enabled: 0 | 1): void;
  sys_icache_invalidate(address: bigint, length: number): void;
}

/** What differs between the systems. */
interface PosixSystem {
  /** Flags for new pages. */
  flagsFor(purpose: Purpose): number;
  /** The protection that new pages get. */
  protectionFor(purpose: Purpose): number;
  flushInstructionCache(address: Address, size: number): void;
  /** Whether pages are of the kind whose protection the thread switches (macOS' MAP_JIT). */
  switchesProtection(purpose: Purpose): boolean;
  /** Runs `write` while the thread may write to such pages. */
  whileWritable(write: () => void): void;
}

// Linux: include/uapi/asm-generic/mman-common.h. macOS: bsd/sys/mman.h of XNU. The same in both.
const PROT_NONE = 0x0;
const PROT_READ = 0x1;
const PROT_WRITE = 0x2;
const PROT_EXEC = 0x4;
const MAP_PRIVATE = 0x2;

/** include/uapi/asm-generic/mman-common.h; the same for every architecture that Node runs on. */
const LINUX_MAP_ANONYMOUS = 0x20;
/** XNU, bsd/sys/mman.h. */
const DARWIN_MAP_ANON = 0x1000;
const DARWIN_MAP_JIT = 0x800;

/** mmap's return value on failure, (void *)-1. */
const MAP_FAILED = 0xffffffffffffffffn;

/** include/uapi/linux/prctl.h. */
const PR_SET_PDEATHSIG = 1;

const protections: Readonly<Record<Protection, number>> = {
  none: PROT_NONE,
  read: PROT_READ,
  'read-write': PROT_READ | PROT_WRITE,
  'read-execute': PROT_READ | PROT_EXEC,
};

/** Pages through a Linux C library. `architecture` is Node's name of it. */
export function linuxMemory(library: LinuxLibrary, architecture: string): Memory {
  return new PosixMemory(library, {
    flagsFor: () => MAP_PRIVATE | LINUX_MAP_ANONYMOUS,
    protectionFor: () => protections['read-write'],
    flushInstructionCache: (address, size) => {
      if (hasCoherentCaches(architecture)) return;
      library.__clear_cache(address, address + BigInt(size));
    },
    switchesProtection: () => false,
    whileWritable: (write) => write(),
  });
}

/** How macOS on Apple silicon is asked for executable memory. */
export type DarwinCodePages =
  /**
   * Plain pages, written and then made executable. Wants what node's and VS Code's own binaries have:
   * no hardened runtime, or the entitlement com.apple.security.cs.allow-unsigned-executable-memory.
   */
  | 'mprotect'
  /**
   * MAP_JIT pages, which the thread switches between writable and executable. V8's own code lies in
   * such pages too: from the switch to its reversal no code of V8's compilers may run on the thread, so
   * this is for a process started with `--jitless`.
   */
  | 'map-jit';

/** Pages through macOS' C library. `architecture` is Node's name of it. */
export function darwinMemory(
  library: DarwinLibrary,
  architecture: string,
  codePages: DarwinCodePages,
): Memory {
  const isJit = (purpose: Purpose): boolean => purpose === 'code' && codePages === 'map-jit';
  return new PosixMemory(library, {
    flagsFor: (purpose) => MAP_PRIVATE | DARWIN_MAP_ANON | (isJit(purpose) ? DARWIN_MAP_JIT : 0),
    protectionFor: (purpose) => protections['read-write'] | (isJit(purpose) ? PROT_EXEC : 0),
    flushInstructionCache: (address, size) => {
      if (!hasCoherentCaches(architecture)) library.sys_icache_invalidate(address, size);
    },
    switchesProtection: isJit,
    whileWritable: (write) => {
      library.pthread_jit_write_protect_np(0);
      try {
        write();
      } finally {
        library.pthread_jit_write_protect_np(1);
      }
    },
  });
}

/** Which code pages suit this process on macOS: MAP_JIT where V8 compiles nothing itself. */
export function darwinCodePages(architecture: string): DarwinCodePages {
  // V8 offers no WebAssembly where it may not compile, whichever way it was told so.
  const jitless = !('WebAssembly' in globalThis);
  return architecture === 'arm64' && jitless ? 'map-jit' : 'mprotect';
}

/**
 * Asks Linux to kill this process as soon as the thread that started it ends, and ends it at once if
 * `parent` has ended already. Throws a {@link SystemCallError} if the kernel refuses.
 */
export function killWithParent(library: LinuxLibrary, parent: number): void {
  const { SIGKILL } = os.constants.signals;
  if (library.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL)) !== 0) {
    throw posixError(library, 'prctl', ['PR_SET_PDEATHSIG', 'SIGKILL']);
  }
  // A parent that ended before the call above sends no signal; the kernel has given us another by then.
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}

/** The C library of a running Linux. Functions are looked up at their first call. */
export function linuxLibrary(): LinuxLibrary {
  const prctl = declareFunction(null, 'prctl', 'int', [
    'int',
    'size_t',
    'size_t',
    'size_t',
    'size_t',
  ]);
  const clearCache = declareFunction('libgcc_s.so.1', '__clear_cache', 'void', [
    'uintptr',
    'uintptr',
  ]);
  return {
    ...posixLibrary(),
    prctl: (option, value) => toInteger(prctl(option, value, 0, 0, 0)),
    __clear_cache: (begin, end) => void clearCache(begin, end),
  };
}

/** The C library of a running macOS. Functions are looked up at their first call. */
export function darwinLibrary(): DarwinLibrary {
  const protect = declareFunction(null, 'pthread_jit_write_protect_np', 'void', ['int']);
  const invalidate = declareFunction(null, 'sys_icache_invalidate', 'void', ['uintptr', 'size_t']);
  return {
    ...posixLibrary(),
    pthread_jit_write_protect_np: (enabled) => void protect(enabled),
    sys_icache_invalidate: (address, length) => void invalidate(address, length),
  };
}

function posixLibrary(): PosixLibrary {
  const getpagesize = declareFunction(null, 'getpagesize', 'int', []);
  const mmap = declareFunction(null, 'mmap', 'uintptr', [
    'uintptr',
    'size_t',
    'int',
    'int',
    'int',
    'int64',
  ]);
  const mprotect = declareFunction(null, 'mprotect', 'int', ['uintptr', 'size_t', 'int']);
  const munmap = declareFunction(null, 'munmap', 'int', ['uintptr', 'size_t']);
  // koffi.view would save the copy, but Electron forbids buffers outside of V8's own memory.
  const memcpyTo = declareFunction(null, 'memcpy', 'uintptr', ['uintptr', 'void *', 'size_t']);
  const memcpyFrom = declareFunction(null, 'memcpy', 'uintptr', ['void *', 'uintptr', 'size_t']);
  const strerror = declareFunction(null, 'strerror', 'str', ['int']);
  return {
    getpagesize: () => toInteger(getpagesize()),
    mmap: (address, length, protection, flags, descriptor, offset) =>
      toUnsigned(mmap(address, length, protection, flags, descriptor, offset)),
    mprotect: (address, length, protection) => toInteger(mprotect(address, length, protection)),
    munmap: (address, length) => toInteger(munmap(address, length)),
    memcpyTo: (address, bytes) => void memcpyTo(address, bytes, bytes.length),
    memcpyFrom: (bytes, address) => void memcpyFrom(bytes, address, bytes.length),
    errno: () => koffi().errno(),
    strerror: (errno) => String(strerror(errno)),
  };
}

class PosixMemory implements Memory {
  readonly pageSize: number;
  readonly #library: PosixLibrary;
  readonly #system: PosixSystem;
  /** Pages whose protection the thread switches: their ends by their starts. */
  readonly #switched = new Map<bigint, bigint>();

  constructor(library: PosixLibrary, system: PosixSystem) {
    this.#library = library;
    this.#system = system;
    this.pageSize = library.getpagesize();
  }

  allocate(size: number, purpose: Purpose): Address {
    const { protectionFor, flagsFor, switchesProtection } = this.#system;
    const address = this.#library.mmap(0n, size, protectionFor(purpose), flagsFor(purpose), -1, 0);
    if (address === MAP_FAILED) throw posixError(this.#library, 'mmap', [sizeInWords(size)]);
    if (switchesProtection(purpose)) this.#switched.set(address, address + BigInt(size));
    return toAddress(address);
  }

  protect(address: Address, size: number, protection: Protection): void {
    // Such pages are executable whenever nothing is being written to them, and macOS refuses mprotect there.
    if (this.#isSwitched(address)) return;
    if (this.#library.mprotect(address, size, protections[protection]) === 0) return;
    throw posixError(this.#library, 'mprotect', [
      addressInWords(address),
      sizeInWords(size),
      protection,
    ]);
  }

  release(address: Address, size: number): void {
    if (this.#library.munmap(address, size) !== 0) {
      throw posixError(this.#library, 'munmap', [addressInWords(address), sizeInWords(size)]);
    }
    this.#switched.delete(address);
  }

  write(address: Address, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const copy = (): void => this.#library.memcpyTo(address, bytes);
    if (this.#isSwitched(address)) this.#system.whileWritable(copy);
    else copy();
  }

  read(address: Address, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length > 0) this.#library.memcpyFrom(bytes, address);
    return bytes;
  }

  flushInstructionCache(address: Address, size: number): void {
    this.#system.flushInstructionCache(address, size);
  }

  #isSwitched(address: bigint): boolean {
    for (const [start, end] of this.#switched) if (address >= start && address < end) return true;
    return false;
  }
}

/**
 * Whether instruction fetches see what was written without being told: x86 does (Intel SDM volume 3,
 * section 12.6, "Self-modifying code"), others do not.
 */
function hasCoherentCaches(architecture: string): boolean {
  return architecture === 'x64' || architecture === 'ia32';
}

/** The error of the system call that has just failed. */
export function posixError(
  library: Pick<PosixLibrary, 'errno' | 'strerror'>,
  call: string,
  values: readonly string[],
): SystemCallError {
  const errno = library.errno();
  const named = Object.entries(os.constants.errno).find(([, value]) => value === errno);
  return new SystemCallError(call, values, {
    errno,
    code: named?.[0] ?? `E${errno}`,
    text: library.strerror(errno),
  });
}
