// Confidence intervals in words: in the table of means, in the figures' twins and in their captions.

import { count, percent, score } from "../format.ts";
import type { PageResult } from "../result.ts";
import type { BootstrapOptions, Estimate, Interval } from "../statistics.ts";
import type { TableText } from "./table.ts";

/** Any fixed number would do: with it everybody gets the same intervals. */
const SEED = 1;

/** Each prompt of a symmetric dataset is followed by the same with its names exchanged: two draws that are not independent. */
export function bootstrapFor({ spec }: PageResult): BootstrapOptions {
  const paired = spec.dataset.symmetric && spec.dataset.prompts === undefined;
  return { groupSize: paired ? 2 : 1, resamples: 10_000, seed: SEED };
}

export function interval(it: Interval | null, digits = 3): string {
  return it === null ? "–" : `[${it.low.toFixed(digits)}, ${it.high.toFixed(digits)}]`;
}

const INTERVAL = "95% CI";
const NOT_YET = "…";

/** The table of means with the intervals beside what they are of, by condition; null while they are being computed. */
export function withIntervals(
  { header, rows }: TableText,
  estimates: ReadonlyMap<string, Estimate> | null,
): TableText {
  const place = header.indexOf("END→IO");
  const [clean = ""] = rows[0] ?? [];
  return {
    header: [...header.toSpliced(place, 0, INTERVAL), `${INTERVAL} of change`],
    rows: rows.map((cells) => {
      const [condition = ""] = cells;
      const estimate = estimates?.get(condition);
      const ofMean = estimate === undefined ? NOT_YET : interval(estimate.meanInterval);
      const ofChange = estimate === undefined ? NOT_YET : interval(estimate.percentInterval, 1);
      return [...cells.toSpliced(place, 0, ofMean), condition === clean ? "–" : ofChange];
    }),
  };
}

export function meansTable(conditions: readonly string[], estimates: readonly Estimate[]): TableText {
  return {
    header: ["condition", "mean", INTERVAL],
    rows: estimates.map(({ mean, meanInterval }, i) => [
      conditions[i] ?? "",
      score(mean),
      interval(meanInterval),
    ]),
  };
}

export function effectsTable(conditions: readonly string[], estimates: readonly Estimate[]): TableText {
  return {
    header: ["condition", "difference", INTERVAL, "percent of clean", INTERVAL],
    rows: estimates
      .map((it, i) => [
        conditions[i] ?? "",
        score(it.difference),
        interval(it.differenceInterval),
        percent(it.percent),
        interval(it.percentInterval, 1),
      ])
      .slice(1),
  };
}

export function meansCaption(prompts: number, { groupSize, resamples, seed }: BootstrapOptions): string {
  const groups = Math.ceil(prompts / groupSize);
  const what = groupSize === 1 ? "prompts" : "pairs of prompts";
  if (groups < 2) return `Bars: mean over prompts. One of the ${what} has no confidence interval.`;
  const why =
    groupSize === 1
      ? ""
      : " A prompt and its copy with the names exchanged are not independent, so they are drawn together.";
  return `Bars: mean over prompts. Lines: 95% confidence interval (percentile bootstrap, ${count(resamples)} resamples of the ${count(groups)} ${what}, seed ${seed}), for prompts from the same templates.${why}`;
}

export function effectsCaption(clean: string, estimates: readonly Estimate[]): string {
  const unsure = estimates
    .slice(1)
    .some((it) => it.differenceInterval !== null && it.percentInterval === null);
  const share = unsure
    ? ` It has no interval, since the ${clean} mean may be zero.`
    : " Its interval is in the tables.";
  return `Dots: mean difference to ${clean}, prompt by prompt. Lines: 95% confidence interval from the same resamples, in each of which all conditions have the same prompts. Right: the share of the effect, which is the difference in percent of the ${clean} mean's size.${share}`;
}
