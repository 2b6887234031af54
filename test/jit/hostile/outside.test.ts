/** The runner and a guest's process seen from outside: their memory, identity and descriptors in /proc, their system calls by strace. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../../src/jit/protection.ts';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import type { Part } from '../../../src/jit/runner/layout.ts';
import { pageSize, parts } from '../../../src/jit/runner/layout.ts';
import { eventually, runs } from '../clientSetup.ts';
import { childrenOf } from './fuzz.ts';
import {
  assertWorks,
  at,
  emit,
  inWords,
  isolatedHere,
  mapOf,
  never,
  requestFor,
  startRunner,
} from './ground.ts';
import { missing, needsMet } from './program.ts';
import { classes } from './programs.ts';
import { programsFrom, randomFrom } from './random.ts';

/** A process that is not dumpable shows its memory to root alone. */
const root = process.getuid?.() === 0;
const needsRoot = root
  ? false
  : 'not covered here: /proc/PID/maps of a process that is not dumpable (run as root)';
if (isolatedHere && needsRoot) console.log(needsRoot);

/** A memory map as /proc/PID/maps would have it: start, end, rights, and whether it is of the memory file. */
function designed(among: readonly (keyof typeof parts)[], extra: readonly Part[] = []): string[] {
  const all = [...among.map((name): Part => parts[name]), ...extra].sort(
    (one, other) => one.offset - other.offset,
  );
  const letters = { read: 'r--', 'read-write': 'rw-', 'read-execute': 'r-x' } as const;
  return all.map(({ offset, size, rights, backing }) => {
    const file = backing === 'anonymous' ? '' : '/memfd:jit-bytes (deleted)';
    return `${hex(offset)}-${hex(offset + size)} ${letters[rights]}${backing === 'shared' ? 's' : 'p'} ${file}`.trimEnd();
  });
}

function hex(offset: number): string {
  return at(offset).toString(16);
}

/** The lines of a process' map in the same form; the page that the kernel shows to all processes is left out. */
function actual(pid: number): string[] {
  const lines = mapOf(pid) ?? [];
  return lines
    .map((line) => {
      const [, range = '', rights = '', name = ''] =
        /^(\S+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line) ?? [];
      return `${range} ${rights} ${name}`.trimEnd();
    })
    .filter((line) => !line.endsWith('[vsyscall]'));
}

function status(pid: number): ReadonlyMap<string, string> {
  const lines = fs.readFileSync(`/proc/${pid}/status`, 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
}

/** Runs a guest without end, and looks at its process and at the runner meanwhile. */
async function during(
  runner: IsolatedRunner,
  look: (grandchild: number) => void,
  buffers: readonly number[] = [],
): Promise<void> {
  const call = runner.run(
    requestFor(Uint8Array.of(0xeb, 0xfe), { timeoutMs: 400, buffers }),
    never,
  );
  assert.ok(await eventually(() => childrenOf(runner.pid).length === 1), 'the guest has a process');
  await sleep(20); // Until the guest itself runs.
  const [grandchild = 0] = childrenOf(runner.pid);
  look(grandchild);
  assert.match(inWords(await call), /^timeout/);
}

/** Sandbox, the runner's descriptors, and a guest's. */
const sandboxDescriptors: readonly (readonly [Sandbox, readonly string[], readonly string[]])[] = [
  ['strict', ['3', '4'], []],
  ['output', ['1', '2', '3', '4'], ['1', '2']],
];

for (const [sandbox, descriptors, ofGuest] of sandboxDescriptors) {
  describe(`from outside, sandbox ${sandbox}`, { skip: !isolatedHere }, () => {
    let runner: IsolatedRunner;
    before(async () => {
      runner = await startRunner({ sandbox });
      await assertWorks(runner, 'the start');
    });
    after(() => runner.dispose());

    it('the memory of the runner is that of the design', { skip: needsRoot }, () => {
      const all = Object.keys(parts) as (keyof typeof parts)[];
      assert.deepEqual(actual(runner.pid), designed(all));
    });

    it('the memory of a guest is that of the design', { skip: needsRoot }, async () => {
      await during(runner, (grandchild) => {
        const lines = actual(grandchild);
        assert.deepEqual(
          lines,
          designed([
            'childCode',
            'requests',
            'results',
            'guest',
            'alternateStack',
            'stack',
            'buffers',
          ]),
        );
        assert.ok(
          lines.every((line) => !/ \S*w\S*x/.test(line)),
          'no page is writable and executable',
        );
      });
    });

    it(
      'the memory of a guest with two buffers is that of the design',
      { skip: needsRoot },
      async () => {
        await during(
          runner,
          (grandchild) => {
            const rest: Part = {
              ...parts.buffers,
              offset: parts.buffers.offset + 4 * pageSize,
              size: parts.buffers.size - 4 * pageSize,
            };
            const page = (index: number): Part => ({
              ...parts.buffers,
              offset: parts.buffers.offset + index * pageSize,
              size: pageSize,
            });
            // The buffers up to the last one's end; the guard pages are unmapped in the buffers alone.
            const outgoing: Part = { ...parts.outgoing, size: 3 * pageSize };
            assert.deepEqual(
              actual(grandchild),
              designed(
                ['childCode', 'requests', 'results', 'guest', 'alternateStack', 'stack'],
                [page(0), page(2), rest, outgoing],
              ),
            );
          },
          [100, 4096],
        );
      },
    );

    it('neither has rights, and both are filtered', async () => {
      const check = (pid: number, who: string): void => {
        const fields = status(pid);
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
          assert.match(fields.get(set) ?? '', /^0+$/, `${who}: ${set}`);
        }
        assert.equal(fields.get('Seccomp'), '2', who);
        assert.equal(fields.get('NoNewPrivs'), '1', who);
        assert.equal(fields.get('Threads'), '1', who);
        if (root) assert.equal(fields.get('Uid'), '65534\t65534\t65534\t65534', who);
        if (root) assert.equal(fields.get('Groups') ?? '', '', who);
      };
      check(runner.pid, 'the runner');
      await during(runner, (grandchild) => check(grandchild, 'the guest'));
    });

    it(
      `the runner's descriptors are ${descriptors.join(', ')}, a guest's ${ofGuest.join(', ') || 'none'}, all of them pipes`,
      { skip: needsRoot },
      async () => {
        const check = (pid: number, wanted: readonly string[]): void => {
          assert.deepEqual(fs.readdirSync(`/proc/${pid}/fd`), wanted);
          for (const descriptor of wanted) {
            assert.match(fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`), /^pipe:/);
          }
        };
        check(runner.pid, descriptors);
        await during(runner, (grandchild) => check(grandchild, ofGuest));
      },
    );

    it('their limits are set', async () => {
      await during(runner, (grandchild) => {
        const limits = fs.readFileSync(`/proc/${grandchild}/limits`, 'utf8');
        for (const [name, value] of [
          ['Max file size', '0 +0'],
          ['Max core file size', '1 +1'],
          ['Max open files', '0 +0'],
          ['Max cpu time', '2 +3'],
        ]) {
          assert.match(limits, new RegExp(`^${name} +${value} `, 'm'));
        }
      });
    });

    it('the runner takes little memory', { skip: needsRoot }, () => {
      const rollup = fs.readFileSync(`/proc/${runner.pid}/smaps_rollup`, 'utf8');
      const kilobytes = Number(/^Rss: +(\d+) kB$/m.exec(rollup)?.[1]);
      assert.ok(kilobytes <= 64, `${kilobytes} kB`);
    });

    it(
      'has a session of its own, and a directory and an environment of nothing',
      { skip: needsRoot },
      () => {
        const [, rest = ''] =
          /^\d+ \(.*\) (.*)$/s.exec(fs.readFileSync(`/proc/${runner.pid}/stat`, 'utf8')) ?? [];
        const [, , group, session] = rest.split(' ');
        assert.equal(group, String(runner.pid));
        assert.equal(session, String(runner.pid));
        assert.equal(fs.readFileSync(`/proc/${runner.pid}/environ`, 'utf8'), '');
      },
    );
  });
}

/** Random programs that are traced besides the tables. */
const randomPrograms = 300;
/** What runner and grandchild call themselves: the part before the guest, and what is left while it runs. */
const runnersOwn = ['read', 'write', 'fork', 'rt_sigtimedwait', 'wait4', 'kill'];
const grandchildsOwn = ['close_range', 'prctl', 'getppid', 'prlimit64', 'setitimer', 'munmap'];
const ending = 'exit_group';

describe('system calls seen by strace', { skip: !isolatedHere }, () => {
  // The lines are as strace writes them; 9 is the runner.
  for (const [what, lines, wrong] of [
    ['a call that is let pass', ['12  getpid() = 39', '12  +++ exited with 0 +++'], 1],
    [
      'a call that is let pass at the end',
      ['12  getpid( <unfinished ...>', '12  <... getpid resumed>) = 39'],
      1,
    ],
    [
      'a call that is stopped',
      ['12  getpid() = 39', '12  --- SIGSYS {si_code=SYS_SECCOMP} ---'],
      0,
    ],
    ['a call of the runner alone', ['12  fork() = 13', '12  +++ exited with 0 +++'], 1],
    ['a call of the runner', ['9  fork() = 13', '9  wait4(13, NULL, 0, NULL) = 13'], 0],
    ['an end', ['12  exit_group(80) = ?'], 0],
  ] as const) {
    it(`are judged: ${what}`, () => assert.equal(judge(lines, 9).wrong.length, wrong));
  }

  it('are those of the design, whatever a guest does', async (context) => {
    if (spawnSync('strace', ['--version']).status !== 0) {
      assert.fail('strace is needed for this test: install the package strace');
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jit-strace-'));
    const runner = await startRunner();
    const files = listFiles();
    const output = path.join(folder, 'calls');
    const tracer = spawn('strace', ['-f', '-qq', '-o', output, '-p', String(runner.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    tracer.stderr.on('data', (chunk) => (complaint += String(chunk)));
    const attached = await eventually(
      () => (status(runner.pid).get('TracerPid') ?? '0') !== '0',
      3000,
    );
    if (!attached && /not permitted/.test(complaint)) {
      runner.dispose();
      const reason = `not covered here: system calls seen by strace (${complaint.trim()}; run as root)`;
      console.log(reason);
      context.skip(reason);
      return;
    }
    assert.ok(attached, `strace is attached: ${complaint}`);

    const met = await needsMet();
    let ran = 0;
    const run = async (bytes: Uint8Array, buffers: readonly number[] = []): Promise<void> => {
      await runner.run(requestFor(bytes, { timeoutMs: 30, buffers }), never);
      ran++;
    };
    for (const title of ['shared pages', 'our own code', 'system calls', 'modes and segments']) {
      for (const program of classes[title] ?? []) {
        if (missing(program, met).length === 0) await run(emit(program.code), program.buffers);
      }
    }
    const next = programsFrom(randomFrom(3));
    for (let index = 0; index < randomPrograms; index++) await run(next());
    await assertWorks(runner, 'all of them');
    const { pid } = runner;
    assert.ok(runs(pid));
    tracer.kill('SIGINT');
    await eventually(() => tracer.exitCode !== null || tracer.signalCode !== null);
    runner.dispose();

    const lines = fs.readFileSync(output, 'utf8').split('\n');
    const { forks, ended, wrong, stopped } = judge(lines, pid);
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      lines.filter((line) => line.includes('core dumped')),
      [],
    );
    assert.ok(
      forks >= ran && ended >= ran * 0.9,
      `${forks} processes, ${ended} ends for ${ran} programs`,
    );
    assert.ok(stopped > 60, `${stopped} calls were stopped`);
    console.log(`${ran} programs traced: ${stopped} system calls stopped, none let pass`);
    assert.deepEqual(listFiles(), files, 'no file was made');
    fs.rmSync(folder, { recursive: true });
  });
});

interface Judgement {
  readonly forks: number;
  readonly ended: number;
  /** Calls that were stopped by the filter. */
  readonly stopped: number;
  /** Lines that may not be. */
  readonly wrong: readonly string[];
}

/** Goes through the lines of strace: whatever is no call of our own must be followed by SIGSYS in the same process. */
function judge(lines: readonly string[], runner: number): Judgement {
  /** By process: the call that is to be stopped next. */
  const open = new Map<string, string>();
  const wrong: string[] = [];
  let [forks, ended, stopped] = [0, 0, 0];
  for (const line of lines) {
    const [, pid = '', what = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === '' || what.includes('resumed>')) continue;
    const pending = open.get(pid);
    if (what.startsWith('--- SIGSYS') && what.includes('SYS_SECCOMP')) {
      stopped++;
      open.delete(pid);
      continue;
    }
    if (pending !== undefined) {
      wrong.push(pending);
      open.delete(pid);
    }
    const name = /^(\w+)\(/.exec(what)?.[1];
    if (name === undefined) continue; // A signal or an end.
    const own = Number(pid) === runner ? runnersOwn : grandchildsOwn;
    if (name === ending) ended++;
    if (name === 'fork' && Number(pid) === runner) forks++;
    if (name === ending || own.includes(name)) {
      // A call of our own by name may still be a guest's, which is then stopped.
      if (Number(pid) !== runner && !isOurs(name, what)) open.set(pid, line);
      continue;
    }
    open.set(pid, line);
  }
  return {
    forks,
    ended,
    stopped,
    wrong: [...wrong, ...open.values()],
  };
}

/** Whether a call has the arguments that ours have; the kernel lets through no others of that name from elsewhere. */
function isOurs(name: string, what: string): boolean {
  if (name === 'close_range') return what.startsWith('close_range(3, 4, 0');
  if (name === 'prctl') return what.startsWith('prctl(PR_SET_PDEATHSIG, SIGKILL');
  if (name === 'prlimit64') return what.startsWith('prlimit64(0, RLIMIT_CPU');
  if (name === 'setitimer') return what.startsWith('setitimer(ITIMER_REAL');
  return true;
}

/** Where a guest could have left something. */
function listFiles(): readonly string[] {
  return ['/', '/dev/shm', '/run'].flatMap((folder) => {
    try {
      return fs
        .readdirSync(folder)
        .map((name) => path.join(folder, name))
        .sort();
    } catch {
      return [];
    }
  });
}
