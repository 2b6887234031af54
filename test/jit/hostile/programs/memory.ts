/** Reads, writes and jumps to every part of the address space, the gaps between the parts of the arena among them. */
import {
  al,
  byte,
  eax,
  ecx,
  edx,
  esp,
  mem,
  qword,
  r11,
  r8,
  rax,
  rbp,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../../src/asm/x64.ts';
import type { Part } from '../../../../src/jit/runner/layout.ts';
import { arenaBytes, parts, stackTop } from '../../../../src/jit/runner/layout.ts';
import { at, base, endOf, placeName } from '../ground.ts';
import type { Program } from '../program.ts';

/** Parts that are there while a guest without buffers runs. */
const present = Object.entries<Part>(parts)
  .filter(([name]) => name !== 'runnerCode' && name !== 'state' && name !== 'outgoing')
  .map(([name, part]) => ({ name, ...part }));

function read(address: bigint): Program['code'] {
  return (f) => {
    f.movabs(rcx, address);
    f.mov(al, byte(rcx));
    f.mov(eax, 1);
    f.ret();
  };
}

function write(address: bigint): Program['code'] {
  return (f) => {
    f.movabs(rcx, address);
    f.mov(byte(rcx), 1);
    f.mov(eax, 1);
    f.ret();
  };
}

function jump(address: bigint): Program['code'] {
  return (f) => {
    f.movabs(rcx, address);
    f.jmp(rcx);
  };
}

function touches(where: string, address: bigint): Program[] {
  const place = placeName(address);
  return [
    {
      name: `read ${where}`,
      code: read(address),
      want: `SIGSEGV address not mapped, read ${place}, at 10`,
    },
    {
      name: `write ${where}`,
      code: write(address),
      want: `SIGSEGV address not mapped, write ${place}, at 10`,
    },
    {
      name: `jump to ${where}`,
      code: jump(address),
      want: `SIGSEGV address not mapped, execute ${place}, at outside`,
    },
  ];
}

/** First and last byte of every stretch between two parts, and before and after all of them. */
const gaps = present.flatMap(({ name, offset, size }, index): Program[] => {
  const next = present[index + 1];
  const from = offset + size;
  const to = next ? next.offset : arenaBytes;
  if (from === to) return [];
  return [
    ...touches(`the first byte after ${name}`, at(from)),
    ...touches(`the last byte before ${next ? next.name : 'the end of the arena'}`, at(to - 1)),
  ];
});

const ofParts = present.flatMap(({ name, offset, size, rights }): Program[] => {
  const last = at(offset + size - 1);
  const programs: Program[] = [
    { name: `read the last byte of ${name}`, code: read(last), want: 'returned 1' },
  ];
  const writable = rights === 'read-write';
  programs.push({
    name: `write the first byte of ${name}`,
    code: write(at(offset)),
    want: writable ? 'returned 1' : `SIGSEGV protection, write ${name}+0x0, at 10`,
  });
  if (rights !== 'read-execute') {
    programs.push({
      name: `execute the first byte of ${name}`,
      code: jump(at(offset)),
      want: `SIGSEGV protection, execute ${name}+0x0, at outside`,
    });
  }
  return programs;
});

const nonCanonical = 0x8000_0000_0000n;

export const memory: readonly Program[] = [
  ...touches('null', 0n),
  ...touches('a word beyond null', 8n),
  ...touches('the lowest address that programs get', 0x10000n),
  ...touches('where programs lie', 0x40_0000n),
  ...touches('before the arena', base - 1n),
  ...touches('after the arena', at(arenaBytes)),
  ...touches('where libraries lie', 0x7fff_f7ff_0000n),
  ...touches('the last byte of user space', 0x7fff_ffff_efffn),
  ...touches("the runner's code", at('runnerCode')),
  ...touches("the runner's state", at('state')),
  ...gaps,
  ...ofParts,
  {
    name: 'read what is no address',
    code: read(nonCanonical),
    want: 'SIGSEGV general protection, at 10',
  },
  {
    name: 'write what is no address',
    code: write(nonCanonical),
    want: 'SIGSEGV general protection, at 10',
  },
  {
    name: 'jump to what is no address',
    code: jump(nonCanonical),
    want: /^SIGSEGV general protection, at (10|outside)$/,
  },
  {
    name: "read the kernel's memory",
    code: read(0xffff_8880_0000_0000n),
    want: /^SIGSEGV .*, at 10$/,
  },
  {
    name: "write the kernel's memory",
    code: write(0xffff_ffff_8000_0000n),
    want: /^SIGSEGV .*, at 10$/,
  },
  {
    name: "jump to the kernel's code",
    code: jump(0xffff_ffff_8100_0000n),
    want: /^SIGSEGV .*, at outside$/,
  },
  {
    name: 'copy everything over everything',
    code: (f) => {
      f.mov(rsi, base);
      f.mov(rdi, at(arenaBytes / 2));
      f.mov(rcx, -1);
      f.rep.movsq();
    },
    want: /^SIGSEGV address not mapped, /,
  },
  {
    name: 'copy the stack downwards over everything',
    code: (f) => {
      f.mov(rsi, at(stackTop - 8));
      f.mov(rdi, at(stackTop - 16));
      f.mov(rcx, -1);
      f.std();
      f.rep.movsq();
    },
    want: /^SIGSEGV address not mapped, (read|write) 0x1000003ffff8, at \d+$/,
  },
  {
    name: 'infinite recursion',
    code: (f) => {
      const self = f.label();
      f.bind(self);
      f.call(self);
    },
    want: 'SIGSEGV address not mapped, write 0x1000003ffff8, at 0',
  },
  {
    name: 'a frame larger than the stack',
    code: (f) => {
      f.sub(rsp, parts.stack.size);
      f.push(rax);
    },
    want: /^SIGSEGV address not mapped, write 0x1000003f[0-9a-f]{4}, at 7$/,
  },
  {
    name: 'pop beyond the top of the stack',
    code: (f) => {
      f.mov(rsp, endOf('stack'));
      f.pop(rax);
    },
    want: 'SIGSEGV address not mapped, read 0x100000500000, at 10',
  },
  {
    name: 'a stack pointer of null',
    code: (f) => {
      f.xor(esp, esp);
      f.push(rax);
    },
    want: /^SIGSEGV .*write 0xfffffffffffffff8, at 2$/,
  },
  {
    name: 'a stack pointer that is none',
    code: (f) => {
      f.mov(rsp, nonCanonical + 64n);
      f.push(rax);
    },
    want: 'SIGBUS non-canonical stack address, at 10',
  },
  {
    name: 'a stack pointer into the alternate stack, then a fault',
    code: (f) => {
      f.mov(rsp, endOf('alternateStack') - 64n);
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 10',
  },
  {
    name: 'a stack pointer near the bottom of the alternate stack, then a fault',
    code: (f) => {
      f.mov(rsp, at('alternateStack', 512));
      f.ud2();
    },
    want: 'SIGSEGV, not recorded',
  },
  {
    name: 'a stack pointer to the very bottom of the alternate stack, which the kernel takes for another stack',
    code: (f) => {
      f.mov(rsp, at('alternateStack', 64));
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 10',
  },
  {
    name: 'the alternate stack trashed, then a fault',
    code: (f) => {
      f.mov(rdi, at('alternateStack'));
      f.mov(ecx, parts.alternateStack.size);
      f.mov(al, 0xa5);
      f.rep.stosb();
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 19',
  },
  {
    name: 'a stack pointer into the code',
    code: (f) => {
      f.mov(rsp, at('guest', 4096));
      f.push(rax);
    },
    want: 'SIGSEGV protection, write guest+0xff8, at 10',
  },
  {
    name: 'a stack pointer into the requests, then a fault',
    code: (f) => {
      f.mov(rsp, endOf('requests'));
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 10',
  },
  {
    name: 'return to garbage',
    code: (f) => {
      f.mov(rax, 0x1234_5678n);
      f.push(rax);
      f.ret();
    },
    want: 'SIGSEGV address not mapped, execute 0x12345678, at outside',
  },
  {
    name: 'return to null',
    code: (f) => {
      f.push(0);
      f.ret();
    },
    want: 'SIGSEGV address not mapped, execute 0x0, at outside',
  },
  {
    name: 'return to what is no address',
    code: (f) => {
      f.mov(rax, nonCanonical);
      f.push(rax);
      f.ret();
    },
    want: /^SIGSEGV general protection, at (11|outside)$/,
  },
  { name: 'return and drop more than there is', code: (f) => f.ret(0x7ff0), want: 'abi rsp' },
  {
    name: 'enter with every level, wild frame pointer',
    code: (f) => {
      f.mov(rbp, 0x4000n);
      f.enter(0xffff, 31);
    },
    want: /^SIGSEGV address not mapped, read 0x[0-9a-f]+, at \d+$/,
  },
  {
    name: 'translate by a table at no address',
    code: (f) => {
      f.mov(r8, nonCanonical);
      f.mov(rax, qword(r8, rax, 8));
    },
    want: 'SIGSEGV general protection, at 10',
  },
  {
    name: 'an access across the end of the stack',
    code: (f) => {
      f.mov(r11, endOf('stack') - 4n);
      f.mov(rdx, qword(r11));
    },
    want: 'SIGSEGV address not mapped, read 0x100000500000, at 10',
  },
  // Buffers end at their page's end, and a guard page follows.
  {
    name: 'read the last byte of a buffer',
    buffers: [100],
    code: (f) => (f.mov(al, byte(rdi, 99)), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'read one past a buffer',
    buffers: [100],
    code: (f) => f.mov(al, byte(rdi, 100)),
    want: 'SIGSEGV address not mapped, read buffers+0x1000, at 0',
  },
  {
    name: 'write one past a buffer',
    buffers: [100],
    code: (f) => f.mov(byte(rdi, 100), 1),
    want: 'SIGSEGV address not mapped, write buffers+0x1000, at 0',
  },
  {
    name: 'write one past a buffer of a whole page',
    buffers: [4096],
    code: (f) => f.mov(byte(rdi, 4096), 1),
    want: 'SIGSEGV address not mapped, write buffers+0x1000, at 0',
  },
  {
    name: 'write one past the first of two buffers',
    buffers: [10, 10],
    code: (f) => f.mov(byte(rdi, 10), 1),
    want: 'SIGSEGV address not mapped, write buffers+0x1000, at 0',
  },
  {
    name: 'write one past the second of two buffers',
    buffers: [10, 10],
    code: (f) => f.mov(byte(rsi, 10), 1),
    want: 'SIGSEGV address not mapped, write buffers+0x3000, at 0',
  },
  {
    name: 'fill a buffer and all that follows',
    buffers: [64, 64],
    code: (f) => (f.mov(rcx, -1), f.rep.stosb()),
    want: 'SIGSEGV address not mapped, write buffers+0x1000, at 7',
  },
  {
    name: 'jump into a buffer',
    buffers: [64],
    code: (f) => (f.mov(byte(rdi), 0xc3), f.jmp(rdi)),
    want: 'SIGSEGV protection, execute buffers+0xfc0, at outside',
  },
  {
    name: 'jump to code written to the stack',
    code: (f) => (f.mov(byte(rsp, -64), 0xc3), f.lea(rax, mem(rsp, -64)), f.jmp(rax)),
    want: /^SIGSEGV protection, execute stack\+0xff[0-9a-f]{3}, at outside$/,
  },
  // Code.
  {
    name: 'write to its own code',
    code: (f) => {
      const here = f.label();
      f.bind(here);
      f.mov(byte(here), 0x90);
    },
    want: 'SIGSEGV protection, write guest+0x0, at 0',
  },
  { name: 'run off the end', code: (f) => f.mov(eax, 1), want: 'end' },
  { name: 'no code at all', code: (f) => f.nop(), want: 'end' },
  { name: 'jump far past the code', code: jump(at('guest', 0x10000)), want: 'end' },
  {
    name: 'jump to the last byte of the room for code',
    code: jump(endOf('guest') - 1n),
    want: 'end',
  },
  {
    name: 'jump past the room for code',
    code: jump(endOf('guest')),
    want: 'SIGSEGV address not mapped, execute 0x100000210000, at outside',
  },
  {
    name: 'a megabyte of nothing',
    code: (f) => f.data(new Uint8Array(1 << 20).fill(0x90)),
    want: 'end',
  },
  {
    name: 'jump into the middle of an instruction',
    code: (f) => {
      f.db(0xeb, 0x01); // jmp into the immediate of what follows
      f.db(0xb8, 0x0f, 0x0b, 0xc3, 0x00);
    },
    want: 'SIGILL illegal instruction, at 3',
  },
  // Time and chance are allowed; what uses them is flagged by the disassembler.
  {
    name: 'read the time stamp counter',
    code: (f) => (f.rdtsc(), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'read the time stamp counter and the processor',
    needs: ['rdtscp'],
    code: (f) => (f.rdtscp(), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'read a random number',
    needs: ['rdrand'],
    code: (f) => (f.rdrand(rdx), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'read a random seed',
    needs: ['rdseed'],
    code: (f) => (f.rdseed(rdx), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'read the number of the processor',
    needs: ['rdpid'],
    code: (f) => (f.rdpid(rdx), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
  {
    name: 'ask which components the system has enabled',
    code: (f) => (f.xor(ecx, ecx), f.xgetbv(), f.xor(edx, edx), f.mov(eax, 1), f.ret()),
    want: 'returned 1',
  },
];
