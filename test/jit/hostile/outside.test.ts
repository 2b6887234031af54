/** Runner and grandchild seen from outside: their memory, rights and descriptors, and the system calls they make. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { jmpLoop, programsOf } from './dangerous.ts';
import type { Part } from '../../../src/jit/runner/layout.ts';
import { parts } from '../../../src/jit/runner/layout.ts';
import { x64Port } from '../../../src/jit/runner/x64/port.ts';
import type { Sandbox } from '../../../src/jit/protection.ts';
import { eventually, guests, never, request, returned } from '../clientSetup.ts';
import { callOf, isolatedHere, startRunner } from './setup.ts';

const rights = { 'read-execute': 'r-x', read: 'r--', 'read-write': 'rw-' } as const;

interface Line {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: string;
}

function mapsOf(pid: number): readonly Line[] {
  return fs
    .readFileSync(`/proc/${pid}/maps`, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !line.endsWith('[vsyscall]')) // The kernel's own, the same in every process.
    .map((line) => {
      const [, start = '0', end = '0', flags = ''] = /^(\w+)-(\w+) (\S+)/.exec(line) ?? [];
      return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), flags };
    });
}

/** The designed map as the kernel prints it. */
function designed(base: bigint, without: readonly Part[]): readonly Line[] {
  return Object.values<Part>(parts)
    .filter((part) => !without.includes(part))
    .map(({ offset, size, rights: granted, backing }) => ({
      start: base + BigInt(offset),
      end: base + BigInt(offset + size),
      flags: rights[granted] + (backing === 'shared' ? 's' : 'p'),
    }))
    .toSorted((a, b) => Number(a.start - b.start));
}

function statusOf(pid: number): Readonly<Record<string, string>> {
  const lines = fs.readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
}

function childrenOf(pid: number): readonly number[] {
  const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

const descriptors: Readonly<Record<'strict' | 'output', readonly string[]>> = {
  strict: ['3', '4'],
  output: ['1', '2', '3', '4'],
};

describe('seen from outside', { skip: !isolatedHere, timeout: 60_000 }, () => {
  for (const sandbox of ['strict', 'output'] as const satisfies readonly Sandbox[]) {
    it(`${sandbox}: runner and grandchild have the designed memory and nothing else`, async () => {
      const { base } = x64Port();
      const runner = await startRunner(sandbox);
      const controller = new AbortController();
      const call = runner.run(callOf(jmpLoop(), 20_000), controller.signal);
      let child = 0;
      assert.ok(await eventually(() => ([child = 0] = childrenOf(runner.pid)) && child > 0));
      // Until it has left our code for the guest's.
      await eventually(() => mapsOf(child).length < mapsOf(runner.pid).length - 1);
      await sleep(20);
      assert.deepEqual(mapsOf(runner.pid), designed(base, []));
      const { runnerCode, state, outgoing } = parts;
      assert.deepEqual(mapsOf(child), designed(base, [runnerCode, state, outgoing]));
      for (const pid of [runner.pid, child]) {
        for (const { flags } of mapsOf(pid)) assert.doesNotMatch(flags, /wx/);
        const status = statusOf(pid);
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
          assert.equal(BigInt(`0x${status[set]}`), 0n, set);
        }
        assert.equal(status['Seccomp'], '2');
        assert.equal(status['NoNewPrivs'], '1');
        assert.equal(status['Threads'], '1');
        if (process.getuid?.() === 0)
          assert.match(status['Uid'] ?? '', /^65534\t65534\t65534\t65534$/);
        assert.deepEqual(fs.readdirSync(`/proc/${pid}/fd`), descriptors[sandbox]);
        for (const name of descriptors[sandbox]) {
          assert.match(fs.readlinkSync(`/proc/${pid}/fd/${name}`), /^pipe:/);
        }
        const core = /^Max core file size +(\d+) +(\d+)/m.exec(
          fs.readFileSync(`/proc/${pid}/limits`, 'utf8'),
        );
        assert.deepEqual(core?.slice(1), ['1', '1']);
      }
      const rollup = fs.readFileSync(`/proc/${runner.pid}/smaps_rollup`, 'utf8');
      const rss = Number(/^Rss: +(\d+) kB$/m.exec(rollup)?.[1]);
      assert.ok(rss > 0 && rss <= 64, `${rss} KB`);
      controller.abort();
      await assert.rejects(call);
      assert.ok(await eventually(() => !fs.existsSync(`/proc/${child}`)));
      runner.dispose();
    });
  }

  it('a system call tracer sees no call of a guest succeed', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jit-strace-'));
    const trace = path.join(folder, 'trace');
    const before = new Set(fs.readdirSync('/tmp'));
    const runner = await startRunner();
    const strace = spawn('strace', ['-f', '-qq', '-o', trace, '-p', String(runner.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const problem = new Promise<never>((_resolve, reject) => {
      strace.on('error', (cause) =>
        reject(new Error("strace is missing: Debian's strace has it", { cause })),
      );
    });
    problem.catch(() => undefined);
    await Promise.race([
      eventually(() => Number(statusOf(runner.pid)['TracerPid']) > 0, 10_000),
      problem,
    ]);
    for (const { bytes } of programsOf(x64Port())) {
      await runner.run(callOf(bytes, 50), never);
    }
    assert.ok(
      returned(8n, await runner.run({ ...request(guests.addFour, 4n), timeoutMs: 500 }, never)),
    );
    runner.dispose();
    await new Promise((resolve) => strace.once('close', resolve));
    const lines = fs.readFileSync(trace, 'utf8').trim().split('\n');
    assert.ok(lines.length > 500, `${lines.length} lines`);
    const own = String(runner.pid);
    const made = /^(\d+) +(\w+)\(.*\) += (.*)$/;
    const mayChild = new Set([
      'prctl',
      'getppid',
      'prlimit64',
      'setitimer',
      'munmap',
      'exit_group',
    ]);
    const seen = new Set<string>();
    for (const line of lines) {
      const [, pid, call = '', answer = ''] = made.exec(line) ?? [];
      if (pid === undefined || pid === own) continue;
      // What the filter stops returns nothing, or the number that was asked for: it has not been made.
      if (!mayChild.has(call)) assert.match(answer, /^(?:\?|-1|\d+$|0x)/, line);
      if (mayChild.has(call) && answer.startsWith('0')) seen.add(call);
    }
    assert.deepEqual([...seen].toSorted(), ['munmap', 'prctl', 'prlimit64', 'setitimer']);
    const after = fs.readdirSync('/tmp').filter((name) => !before.has(name));
    assert.deepEqual(
      after.filter((name) => name.startsWith('guest')),
      [],
    );
    fs.rmSync(folder, { recursive: true });
  });
});
