/** Long work in slices, between which the editor gets its turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { timed } from '../callbackTimes.ts';

/** Milliseconds of a slice. */
export const sliceMs = 10;

/** Does something with each thing, lazily one after another. */
export async function inSlices<T>(
  name: string,
  things: Iterable<T>,
  work: (thing: T) => void,
): Promise<void> {
  const iterator = things[Symbol.iterator]();
  const slice = timed(name, (): boolean => {
    const end = performance.now() + sliceMs;
    do {
      const { done, value } = iterator.next();
      if (done === true) return true;
      work(value);
    } while (performance.now() < end);
    return false;
  });
  while (!slice()) await nextTurn();
}
