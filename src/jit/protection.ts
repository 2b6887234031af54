/** What a host promises of the calls it makes. */

/**
 * How far the host keeps calls apart: `isolated`, a fresh process per call that can make no system call;
 * `process`, a fresh process per call; `crash-only`, calls happen in the host and a crash is its end.
 */
export type ProtectionLevel = 'isolated' | 'process' | 'crash-only';

/** What a guest may do: nothing; write to standard output and error, which is captured; or whatever this user may. */
export type Sandbox = 'strict' | 'output' | 'off';

export const sandboxes: readonly Sandbox[] = ['strict', 'output', 'off'];

/** What a runner's start found. */
export interface RunnerFacts {
  readonly pid: number;
  /** Whether it has a process namespace of its own, so that killing it kills what it has forked. */
  readonly namespaces: boolean;
  /** Whether the memory file cannot be executed as a program, and no mapping can become executable (Linux 6.3). */
  readonly noExecuteFile: boolean;
  readonly denyWriteExecute: boolean;
}

export interface Protection {
  readonly level: ProtectionLevel;
  readonly sandbox: Sandbox;
  /** Why it is this level and no higher one, in words. */
  readonly reason: string;
  /** Undefined where calls happen in the host. */
  readonly runner: RunnerFacts | undefined;
}
