/** What many measurements of one thing say of it, whatever single ones among them met. */

/** The value below which a part of the values lies, 0 to 1, between two neighbours in proportion. NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Half the distance between the quartiles: half of the values lie about so close to the median. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
}

/** How many standard deviations of a normal distribution hold 95 % of it. */
const z95 = 1.96;

/**
 * By how much the median may be wrong: half the width of its 95 % interval by order statistics, which assumes nothing of the values but
 * that they do not depend on each other. Of few values their whole range.
 */
export function medianError(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  const from = Math.max(0, Math.floor((length - z95 * Math.sqrt(length)) / 2));
  return ((sorted[length - 1 - from] ?? Number.NaN) - (sorted[from] ?? Number.NaN)) / 2;
}
