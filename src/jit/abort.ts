/** Many waiting for the same signal, with one listener: Node warns of more than ten, taking them for a leak. */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back once when the signal is aborted, which it is not yet. Returns what takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = waiting.get(signal);
  if (known) known.add(callback);
  else listen(signal, new Set([callback]));
  return () => {
    waiting.get(signal)?.delete(callback);
    if (waiting.get(signal)?.size === 0) stop(signal);
  };
}

const listeners = new WeakMap<AbortSignal, () => void>();

function listen(signal: AbortSignal, callbacks: Set<() => void>): void {
  const listener = (): void => {
    stop(signal);
    for (const callback of callbacks) callback();
  };
  waiting.set(signal, callbacks);
  listeners.set(signal, listener);
  signal.addEventListener('abort', listener, { once: true });
}

function stop(signal: AbortSignal): void {
  const listener = listeners.get(signal);
  if (listener) signal.removeEventListener('abort', listener);
  listeners.delete(signal);
  waiting.delete(signal);
}
