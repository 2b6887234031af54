/** How long the extension's callbacks hold the extension host. Measured only while somebody listens. */

/** One callback, from its call to its return or first wait. */
export interface CallbackTime {
  readonly name: string;
  readonly milliseconds: number;
}

let listener: ((time: CallbackTime) => void) | undefined;

/** Hands every callback's time to `listen` until it is replaced; `undefined` ends measuring. */
export function measureCallbacks(listen: ((time: CallbackTime) => void) | undefined): void {
  listener = listen;
}

/** The function itself, timed while somebody measures. */
export function timed<A extends readonly unknown[], R>(
  name: string,
  callback: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    if (!listener) return callback(...args);
    const started = performance.now();
    try {
      return callback(...args);
    } finally {
      listener({ name, milliseconds: performance.now() - started });
    }
  };
}
