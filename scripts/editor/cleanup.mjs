// Leaves nothing behind, however this process ends.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Runs a shell script (with `args` as $1, $2, …) once this process has ended, for whatever reason:
 * normally, by an uncaught error or by any signal, SIGKILL included. A small shell, detached from
 * ours, waits until the kernel closes our end of its input. Returns a function that calls it off.
 * On Windows there is no such shell, and nothing happens.
 */
export function afterThisProcess(script, ...args) {
  const guard = spawn('sh', ['-c', `read -r _\n${script}`, 'cleanup', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.unref();
  guard.stdin.unref();
  return () => void guard.kill('SIGKILL');
}

/** A new empty folder: `remove()` deletes it, and the end of this process does so too. */
export function temporaryFolder(name) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`)));
  // Processes that still write into the folder are ended at the same moment: let them finish.
  const callOff = afterThisProcess('sleep 2; rm -rf -- "$1"', folder);
  return {
    path: folder,
    remove() {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      callOff();
    },
  };
}

/**
 * Makes the usual signals end this process in the orderly way, so that what has to be cleaned up at
 * its end is: by default a signal leaves no time for that.
 */
export function exitOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
  }
}
