/** The main thread of another process. */
import fs from 'node:fs';

// Fields of /proc/PID/stat counted from the state, the third one: proc_pid_stat(5).
const stateField = 0;
const exitCodeField = 52 - 3;

/**
 * The status with which the main thread of a process has exited while the process goes on: the system call `exit` ends only
 * the thread that makes it. Undefined if it has not, was killed, or the system does not tell (only Linux does).
 */
export function mainThreadStatus(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    // The second field, the name in parentheses, may hold anything.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const waitStatus = Number(fields[exitCodeField]);
    const exited = fields[stateField] === 'Z' && (waitStatus & 0x7f) === 0;
    return exited ? (waitStatus >> 8) & 0xff : undefined;
  } catch {
    return undefined; // It is gone.
  }
}
