/** `jit-bytes test`: every call with an expectation is a test. */
import { randomInt } from 'node:crypto';
import { machineOf } from '../../engine/plan.ts';
import { escapeControls } from '../escape.ts';
import { watchInterrupt } from '../interrupt.ts';
import { Progress } from '../progress.ts';
import { hostPath } from '../runCommand.ts';
import type { Place } from '../sources.ts';
import { exitStatus } from '../tally.ts';
import { testPlaces } from './places.ts';
import { seedLimit, type TestOptions } from './options.ts';
import { Outputs, ReportFileError } from './outputs.ts';
import { RunnerPool } from './pool.ts';
import { TestRun } from './testRun.ts';

/**
 * Runs the tests that the options ask for, and gives the exit status.
 * @param closed aborted when nobody reads the report any more
 */
export async function testCommand(options: TestOptions, closed: AbortSignal): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  using pool = new RunnerPool(hostPath, options.jobs);
  using progress = new Progress(process.stderr);
  const complain = (line: string): void => {
    progress.hide();
    process.stderr.write(`jit-bytes: ${escapeControls(line)}\n`);
  };
  const seed = options.shuffle ? (options.seed ?? randomInt(seedLimit)) : undefined;
  if (seed !== undefined) complain(`shuffled; the same order again: --shuffle --seed ${seed}`);
  const settings = {
    timeoutMs: options.timeoutMs,
    machine: machineOf(process.platform, process.arch),
  };
  try {
    using outputs = new Outputs(options.reporters, (text) => {
      progress.hide();
      process.stdout.write(text);
    });
    const run = new TestRun({ ...options, seed }, settings, pool, outputs.reporters, progress);
    await run.run(await found(options, signal), signal);
    if (run.tally.tests + run.tally.errors === 0 && !signal.aborted) complain('found no tests');
    return interrupt.status ?? run.tally.status;
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    complain(error.message);
    return exitStatus.unreadable;
  }
}

/** What is found until an interruption. */
async function found(options: TestOptions, signal: AbortSignal): Promise<readonly Place[]> {
  const places: Place[] = [];
  try {
    for await (const place of testPlaces(options.paths, signal)) places.push(place);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return places;
}
