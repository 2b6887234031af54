/** Hostile programs, written with the emitter, each with the one outcome that is right. */
import * as asm from '../../../src/asm/x64.ts';
import type { Label, X64 } from '../../../src/asm/x64.ts';
import {
  arenaBytes,
  parts,
  recordKinds,
  result,
  stackTop,
  steps,
} from '../../../src/jit/runner/layout.ts';
import type { Port } from '../../../src/jit/runner/port.ts';

const { al, ax, byte, dword, eax, ebx, ecx, edi, edx, mem, oword, qword, word } = asm;
const { rax, rbx, rcx, rdi, rsi, rsp, xmm0, xmm1 } = asm;

/** A program and how it must end, in the words of `briefly`. */
export interface Hostile {
  readonly name: string;
  readonly build: (f: X64) => void;
  readonly expected: string | RegExp;
  /** What this processor must have (names of Linux), or the program is none for it. */
  readonly needs?: string;
}

type Program = readonly [
  name: string,
  expected: string | RegExp,
  build: (f: X64) => void,
  needs?: string,
];

function group(what: string, programs: readonly Program[]): Hostile[] {
  return programs.map(([name, expected, build, needs]) => ({
    name: `${what}: ${name}`,
    expected,
    build,
    ...(needs !== undefined && { needs }),
  }));
}

function withReturn(build: (f: X64) => void): (f: X64) => void {
  return (f) => {
    build(f);
    f.ret();
  };
}

const again = (f: X64, body: () => void): void => {
  const loop: Label = f.label();
  f.bind(loop);
  body();
  f.jmp(loop);
};

/** Every program for a runner at this port. */
export function hostilePrograms(port: Port): readonly Hostile[] {
  const at = (offset: number): bigint => port.base + BigInt(offset);
  return [
    ...memoryOfTheArena(at),
    ...forgedRecords(port, at),
    ...unmappedPages(port, at),
    ...systemCalls(port, at),
    ...controlState(),
    ...privileged(),
    ...faults(at),
    ...withoutEnd(),
    ...ends(at),
  ];
}

type At = (offset: number) => bigint;

/** Reads, writes and jumps at every part of the arena and at the gaps between them. */
function memoryOfTheArena(at: At): Hostile[] {
  const readable = /^returned/;
  const writable = /^returned/;
  const access = (
    name: string,
    address: bigint,
    read: string | RegExp,
    write: string | RegExp,
    run: string | RegExp,
  ) =>
    group(`memory, ${name}`, [
      [
        'read',
        read,
        withReturn((f) => {
          f.mov(rcx, address);
          f.mov(al, byte(rcx));
        }),
      ],
      [
        'write',
        write,
        withReturn((f) => {
          f.mov(rcx, address);
          f.mov(al, byte(rsp));
          f.mov(byte(rcx), al);
        }),
      ],
      [
        'jump',
        run,
        (f) => {
          f.mov(rcx, address);
          f.jmp(rcx);
        },
      ],
    ]);
  const hex = (address: bigint): string => `0x${BigInt.asUintN(64, address).toString(16)}`;
  const nothing = (name: string, address: bigint): Hostile[] => {
    const no = (verb: string): string => `SIGSEGV address not mapped ${verb} ${hex(address)}`;
    return access(name, address, no('read'), no('write'), no('execute'));
  };
  const only = (name: string, offset: number, mayWrite: boolean): Hostile[] => {
    const no = (verb: string): string => `SIGSEGV protection ${verb} ${hex(at(offset))}`;
    return access(name, at(offset), readable, mayWrite ? writable : no('write'), no('execute'));
  };
  const kernel = 0xffff_8000_0000_0000n;
  return [
    ...nothing('runner code', at(parts.runnerCode.offset)),
    ...nothing(
      'runner code, its last byte',
      at(parts.runnerCode.offset + parts.runnerCode.size - 1),
    ),
    ...access(
      'child code',
      at(parts.childCode.offset + 4095),
      readable,
      `SIGSEGV protection write ${hex(at(parts.childCode.offset + 4095))}`,
      /^SIGTRAP breakpoint/,
    ),
    ...only('requests', parts.requests.offset, false),
    ...only('requests, the filter', parts.requests.offset + 0x2800, false),
    ...only('results', parts.results.offset + 4096, true),
    ...nothing('state of the runner', at(parts.state.offset)),
    ...access(
      'code of its own',
      at(parts.guest.offset + 4096),
      readable,
      `SIGSEGV protection write ${hex(at(parts.guest.offset + 4096))}`,
      'end',
    ),
    ...only('alternate stack', parts.alternateStack.offset, true),
    ...only('stack, its lowest byte', parts.stack.offset, true),
    ...only('buffers', parts.buffers.offset, true),
    ...nothing('outgoing', at(parts.outgoing.offset)),
    ...nothing('address 0', 0n),
    ...nothing('where programs lie', 0x40_0000n),
    ...nothing('below the arena', at(-1)),
    ...nothing('after the child code', at(parts.childCode.offset - 1)),
    ...nothing('after the requests', at(parts.requests.offset + parts.requests.size)),
    ...nothing('before the results', at(parts.results.offset - 1)),
    ...nothing('after the results', at(parts.results.offset + parts.results.size)),
    ...nothing('before the code', at(parts.guest.offset - 1)),
    ...nothing('after the code', at(parts.guest.offset + parts.guest.size)),
    ...nothing('before the stack', at(parts.stack.offset - 1)),
    ...nothing('after the stack', at(stackTop)),
    ...nothing('after the buffers', at(parts.buffers.offset + parts.buffers.size)),
    ...nothing('above the arena', at(arenaBytes)),
    ...nothing('where libraries lie', 0x7fff_f7dd_0000n),
    ...access('kernel', kernel, /^SIGSEGV/, /^SIGSEGV/, /^SIGSEGV/),
    ...access(
      'non-canonical',
      0x8000_0000_0000_0000n,
      'SIGSEGV general protection',
      'SIGSEGV general protection',
      /^SIGSEGV/,
    ),
  ];
}

function exitSite(port: Port): bigint {
  const all = port.code.sites.filter(({ number }) => number === 231);
  const last = all.at(-1);
  if (!last) throw new Error('there is no exit in the child code');
  // mov eax, imm32; syscall
  return port.base + BigInt(last.after - 7);
}

/** Ends of its own making, with records that fit and that do not. */
function forgedRecords(port: Port, at: At): Hostile[] {
  const leave = (f: X64, code: number): void => {
    f.mov(edi, code);
    f.mov(rcx, exitSite(port));
    f.jmp(rcx);
  };
  const write = (f: X64, field: number, value: number): void => {
    f.mov(rcx, at(parts.results.offset + field));
    f.mov(dword(rcx), value);
  };
  const steal =
    (code: number, kind: number, more: (f: X64) => void = () => undefined) =>
    (f: X64): void => {
      write(f, result.kind, kind);
      more(f);
      leave(f, code);
    };
  const garbled = /^refused garbled/;
  return group('forged record', [
    ['exit code of a return, no record', garbled, (f) => leave(f, 0x50)],
    ['exit code of a fault, no record', garbled, (f) => leave(f, 0x51)],
    ['exit code 0', garbled, (f) => leave(f, 0)],
    ['exit code 1', garbled, (f) => leave(f, 1)],
    ['exit code 255', garbled, (f) => leave(f, 255)],
    ['exit code of a step', /^refused .*childUnmap/, (f) => leave(f, steps.childUnmap)],
    ['exit code of a step of the runner', garbled, (f) => leave(f, steps.filter)],
    ['a return that is a fault', garbled, steal(0x50, recordKinds.fault)],
    ['a fault that is a return', garbled, steal(0x51, recordKinds.returned)],
    ['an unknown kind', garbled, steal(0x50, 7)],
    ['a step with a record', garbled, steal(steps.childUnmap, recordKinds.returned)],
    ['a fault by no signal', garbled, steal(0x51, recordKinds.fault)],
    [
      'a fault by SIGKILL',
      garbled,
      steal(0x51, recordKinds.fault, (f) => write(f, result.signal, 9)),
    ],
    [
      'a fault by SIGCHLD',
      garbled,
      steal(0x51, recordKinds.fault, (f) => write(f, result.signal, 17)),
    ],
    [
      'a fault of its own making, which is its own verdict',
      /^SIGSEGV/,
      steal(0x51, recordKinds.fault, (f) => write(f, result.signal, 11)),
    ],
    [
      'a return of its own making, with registers that are not kept',
      'abi rbx',
      steal(0x50, recordKinds.returned),
    ],
    [
      'every byte of the record filled with ones, then a fault',
      /^SIGILL/,
      (f) => {
        f.mov(rdi, at(parts.results.offset));
        f.mov(ecx, parts.results.size);
        f.mov(eax, -1);
        f.rep.stosb();
        f.ud2();
      },
    ],
    [
      'every byte of the record filled with ones, then a return',
      'returned -1',
      withReturn((f) => {
        f.mov(rdi, at(parts.results.offset));
        f.mov(ecx, parts.results.size);
        f.mov(rax, -1);
        f.rep.stosb();
      }),
    ],
  ]);
}

/** munmap is left to it: of its own memory, at our one address. */
function unmappedPages(port: Port, at: At): Hostile[] {
  const site = port.code.sites.filter(({ number }) => number === 11).at(-1);
  const unmap =
    (offset: number, size: number, after: (f: X64) => void) =>
    (f: X64): void => {
      f.mov(rdi, at(offset));
      f.mov(rsi, size);
      f.lea(rbx, mem(rsp, -256)); // The loop's next extent, which is none.
      f.mov(qword(rbx, 16 + 8), 0);
      f.mov(rcx, at((site?.after ?? 0) - 7));
      f.jmp(rcx);
      after(f);
    };
  const never = (): void => undefined;
  const { childCode, results, alternateStack, stack, requests, guest } = parts;
  // What follows munmap is our own code, which enters the guest once more.
  return group('munmap of', [
    ['its code', /^SIGSEGV address not mapped/, unmap(guest.offset, guest.size, never)],
    ['the child code', 'SIGSEGV', unmap(childCode.offset, childCode.size, never)],
    ['the results', 'SIGSEGV', unmap(results.offset, results.size, never)],
    ['the requests', /^SIGSEGV/, unmap(requests.offset, requests.size, never)],
    ['the stack', /^SIGSEGV/, unmap(stack.offset, stack.size, never)],
    [
      'the alternate stack',
      /^(?:SIGSEGV|timeout)/,
      unmap(alternateStack.offset, alternateStack.size, never),
    ],
    ['nothing, with a size of 0', /^refused .*childUnmap/, unmap(guest.offset, 0, never)],
    ['everything', 'SIGSEGV', unmap(0, arenaBytes, never)],
  ]);
}

/** One of each kind that could do harm, by every entry; `systemCalls.test.ts` has all numbers. */
function systemCalls(port: Port, at: At): Hostile[] {
  const names: Readonly<Record<string, number>> = {
    read: 0,
    write: 1,
    open: 2,
    close: 3,
    mmap: 9,
    mprotect: 10,
    munmap: 11,
    rt_sigaction: 13,
    rt_sigprocmask: 14,
    rt_sigreturn: 15,
    ioctl: 16,
    dup2: 33,
    pause: 34,
    alarm: 37,
    setitimer: 38,
    getpid: 39,
    socket: 41,
    clone: 56,
    fork: 57,
    vfork: 58,
    execve: 59,
    wait4: 61,
    kill: 62,
    ptrace: 101,
    sigaltstack: 131,
    personality: 135,
    modify_ldt: 154,
    prctl: 157,
    arch_prctl: 158,
    setrlimit: 160,
    tkill: 200,
    tgkill: 234,
    openat: 257,
    unshare: 272,
    process_vm_writev: 311,
    seccomp: 317,
    memfd_create: 319,
    bpf: 321,
    userfaultfd: 323,
    pkey_mprotect: 329,
    rseq: 334,
    io_uring_setup: 425,
    clone3: 435,
    close_range: 436,
    process_madvise: 440,
    mseal: 462,
  };
  const plain = group(
    'syscall',
    Object.entries(names).map(([name, number]): Program => [
      name,
      `blocked ${name} at +0x5`,
      (f) => {
        f.mov(eax, number);
        f.syscall();
      },
    ]),
  );
  const sigreturn = (f: X64, set: (f: X64) => void): void => {
    set(f);
    f.mov(eax, 15);
    f.syscall();
  };
  const unmapSite = port.code.sites.filter(({ number }) => number === 11).at(-1);
  const forkSite = port.code.sites.find(({ number }) => number === 57);
  return [
    ...plain,
    ...group('system call', [
      [
        'with high bits in the number',
        'blocked execve at +0xa',
        (f) => {
          f.mov(rax, (1n << 32n) + 59n);
          f.syscall();
        },
      ],
      [
        'of x32',
        'blocked execve at +0x5',
        (f) => {
          f.mov(eax, 0x4000_0000 + 59);
          f.syscall();
        },
      ],
      [
        'of number -1',
        'blocked syscall 4294967295 at +0x7',
        (f) => {
          f.mov(rax, -1);
          f.syscall();
        },
      ],
      [
        'by int 0x80',
        'blocked execve at +0x5',
        (f) => {
          f.mov(eax, 11);
          f.int(0x80);
        },
      ],
      [
        'by int 0x80, socketcall',
        'blocked socketcall at +0x5',
        (f) => {
          f.mov(eax, 102);
          f.int(0x80);
        },
      ],
      [
        'by sysenter',
        /^(?:SIGILL|SIGSEGV|blocked)/,
        (f) => {
          f.mov(eax, 11);
          f.sysenter();
        },
      ],
      [
        'by the page of vsyscalls',
        /^(?:blocked gettimeofday|SIGSEGV)/,
        (f) => {
          f.mov(rax, 0xffff_ffff_ff60_0000n);
          f.call(rax);
          f.ret();
        },
      ],
      [
        'at our own munmap, with another number',
        'blocked execve',
        (f) => {
          f.mov(eax, 59);
          f.mov(rcx, at((unmapSite?.after ?? 0) - 2));
          f.jmp(rcx);
        },
      ],
      [
        'where the runner forks',
        /^SIGSEGV address not mapped execute/,
        (f) => {
          f.mov(eax, 57);
          f.mov(rcx, at((forkSite?.after ?? 0) - 2));
          f.jmp(rcx);
        },
      ],
      [
        'rt_sigreturn with a frame that masks every signal',
        /^blocked rt_sigreturn/,
        (f) =>
          sigreturn(f, () => {
            f.mov(qword(rsp, -296), -1);
            f.sub(rsp, 592);
          }),
      ],
      [
        'exit',
        'exited 7',
        (f) => {
          f.mov(edi, 7);
          f.mov(eax, 60);
          f.syscall();
        },
      ],
      [
        'exit_group',
        'exited 255',
        (f) => {
          f.mov(edi, -1);
          f.mov(eax, 231);
          f.syscall();
        },
      ],
      [
        'exit by int 0x80',
        'exited 9',
        (f) => {
          f.mov(ebx, 9);
          f.mov(eax, 1);
          f.int(0x80);
        },
      ],
    ]),
  ];
}

/** State that a process keeps from one instruction to the next, left as it should not be. */
function controlState(): Hostile[] {
  const flags = (bit: number): ((f: X64) => void) => {
    return (f) => {
      f.pushfq();
      f.or(qword(rsp), 1 << bit);
      f.popfq();
    };
  };
  const control = (value: number): ((f: X64) => void) => {
    return (f) => {
      f.mov(dword(rsp, -8), value);
      f.ldmxcsr(dword(rsp, -8));
    };
  };
  const selector = (
    register: typeof asm.ds | typeof asm.fs | typeof asm.ss,
  ): ((f: X64) => void) => {
    return (f) => {
      f.xor(eax, eax);
      f.mov(register, ax);
    };
  };
  const far = (code: number): ((f: X64) => void) => {
    return (f) => {
      const there = f.label();
      f.push(code);
      f.lea(rax, mem(there));
      f.push(rax);
      f.db(0x48, 0xcb); // retfq
      f.bind(there);
      f.mov(eax, 59);
      f.int(0x80);
    };
  };
  return group('left behind', [
    ['direction flag', 'abi df', withReturn((f) => f.std())],
    ['alignment check flag', /^(?:abi ac|SIGBUS)/, withReturn(flags(18))],
    ['trap flag', /^SIGTRAP debug trap/, withReturn(flags(8))],
    ['nested task flag', /^returned/, withReturn(flags(14))],
    ['rounding toward zero', 'abi mxcsr', withReturn(control(0x7f80))],
    ['unmasked SSE exceptions', 'abi mxcsr', withReturn(control(0))],
    ['flushing to zero', 'abi mxcsr', withReturn(control(0x9f80))],
    ['exception flags alone, which are its own', /^returned/, withReturn(control(0x1fbf))],
    [
      'reserved bits of MXCSR',
      'SIGSEGV general protection at +0x8',
      withReturn(control(0x8000_0000)),
    ],
    [
      'x87 control word',
      'abi fcw',
      withReturn((f) => {
        f.mov(word(rsp, -8), 0x27f);
        f.fldcw(word(rsp, -8));
      }),
    ],
    [
      'x87 registers all taken',
      /^returned/,
      withReturn((f) => {
        for (let n = 0; n < 8; n++) f.fld1();
      }),
    ],
    [
      'FS base',
      /^returned/,
      withReturn((f) => {
        f.mov(rax, 0x1234_5678n);
        f.wrfsbase(rax);
      }),
      'fsgsbase',
    ],
    [
      'GS base',
      /^returned/,
      withReturn((f) => {
        f.mov(rax, 0x1234_5678n);
        f.wrgsbase(rax);
      }),
      'fsgsbase',
    ],
    [
      'a base that is none',
      'SIGSEGV general protection at +0xa',
      withReturn((f) => {
        f.mov(rax, 1n << 63n);
        f.wrfsbase(rax);
      }),
      'fsgsbase',
    ],
    ['DS of nothing', /^returned/, withReturn(selector(asm.ds))],
    ['FS of nothing', /^returned/, withReturn(selector(asm.fs))],
    ['SS of nothing', /^SIGSEGV general protection/, withReturn(selector(asm.ss))],
    ['32-bit code, beyond its reach', /^SIGSEGV general protection/, far(0x23)],
    ['a far return into 64-bit code', 'blocked oldolduname', far(0x33)],
    ['a far return to no segment', /^SIGSEGV general protection/, far(0x7b)],
    [
      'vector registers all ones',
      /^returned/,
      withReturn((f) => {
        f.vpcmpeqd(asm.ymm0, asm.ymm0, asm.ymm0);
      }),
      'avx2',
    ],
    [
      'protection keys that forbid all',
      /^(?:returned|SIGSEGV)/,
      withReturn((f) => {
        f.xor(ecx, ecx);
        f.xor(edx, edx);
        f.mov(eax, -4);
        f.wrpkru();
      }),
      'ospke',
    ],
  ]);
}

function privileged(): Hostile[] {
  const no = 'SIGSEGV general protection at +0x0';
  return group('privileged', [
    ['hlt', no, (f) => f.hlt()],
    ['cli', no, (f) => f.cli()],
    ['sti', no, (f) => f.sti()],
    ['in', no, (f) => f.db(0xec)],
    ['out', no, (f) => f.db(0xee)],
    ['rdmsr', no, (f) => f.rdmsr()],
    ['wrmsr', no, (f) => f.wrmsr()],
    ['swapgs', no, (f) => f.swapgs()],
    ['clts', no, (f) => f.db(0x0f, 0x06)],
    ['wbinvd', no, (f) => f.db(0x0f, 0x09)],
    ['invd', no, (f) => f.db(0x0f, 0x08)],
    ['mov to cr0', no, (f) => f.db(0x0f, 0x22, 0xc0)],
    ['mov from cr3', no, (f) => f.db(0x0f, 0x20, 0xd8)],
    ['mov to dr7', no, (f) => f.db(0x0f, 0x23, 0xf8)],
    ['lgdt', no, (f) => f.db(0x0f, 0x01, 0x14, 0x24)],
    ['lidt', no, (f) => f.db(0x0f, 0x01, 0x1c, 0x24)],
    ['invlpg', no, (f) => f.db(0x0f, 0x01, 0x3c, 0x24)],
    ['ltr', no, (f) => f.db(0x0f, 0x00, 0xd8)],
    ['sysret', /^SIG(?:SEGV general protection|ILL.*) at \+0x0$/, (f) => f.db(0x48, 0x0f, 0x07)],
    ['xsetbv', no, (f) => f.db(0x0f, 0x01, 0xd1)],
    ['interrupt of the timer', no, (f) => f.int(0x20)],
    [
      'iret to the kernel',
      'SIGSEGV general protection at +0xe',
      (f) => {
        f.push(0x18);
        f.push(rsp);
        f.pushfq();
        f.push(0x10);
        f.lea(rax, mem(rsp));
        f.push(rax);
        f.nop();
        f.nop();
        f.nop();
        f.iretq();
      },
    ],
  ]);
}

function faults(at: At): Hostile[] {
  const hex = (offset: number): string => `0x${at(offset).toString(16)}`;
  return group('fault', [
    ['undefined instruction', 'SIGILL illegal instruction at +0x0', (f) => f.ud2()],
    ['lock of a register', 'SIGILL illegal instruction at +0x0', (f) => f.db(0xf0, 0x01, 0xc0)],
    [
      'more than 15 bytes',
      'SIGSEGV general protection at +0x0',
      (f) => f.db(...Array.from({ length: 16 }, () => 0x66), 0x90),
    ],
    [
      'int3',
      'SIGTRAP breakpoint at +0x1',
      (f) => {
        f.nop();
        f.int3();
        f.nop();
      },
    ],
    [
      'int1',
      'SIGTRAP debug trap at +0x0',
      (f) => {
        f.db(0xf1);
        f.nop();
      },
    ],
    [
      'division by zero',
      'SIGFPE integer divide error at +0x2',
      (f) => {
        f.xor(ecx, ecx);
        f.div(ecx);
      },
    ],
    [
      'quotient too large',
      'SIGFPE integer divide error at +0xd',
      (f) => {
        f.mov(eax, 0x8000_0000);
        f.cdq();
        f.mov(ecx, -1);
        f.db(0x66, 0x90);
        f.idiv(ecx);
      },
    ],
    [
      'x87 exception',
      /^SIGFPE float divide by zero/,
      (f) => {
        f.mov(word(rsp, -8), 0);
        f.fldcw(word(rsp, -8));
        f.fld1();
        f.fldz();
        f.db(0xde, 0xf9); // fdivp
        f.db(0x9b); // fwait
      },
    ],
    [
      'SSE exception',
      /^SIGFPE float divide by zero/,
      (f) => {
        f.mov(dword(rsp, -8), 0);
        f.ldmxcsr(dword(rsp, -8));
        f.xorps(xmm0, xmm0);
        f.mov(eax, 0x3f80_0000);
        f.movd(xmm1, eax);
        f.divss(xmm1, xmm0);
      },
    ],
    [
      'misaligned vector',
      'SIGSEGV general protection at +0x0',
      (f) => f.movaps(xmm0, oword(rsp, 4)),
    ],
    [
      'misaligned word with the check on',
      /^SIGBUS misaligned address/,
      (f) => {
        f.pushfq();
        f.or(qword(rsp), 1 << 18);
        f.popfq();
        f.mov(eax, dword(rsp, -7));
      },
    ],
    [
      'endless recursion',
      `SIGSEGV address not mapped write ${hex(parts.stack.offset - 8)} at +0x0`,
      (f) => {
        const self = f.label();
        f.bind(self);
        f.call(self);
      },
    ],
    [
      'push at address 0',
      /^SIGSEGV address not mapped write 0xfffffffffffffff8/,
      (f) => {
        f.xor(eax, eax);
        f.mov(rsp, rax);
        f.push(rax);
      },
    ],
    [
      'push at no address',
      /^SIGBUS non-canonical stack address/,
      (f) => {
        f.mov(rsp, 1n << 62n);
        f.push(rax);
      },
    ],
    [
      'fault with the stack in the alternate one',
      /^SIGILL|^SIGSEGV$/,
      (f) => {
        f.mov(rsp, at(parts.alternateStack.offset + parts.alternateStack.size - 64));
        f.ud2();
      },
    ],
    [
      'fault with the stack below the alternate one',
      /^SIGILL/,
      (f) => {
        f.mov(rsp, at(parts.alternateStack.offset - 64));
        f.ud2();
      },
    ],
    [
      'fault with the stack in the results',
      /^SIGILL/,
      (f) => {
        f.mov(rsp, at(parts.results.offset + 256));
        f.ud2();
      },
    ],
    [
      'return to nothing',
      /^SIGSEGV address not mapped execute 0x0/,
      (f) => {
        f.push(0);
        f.ret();
      },
    ],
    [
      'return to no address',
      /^SIGSEGV general protection/,
      (f) => {
        f.mov(rax, 1n << 62n);
        f.push(rax);
        f.ret();
      },
    ],
    [
      'code on the stack',
      /^SIGSEGV protection execute/,
      (f) => {
        f.mov(byte(rsp, -16), 0xc3);
        f.lea(rax, mem(rsp, -16));
        f.jmp(rax);
      },
    ],
    [
      'code written beside itself',
      /^SIGSEGV protection write/,
      (f) => {
        const next = f.label();
        f.mov(byte(next), 0x90);
        f.bind(next);
        f.ret();
      },
    ],
    [
      'copying over everything upward',
      `SIGSEGV address not mapped write ${hex(stackTop)} at +0x11`,
      (f) => {
        f.mov(rdi, rsp);
        f.mov(rcx, -1);
        f.mov(eax, 0);
        f.cld();
        f.nop();
        f.rep.stosb();
      },
    ],
    [
      'copying over everything downward',
      /^SIGSEGV address not mapped write/,
      (f) => {
        f.mov(rdi, rsp);
        f.mov(rcx, -1);
        f.std();
        f.rep.stosb();
      },
    ],
    ['stack pointer not given back', 'abi rsp', (f) => f.ret(8)],
    ['frame pointer not given back', 'abi rbp', withReturn((f) => f.xor(asm.ebp, asm.ebp))],
    ['rbx not given back', 'abi rbx', withReturn((f) => f.inc(rbx))],
    ['r12 not given back', 'abi r12', withReturn((f) => f.inc(asm.r12))],
    ['r13 not given back', 'abi r13', withReturn((f) => f.inc(asm.r13))],
    ['r14 not given back', 'abi r14', withReturn((f) => f.inc(asm.r14))],
    ['r15 not given back', 'abi r15', withReturn((f) => f.inc(asm.r15))],
  ]);
}

function withoutEnd(): Hostile[] {
  return group('endless', [
    ['jump', 'timeout at +0x0', (f) => again(f, () => undefined)],
    ['pause', /^timeout at \+0x[02]/, (f) => again(f, () => f.pause())],
    ['clock', /^timeout/, (f) => again(f, () => f.rdtsc())],
    ['chance', /^timeout/, (f) => again(f, () => f.rdrand(eax)), 'rdrand'],
    [
      'locks over two lines of the cache',
      /^(?:timeout|SIGBUS)/,
      (f) => {
        f.and(rsp, -64);
        again(f, () => f.lock.inc(dword(rsp, -2)));
      },
    ],
    [
      'all of the stack touched over and over',
      /^timeout/,
      (f) =>
        again(f, () => {
          f.lea(rdi, mem(rsp, -0x8_0000));
          f.mov(ecx, 0x7_0000);
          f.rep.stosb();
        }),
    ],
    ['cache lines thrown out', /^timeout/, (f) => again(f, () => f.clflush(mem(rsp)))],
    [
      'wait in user mode',
      /^(?:timeout|SIGILL)/,
      (f) => again(f, () => f.db(0xf2, 0x0f, 0xae, 0xf1)),
      'waitpkg',
    ],
    [
      'wait for a line of the cache',
      /^(?:timeout|SIGILL)/,
      (f) => {
        f.lea(rax, mem(rsp));
        f.xor(ecx, ecx);
        f.xor(edx, edx);
        f.db(0x0f, 0x01, 0xfa); // monitorx
        again(f, () => f.db(0x0f, 0x01, 0xfb)); // mwaitx
      },
      'mwaitx',
    ],
    [
      'a long instruction restarted',
      /^timeout/,
      (f) =>
        again(f, () => {
          f.mov(rsi, rsp);
          f.lea(rdi, mem(rsp, -0x4_0000));
          f.xor(ecx, ecx);
          f.rep.movsb();
        }),
    ],
  ]);
}

function ends(at: At): Hostile[] {
  return group('end', [
    ['after one instruction', 'end', (f) => f.nop()],
    ['in the middle of an instruction', 'end', (f) => f.db(0xb8, 1, 2)],
    ['after a prefix', 'end', (f) => f.db(0x48)],
    ['by a jump behind the last byte', 'end', (f) => f.db(0xeb, 0x00)],
    [
      'by a jump far behind it',
      'end',
      (f) => {
        f.mov(rax, at(parts.guest.offset + 0x8_0000));
        f.jmp(rax);
      },
    ],
    ['by a call behind it', 'end', (f) => f.db(0xe8, 0, 1, 0, 0)],
  ]);
}
