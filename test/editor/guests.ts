/** What runs below the extension host for JIT Bytes, as the system sees it (Linux). */
import fs from 'node:fs';
import process from 'node:process';
import { sleep } from './harness.ts';

/** Milliseconds over which processor time is measured, and of it what idle hosts may take and loops must take. */
const sampleMs = 300;
const idleMs = 50;
const busyMs = 100;

/** Milliseconds of a tick of `/proc/PID/stat`: USER_HZ is 100 on every Linux that VS Code runs on. */
const tickMs = 10;

/** Milliseconds within which a run must have begun, and one that is not wanted any more must be gone. */
const beginLimitMs = 10_000;
const endLimitMs = 2000;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** The hosts that this process started, as the system lists them. */
export function hostsOfThisProcess(): readonly number[] {
  return processes()
    .filter(({ pid, parent }) => parent === process.pid && commandOf(pid).includes('host/main.js'))
    .map(({ pid }) => pid);
}

/** Waits until machine code keeps a processor busy. */
export async function untilGuestRuns(): Promise<void> {
  await untilCpu('a guest runs', (used) => used >= busyMs, beginLimitMs);
}

/** Waits until no machine code keeps a processor busy. */
export async function untilNoGuestRuns(limitMs = endLimitMs): Promise<void> {
  await untilCpu('no guest runs', (used) => used <= idleMs, limitMs);
}

async function untilCpu(
  what: string,
  holds: (usedMs: number) => boolean,
  limitMs: number,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const before = cpuBelowHosts();
    await sleep(sampleMs);
    let used = 0;
    for (const [pid, cpuMs] of cpuBelowHosts()) used += cpuMs - (before.get(pid) ?? 0);
    if (holds(used)) return;
    if (performance.now() > deadline)
      throw new Error(`waited in vain: ${what}; ${used} of ${sampleMs} ms were used`);
  }
}

/** Milliseconds that each process below our hosts has used so far. The hosts themselves, which start now and then, do not count. */
function cpuBelowHosts(): ReadonlyMap<number, number> {
  const all = processes();
  const below = new Map<number, number>();
  const add = (parent: number): void => {
    for (const child of all) {
      if (child.parent !== parent || below.has(child.pid)) continue;
      below.set(child.pid, child.cpuMs);
      add(child.pid);
    }
  };
  for (const host of hostsOfThisProcess()) add(host);
  return below;
}

function processes(): readonly Process[] {
  return fs.readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      // After the name, which may hold anything: state, parent, and as the 14th and 15th field user and system time, proc(5).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') return [];
      const cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
      return [{ pid: Number(name), parent: Number(fields[1]), cpuMs }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It ended while we looked.
  }
}
