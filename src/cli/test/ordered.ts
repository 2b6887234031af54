/** Work side by side whose results come in order. */

/**
 * Starts work on things ahead of the one whose result is awaited, and yields the results in the order of the things.
 * Where it ends early, what was started is left to end by itself, and its errors with it.
 * @param window how many are under way at most
 */
export async function* inOrder<T, R>(
  things: Iterable<T> | AsyncIterable<T>,
  window: number,
  work: (thing: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const started: Promise<R>[] = [];
  for await (const thing of things) {
    const result = work(thing);
    // Awaited later; until then a failure is no unhandled one.
    result.catch(() => undefined);
    started.push(result);
    const first = started.length >= window ? started.shift() : undefined;
    if (first) yield await first;
  }
  for (const result of started) yield await result;
}
