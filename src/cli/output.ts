/** What becomes of standard output when it cannot take any more. */
import { getSystemErrorMap } from 'node:util';
import { exitStatus } from './tally.ts';

export interface OutputWatch {
  /** Aborted when writing has become pointless. */
  readonly closed: AbortSignal;
  /** The exit status if writing failed; undefined also where a reader merely went away, as `head` does. */
  readonly status: number | undefined;
}

/** Watches standard output for the rest of the process, and makes a broken pipe a quiet end. */
export function watchOutput(): OutputWatch {
  const controller = new AbortController();
  let status: number | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (controller.signal.aborted) return;
    controller.abort(error);
    if (error.code === 'EPIPE') return;
    status = exitStatus.unreadable;
    process.stderr.write(`jit-bytes: standard output: ${systemMessage(error)}\n`);
  });
  // There is no place left where this could be told.
  process.stderr.on('error', () => undefined);
  return {
    closed: controller.signal,
    get status() {
      return status;
    },
  };
}

/** The system's own words for its errors, as other programs show them; otherwise the error's message. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('errno' in error && typeof error.errno === 'number') {
    const words = getSystemErrorMap().get(error.errno)?.[1];
    if (words !== undefined) return words;
  }
  return error.message;
}
