// The processes of an extension under test, found by the folder they were started from (Linux).

import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Hosts of ours below a folder: `{ pid, parent, cpu }`, `cpu` in clock ticks. */
export function hostsBelow(folder) {
  const hosts = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (!command.includes(folder) || !command.includes('out/host/main.js')) continue;
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') continue;
      hosts.push({ pid: Number(name), parent: Number(fields[1]), cpu: Number(fields[11]) });
    } catch {
      // It ended while we looked.
    }
  }
  return hosts;
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
