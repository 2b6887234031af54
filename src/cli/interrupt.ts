/** Ends a run early when a signal asks for it. */
import { constants } from 'node:os';

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** The exit status that says which signal it was, as a shell gives it, or undefined. */
  readonly status: number | undefined;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell adds to the number of the signal that ended a program. */
const signalStatus = 128;

/** Watches for the first signal. The second ends the process as ever. */
export function watchInterrupt(): Interrupt {
  const controller = new AbortController();
  let status: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    stopWatching();
    status = signalStatus + constants.signals[name];
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const stopWatching = (): void => {
    for (const name of signals) process.off(name, onSignal);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get status() {
      return status;
    },
    [Symbol.dispose]: stopWatching,
  };
}
