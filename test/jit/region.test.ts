import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { jitFunction } from '../../src/jit/function.ts';
import type { Memory } from '../../src/jit/raw.ts';
import { systemMemory } from '../../src/jit/raw.ts';
import { darwinMemory, linuxMemory } from '../../src/jit/raw/posix.ts';
import { windowsMemory } from '../../src/jit/raw/windows.ts';
import type { WritableRegion } from '../../src/jit/region.ts';
import { DataRegion, MappedRegion } from '../../src/jit/region.ts';
import { code, i64, mutBytes, runsHere, signature } from './functionTypes.ts';
import { fakePosix, fakeWindows, recording } from './rawFakes.ts';

const onLinux = process.platform === 'linux';
const addFour = code('48 8d 47 04 c3'); // lea rax, [rdi+4]; ret

/** The kernel's permissions of the mapping that holds an address, such as `rw-p`, or undefined. */
function permissionsAt(address: bigint): string | undefined {
  for (const line of fs.readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, start, end, permissions] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (start === undefined || end === undefined) continue;
    if (address >= BigInt(`0x${start}`) && address < BigInt(`0x${end}`)) return permissions;
  }
  return undefined;
}

/**
 * Whether pages are unmapped after use: the attempt says where they were. Another thread of this process may map
 * something there right away, so it is tried again; what is never unmapped is seen every time.
 */
function isUnmappedAfter(attempt: () => bigint): boolean {
  return Array.from({ length: 5 }).some(() => permissionsAt(attempt()) === undefined);
}

function first<T>(values: readonly T[]): T {
  const [value] = values;
  assert.notEqual(value, undefined);
  return value as T;
}

describe('a region', { skip: !onLinux }, () => {
  it('is writable or executable and never both', () => {
    const { memory, given } = recording(systemMemory());
    const writable = MappedRegion.allocate(1, memory);
    const start = first(given);
    assert.equal(permissionsAt(start), 'rw-p');
    writable.write(addFour);
    const executable = writable.makeExecutable();
    assert.equal(executable.address, start);
    assert.equal(permissionsAt(start), 'r-xp');
    const again = executable.makeWritable();
    assert.equal(permissionsAt(start), 'rw-p');
    again.write(addFour, 100);
    const last = again.makeExecutable();
    assert.equal(permissionsAt(start), 'r-xp');
    assert.deepEqual(last.read(100, 5), addFour);
    last.dispose();
  });

  it('is unmapped by dispose', () => {
    const afterUse = (use: (region: WritableRegion) => void) => (): bigint => {
      const { memory, given } = recording(systemMemory());
      use(MappedRegion.allocate(1, memory));
      return first(given);
    };
    assert.ok(isUnmappedAfter(afterUse((region) => region.dispose())));
    assert.ok(isUnmappedAfter(afterUse((region) => region[Symbol.dispose]())));
    assert.ok(isUnmappedAfter(afterUse((region) => region.makeExecutable().dispose())));
    assert.ok(isUnmappedAfter(afterUse((region) => region.makeExecutable()[Symbol.dispose]())));
    assert.ok(!isUnmappedAfter(afterUse(() => undefined)), 'a region that is kept stays mapped');
  });

  it('is given back once', () => {
    const { memory, given } = recording(systemMemory());
    const region = MappedRegion.allocate(1, memory);
    region.dispose();
    // Were it unmapped again, the next mapping, which the kernel puts in the same place, would vanish.
    const next = MappedRegion.allocate(1, memory);
    region.dispose();
    region[Symbol.dispose]();
    assert.equal(permissionsAt(given[1] ?? 0n), 'rw-p');
    next.dispose();
  });

  it('of a function is never writable and executable, and goes with it', () => {
    const { memory, given } = recording(systemMemory());
    const f = jitFunction(signature([mutBytes], i64), addFour, { memory });
    assert.equal(permissionsAt(first(given)), 'r-xp');
    const callOnce = (): bigint => {
      f(Uint8Array.of(1));
      return given.at(-1) ?? 0n;
    };
    assert.ok(isUnmappedAfter(callOnce), 'the buffers are gone after the call');
    assert.equal(permissionsAt(first(given)), 'r-xp', 'the code stays');
    const makeAndDispose = (): bigint => {
      jitFunction(signature([], i64), addFour, { memory }).dispose();
      return given.at(-1) ?? 0n;
    };
    assert.ok(isUnmappedAfter(makeAndDispose), 'the code is gone after dispose');
    f.dispose();
  });

  it('of data is readable and writable, and unmapped by dispose', () => {
    const region = DataRegion.allocate(5);
    const { address, size } = region;
    assert.equal(permissionsAt(address), 'rw-p');
    assert.equal(size, systemMemory().pageSize);
    region.write(Uint8Array.of(1, 2), 4094);
    assert.deepEqual(region.read(4093), Uint8Array.of(0, 1, 2));
    region.dispose();
    region.dispose();
    assert.throws(() => region.address, /it was disposed of/);
    const allocateAndDispose = (): bigint => {
      const other = DataRegion.allocate(1);
      const where = other.address;
      other.dispose();
      return where;
    };
    assert.ok(isUnmappedAfter(allocateAndDispose));
  });

  it('cannot be had where the system refuses', () => {
    assert.throws(() => MappedRegion.allocate(2 ** 50), {
      name: 'SystemCallError',
      message: 'mmap(1 PiB): ENOMEM, Cannot allocate memory',
      call: 'mmap',
      arguments: ['1 PiB'],
      errno: 12,
      code: 'ENOMEM',
    });
  });

  it('has the last page that was asked for', () => {
    const { pageSize } = systemMemory();
    for (const [size, whole] of [
      [1, pageSize],
      [pageSize, pageSize],
      [pageSize + 1, 2 * pageSize],
    ] as const) {
      const region = MappedRegion.allocate(size);
      assert.equal(region.size, whole);
      region.write(Uint8Array.of(7), whole - 1);
      region.dispose();
    }
  });
});

describe('a region of any system', () => {
  const memory = (): Memory => linuxMemory(fakePosix(4096).library, 'x64');

  it('needs a size that makes sense', () => {
    for (const size of [
      0,
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.MAX_SAFE_INTEGER,
    ]) {
      assert.throws(() => MappedRegion.allocate(size, memory()), {
        name: 'RangeError',
        message: `a region needs a whole number of bytes from 1 to 9007199254736895, not ${size}`,
      });
    }
  });

  it('keeps writing and reading in its bounds', () => {
    const region = MappedRegion.allocate(4096, memory());
    region.write(new Uint8Array(4096));
    region.write(new Uint8Array(), 4096);
    for (const [length, offset] of [
      [4097, 0],
      [1, 4096],
      [2, 4095],
      [1, -1],
      [1, 0.5],
    ] as const) {
      const message = `${length} bytes at ${offset} do not lie in a region of 4096 bytes`;
      const error = { name: 'RangeError', message };
      assert.throws(() => region.write(new Uint8Array(length), offset), error);
      assert.throws(() => region.read(offset, length), error);
    }
  });

  it('notices when what it wrote does not stand there', () => {
    const fake = fakePosix(4096);
    const region = MappedRegion.allocate(1, linuxMemory(fake.library, 'x64'));
    fake.forgetful = true;
    assert.throws(() => region.write(Uint8Array.of(1, 2, 3), 16), {
      message: '3 bytes were written to 0x10010, but byte 2 is 0 and not 3',
    });
  });

  it('is used up by being turned into the other kind', () => {
    const fake = fakePosix(4096);
    const writable = MappedRegion.allocate(1, linuxMemory(fake.library, 'x64'));
    const executable = writable.makeExecutable();
    const used = /this region cannot be used: it was made executable/;
    assert.throws(() => writable.write(Uint8Array.of(1)), used);
    assert.throws(() => writable.read(), used);
    assert.throws(() => writable.size, used);
    assert.throws(() => writable.makeExecutable(), used);
    writable.dispose();
    assert.equal(fake.allocated.size, 1, 'disposing of the used one gives nothing back');
    const again = executable.makeWritable();
    assert.throws(() => executable.address, /it was made writable/);
    assert.throws(() => executable.makeWritable(), /it was made writable/);
    executable.dispose();
    assert.equal(fake.allocated.size, 1);
    again.dispose();
    assert.equal(fake.allocated.size, 0);
    assert.throws(() => again.write(Uint8Array.of(1)), /it was disposed of/);
  });

  it('has an address only while it can be called', () => {
    const writable = MappedRegion.allocate(1, memory());
    assert.equal('address' in writable, false);
    // @ts-expect-error A writable region has no address.
    assert.equal(writable.address, undefined);
    assert.equal('write' in writable.makeExecutable(), false);
  });
});

describe('whatever call fails', { skip: !runsHere }, () => {
  const systems: readonly (readonly [
    name: string,
    make: () => {
      fake: ReturnType<typeof fakePosix> | ReturnType<typeof fakeWindows>;
      memory: Memory;
    },
    failures: readonly (readonly [call: string, message: string])[],
  ])[] = [
    [
      'Linux',
      () => {
        const fake = fakePosix(4096);
        return { fake, memory: linuxMemory(fake.library, 'x64') };
      },
      [
        ['mmap', 'mmap(4 KiB): EACCES, Permission denied'],
        ['mprotect', 'mprotect(0x10000, 4 KiB, read-execute): EACCES, Permission denied'],
      ],
    ],
    [
      'macOS on Apple silicon',
      () => {
        const fake = fakePosix(16384);
        return { fake, memory: darwinMemory(fake.library, 'arm64', 'mprotect') };
      },
      [
        ['mmap', 'mmap(16 KiB): EACCES, Permission denied'],
        ['mprotect', 'mprotect(0x10000, 16 KiB, read-execute): EACCES, Permission denied'],
      ],
    ],
    [
      'Windows',
      () => {
        const fake = fakeWindows();
        return { fake, memory: windowsMemory(fake.library) };
      },
      [
        [
          'VirtualAlloc',
          'VirtualAlloc(4 KiB): ERROR_NOT_ENOUGH_MEMORY (8), Not enough memory resources are available to process this command',
        ],
        [
          'VirtualProtect',
          'VirtualProtect(0x10000, 4 KiB, read-execute): ERROR_NOT_ENOUGH_MEMORY (8), Not enough memory resources are available to process this command',
        ],
        [
          'FlushInstructionCache',
          'FlushInstructionCache(0x10000, 4 KiB): ERROR_NOT_ENOUGH_MEMORY (8), Not enough memory resources are available to process this command',
        ],
      ],
    ],
  ];
  for (const [name, make, failures] of systems) {
    for (const [call, message] of failures) {
      it(`${name}: ${call} says so, and no page is left behind`, () => {
        const { fake, memory } = make();
        fake.failing = call;
        assert.throws(() => jitFunction(signature([], i64), addFour, { memory }), {
          name: 'SystemCallError',
          message,
          call,
        });
        assert.equal(fake.allocated.size, 0);
      });
    }
  }

  it('also a write that does not arrive leaves no page behind', () => {
    const fake = fakePosix(4096);
    fake.forgetful = true;
    const memory = linuxMemory(fake.library, 'x64');
    assert.throws(() => jitFunction(signature([], i64), addFour, { memory }), /were written/);
    assert.equal(fake.allocated.size, 0);
  });

  it('a region that cannot be given back says so, once', () => {
    const fake = fakePosix(4096);
    const region = MappedRegion.allocate(1, linuxMemory(fake.library, 'x64'));
    fake.failing = 'munmap';
    const message = 'munmap(0x10000, 4 KiB): EACCES, Permission denied';
    assert.throws(() => region.dispose(), { message });
    region.dispose();
    assert.equal(fake.log.filter((line) => line.startsWith('munmap')).length, 1);
  });

  it('two failures are both told', () => {
    const fake = fakeWindows();
    fake.lastError = 487;
    const region = MappedRegion.allocate(1, windowsMemory(fake.library));
    const { library } = fake;
    const failing = { ...library, VirtualProtect: () => 0, VirtualFree: () => 0 };
    const other = MappedRegion.allocate(1, windowsMemory(failing));
    assert.throws(
      () => other.makeExecutable(),
      (error) => error instanceof AggregateError && error.errors.length === 2,
    );
    region.dispose();
  });
});
