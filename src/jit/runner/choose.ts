/** Chooses, once at the start, how calls are kept apart: the highest level that this machine grants, and why it is no higher. */
import type { Runner } from '../../model/run.ts';
import type { Protection, ProtectionLevel, Sandbox } from '../protection.ts';
import { InProcessRunner } from './inProcess.ts';
import { IsolatedRunner } from './isolated.ts';
import type { Port } from './port.ts';
import type { RunnerOptions } from './runnerProcess.ts';
import { Stopwatch } from './stopwatch.ts';

export interface Chosen {
  readonly runner: Runner;
  readonly protection: Protection;
}

/**
 * Starts the runner of the highest level up to `highest`. Never rejects: calling in this process is always possible.
 */
export async function chooseRunner(sandbox: Sandbox, highest: ProtectionLevel): Promise<Chosen> {
  const refusals: string[] = [];
  if (highest === 'crash-only') refusals.push('a higher level was not asked for');
  else {
    const filtered = sandbox !== 'off' && highest === 'isolated';
    const attempts: readonly Pick<RunnerOptions, 'filtered' | 'namespaces'>[] = [
      ...(filtered ? [true, false].map((namespaces) => ({ filtered, namespaces })) : []),
      { filtered: false, namespaces: true },
      { filtered: false, namespaces: false },
    ];
    try {
      const { port, ticks } = await portHere();
      for (const attempt of attempts) {
        try {
          const options = { port, sandbox, ...attempt };
          const { runner, facts } = await IsolatedRunner.start(options, new Stopwatch(ticks));
          const level = attempt.filtered ? 'isolated' : 'process';
          const reason = reasonFor(level, sandbox, highest, refusals);
          return { runner, protection: { level, sandbox, reason, runner: facts } };
        } catch (error) {
          refusals.push(`${inWords(attempt)}: ${messageOf(error)}`);
        }
      }
    } catch (error) {
      refusals.push(messageOf(error));
    }
  }
  const reason = `calls are made in the host process itself (${[...new Set(refusals)].join('; ')})`;
  return {
    runner: new InProcessRunner(),
    protection: { level: 'crash-only', sandbox, reason, runner: undefined },
  };
}

/** The port for this processor. The other one, with its emitter, is not even loaded. */
async function portHere(): Promise<{ readonly port: Port; readonly ticks: () => bigint }> {
  if (process.platform !== 'linux') {
    throw new Error(`a process for every call needs Linux, and this is ${process.platform}`);
  }
  if (process.arch === 'x64') {
    const { timeStamp } = await import('./x64/cpu.ts');
    const { x64Port } = await import('./x64/port.ts');
    return { port: x64Port(), ticks: timeStamp() };
  }
  if (process.arch === 'arm64') {
    const { aarch64Port, counter } = await import('./aarch64/port.ts');
    return { port: aarch64Port(), ticks: counter() };
  }
  throw new Error(`there is no runner for ${process.arch} yet`);
}

function reasonFor(
  level: ProtectionLevel,
  sandbox: Sandbox,
  highest: ProtectionLevel,
  refusals: readonly string[],
): string {
  const each = 'every call has a process of its own';
  if (level === 'isolated') return `${each} that can make no system call`;
  if (sandbox === 'off') return `${each}; system calls are allowed, for the sandbox is off`;
  if (highest === 'process') return `${each}; a higher level was not asked for`;
  return `${each}, but system calls are not filtered (${refusals.join('; ')})`;
}

function inWords({ filtered, namespaces }: Pick<RunnerOptions, 'filtered' | 'namespaces'>): string {
  return `${filtered ? 'with' : 'without'} a filter, ${namespaces ? 'with' : 'without'} namespaces`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
