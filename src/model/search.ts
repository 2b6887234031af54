/** Looking things up in sorted lists. */

/** The index of the last entry that is at most `value` in an ascending list, or -1. */
export function lastAtMost(ascending: ArrayLike<number>, value: number): number {
  let low = -1;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
