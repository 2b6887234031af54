import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Memory } from '../../src/jit/raw.ts';
import { systemMemory, toAddress } from '../../src/jit/raw.ts';
import { sizeInWords, SystemCallError } from '../../src/jit/raw/error.ts';
import {
  darwinCodePages,
  darwinMemory,
  killWithParent,
  linuxMemory,
} from '../../src/jit/raw/posix.ts';
import { windowsMemory } from '../../src/jit/raw/windows.ts';
import { DataRegion, MappedRegion } from '../../src/jit/region.ts';
import { fakePosix, fakeWindows } from './rawFakes.ts';

/** What every system is put through: code written, made executable, rewritten, given back; then data. */
function drive(memory: Memory): void {
  const writable = MappedRegion.allocate(1, memory);
  writable.write(Uint8Array.of(0xc3));
  const executable = writable.makeExecutable();
  executable.makeWritable().dispose();
  const data = DataRegion.allocate(1, memory);
  data.write(Uint8Array.of(1, 2));
  data.dispose();
}

const linuxX64 = [
  'mmap(0, 4096, 3, 0x22, -1, 0)',
  'memcpy to(0x10000, 1)',
  'memcpy from(0x10000, 1)',
  'mprotect(0x10000, 4096, 5)',
  'mprotect(0x10000, 4096, 3)',
  'munmap(0x10000, 4096)',
  'mmap(0, 4096, 3, 0x22, -1, 0)',
  'memcpy to(0x11000, 2)',
  'memcpy from(0x11000, 2)',
  'munmap(0x11000, 4096)',
];

const darwinPlain = [
  'mmap(0, 16384, 3, 0x1002, -1, 0)',
  'memcpy to(0x10000, 1)',
  'memcpy from(0x10000, 1)',
  'mprotect(0x10000, 16384, 5)',
  'mprotect(0x10000, 16384, 3)',
  'munmap(0x10000, 16384)',
  'mmap(0, 16384, 3, 0x1002, -1, 0)',
  'memcpy to(0x14000, 2)',
  'memcpy from(0x14000, 2)',
  'munmap(0x14000, 16384)',
];

/** The log with more calls after one of its lines. */
function after(log: readonly string[], line: string, ...more: readonly string[]): string[] {
  return log.flatMap((entry) => (entry === line ? [entry, ...more] : [entry]));
}

describe('native calls, in order', () => {
  it('Linux on x64: no cache to flush', () => {
    const fake = fakePosix(4096);
    drive(linuxMemory(fake.library, 'x64'));
    assert.deepEqual(fake.log, linuxX64);
  });

  it('Linux on arm64: the cache is flushed once the code is executable', () => {
    const fake = fakePosix(4096);
    drive(linuxMemory(fake.library, 'arm64'));
    const flush = '__clear_cache(0x10000, 0x11000)';
    assert.deepEqual(fake.log, after(linuxX64, 'mprotect(0x10000, 4096, 5)', flush));
  });

  it('macOS on x64: its own constants, no cache to flush', () => {
    const fake = fakePosix(16384);
    drive(darwinMemory(fake.library, 'x64', 'mprotect'));
    assert.deepEqual(fake.log, darwinPlain);
  });

  it('macOS on arm64: the cache is flushed', () => {
    const fake = fakePosix(16384);
    drive(darwinMemory(fake.library, 'arm64', 'mprotect'));
    const flush = 'sys_icache_invalidate(0x10000, 16384)';
    assert.deepEqual(fake.log, after(darwinPlain, 'mprotect(0x10000, 16384, 5)', flush));
  });

  it('macOS on arm64 with MAP_JIT: the thread is switched around each write, nothing is reprotected', () => {
    const fake = fakePosix(16384);
    drive(darwinMemory(fake.library, 'arm64', 'map-jit'));
    assert.deepEqual(fake.log, [
      'mmap(0, 16384, 7, 0x1802, -1, 0)',
      'pthread_jit_write_protect_np(0)',
      'memcpy to(0x10000, 1)',
      'pthread_jit_write_protect_np(1)',
      'memcpy from(0x10000, 1)',
      'sys_icache_invalidate(0x10000, 16384)',
      'munmap(0x10000, 16384)',
      // Data is of the plain kind.
      'mmap(0, 16384, 3, 0x1002, -1, 0)',
      'memcpy to(0x14000, 2)',
      'memcpy from(0x14000, 2)',
      'munmap(0x14000, 16384)',
    ]);
  });

  it('macOS with MAP_JIT: the thread is switched back even if the write fails', () => {
    const fake = fakePosix(16384);
    const { library } = fake;
    const memcpyTo = (): void => {
      throw new Error('no');
    };
    const memory = darwinMemory({ ...library, memcpyTo }, 'arm64', 'map-jit');
    const region = MappedRegion.allocate(40000, memory);
    assert.throws(() => region.write(Uint8Array.of(1), 39000), /no/);
    assert.deepEqual(fake.log.slice(1), [
      'pthread_jit_write_protect_np(0)',
      'pthread_jit_write_protect_np(1)',
    ]);
  });

  it('Windows: VirtualAlloc, write, VirtualProtect, FlushInstructionCache', () => {
    const fake = fakeWindows();
    drive(windowsMemory(fake.library));
    assert.deepEqual(fake.log, [
      'VirtualAlloc(0, 4096, 0x3000, 0x4)',
      'RtlMoveMemory to(0x10000, 1)',
      'RtlMoveMemory from(0x10000, 1)',
      'VirtualProtect(0x10000, 4096, 0x20)',
      'FlushInstructionCache(0xffffffffffffffff, 0x10000, 4096)',
      'VirtualProtect(0x10000, 4096, 0x4)',
      'VirtualFree(0x10000, 0, 0x8000)',
      'VirtualAlloc(0, 4096, 0x3000, 0x4)',
      'RtlMoveMemory to(0x11000, 2)',
      'RtlMoveMemory from(0x11000, 2)',
      'VirtualFree(0x11000, 0, 0x8000)',
    ]);
  });

  it('no bytes, no call', () => {
    for (const fake of [fakePosix(4096), fakeWindows()]) {
      const memory =
        'mmap' in fake.library ? linuxMemory(fake.library, 'x64') : windowsMemory(fake.library);
      const address = memory.allocate(4096, 'data');
      memory.write(address, new Uint8Array());
      assert.deepEqual(memory.read(address, 0), new Uint8Array());
      assert.equal(fake.log.length, 1);
    }
  });

  it('MAP_JIT is for a V8 that compiles nothing', () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
    const given = (present: boolean): readonly string[] => {
      if (present)
        Object.defineProperty(globalThis, 'WebAssembly', { value: {}, configurable: true });
      else Reflect.deleteProperty(globalThis, 'WebAssembly');
      return ['x64', 'arm64'].map(darwinCodePages);
    };
    try {
      assert.deepEqual(given(true), ['mprotect', 'mprotect']);
      assert.deepEqual(given(false), ['mprotect', 'map-jit']);
    } finally {
      if (before) Object.defineProperty(globalThis, 'WebAssembly', before);
    }
  });
});

describe('errors of system calls', () => {
  it('name call, arguments and reason', () => {
    const error = new SystemCallError('mmap', ['1 GiB'], {
      errno: 12,
      code: 'ENOMEM',
      text: 'Cannot allocate memory',
    });
    assert.equal(error.message, 'mmap(1 GiB): ENOMEM, Cannot allocate memory');
    assert.equal(error.name, 'SystemCallError');
    assert.deepEqual([error.call, error.arguments, error.errno], ['mmap', ['1 GiB'], 12]);
  });

  it(
    'come from protecting and giving back what is not mapped',
    { skip: process.platform !== 'linux' },
    () => {
      const memory = systemMemory();
      // Nothing is ever mapped below mmap_min_addr.
      assert.throws(() => memory.protect(toAddress(0x1000), 4096, 'read'), {
        message: 'mprotect(0x1000, 4 KiB, read): ENOMEM, Cannot allocate memory',
      });
      const odd = memory.allocate(4096, 'data');
      assert.throws(() => memory.release(odd, -1), {
        message: /^munmap\(.*\): EINVAL, Invalid argument$/,
      });
      memory.release(odd, 4096);
    },
  );

  it('have a number where they have no name', () => {
    const fake = fakeWindows();
    fake.failing = 'VirtualFree';
    fake.lastError = 4242;
    const region = MappedRegion.allocate(1, windowsMemory(fake.library));
    assert.throws(() => region.dispose(), {
      message: 'VirtualFree(0x10000, 4 KiB): Windows error (4242), see winerror.h',
    });
  });

  it('come from prctl too', () => {
    const fake = fakePosix(4096);
    fake.failing = 'prctl';
    assert.throws(() => killWithParent(fake.library, process.ppid), {
      message: 'prctl(PR_SET_PDEATHSIG, SIGKILL): EACCES, Permission denied',
    });
    assert.deepEqual(fake.log, ['prctl(1, 9)']);
  });

  it('say sizes in the largest unit without a fraction', () => {
    const rows: readonly (readonly [number, string])[] = [
      [1, '1 bytes'],
      [5000, '5000 bytes'],
      [4096, '4 KiB'],
      [1536 * 1024, '1536 KiB'],
      [2 ** 30, '1 GiB'],
      [2 ** 50, '1 PiB'],
      [2 ** 52, '4 PiB'],
    ];
    for (const [size, words] of rows) assert.equal(sizeInWords(size), words);
  });
});
