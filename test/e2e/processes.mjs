// The processes of an extension under test, found by the folder they were started from (Linux).

import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Hosts of ours below a folder: `{ pid, parent, cpu, below }`, `cpu` in clock ticks with that of the processes `below`, which are
 * the host's runner and the process of a call.
 */
export function hostsBelow(folder) {
  const hosts = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (!command.includes(folder) || !command.includes('out/host/main.js')) continue;
      const { state, parent, cpu } = statOf(name);
      if (state === 'Z') continue;
      const below = descendantsOf(name);
      const all = below.reduce((sum, pid) => sum + cpuOf(pid), cpu);
      hosts.push({ pid: Number(name), parent, cpu: all, below });
    } catch {
      // It ended while we looked.
    }
  }
  return hosts;
}

function statOf(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], parent: Number(fields[1]), cpu: Number(fields[11]) };
}

function cpuOf(pid) {
  try {
    return statOf(pid).cpu;
  } catch {
    return 0; // It has ended.
  }
}

function descendantsOf(pid) {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => [Number(child), ...descendantsOf(child)]);
  } catch {
    return []; // It has ended.
  }
}

/** Whether a process is there and not only waiting to be buried. */
export function isRunning(pid) {
  try {
    return statOf(pid).state !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until `condition()` gives something true, and returns that; undefined after `limit` milliseconds. */
export async function within(limit, condition) {
  const end = Date.now() + limit;
  for (;;) {
    const result = condition();
    if (result) return result;
    if (Date.now() > end) return undefined;
    await sleep(10);
  }
}
