// For tests: finished runs as the experiment answers them.

import type { Kept } from "../../store/runs/runs.ts";
import type { Texts } from "../../store/session.ts";
import { APP_VERSION } from "../../store/version.ts";

const TEXTS: Texts = {
  experiment: "patching_positions",
  layer: "1",
  head: "2",
  n: "2",
  seed: "42",
  symmetric: "true",
  freeze_ln: "true",
};

interface Made {
  number?: number;
  texts?: Texts;
  model?: string;
  version?: string;
  origin?: object;
  /** The prompts of one's own that were run. */
  own?: object[];
}

/** `diffs`: score differences by condition; null for a question that is no experiment. */
export function run(diffs: Record<string, number[]> | null, made: Made = {}): Kept {
  const { number = 1, texts = {}, model = "ioi-mini", version = APP_VERSION, origin = {}, own } = made;
  const all = { ...TEXTS, ...texts };
  const conditions = Object.entries(diffs ?? {}).map(([name, diff]) => {
    const mean_diff = diff.reduce((sum, it) => sum + it, 0) / diff.length;
    return [name, { mean_diff, diff, io_score: diff, s1_score: diff }] as const;
  });
  const result = {
    head: [1, 2],
    spec: { dataset: { n: all.n, seed: all.seed, ...(own && { prompts: own }) } },
    conditions: Object.fromEntries(conditions),
  };
  const answer = {
    key: `key of ${number}`,
    date: `2026-11-20T10:00:${String(number).padStart(2, "0")}.000Z`,
    asked: {
      question: { analysis: "experiment", texts: all },
      model,
      device: "auto",
      source: { kind: "site" },
    },
    reply: {
      result: diffs === null ? { grid: [] } : result,
      report: {
        about: "head 1.2 · IOI, 2 prompts, seed 42",
        answer: `Answer ${number}.`,
        notes: [],
        tables: [],
        figures: [],
      },
      model: { n_layer: 2, n_head: 4 },
      device: { device: "cpu", adapter: "", self_check: null },
      origin: { sha256: "ab", config_sha256: "c", tokenizer_sha256: "d", ...origin },
      left_out: [],
    },
  };
  return {
    key: String(number),
    number,
    panel: "place",
    version,
    answer: answer as never,
  };
}
