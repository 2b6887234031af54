/** A process that ends with its parent. This file is also the program of the parent and of the child. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { jitFunction } from '../../src/jit/function.ts';
import { dieWithParent } from '../../src/jit/raw.ts';
import { code, i64, nothing, runsHere, signature } from './functionTypes.ts';

type Child = ChildProcessByStdio<null, Readable, null>;

/** Runs this file as another program. */
function start(role: string, ...values: readonly string[]): Child {
  // Without node's own variables, for under the test runner a child would report to it.
  const child = spawn(process.execPath, [__filename, role, ...values], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  child.stdout.setEncoding('utf8');
  return child;
}

async function firstLine(child: Child): Promise<string> {
  let text = '';
  for await (const piece of child.stdout) {
    text += String(piece);
    if (text.includes('\n')) break;
  }
  return text.trim();
}

async function signalOf(child: Child): Promise<unknown> {
  const [, signal]: readonly unknown[] = await once(child, 'exit');
  return signal;
}

/** Whether a process runs: neither gone nor waiting to be buried. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function report(text: string): void {
  fs.writeSync(1, `${text}\n`);
}

const programs: Readonly<Record<string, (value: string) => void>> = {
  /** Starts a child that is tied to it, and waits to be killed; the child never ends by itself. */
  parent: () => {
    const child = spawn(process.execPath, [__filename, 'loop', String(process.pid)], {
      stdio: 'inherit',
      env: {},
    });
    child.on('exit', () => process.exit(1));
  },
  /** Ties itself to its parent and never comes back from native code. */
  loop: (parent) => {
    const loop = jitFunction(signature([], nothing), code('eb fe')); // 1: jmp 1b
    report(`${process.pid} ${dieWithParent(Number(parent))}`);
    loop();
  },
  tied: (parent) => report(dieWithParent(Number(parent))),
  /** Runs off the end of its code. */
  end: () => void jitFunction(signature([], i64), code('90'))(), // nop
};

const program = programs[process.argv[2] ?? ''];
if (program) {
  program(process.argv[3] ?? '');
} else {
  describe(
    'a process tied to its parent',
    { skip: process.platform !== 'linux' || !runsHere },
    () => {
      it('ends with it, even in the midst of a native call that never returns', async () => {
        const parent = start('parent');
        const gone = signalOf(parent);
        const [pid = '', tie] = (await firstLine(parent)).split(' ');
        try {
          assert.equal(tie, 'parent-death-signal');
          await sleep(50);
          assert.ok(runs(Number(pid)), 'the child loops');
          parent.kill('SIGKILL');
          await gone;
          for (let waited = 0; runs(Number(pid)) && waited < 5000; waited += 10) await sleep(10);
          assert.equal(runs(Number(pid)), false);
        } finally {
          parent.kill('SIGKILL');
          if (runs(Number(pid))) process.kill(Number(pid), 'SIGKILL');
        }
      });

      it('goes on while the parent does', async () => {
        const child = start('tied', String(process.pid));
        assert.equal(await firstLine(child), 'parent-death-signal');
        assert.equal(await signalOf(child), null);
      });

      it('ends at once if its parent is another by now', async () => {
        const child = start('tied', '1');
        const signal = signalOf(child);
        assert.equal(await firstLine(child), '');
        assert.equal(await signal, 'SIGKILL');
      });
    },
  );

  describe('code without a return', { skip: !runsHere }, () => {
    it('traps at its end', async () => {
      assert.equal(await signalOf(start('end')), 'SIGTRAP');
    });
  });
}
