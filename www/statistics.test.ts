import { describe, expect, it } from "vitest";
import { type BootstrapOptions, bootstrap, mean, quantile, randomNumbers } from "./statistics.ts";

const OPTIONS: BootstrapOptions = { groupSize: 1, resamples: 2000, seed: 1 };

function estimates(columns: number[][], options: Partial<BootstrapOptions> = {}) {
  const steps = bootstrap(columns, { ...OPTIONS, ...options });
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Normal, by Box and Muller. */
function normals(count: number, random: () => number): number[] {
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
}

describe("the bootstrap", () => {
  it("has the error of a mean that theory gives", () => {
    const values = normals(100, randomNumbers(3));
    const centre = mean(values);
    const spread = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / values.length);
    const [estimate] = estimates([values], { resamples: 10_000 });
    expect(estimate?.mean).toBe(centre);
    expect(estimate?.meanInterval?.low).toBeCloseTo(centre - 1.96 * spread, 1);
    expect(estimate?.meanInterval?.high).toBeCloseTo(centre + 1.96 * spread, 1);
  });

  it("covers the true mean about 95 times in 100", () => {
    const random = randomNumbers(7);
    let covered = 0;
    for (let i = 0; i < 400; i += 1) {
      const [estimate] = estimates([normals(50, random)], { resamples: 400, seed: i });
      const { low, high } = estimate?.meanInterval ?? { low: 1, high: -1 };
      if (low <= 0 && high >= 0) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.91);
    expect(covered / 400).toBeLessThan(0.98);
  });

  it("gives the same for the same seed, and another for another", () => {
    const columns = [normals(30, randomNumbers(5)), normals(30, randomNumbers(6))];
    expect(estimates(columns)).toEqual(estimates(columns));
    expect(estimates(columns, { seed: 2 })).not.toEqual(estimates(columns));
  });

  it("keeps the pairs: a change that is the same for every prompt is certain", () => {
    const clean = normals(40, randomNumbers(8)).map((value) => value + 5);
    const [none, less, half] = estimates([
      clean,
      clean.map((value) => value - 1),
      clean.map((value) => value / 2),
    ]);
    expect(none?.differenceInterval).toEqual({ low: 0, high: 0 });
    expect(less?.difference).toBeCloseTo(-1, 12);
    expect(less?.differenceInterval?.low).toBeCloseTo(-1, 12);
    expect(less?.differenceInterval?.high).toBeCloseTo(-1, 12);
    expect(half?.percent).toBeCloseTo(-50, 10);
    expect(half?.percentInterval?.low).toBeCloseTo(-50, 10);
    expect(half?.percentInterval?.high).toBeCloseTo(-50, 10);
  });

  it("counts percent in the direction of the score when clean is negative", () => {
    const [, half] = estimates([
      [-2, -3, -4],
      [-1, -1.5, -2],
    ]);
    expect(half?.percent).toBeCloseTo(50, 12);
    expect(half?.percentInterval?.low).toBeCloseTo(50, 12);
  });

  it("draws neighbours together: copies of a prompt add no certainty, opposites take doubt away", () => {
    const values = normals(40, randomNumbers(9));
    const twice = values.flatMap((value) => [value, value]);
    const width = (column: number[], groupSize: number) => {
      const [estimate] = estimates([column], { groupSize });
      return (estimate?.meanInterval?.high ?? 0) - (estimate?.meanInterval?.low ?? 0);
    };
    expect(width(twice, 2)).toBeCloseTo(width(values, 1), 10);
    expect(width(twice, 1)).toBeLessThan(width(values, 1) * 0.85);
    expect(
      width(
        values.flatMap((value) => [value, -value]),
        2,
      ),
    ).toBeCloseTo(0, 10);
  });

  it("weighs a last group that is not full by its prompts", () => {
    const [estimate] = estimates([[3, 3, 3]], { groupSize: 2 });
    expect(estimate?.meanInterval).toEqual({ low: 3, high: 3 });
  });

  it("has no interval for one prompt or one pair", () => {
    for (const [columns, groupSize] of [
      [[[2], [1]], 1],
      [
        [
          [2, 2],
          [1, 1],
        ],
        2,
      ],
    ] as const) {
      const [, second] = estimates(columns as unknown as number[][], { groupSize });
      expect(second).toEqual({
        mean: 1,
        meanInterval: null,
        difference: -1,
        differenceInterval: null,
        percent: -50,
        percentInterval: null,
      });
    }
  });

  it("has an interval of no width where all are equal", () => {
    const [, second] = estimates([Array(10).fill(2), Array(10).fill(3)]);
    expect(second?.meanInterval).toEqual({ low: 3, high: 3 });
    expect(second?.percentInterval).toEqual({ low: 50, high: 50 });
  });

  it("has no share of a clean mean that may be zero", () => {
    const [, second] = estimates([
      [1, -1, 2, -2.5],
      [1, 1, 1, 1],
    ]);
    expect(second?.percent).not.toBeNull();
    expect(second?.percentInterval).toBeNull();
    const [, zero] = estimates([
      [0, 0],
      [1, 1],
    ]);
    expect(zero).toMatchObject({ percent: null, percentInterval: null });
  });
});

it("quantiles lie between neighbours", () => {
  expect(quantile([0, 1, 2, 3], 0.5)).toBe(1.5);
  expect(quantile([0, 10], 0.025)).toBeCloseTo(0.25, 12);
  expect(quantile([4], 0.975)).toBe(4);
});

it("random numbers are spread evenly", () => {
  const random = randomNumbers(1);
  const tenths = Array(10).fill(0);
  for (let i = 0; i < 10_000; i += 1) tenths[Math.floor(random() * 10)] += 1;
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
