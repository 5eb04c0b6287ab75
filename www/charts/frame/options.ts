// How a figure is drawn, where there are several ways.

import type { Places } from "./frame.ts";

/** Each is left out where it does not matter or is as usual. */
export interface Options {
  /** Which column is shown; else the first. */
  column?: string;
  /** Histogram: the one series that is shown; else all are. */
  series?: string;
  /** Histogram: the groups by which each series is split, by their name. */
  split?: string;
  /** Histogram: outlines over each other; else one below the other. */
  overlaid?: boolean;
  /** Pairs: from 1 to 8 times as large. */
  zoom?: number;
  /** Pairs: the share of the largest, from 0 to 1, below which a pair is faint. */
  threshold?: number;
  /** Attention: every query by every key, or one query's row in each condition. */
  view?: "triangle" | "strips";
  /** Attention: what is kept when the pointer goes on, a query or a query and a key. */
  kept?: Places;
}

/** With some of them set; what is undefined is taken out. */
export function withOptions(
  options: Options,
  set: { [name in keyof Options]: Options[name] | undefined },
): Options {
  const entries = Object.entries({ ...options, ...set }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Options;
}
