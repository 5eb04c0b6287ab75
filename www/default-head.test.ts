import { expect, it } from "vitest";
import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { atHeadOf, followed } from "./default-head.ts";
import { settingsForSpec, textsOf } from "./fields.ts";

const SPEC: ExperimentSpec = {
  experiment: "patching_positions",
  layer: 10,
  head: 7,
  dataset: { n: 2, seed: 1, symmetric: true, prompt_type: "mixed", prepend_bos: true },
  flip: "ABB -> BAB",
  freeze_ln: true,
};
const SETTINGS = settingsForSpec(SPEC);
const shape = (n_layer: number, n_head: number, default_head: [number, number]) => ({
  n_layer,
  n_head,
  default_head,
});

it("is the page's where the model has it, else the model's own", () => {
  const job = { analysis: "experiment", spec: SPEC, accuracy: true };
  expect(atHeadOf(job, shape(12, 12, [10, 7]))).toBe(job);
  expect(atHeadOf(job, shape(6, 12, [5, 7]))).toEqual({ ...job, spec: { ...SPEC, layer: 5, head: 7 } });
  expect(atHeadOf(job, shape(12, 7, [10, 6]))).toEqual({ ...job, spec: { ...SPEC, layer: 10, head: 6 } });
});

it("is nothing to a question that is of no head", () => {
  const { layer: _, ...ofNone } = SPEC;
  for (const job of [
    { analysis: "sweep", spec: ofNone },
    { analysis: "nearest", tokens: [" Mary"], count: 3 },
  ])
    expect(atHeadOf(job, shape(2, 2, [1, 1]))).toBe(job);
});

it("is said where it is another, and is then what was asked for", () => {
  const asked = textsOf(SETTINGS);
  expect(followed(asked, SETTINGS, [10, 7])).toBeNull();
  expect(followed(asked, SETTINGS, [5, 7])).toEqual({
    asked: { ...asked, layer: "5" },
    settings: { ...SETTINGS, layer: 5 },
    message: "This model has no head 10.7, which the page begins with: its own default, head 5.7, was run.",
  });
});
