/** What the isolated runner needs of Linux: a memory file, pipes, processes. */
import os from 'node:os';
import { koffi } from '../koffi.ts';
import { addressInWords, sizeInWords } from './error.ts';
import { declareFunction, toInteger, toUnsigned } from './native.ts';
import { posixError } from './posix.ts';

// include/uapi/linux/memfd.h
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
const MFD_NOEXEC_SEAL = 0x8;
// include/uapi/linux/fcntl.h, include/uapi/asm-generic/fcntl.h
const F_DUPFD_CLOEXEC = 1030;
const F_SETFL = 4;
const F_ADD_SEALS = 1033;
const F_SETPIPE_SZ = 1031;
const F_SEAL_SEAL = 0x1;
const F_SEAL_SHRINK = 0x2;
const F_SEAL_GROW = 0x4;
const F_SEAL_FUTURE_WRITE = 0x10;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
// include/uapi/asm-generic/mman-common.h
const PROT_READ = 0x1;
const PROT_WRITE = 0x2;
const PROT_EXEC = 0x4;
const MAP_SHARED = 0x1;
const MAP_PRIVATE = 0x2;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_FIXED_NOREPLACE = 0x100000;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
// include/uapi/linux/wait.h
const __WALL = 0x4000_0000;
/** include/uapi/asm-generic/poll.h */
const POLLIN = 0x1;

const { SIGKILL } = os.constants.signals;
const { EINTR, EAGAIN } = os.constants.errno;

/** The lowest number that a pipe's end gets: the runner's own numbers lie below it. */
const lowestDescriptor = 16;

export interface Mapping {
  readonly address: bigint;
  readonly size: number;
}

export type MappingRights = 'read' | 'read-write' | 'read-execute';

const protections: Readonly<Record<MappingRights, number>> = {
  read: PROT_READ,
  'read-write': PROT_READ | PROT_WRITE,
  'read-execute': PROT_READ | PROT_EXEC,
};

export interface MemoryFile {
  readonly descriptor: number;
  /** Whether the system itself refuses to execute it as a program (Linux 6.3). */
  readonly noExecute: boolean;
}

/** Both ends of a pipe, not inherited by programs. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** The functions by their names in C; declared on first use. */
function libc() {
  const native = (
    name: string,
    result: 'int' | 'int64' | 'uintptr',
    ...types: Parameters<typeof declareFunction>[3]
  ) => declareFunction(null, name, result, types);
  return {
    close: native('close', 'int', 'int'),
    fcntl: native('fcntl', 'int', 'int', 'int', 'int64'),
    ftruncate: native('ftruncate', 'int', 'int', 'int64'),
    kill: native('kill', 'int', 'int', 'int'),
    memcpyFrom: declareFunction(null, 'memcpy', 'uintptr', ['void *', 'uintptr', 'size_t']),
    memcpyTo: declareFunction(null, 'memcpy', 'uintptr', ['uintptr', 'void *', 'size_t']),
    memfd_create: native('memfd_create', 'int', 'void *', 'uint'),
    memset: native('memset', 'uintptr', 'uintptr', 'int', 'size_t'),
    mmap: native('mmap', 'uintptr', 'uintptr', 'size_t', 'int', 'int', 'int', 'int64'),
    munmap: native('munmap', 'int', 'uintptr', 'size_t'),
    pipe2: native('pipe2', 'int', 'void *', 'int'),
    poll: native('poll', 'int', 'void *', 'size_t', 'int'),
    read: native('read', 'int64', 'int', 'void *', 'size_t'),
    sched_getcpu: native('sched_getcpu', 'int'),
    sched_setaffinity: native('sched_setaffinity', 'int', 'int', 'size_t', 'void *'),
    waitpid: native('waitpid', 'int', 'int', 'void *', 'int'),
    write: native('write', 'int64', 'int', 'void *', 'size_t'),
  };
}

let functions: ReturnType<typeof libc> | undefined;
function c(): ReturnType<typeof libc> {
  functions ??= libc();
  return functions;
}

function fail(call: string, ...values: readonly string[]): never {
  const strerror = declareFunction(null, 'strerror', 'str', ['int']);
  const library = {
    errno: () => koffi().errno(),
    strerror: (errno: number) => String(strerror(errno)),
  };
  throw posixError(library, call, values);
}

/** A file of so many bytes that lives in memory and has no name. Throws a `SystemCallError`. */
export function createMemoryFile(size: number): MemoryFile {
  const name = new TextEncoder().encode('jit-bytes\0');
  const create = (flags: number): number => toInteger(c().memfd_create(name, MFD_CLOEXEC | flags));
  let descriptor = create(MFD_NOEXEC_SEAL); // Implies that it can be sealed.
  const noExecute = descriptor >= 0;
  if (!noExecute) descriptor = create(MFD_ALLOW_SEALING);
  if (descriptor < 0) fail('memfd_create');
  if (toInteger(c().ftruncate(descriptor, size)) !== 0) {
    closeDescriptor(descriptor);
    fail('ftruncate', sizeInWords(size));
  }
  return { descriptor, noExecute };
}

/** From now on the file keeps its size, its seals, and has no new writable shared mappings. Throws a `SystemCallError`. */
export function sealMemoryFile(descriptor: number): void {
  const seals = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (toInteger(c().fcntl(descriptor, F_ADD_SEALS, seals)) !== 0) fail('fcntl', 'F_ADD_SEALS');
}

/** Where and how to map: a file's part, shared or copied on write, or zeroes if `descriptor` is undefined. */
export interface MappingRequest {
  /** Undefined: anywhere. An address where something is mapped already is refused. */
  readonly address: bigint | undefined;
  readonly size: number;
  readonly rights: MappingRights;
  readonly descriptor: number | undefined;
  readonly offset: number;
  readonly shared: boolean;
}

/** Maps memory. Throws a `SystemCallError`. */
export function map(request: MappingRequest): Mapping {
  const { address, size, rights, descriptor, offset, shared } = request;
  const flags =
    (shared ? MAP_SHARED : MAP_PRIVATE) |
    (descriptor === undefined ? MAP_ANONYMOUS | MAP_NORESERVE : 0) |
    (address === undefined ? 0 : MAP_FIXED_NOREPLACE);
  const file = descriptor ?? -1;
  const mapped = toUnsigned(
    c().mmap(address ?? 0n, size, protections[rights], flags, file, offset),
  );
  if (mapped === MAP_FAILED) fail('mmap', addressInWords(address ?? 0n), sizeInWords(size), rights);
  if (address !== undefined && mapped !== address) {
    // A kernel before 4.17 takes the address for a wish.
    unmap({ address: mapped, size });
    throw new Error(`mmap gave ${addressInWords(mapped)} instead of ${addressInWords(address)}`);
  }
  return { address: mapped, size };
}

/** Unmaps what {@link map} gave. Throws a `SystemCallError`. */
export function unmap({ address, size }: Mapping): void {
  if (toInteger(c().munmap(address, size)) !== 0) fail('munmap', addressInWords(address));
}

/** Copies bytes to a mapped, writable address. */
export function writeMemory(address: bigint, bytes: Uint8Array): void {
  if (bytes.length > 0) c().memcpyTo(address, bytes, bytes.length);
}

/** Copies mapped bytes into `bytes`. */
export function readMemory(address: bigint, bytes: Uint8Array): void {
  if (bytes.length > 0) c().memcpyFrom(bytes, address, bytes.length);
}

/** Fills mapped, writable memory with one byte. */
export function fillMemory(address: bigint, size: number, byte: number): void {
  if (size > 0) c().memset(address, byte, size);
}

/** A pipe whose ends have numbers out of the way of those that programs expect. Throws a `SystemCallError`. */
export function createPipe(): Pipe {
  const ends = new Int32Array(2);
  if (toInteger(c().pipe2(new Uint8Array(ends.buffer), O_CLOEXEC)) !== 0) fail('pipe2');
  const [read = -1, write = -1] = ends;
  return { read: raise(read), write: raise(write) };
}

function raise(descriptor: number): number {
  const raised = toInteger(c().fcntl(descriptor, F_DUPFD_CLOEXEC, lowestDescriptor));
  if (raised < 0) fail('fcntl', 'F_DUPFD_CLOEXEC');
  closeDescriptor(descriptor);
  return raised;
}

/** Makes both ends of a pipe refuse rather than wait, and asks for so many bytes of room. */
export function makeCapturePipe(pipe: Pipe, room: number): void {
  for (const end of [pipe.read, pipe.write]) {
    if (toInteger(c().fcntl(end, F_SETFL, O_NONBLOCK)) !== 0) fail('fcntl', 'F_SETFL');
  }
  c().fcntl(pipe.write, F_SETPIPE_SZ, room); // What the system grants is good enough.
}

/** Closes a descriptor. */
export function closeDescriptor(descriptor: number): void {
  c().close(descriptor);
}

/** Writes bytes that a pipe has room for. False if nobody reads them any more. */
export function writePipe(descriptor: number, bytes: Uint8Array): boolean {
  return toInteger(c().write(descriptor, bytes, bytes.length)) === bytes.length;
}

/** Reads into `bytes` and says how many came: 0 at the pipe's end, and of a pipe that does not wait, when it is empty. */
export function readPipe(descriptor: number, bytes: Uint8Array): number {
  for (;;) {
    const count = toInteger(c().read(descriptor, bytes, bytes.length));
    if (count >= 0) return count;
    const errno = koffi().errno();
    if (errno === EAGAIN) return 0;
    if (errno !== EINTR) fail('read');
  }
}

/** Waits until a descriptor can be read or has come to its end, at most so many milliseconds. */
export function waitReadable(descriptor: number, milliseconds: number): boolean {
  // struct pollfd: descriptor, events, events that came.
  const view = new DataView(pollBytes.buffer);
  view.setInt32(0, descriptor, true);
  view.setInt16(4, POLLIN, true);
  view.setInt16(6, 0, true);
  return toInteger(c().poll(pollBytes, 1, milliseconds)) > 0;
}
const pollBytes = new Uint8Array(8);

/** Kills a process, or with a negative number a process group. Whether it was there. */
export function killProcess(pid: number): boolean {
  return toInteger(c().kill(pid, SIGKILL)) === 0;
}

/** The processor that this thread runs on at the moment, by its number. */
export function currentProcessor(): number {
  return toInteger(c().sched_getcpu());
}

/** Processors that {@link bindToProcessor} can name. */
const mostProcessors = 1024;

/** Has a process run on one processor only. Whether the system agreed. */
export function bindToProcessor(pid: number, processor: number): boolean {
  if (processor < 0 || processor >= mostProcessors) return false;
  const set = new Uint8Array(mostProcessors / 8);
  set[processor >> 3] = 1 << (processor & 7);
  return toInteger(c().sched_setaffinity(pid, set.length, set)) === 0;
}

/** Waits for the end of a child and returns its wait status, or undefined if there is no such child. */
export function reap(pid: number): number | undefined {
  const status = new Int32Array(1);
  for (;;) {
    const ended = toInteger(c().waitpid(pid, new Uint8Array(status.buffer), __WALL));
    if (ended === pid) return status[0];
    if (koffi().errno() !== EINTR) return undefined;
  }
}

/** The offset of the C library's struct rseq from the thread pointer, or undefined if it registers none. */
export function rseqOffset(): bigint | undefined {
  try {
    const library = koffi().load(null);
    return BigInt(koffi().decode(library.symbol('__rseq_offset'), 'int64') as number | bigint);
  } catch {
    return undefined; // An older C library: there is none to unregister.
  }
}
