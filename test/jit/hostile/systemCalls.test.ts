/** Every system call by every entry is stopped, and named as the kernel's own headers name it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { eax, ebx, edi, rax, x64 } from '../../../src/asm/x64.ts';
import type { X64 } from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { guests, never, request, returned } from '../clientSetup.ts';
import { briefly, callOf, isolatedHere, startRunner } from './setup.ts';

const last = 470;
const x32Bit = 0x4000_0000;

/** Names by number from a header of the kernel's that defines `__NR_name number`. */
function namesOf(file: string): ReadonlyMap<number, string> {
  const path = `/usr/include/x86_64-linux-gnu/asm/${file}`;
  assert.ok(existsSync(path), `${path} is missing: Debian's linux-libc-dev has it`);
  const names = new Map<number, string>();
  for (const [, name = '', number] of readFileSync(path, 'latin1').matchAll(
    /^#define __NR_(\w+)\s+(\d+)$/gm,
  )) {
    names.set(Number(number), name);
  }
  assert.ok(names.size > 300);
  return names;
}

/**
 * uretprobe and uprobe: newer kernels let them past every filter (kernel/seccomp.c, 6.14 and 6.18). Whoever does not come from the
 * kernel's own trampoline gets SIGILL from the one and an error from the other, and nothing else.
 */
const pastEveryFilter: readonly number[] = [335, 336];

interface Entry {
  readonly name: string;
  readonly header: string;
  readonly exits: readonly number[];
  readonly make: (f: X64, number: number) => void;
}

const entries: readonly Entry[] = [
  {
    name: 'syscall',
    header: 'unistd_64.h',
    exits: [60, 231],
    make: (f, number) => {
      f.mov(edi, 5);
      f.mov(eax, number);
      f.syscall();
    },
  },
  {
    name: 'syscall, with high bits in the number',
    header: 'unistd_64.h',
    exits: [60, 231],
    make: (f, number) => {
      f.mov(edi, 5);
      f.mov(rax, (0x1234n << 32n) + BigInt(number));
      f.syscall();
    },
  },
  {
    name: 'syscall, numbered as x32 does',
    header: 'unistd_64.h',
    exits: [],
    make: (f, number) => {
      f.mov(eax, x32Bit + number);
      f.syscall();
    },
  },
  {
    name: 'int 0x80',
    header: 'unistd_32.h',
    exits: [1, 252],
    make: (f, number) => {
      f.mov(ebx, 5);
      f.mov(eax, number);
      f.int(0x80);
    },
  },
];

describe('system calls', { skip: !isolatedHere, timeout: 120_000 }, () => {
  let runner: IsolatedRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner.dispose());

  for (const { name, header, exits, make } of entries) {
    it(`by ${name}: each of the numbers 0 to ${last} is stopped and named`, async () => {
      const names = namesOf(header);
      const { pid } = runner;
      for (let number = 0; number <= last; number++) {
        const f = x64();
        make(f, number);
        const text = briefly(await runner.run(callOf(f.bytes(), 50), never));
        if (exits.includes(number)) {
          assert.equal(text, 'exited 5', `number ${number}`);
          continue;
        }
        if (pastEveryFilter.includes(number) && header === 'unistd_64.h') {
          assert.match(text, /^(?:blocked |SIGILL|end$)/, `number ${number}`);
          continue;
        }
        const known = names.get(number);
        // The headers of this machine may be older than the table, never otherwise.
        const expected =
          known === undefined ? /^blocked (?:syscall \d+|\w+) at / : `blocked ${known} at `;
        if (typeof expected === 'string')
          assert.ok(text.startsWith(expected), `${number}: ${text}`);
        else assert.match(text, expected, `${number}`);
      }
      assert.equal(runner.pid, pid);
      assert.ok(returned(8n, await runner.run(request(guests.addFour, 4n), never)));
    });
  }

  it('of no name reads as its number', async () => {
    for (const number of [469, 470, 600]) {
      const f = x64();
      f.mov(eax, number);
      f.syscall();
      assert.equal(
        briefly(await runner.run(callOf(f.bytes(), 50), never)),
        `blocked syscall ${number} at +0x5`,
      );
    }
  });

  it('by sysenter and by the page of vsyscalls none gets through', async () => {
    for (let number = 0; number <= last; number += 13) {
      const f = x64();
      f.mov(eax, number);
      f.sysenter();
      assert.match(briefly(await runner.run(callOf(f.bytes(), 50), never)), /^(?:SIG|blocked)/);
    }
    for (const offset of [0, 0x400, 0x800]) {
      const f = x64();
      f.mov(rax, 0xffff_ffff_ff60_0000n + BigInt(offset));
      f.call(rax);
      f.ret();
      const text = briefly(await runner.run(callOf(f.bytes(), 50), never));
      assert.match(text, /^(?:SIGSEGV|blocked (?:gettimeofday|time|getcpu))/);
    }
  });
});
