/** Work side by side whose results come in order. */

/**
 * Starts work on things ahead of the one whose result is awaited, and yields the results in the order of the things, each
 * as soon as it is its turn. Where it ends early, what was started is left to end by itself, and its errors with it.
 * @param window how many are under way at most
 */
export async function* inOrder<T, R>(
  things: AsyncIterable<T>,
  window: number,
  work: (thing: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const iterator = things[Symbol.asyncIterator]();
  const started: Promise<R>[] = [];
  let coming: Promise<IteratorResult<T, unknown>> | undefined;
  let exhausted = false;
  try {
    while (!exhausted || started.length > 0) {
      if (!exhausted && started.length < window) coming ??= quiet(iterator.next());
      const [first] = started;
      if (coming && (!first || (await isFirst(coming, first)))) {
        const { done, value } = await coming;
        coming = undefined;
        if (done === true) exhausted = true;
        else started.push(quiet(work(value)));
      } else if (first) {
        started.shift();
        yield await first;
      }
    }
  } finally {
    // Not awaited: it may wait for something that never comes.
    if (!exhausted) void iterator.return?.().then(undefined, () => undefined);
  }
}

/** Whether one promise settles before another. */
function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const yes = (): boolean => true;
  const no = (): boolean => false;
  return Promise.race([one.then(yes, yes), other.then(no, no)]);
}

/** A promise that is awaited later, and whose failure is no unhandled one until then. */
function quiet<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => undefined);
  return promise;
}

/** Things that are there already, as if they came one by one. */
export async function* each<T>(things: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* things;
}
