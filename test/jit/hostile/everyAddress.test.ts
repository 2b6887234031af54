/** Jumps to every byte of the child code, and looks at every page that the host has. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { X64 } from '../../../src/asm/x64.ts';
import {
  al,
  byte,
  eax,
  ecx,
  edx,
  esi,
  mem,
  r8,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
} from '../../../src/asm/x64.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import { parts } from '../../../src/jit/runner/layout.ts';
import {
  assertWorks,
  at,
  base,
  emit,
  inWords,
  isolatedHere,
  mapOf,
  marker,
  never,
  patched,
  requestFor,
  startRunner,
} from './ground.ts';

/** Registers that make the most of a jump: what the code there takes for its own. */
const settings: Readonly<Record<string, (f: X64) => void>> = {
  'the registers of a call': () => undefined,
  'pointers to a table of its own': (f) => {
    f.mov(rbx, at('stack', 4096));
    f.mov(rdi, at('stack'));
    f.mov(esi, 4096);
    f.mov(r8, at('stack', 8192));
    f.mov(rdx, at('stack', 8192));
    f.mov(ecx, 64);
  },
  'pointers into the shared pages': (f) => {
    f.mov(rbx, at('results'));
    f.mov(rdi, at('results'));
    f.mov(rsi, at('requests'));
    f.mov(r8, at('results', 1024));
    f.mov(edx, 3);
    f.mov(rcx, -1);
    f.lea(rsp, mem(rdi, 4096));
  },
};

describe('every address', { skip: !isolatedHere }, () => {
  let runner: IsolatedRunner;
  let pid = 0;
  before(async () => {
    runner = await startRunner();
    pid = runner.pid;
  });
  after(() => runner.dispose());

  for (const [name, set] of Object.entries(settings)) {
    it(`of the child code, jumped to with ${name}`, async () => {
      const outcomes = new Map<string, number>();
      const program = emit((f) => {
        set(f);
        f.movabs(rax, marker);
        f.jmp(rax);
      });
      for (let offset = 0; offset < parts.childCode.size; offset++) {
        const bytes = patched(program, at('childCode', offset), 8);
        const result = await runner.run(requestFor(bytes, { timeoutMs: 1 }), never);
        const kind = result.outcome === 'refused' ? `refused: ${result.reason}` : result.outcome;
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        // Whatever it claims of itself: it has had no effect on anything else.
        assert.equal(runner.pid, pid, `a jump to the child code + ${offset}`);
        if (offset % 32 === 0) await assertWorks(runner, `a jump to the child code + ${offset}`);
      }
      await assertWorks(runner, 'all jumps');
      // What ends the runner says so.
      for (const outcome of outcomes.keys())
        assert.doesNotMatch(outcome, /runner of the call ended/);
      assert.ok(outcomes.size > 2, 'the jumps did something');
    });
  }

  it('of the host: nothing of it is there', async () => {
    const lines = mapOf('self') ?? [];
    assert.ok(lines.length > 20, 'the map of this process can be read');
    let looked = 0;
    for (const line of lines) {
      const start = BigInt(`0x${line.slice(0, line.indexOf('-'))}`);
      const inArena = start >= base && start < base + 0x200_0000n;
      assert.ok(!inArena, `the host keeps the arena where the runner has it: ${line}`);
      if (start >= 0x8000_0000_0000n) continue; // The vsyscall page.
      const bytes = emit((f) => {
        f.movabs(rcx, start);
        f.mov(al, byte(rcx));
        f.mov(eax, 1);
        f.ret();
      });
      const words = inWords(await runner.run(requestFor(bytes), never));
      assert.equal(words, `SIGSEGV address not mapped, read 0x${start.toString(16)}, at 10`, line);
      looked++;
    }
    assert.ok(looked > 20);
    assert.equal(runner.pid, pid);
  });
});
