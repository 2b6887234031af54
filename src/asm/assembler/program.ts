/** Finding a program on the PATH, and running it within bounds. */
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** The file of a program, or undefined. Relative folders on the PATH are passed over: they may be anybody's. */
export function onPath(name: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        continue;
      }
    }
  }
  return undefined;
}

export interface ProgramRun {
  readonly program: string;
  readonly options: readonly string[];
  /** Where it runs, and the only place that it is told of. */
  readonly folder: string;
  readonly input: string;
  /** A file in the folder that it makes; more than so many bytes end it. */
  readonly output: string;
  readonly mostOutput: number;
}

/** What it said on standard error, and how it ended; `gaveUp` why it was ended. */
export interface ProgramEnd {
  readonly status: number | null;
  readonly messages: string;
  readonly gaveUp: string | undefined;
}

/** Milliseconds for one run. */
const limitMs = 10_000;
/** Milliseconds between two looks at what it takes. */
const lookMs = 15;
/** Bytes of memory and of messages that it may take. */
const mostMemory = 1 << 29;
const mostMessages = 1 << 18;

/** Runs a program without a shell and without this process's environment. Rejects if it cannot be started, or with the signal's reason. */
export function runProgram(run: ProgramRun, signal: AbortSignal | undefined): Promise<ProgramEnd> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, [...run.options], {
      cwd: run.folder,
      env: { LC_ALL: 'C', TMPDIR: run.folder, TEMP: run.folder },
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let gaveUp: string | undefined;
    const messages: Buffer[] = [];
    let length = 0;
    const stop = (reason: string): void => {
      gaveUp ??= reason;
      child.kill('SIGKILL');
    };
    const aborted = (): void => stop('it was stopped');
    const timer = setTimeout(() => stop(`it took longer than ${limitMs / 1000} s`), limitMs);
    const look = setInterval(() => {
      if (sizeOf(path.join(run.folder, run.output)) > run.mostOutput)
        stop('it made too many bytes');
      if (memoryOf(child.pid) > mostMemory) stop('it took too much memory');
    }, lookMs);
    const end = (): void => {
      clearTimeout(timer);
      clearInterval(look);
      signal?.removeEventListener('abort', aborted);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= mostMessages) messages.push(chunk);
      else stop('it said too much');
    });
    // It may end without having read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input);
    child.on('close', (status) => {
      end();
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve({ status, messages: Buffer.concat(messages).toString('utf8'), gaveUp });
    });
  });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Pages of memory that a process has in use (proc(5), "/proc/pid/statm"), in bytes; 0 where that is not told. */
function memoryOf(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return 0;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageBytes;
  } catch {
    return 0;
  }
}

/** The least that a page may have: where it has more, the bound is so much wider. */
const pageBytes = 4096;
