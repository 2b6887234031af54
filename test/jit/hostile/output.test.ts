/** The sandboxes that allow more: `output` allows to write, `off` allows all. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { X64 } from '../../../src/asm/x64.ts';
import {
  al,
  dword,
  eax,
  edi,
  edx,
  esi,
  mem,
  qword,
  rax,
  rcx,
  rdi,
  rsi,
  rsp,
} from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { limits } from '../../../src/model/run.ts';
import { eventually } from '../clientSetup.ts';
import { childrenOf } from './fuzz.ts';
import {
  assertWorks,
  at,
  call,
  emit,
  inWords,
  isolatedHere,
  never,
  ourCall,
  requestFor,
  startRunner,
} from './ground.ts';

const write = 1;

/** Writes text to a descriptor, from the stack. */
function say(f: X64, descriptor: number, text: string): void {
  const there = f.label();
  const past = f.label();
  f.jmp(past);
  f.bind(there);
  f.data(new TextEncoder().encode(text));
  f.bind(past);
  f.lea(rsi, mem(there));
  f.mov(edx, text.length);
  f.mov(edi, descriptor);
  call(f, write);
}

function forever(f: X64): void {
  const again = f.label();
  f.bind(again);
  f.jmp(again);
}

interface Case {
  readonly name: string;
  readonly code: (f: X64) => void;
  readonly want: string | RegExp;
  readonly output: string;
}

const cases: readonly Case[] = [
  { name: 'nothing', code: (f) => (f.mov(eax, 1), f.ret()), want: 'returned 1', output: '' },
  {
    name: 'standard output',
    code: (f) => (say(f, 1, 'hello'), f.ret()),
    want: 'returned 5',
    output: 'hello',
  },
  {
    name: 'standard error',
    code: (f) => (say(f, 2, 'oh'), f.ret()),
    want: 'returned 2',
    output: 'oh',
  },
  {
    name: 'both, in their order',
    code: (f) => (say(f, 1, 'one '), say(f, 2, 'two '), say(f, 1, 'three'), f.mov(eax, 0), f.ret()),
    want: 'returned 0',
    output: 'one two three',
  },
  {
    name: 'and then a fault',
    code: (f) => (say(f, 1, 'last words'), f.ud2()),
    want: /^SIGILL/,
    output: 'last words',
  },
  {
    name: 'and then no end',
    code: (f) => (say(f, 1, 'for ever'), forever(f)),
    want: /^timeout at \d+$/,
    output: 'for ever',
  },
  {
    name: 'and then an exit',
    code: (f) => (say(f, 1, 'bye'), f.mov(edi, 3), call(f, 60)),
    want: 'exited 3',
    output: 'bye',
  },
  {
    name: 'and then another call',
    code: (f) => (say(f, 1, 'x'), call(f, 39)),
    want: /^blocked getpid at \d+$/,
    output: 'x',
  },
  ...[0, 3, 4, 5, 99, -1].map((descriptor): Case => {
    const name = `to descriptor ${descriptor} it is blocked`;
    return {
      name,
      code: (f) => say(f, descriptor, 'forged'),
      want: /^blocked write at \d+$/,
      output: '',
    };
  }),
  {
    name: 'to descriptor 1 with high bits it is blocked',
    code: (f) => {
      f.mov(rdi, (1n << 32n) | 1n);
      f.mov(rsi, rsp);
      f.mov(edx, 1);
      call(f, write);
    },
    want: /^blocked write at \d+$/,
    output: '',
  },
  {
    name: 'from our code it is blocked',
    code: (f) => {
      f.mov(edi, 1);
      f.mov(rsi, rsp);
      f.mov(edx, 1);
      f.mov(eax, write);
      f.mov(rcx, ourCall(11));
      f.jmp(rcx);
    },
    want: 'blocked write at outside',
    output: '',
  },
  {
    name: 'in x32 numbering it is blocked',
    code: (f) => {
      f.mov(edi, 1);
      f.mov(rsi, rsp);
      f.mov(edx, 1);
      call(f, 0x4000_0001);
    },
    want: /^blocked write at \d+$/,
    output: '',
  },
  {
    name: 'by writev it is blocked',
    code: (f) => (f.mov(edi, 1), f.mov(rsi, rsp), f.mov(edx, 1), call(f, 20)),
    want: /^blocked writev at \d+$/,
    output: '',
  },
  {
    name: 'of memory that is not there: EFAULT',
    code: (f) => (f.mov(edi, 1), f.mov(esi, 0x1000), f.mov(edx, 8), call(f, write), f.ret()),
    want: 'returned -14',
    output: '',
  },
];

describe('sandbox output', { skip: !isolatedHere }, () => {
  let runner: IsolatedRunner;
  let pid = 0;
  before(async () => {
    runner = await startRunner({ sandbox: 'output' });
    pid = runner.pid;
  });
  after(() => runner.dispose());

  for (const { name, code, want, output } of cases) {
    it(`writes: ${name}`, async () => {
      const result = await runner.run(requestFor(emit(code), { timeoutMs: 200 }), never);
      if (typeof want === 'string') assert.equal(inWords(result), want);
      else assert.match(inWords(result), want);
      assert.equal(new TextDecoder().decode(result.output), output);
    });
  }

  it('keeps no more than its bound; more gets EAGAIN, and the next call begins with nothing', async () => {
    const code = emit((f) => {
      // In chunks of a page until one is refused, whose result is returned.
      const again = f.label();
      f.bind(again);
      f.mov(edi, 1);
      f.mov(rsi, at('stack'));
      f.mov(edx, 4096);
      call(f, write);
      f.test(rax, rax);
      f.jns(again);
      f.ret();
    });
    const result = await runner.run(requestFor(code), never);
    assert.equal(inWords(result), 'returned -11');
    assert.equal(result.output?.length, limits.outputBytes);
    const next = await runner.run(requestFor(emit((f) => f.ret())), never);
    assert.equal(next.output?.length, 0);
  });

  it('a loop of writes runs into its limit, and is bounded', async () => {
    const code = emit((f) => {
      const again = f.label();
      f.bind(again);
      f.mov(edi, 1);
      f.mov(rsi, at('stack'));
      f.mov(edx, 1000);
      call(f, write);
      f.jmp(again);
    });
    const result = await runner.run(requestFor(code, { timeoutMs: 30 }), never);
    assert.equal(result.outcome, 'timeout');
    assert.ok((result.output?.length ?? 0) <= limits.outputBytes);
    await assertWorks(runner, 'a flood of output');
    assert.equal(runner.pid, pid);
  });
});

describe('sandbox off', { skip: !isolatedHere }, () => {
  for (const namespaces of [true, false]) {
    describe(namespaces ? 'with namespaces' : 'without namespaces', () => {
      let runner: IsolatedRunner | undefined;
      before(async () => {
        // Where namespaces are not granted, only the other half can be shown.
        runner = await startRunner({ sandbox: 'off', namespaces }).catch(() => undefined);
      });
      after(() => runner?.dispose());

      const check = (name: string, code: (f: X64) => void, want: string | RegExp): void => {
        it(name, async (context) => {
          if (!runner) {
            const reason = `not covered here: ${name} (this machine grants no namespaces)`;
            console.log(reason);
            context.skip(reason);
            return;
          }
          const words = inWords(
            await runner.run(requestFor(emit(code), { timeoutMs: 200 }), never),
          );
          if (typeof want === 'string') assert.equal(words, want);
          else assert.match(words, want);
          await assertWorks(runner, name);
        });
      };

      check(
        'a system call works',
        (f) => (call(f, 110), f.test(eax, eax), f.setz(al), f.movzx(eax, al), f.ret()),
        'returned 0',
      );
      check('exit exits', (f) => (f.mov(edi, 3), call(f, 60)), 'exited 3');
      check(
        'exit_group exits, with 8 bits of its status',
        (f) => (f.mov(edi, 0x1ff), call(f, 231)),
        'exited 255',
      );
      check('what it writes is captured', (f) => (say(f, 1, 'hello'), f.ret()), 'returned 5');
      check('a fault is told', (f) => f.ud2(), 'SIGILL illegal instruction, at 0');
      check('a loop ends', forever, /^timeout/);
      check(
        'memory can be had',
        (f) => {
          f.xor(edi, edi);
          f.mov(esi, 4096);
          f.mov(edx, 3);
          f.db(0x41, 0xba, 0x22, 0, 0, 0); // mov r10d, MAP_PRIVATE | MAP_ANONYMOUS
          f.db(0x49, 0x83, 0xc8, 0xff); // or r8, -1
          f.db(0x45, 0x31, 0xc9); // xor r9d, r9d
          call(f, 9);
          f.mov(dword(rax), 5);
          f.mov(eax, dword(rax));
          f.ret();
        },
        'returned 5',
      );
      check(
        'it kills itself',
        (f) => {
          call(f, 39);
          f.mov(edi, eax);
          f.mov(esi, 9);
          call(f, 62);
          forever(f);
        },
        'refused: the process of the call was killed from outside',
      );
      check(
        'it kills its parent: the call is lost, the next one is not',
        (f) => {
          call(f, 110);
          f.mov(edi, eax);
          f.mov(esi, 9);
          call(f, 62);
          f.mov(eax, 1);
          f.ret();
          // In a process namespace its parent is the first process, which it cannot kill.
        },
        namespaces ? 'returned 1' : /^refused: /,
      );
      check(
        'it kills its group',
        (f) => {
          f.xor(edi, edi);
          f.mov(esi, 9);
          call(f, 62);
          forever(f);
        },
        /^refused: /,
      );
      check(
        'it masks the alarm: the watchdog ends it',
        (f) => {
          f.mov(qword(rsp, -64), -1);
          f.xor(edi, edi);
          f.lea(rsi, mem(rsp, -64));
          f.xor(edx, edx);
          f.db(0x41, 0xba, 8, 0, 0, 0); // mov r10d, 8
          call(f, 14);
          forever(f);
        },
        'timeout not recorded',
      );
      check(
        'it writes an answer of its own to where the runner writes its: the next call is not misled',
        (f) => {
          f.mov(qword(rsp, -64), 1); // A process, and how it ended: well.
          f.mov(qword(rsp, -56), 0);
          f.mov(edi, 4);
          f.lea(rsi, mem(rsp, -64));
          f.mov(edx, 16);
          call(f, write);
          f.ret();
        },
        'returned -9', // EBADF: it has no such descriptor.
      );
      check(
        'it forks: what it leaves behind is no answer',
        (f) => {
          call(f, 57);
          f.test(eax, eax);
          const parent = f.label();
          f.jnz(parent);
          f.mov(edi, 9);
          call(f, 231);
          f.bind(parent);
          f.mov(eax, 4);
          f.ret();
        },
        /^returned 4$/,
      );
    });
  }

  it('kills all it can see: with namespaces that is itself', async (context) => {
    // Never without namespaces: there it would be everything that runs on this machine.
    const runner = await startRunner({ sandbox: 'off', namespaces: true }).catch(() => undefined);
    if (!runner) {
      context.skip('this machine grants no namespaces');
      return;
    }
    const code = emit((f) => {
      f.mov(edi, -1);
      f.mov(esi, 9);
      call(f, 62);
      f.mov(eax, 6);
      f.ret();
    });
    assert.match(inWords(await runner.run(requestFor(code), never)), /^returned 6$/);
    await assertWorks(runner, 'kill(-1)');
    const { pid } = runner;
    runner.dispose();
    assert.ok(await eventually(() => !childrenOf(process.pid).includes(pid)));
  });
});
