// Every grid, ablation and metric of the reference's file on activation patching, by the native command. `npm test` runs
// this with REFERENCE set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// The reference computes in float64. Of logits and log-probabilities up to 13, float32 has about six decimals.
const TOLERANCE = 1e-5;
// Its probabilities are below this, and their errors are shares of them.
const LARGEST_PROBABILITY = 1e-4;
// The file has seven decimals.
const ROUNDING = 0.5e-7;

const unit = (metric) => (metric.startsWith("prob") ? LARGEST_PROBABILITY : 1);

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));
const PROMPTS = FIGURES.dataset.n;

/** Nested arrays of numbers, null where nothing is. `tolerance`: of an expected number. */
function assertNear(found, wanted, what, tolerance) {
  assert.equal(Array.isArray(found), Array.isArray(wanted), what);
  if (Array.isArray(wanted)) {
    assert.equal(found.length, wanted.length, what);
    for (const [i, value] of wanted.entries()) assertNear(found[i], value, `${what}[${i}]`, tolerance);
  } else if (wanted === null) {
    assert.equal(found, null, what);
  } else {
    const off = Math.abs(found - wanted);
    assert.ok(off <= tolerance(wanted), `${what}: found ${found}, expected ${wanted}`);
  }
}

const of = (metric) => () => TOLERANCE * unit(metric) + ROUNDING;

describe("tiny-0, 8 prompts", () => {
  const { seed, symmetric, prompt_type, prepend_bos } = FIGURES.dataset;
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const patch = (corruption, ...args) => {
    const task = [
      "-n",
      `${PROMPTS}`,
      "--seed",
      `${seed}`,
      "--prompt-type",
      prompt_type,
      "--corruption",
      corruption,
    ];
    if (!symmetric) task.push("--no-symmetric");
    if (!prepend_bos) task.push("--no-bos");
    return native("patch", "--model", model, "--device", "cpu", ...task, "--per-prompt", ...args);
  };

  for (const entry of FIGURES.grids) {
    const args = ["--site", entry.site, "--over", entry.over.join(","), "--direction", entry.direction];
    if (entry.at !== null) args.push("--at", entry.at);
    args.push("--metric", entry.metric);
    test(`patch ${args.join(" ")}`, async () => {
      const found = await patch(FIGURES.corruption, ...args);
      const near = of(entry.metric);
      assert.equal(found.metric, entry.metric);
      assert.deepEqual(
        found.axes.map((axis) => axis.name),
        entry.over,
      );
      const role = found.axes.find((axis) => axis.name === "role");
      if (role) assert.deepEqual(role.labels, Object.keys(FIGURES.roles));
      assertNear(found.base, entry.base, "base", near);
      assertNear(found.source, entry.source, "source", near);
      assertNear(found.values, entry.values, "values", near);
      assert.equal(found.per_prompt.length, PROMPTS);
      assertNear(found.per_prompt[0], entry.first_prompt, "first prompt", near);
      // The errors of value, base and source, divided by the way from base to source.
      const way = Math.abs(entry.source - entry.base);
      const error = 2 * TOLERANCE * unit(entry.metric);
      const share = (wanted) => (error * (1 + Math.abs(wanted))) / way + ROUNDING;
      assertNear(found.normalized, entry.normalized, "normalized", share);
    });
  }

  for (const entry of FIGURES.ablations) {
    const args = ["--site", entry.site, "--over", "layer,head", "--at", entry.at, "--fill", entry.fill];
    args.push("--metric", entry.metric);
    test(`patch ${args.join(" ")}`, async () => {
      const found = await patch(entry.corruption, ...args);
      const near = of(entry.metric);
      assertNear(found.base, entry.clean, "clean", near);
      assertNear(found.values, entry.values, "values", near);
      assertNear(found.per_prompt[0], entry.first_prompt, "first prompt", near);
    });
  }

  // The corrupted run is what a clean one becomes whose first resid_pre is patched at every position.
  for (const [metric, wanted] of Object.entries(FIGURES.metrics)) {
    test(`${metric} of both runs`, async () => {
      const args = ["--site", "resid_pre", "--over", "layer", "--direction", "noise", "--metric", metric];
      const found = await patch(FIGURES.corruption, ...args);
      assertNear(found.per_prompt_base, wanted.clean, "clean", of(metric));
      const whole = found.per_prompt.map(([first]) => first);
      assertNear(whole, wanted.corrupted, "corrupted", of(metric));
    });
  }
});
