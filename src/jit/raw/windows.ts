/** Memory on Windows. */
import { addressInWords, sizeInWords, SystemCallError } from './error.ts';
import type { Address, Memory, Protection } from './memory.ts';
import { toAddress } from './memory.ts';
import { declareFunction, toInteger, toUnsigned } from './native.ts';

/** kernel32, each function by its own name. Those that return a BOOL return it as a number. */
export interface WindowsLibrary {
  /** dwPageSize of what GetSystemInfo fills in. */
  pageSize(): number;
  VirtualAlloc(address: bigint, size: number, type: number, protection: number): bigint;
  /** The old protection, which it also returns, is dropped. */
  VirtualProtect(address: bigint, size: number, protection: number): number;
  VirtualFree(address: bigint, size: number, type: number): number;
  FlushInstructionCache(process: bigint, address: bigint, size: number): number;
  /** RtlMoveMemory, into memory outside of JavaScript. */
  moveTo(address: bigint, bytes: Uint8Array): void;
  /** RtlMoveMemory, out of it. */
  moveFrom(bytes: Uint8Array, address: bigint): void;
  GetLastError(): number;
}

// winnt.h, "Memory protection constants" in Microsoft's documentation.
const protections: Readonly<Record<Protection, number>> = {
  none: 0x01, // PAGE_NOACCESS
  read: 0x02, // PAGE_READONLY
  'read-write': 0x04, // PAGE_READWRITE
  'read-execute': 0x20, // PAGE_EXECUTE_READ
};

// winnt.h, "VirtualAlloc" and "VirtualFree" in Microsoft's documentation.
const MEM_COMMIT = 0x1000;
const MEM_RESERVE = 0x2000;
const MEM_RELEASE = 0x8000;

/** What GetCurrentProcess returns, (HANDLE)-1. */
const CURRENT_PROCESS = 0xffffffffffffffffn;

/** sizeof(SYSTEM_INFO) in a 64-bit process, and where dwPageSize stands in it. */
const SYSTEM_INFO_BYTES = 48;
const SYSTEM_INFO_PAGE_SIZE = 4;

/** winerror.h: the errors that these calls give, and Microsoft's text for them. */
const errors: Readonly<Record<number, readonly [code: string, text: string]>> = {
  5: ['ERROR_ACCESS_DENIED', 'Access is denied'],
  6: ['ERROR_INVALID_HANDLE', 'The handle is invalid'],
  8: [
    'ERROR_NOT_ENOUGH_MEMORY',
    'Not enough memory resources are available to process this command',
  ],
  87: ['ERROR_INVALID_PARAMETER', 'The parameter is incorrect'],
  487: ['ERROR_INVALID_ADDRESS', 'Attempt to access invalid address'],
  1450: ['ERROR_NO_SYSTEM_RESOURCES', 'Insufficient system resources exist'],
  1455: ['ERROR_COMMITMENT_LIMIT', 'The paging file is too small for this operation to complete'],
  1655: [
    'ERROR_DYNAMIC_CODE_BLOCKED',
    'The operation was blocked as the process prohibits dynamic code generation',
  ],
};

/** Pages through kernel32. */
export function windowsMemory(library: WindowsLibrary): Memory {
  return new WindowsMemory(library);
}

/** kernel32 of a running Windows. Functions are looked up at their first call. */
export function windowsLibrary(): WindowsLibrary {
  const dll = 'kernel32.dll';
  const systemInfo = declareFunction(dll, 'GetSystemInfo', 'void', ['void *']);
  const alloc = declareFunction(dll, 'VirtualAlloc', 'uintptr', [
    'uintptr',
    'size_t',
    'uint',
    'uint',
  ]);
  const protect = declareFunction(dll, 'VirtualProtect', 'int', [
    'uintptr',
    'size_t',
    'uint',
    'void *',
  ]);
  const free = declareFunction(dll, 'VirtualFree', 'int', ['uintptr', 'size_t', 'uint']);
  const flush = declareFunction(dll, 'FlushInstructionCache', 'int', [
    'uintptr',
    'uintptr',
    'size_t',
  ]);
  const moveTo = declareFunction(dll, 'RtlMoveMemory', 'void', ['uintptr', 'void *', 'size_t']);
  const moveFrom = declareFunction(dll, 'RtlMoveMemory', 'void', ['void *', 'uintptr', 'size_t']);
  const lastError = declareFunction(dll, 'GetLastError', 'uint', []);
  return {
    pageSize: () => {
      const info = new Uint8Array(SYSTEM_INFO_BYTES);
      systemInfo(info);
      return new DataView(info.buffer).getUint32(SYSTEM_INFO_PAGE_SIZE, true);
    },
    VirtualAlloc: (address, size, type, protection) =>
      toUnsigned(alloc(address, size, type, protection)),
    VirtualProtect: (address, size, protection) =>
      toInteger(protect(address, size, protection, new Uint8Array(4))),
    VirtualFree: (address, size, type) => toInteger(free(address, size, type)),
    FlushInstructionCache: (process, address, size) => toInteger(flush(process, address, size)),
    moveTo: (address, bytes) => void moveTo(address, bytes, bytes.length),
    moveFrom: (bytes, address) => void moveFrom(bytes, address, bytes.length),
    GetLastError: () => toInteger(lastError()),
  };
}

class WindowsMemory implements Memory {
  readonly pageSize: number;
  readonly #library: WindowsLibrary;

  constructor(library: WindowsLibrary) {
    this.#library = library;
    this.pageSize = library.pageSize();
  }

  allocate(size: number): Address {
    const type = MEM_RESERVE | MEM_COMMIT;
    const address = this.#library.VirtualAlloc(0n, size, type, protections['read-write']);
    if (address === 0n) throw this.#error('VirtualAlloc', [sizeInWords(size)]);
    return toAddress(address);
  }

  protect(address: Address, size: number, protection: Protection): void {
    if (this.#library.VirtualProtect(address, size, protections[protection]) !== 0) return;
    throw this.#error('VirtualProtect', [addressInWords(address), sizeInWords(size), protection]);
  }

  release(address: Address, size: number): void {
    // MEM_RELEASE wants a size of 0 and gives back all that VirtualAlloc reserved at the address.
    if (this.#library.VirtualFree(address, 0, MEM_RELEASE) !== 0) return;
    throw this.#error('VirtualFree', [addressInWords(address), sizeInWords(size)]);
  }

  write(address: Address, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#library.moveTo(address, bytes);
  }

  read(address: Address, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length > 0) this.#library.moveFrom(bytes, address);
    return bytes;
  }

  flushInstructionCache(address: Address, size: number): void {
    if (this.#library.FlushInstructionCache(CURRENT_PROCESS, address, size) !== 0) return;
    throw this.#error('FlushInstructionCache', [addressInWords(address), sizeInWords(size)]);
  }

  #error(call: string, values: readonly string[]): SystemCallError {
    const errno = this.#library.GetLastError();
    const [code, text] = errors[errno] ?? ['Windows error', 'see winerror.h'];
    return new SystemCallError(call, values, { errno, code, text });
  }
}
