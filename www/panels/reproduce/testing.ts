// For tests: a finished run of two prompts, and what the crate may say of one.

import type { Comparison, ExperimentResult, Reproduction } from "../../../pkg/cpu/patchbay.js";
import type { Run } from "../finished.ts";

const condition = (mean_diff: number) => ({
  mean_diff,
  diff: [mean_diff, mean_diff],
  io_score: [mean_diff + 1, mean_diff + 3],
  s1_score: [1, 3],
});

const SPEC: ExperimentResult["spec"] = {
  experiment: "patching_positions",
  layer: 10,
  head: 7,
  dataset: { n: 150, seed: 42, symmetric: true, prompt_type: "mixed", prepend_bos: true },
  flip: "ABB -> BAB, BAB -> ABB",
  freeze_ln: true,
};

const RESULT: ExperimentResult = {
  experiment: "patching_positions",
  head: [10, 7],
  spec: SPEC,
  positions: { io: [3, 5], s1: [5, 3], end: [11, 11] },
  conditions: {
    clean: condition(3.28741),
    patched: condition(2.94622),
    projected: condition(1.25859),
    "projected on random directions": condition(0.01),
  },
  evidence: { edits: {}, noop_max_abs_change: 0, noops: {} },
  accuracy: null,
};

interface Change {
  model?: string;
  texts?: Record<string, string>;
  result?: Partial<ExperimentResult>;
  spec?: Partial<ExperimentResult["spec"]>;
}

export function runOf({
  model = "openai-community/gpt2",
  texts = {},
  result = {},
  spec = {},
}: Change = {}): Run {
  return {
    key: "of the settings",
    date: "2026-01-02T03:04:05.678Z",
    asked: {
      question: { analysis: "experiment", texts },
      model,
      device: "auto",
      source: { kind: "url", id: model, base: "https://models.test/", query: "", revision: null },
    },
    reply: {
      analysis: "experiment",
      result: { ...RESULT, spec: { ...SPEC, ...spec }, ...result },
      report: {
        about: "head 10.7 · IOI, 150 prompts, seed 42",
        stem: "L10H7-n150-seed42",
        answer: "Head 10.7 attends to IO.",
        notes: [],
        tables: [],
        figures: [],
      },
      left_out: [],
      model: {
        default_head: [10, 7],
        n_layer: 12,
        n_head: 12,
        d_model: 768,
        d_head: 64,
        n_ctx: 1024,
        vocab_size: 50257,
        parameters: 124_439_808,
      },
      device: { device: "cpu", adapter: "CPU", threads: 1, self_check: null },
      note: null,
      origin: {
        from: "storage",
        sha256: "24".repeat(32),
        config_sha256: "c0".repeat(32),
        tokenizer_sha256: "70".repeat(32),
        bytes: 548_105_171,
        revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
        notes: [],
        unstored: null,
        load_ms: { network: 0, storage: 1000, hash: 2000, process: 1500 },
      },
      timings_ms: { load: 5000, run: 1 },
      work: { needed: 1, done: 1 },
    },
  };
}

export const REPRODUCTION: Reproduction = {
  command: "patchbay run --model ioi-mini",
  about_command: "The native command prints the same table.",
  citation: "Patchbay 0.1.0; ioi-mini.",
  headline: { app: "0.1.0", sha256: "5c", means: "clean:3.28741" },
  published: null,
  files: [
    { what: "JSON", name: "run.json", mime: "application/json" },
    { what: "CSV", name: "run.csv", mime: "text/csv" },
  ],
};

export const COMPARISON: Comparison = {
  agrees: true,
  verdict: "It agrees.",
  table: {
    name: "link",
    title: "The link's means",
    header: ["condition", "here"],
    rows: [["clean", "3"]],
    caption: "",
  },
};
