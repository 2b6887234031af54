/** Pages that outlive a guest or that it shares: forged, wiped, written to. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  al,
  dword,
  eax,
  ecx,
  edi,
  edx,
  mem,
  qword,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  r8,
  r9,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../../src/asm/x64.ts';
import {
  exitCodes,
  parts,
  recordKinds,
  request,
  result,
  steps,
} from '../../../../src/jit/runner/layout.ts';
import { at, endOf, ourCall } from '../ground.ts';
import type { Program } from '../program.ts';

const exitGroup = 231;

/** Ends with a status of one's own, at the place where the child code ends. */
function leaveWith(f: X64, status: number): void {
  f.mov(edi, status);
  f.mov(eax, exitGroup);
  f.mov(rcx, ourCall(exitGroup));
  f.jmp(rcx);
}

/** Writes the kind of a record. */
function claim(f: X64, kind: number): void {
  f.mov(rbx, at('results'));
  f.mov(dword(rbx, result.kind), kind);
}

/** Fills a part with a byte. */
function fill(f: X64, part: keyof typeof parts, byte: number): void {
  f.mov(rdi, at(part));
  f.mov(ecx, parts[part].size);
  f.mov(al, byte);
  f.rep.stosb();
}

/** Fields that runner or host would be lost by, could a guest write them. */
const requestFields = [
  'entry',
  'registers',
  'unmapped',
  'copied',
  'timer',
  'watchdog',
  'processorTime',
  'imageWords',
  'requestPipe',
  'answerPipe',
  'outputPipe',
  'cloneFlags',
  'identity',
  'filterProgram',
  'filter',
  'alternateStack',
  'faultAction',
  'childSignal',
  'initialImage',
] as const satisfies readonly (keyof typeof request)[];

const storeOwnReturn = (f: X64): void => {
  // What the child code would store after a return: every register as it is, the stack pointer as if returned.
  f.push(rbx);
  f.mov(rbx, at('results'));
  f.pop(qword(rbx, result.registers + 8 * 3));
  for (const [number, register] of [
    rax,
    rcx,
    rdx,
    rbx,
    rsp,
    rbp,
    rsi,
    rdi,
    r8,
    r9,
    r10,
    r11,
    r12,
    r13,
    r14,
    r15,
  ].entries()) {
    if (register !== rbx) f.mov(qword(rbx, result.registers + 8 * number), register);
  }
  f.add(qword(rbx, result.registers + 8 * 4), 8);
  f.mov(dword(rbx, result.flags), 0x202);
  f.stmxcsr(dword(rbx, result.vectorControl));
  f.mov(dword(rbx, result.x87Control), 0x37f);
};

export const sharedPages: readonly Program[] = [
  {
    name: 'wipe the results, then return',
    code: (f) => {
      f.push(rdi);
      fill(f, 'results', 0);
      f.pop(rdi);
      f.mov(eax, 7);
      f.ret();
    },
    want: 'returned 7',
  },
  {
    name: 'fill the results with ones, then return',
    code: (f) => {
      fill(f, 'results', 0xff);
      f.mov(eax, 7);
      f.ret();
    },
    want: 'returned 7',
  },
  {
    name: 'fill the results with ones, then fault',
    code: (f) => {
      fill(f, 'results', 0xff);
      f.ud2();
    },
    want: 'SIGILL illegal instruction, at 19',
  },
  {
    name: 'a record of a return with the exit code of a fault',
    code: (f) => {
      claim(f, recordKinds.returned);
      leaveWith(f, exitCodes.fault);
    },
    want: /^refused: garbled/,
  },
  {
    name: 'a record of a fault with the exit code of a return',
    code: (f) => {
      claim(f, recordKinds.fault);
      leaveWith(f, exitCodes.returned);
    },
    want: /^refused: garbled/,
  },
  {
    name: 'the exit code of a return without a record',
    code: (f) => leaveWith(f, exitCodes.returned),
    want: /^refused: garbled/,
  },
  {
    name: 'the exit code of a fault without a record',
    code: (f) => leaveWith(f, exitCodes.fault),
    want: /^refused: garbled/,
  },
  { name: 'exit code 0 without a record', code: (f) => leaveWith(f, 0), want: /^refused: garbled/ },
  {
    name: 'exit code 255 without a record',
    code: (f) => leaveWith(f, 255),
    want: /^refused: garbled/,
  },
  {
    name: 'a kind of record that there is not',
    code: (f) => {
      claim(f, -1);
      leaveWith(f, exitCodes.returned);
    },
    want: /^refused: garbled/,
  },
  {
    name: 'the exit code of a step before the guest, with a record',
    code: (f) => {
      claim(f, recordKinds.returned);
      leaveWith(f, steps.childTimer);
    },
    want: /^refused: garbled/,
  },
  {
    name: 'the exit code of a step before the guest: a lie about itself alone',
    code: (f) => leaveWith(f, steps.childTimer),
    want: 'refused: the process for the call failed at the step childTimer',
  },
  {
    name: 'the exit code of a step of the runner',
    code: (f) => leaveWith(f, steps.filter),
    want: /^refused: garbled/,
  },
  {
    name: 'a record of a fault by a signal that is no fault',
    code: (f) => {
      claim(f, recordKinds.fault);
      f.mov(dword(rbx, result.signal), 9);
      leaveWith(f, exitCodes.fault);
    },
    want: 'refused: garbled: the record of the call contradicts its end (a fault by SIGKILL)',
  },
  {
    name: 'a record of a fault by no signal at all',
    code: (f) => {
      claim(f, recordKinds.fault);
      leaveWith(f, exitCodes.fault);
    },
    want: /^refused: garbled/,
  },
  {
    name: 'a record of a return with registers that no function may leave',
    code: (f) => {
      claim(f, recordKinds.returned);
      leaveWith(f, exitCodes.returned);
    },
    want: 'abi rbx',
  },
  {
    name: 'a faultless record of a return: a lie about itself alone',
    code: (f) => {
      f.mov(eax, 42);
      storeOwnReturn(f);
      f.mov(dword(rbx, result.kind), recordKinds.returned);
      leaveWith(f, exitCodes.returned);
    },
    want: 'returned 42',
  },
  {
    name: 'a record of an exit that did not happen: a lie about itself alone',
    code: (f) => {
      claim(f, recordKinds.fault);
      f.mov(dword(rbx, result.signal), 31);
      f.mov(dword(rbx, result.signal + 24), exitGroup);
      leaveWith(f, exitCodes.fault);
    },
    want: 'exited 0',
  },
  {
    name: 'time stamps that are an age apart',
    code: (f) => {
      f.mov(rax, at('results'));
      f.mov(qword(rax, result.started), 0);
      f.mov(eax, 1);
      f.ret();
    },
    want: 'returned 1',
  },
  {
    name: 'a time stamp from the future',
    code: (f) => {
      f.mov(rax, at('results'));
      f.mov(qword(rax, result.started), -1);
      f.mov(eax, 1);
      f.ret();
    },
    want: 'returned 1',
  },
  ...requestFields.map((field): Program => {
    return {
      name: `write the request's ${field}`,
      code: (f) => {
        f.mov(rax, at('requests', request[field]));
        f.mov(dword(rax), -1);
        f.ret();
      },
      want: `SIGSEGV protection, write requests+0x${request[field].toString(16)}, at 10`,
    };
  }),
  {
    name: 'wipe the requests',
    code: (f) => fill(f, 'requests', 0),
    want: 'SIGSEGV protection, write requests+0x0, at 17',
  },
  {
    name: 'read the requests: nothing in them is secret',
    code: (f) => {
      f.mov(rax, at('requests', request.entry));
      f.mov(rax, qword(rax));
      f.ret();
    },
    want: `returned ${at('guest')}`,
  },
  {
    name: "read the runner's own state",
    code: (f) => {
      f.mov(rax, at('state'));
      f.mov(rax, qword(rax));
      f.ret();
    },
    want: 'SIGSEGV address not mapped, read state+0x0, at 10',
  },
  {
    name: "write the runner's own state",
    code: (f) => fill(f, 'state', 0),
    want: 'SIGSEGV address not mapped, write state+0x0, at 17',
  },
  {
    name: 'write to the outgoing buffers without having any',
    code: (f) => fill(f, 'outgoing', 1),
    want: 'SIGSEGV address not mapped, write outgoing+0x0, at 17',
  },
  {
    name: 'write to the outgoing buffer: what stands in the buffer itself counts',
    buffers: [4096],
    code: (f) => {
      f.mov(rax, at('outgoing'));
      f.mov(dword(rax), -1);
      f.mov(dword(rdi), 5);
      f.mov(eax, dword(rdi));
      f.ret();
    },
    want: 'returned 5',
  },
  {
    name: 'write past the outgoing buffer',
    buffers: [4096],
    code: (f) => {
      f.mov(rax, at('outgoing', 4096));
      f.mov(dword(rax), -1);
      f.ret();
    },
    want: 'SIGSEGV address not mapped, write outgoing+0x1000, at 10',
  },
  {
    name: 'write past the results',
    code: (f) => {
      f.mov(rax, endOf('results'));
      f.mov(dword(rax), -1);
      f.ret();
    },
    want: /^SIGSEGV address not mapped, write 0x10000000a000, at 10/,
  },
  {
    name: 'use the results as a stack for recursion',
    code: (f) => {
      f.mov(rsp, endOf('results'));
      const again = f.label();
      f.bind(again);
      f.call(again);
    },
    want: 'SIGSEGV address not mapped, write 0x100000007ff8, at 10',
  },
  {
    name: 'a pointer to the results as the signal stack of a fault',
    code: (f) => {
      f.mov(rsp, at('results', 64));
      f.xor(edx, edx);
      f.div(edx);
    },
    want: 'SIGFPE integer divide error, at 12',
  },
  {
    name: 'store the vector registers over the whole record',
    code: (f) => {
      f.mov(rdi, at('results'));
      f.mov(eax, 7);
      f.xor(edx, edx);
      f.xsave64(mem(rdi));
      f.mov(eax, 3);
      f.ret();
    },
    want: 'returned 3',
  },
];
