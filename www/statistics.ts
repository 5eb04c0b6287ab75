// Bootstrap confidence intervals of means, of paired differences and of relative changes. Pure: it yields as it goes,
// so that the page can do it in slices.

export interface Interval {
  low: number;
  high: number;
}

/** What is estimated of a condition, and how sure that is. An interval is null where it has no meaning. */
export interface Estimate {
  mean: number;
  meanInterval: Interval | null;
  /** Mean of value minus clean, prompt by prompt. */
  difference: number;
  differenceInterval: Interval | null;
  /** The difference in percent of the size of the clean mean. */
  percent: number | null;
  /** Also null where the clean mean may be zero: a share of nothing can be anything. */
  percentInterval: Interval | null;
}

export interface BootstrapOptions {
  /** Neighbours that are drawn together, since they are not independent; 1 where every prompt stands for itself. */
  groupSize: number;
  resamples: number;
  seed: number;
}

/**
 * Percentile bootstrap, 95 %. `columns`: a condition's values by prompt, the clean run's first. One resample of the
 * prompts serves all columns, which keeps the pairs.
 */
export function* bootstrap(
  columns: readonly (readonly number[])[],
  { groupSize, resamples, seed }: BootstrapOptions,
): Generator<void, Estimate[]> {
  const width = columns.length;
  const prompts = columns[0]?.length ?? 0;
  const groups = Math.ceil(prompts / groupSize);
  // Row by row, the last entry of a row being its number of prompts: one pass over a row serves every column.
  const rows = new Float64Array(groups * (width + 1));
  for (let prompt = 0; prompt < prompts; prompt += 1) {
    const row = Math.floor(prompt / groupSize) * (width + 1);
    columns.forEach((column, i) => {
      rows[row + i] = at(rows, row + i) + (column[prompt] ?? Number.NaN);
    });
    rows[row + width] = at(rows, row + width) + 1;
  }
  const means = columns.map((column) => mean(column));
  // One draw of one is always the same: it says nothing of what other prompts would give.
  const drawn = groups < 2 ? 0 : resamples;
  const random = randomNumbers(seed);
  const drawnMeans = columns.map(() => new Float64Array(drawn));
  const sums = new Float64Array(width + 1);
  for (let resample = 0; resample < drawn; resample += 1) {
    sums.fill(0);
    for (let i = 0; i < groups; i += 1) {
      const row = Math.floor(random() * groups) * (width + 1);
      for (let column = 0; column <= width; column += 1)
        sums[column] = at(sums, column) + at(rows, row + column);
    }
    drawnMeans.forEach((drawn, column) => {
      drawn[resample] = at(sums, column) / at(sums, width);
    });
    yield;
  }

  const clean = drawnMeans[0] ?? new Float64Array();
  const cleanMean = means[0] ?? Number.NaN;
  const cleanInterval = interval(clean);
  const cleanMayBeZero = cleanInterval === null || (cleanInterval.low <= 0 && cleanInterval.high >= 0);
  const estimates: Estimate[] = [];
  for (const [column, drawnMean] of drawnMeans.entries()) {
    const own = means[column] ?? Number.NaN;
    const differences = drawnMean.map((value, i) => value - at(clean, i));
    yield;
    const shares = differences.map((value, i) => (value / Math.abs(at(clean, i))) * 100);
    yield;
    const meanInterval = interval(drawnMean);
    yield;
    const differenceInterval = interval(differences);
    yield;
    estimates.push({
      mean: own,
      meanInterval,
      difference: own - cleanMean,
      differenceInterval,
      percent: cleanMean === 0 ? null : ((own - cleanMean) / Math.abs(cleanMean)) * 100,
      percentInterval: cleanMayBeZero ? null : interval(shares),
    });
    yield;
  }
  return estimates;
}

/** The middle 95 % of the values; null without values. Sorts a copy. */
function interval(values: Float64Array): Interval | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Linear between neighbours, as numpy's default. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = at(sorted, Math.floor(place));
  const above = at(sorted, Math.ceil(place));
  return below + (above - below) * (place - Math.floor(place));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Chris Doty-Humphrey's sfc32, as numbers from 0 up to 1: the browser's own cannot be seeded. */
export function randomNumbers(seed: number): () => number {
  let [a, b, c, counter] = [0, seed | 0, 0, 1];
  const next = () => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  // The first numbers of near seeds are alike.
  for (let i = 0; i < 16; i += 1) next();
  return next;
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN;
}
