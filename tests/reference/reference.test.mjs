// The larger figures of the reference implementation (PyTorch, TransformerLens), where its folder is beside the
// project: checkpoints with GPT-2's vocabulary, of a tiny shape and of GPT-2 small's. They are made here by the
// reference's own script; `npm test` runs this with REFERENCE set, and says so where it cannot.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";
import { assertAgrees, figures, native, TOLERANCE } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;

const outputOf = promisify(execFile);
/** A sweep's means of every head in the clean run, and of the figures' head in each condition. */
async function assertSweepAgrees(model, expected) {
  const { rows, finished } = await native("sweep", "--model", model, "--device", "cpu");
  assert.ok(finished);
  const mean = (layer, head, condition) =>
    rows.find((row) => row.layer === layer && row.head === head && row.condition === condition).mean_diff;
  const agree = (found, wanted, what) =>
    assert.ok(Math.abs(found - wanted) <= TOLERANCE, `${what}: found ${found}, expected ${wanted}`);
  for (const [layer, heads] of expected.attn_score_diff_all_heads.entries()) {
    for (const [head, wanted] of heads.entries())
      agree(mean(layer, head, "clean"), wanted, `${layer}.${head}`);
  }
  const { layer, head } = expected.model;
  for (const [condition, { mean_diff }] of Object.entries(expected.frozen_ln)) {
    agree(mean(layer, head, condition), mean_diff, condition);
  }
}

async function headless(...args) {
  const script = join(ROOT, "scripts", "headless.mjs");
  const all = [script, "--json", "--no-build", ...args];
  return JSON.parse((await outputOf(process.execPath, all, { maxBuffer: 1 << 26 })).stdout);
}

describe("tiny-0, head 2.1", () => {
  const expected = figures(REFERENCE, "tiny-0");
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const head = () => ["--model", model, "--layer", "2", "--head", "1"];

  test("the native command", async () => {
    const result = await native("run", ...head(), "--device", "cpu", "--accuracy");
    assertAgrees(result, expected);
    const above = expected.logit_diff.per_prompt.filter((diff) => diff > 0).length;
    assert.equal(result.accuracy, above / expected.logit_diff.per_prompt.length);
  });

  test("the native command, LayerNorm live", async () => {
    const result = await native("run", ...head(), "--device", "cpu", "--live-ln");
    for (const condition of ["patched", "projected"]) {
      const difference = result.conditions[condition].mean_diff - expected.live_ln[condition].mean_diff;
      assert.ok(Math.abs(difference) <= TOLERANCE);
    }
  });

  test("every head of every layer", async () => {
    for (const [layer, heads] of expected.attn_score_diff_all_heads.entries()) {
      for (const [head, mean] of heads.entries()) {
        const result = await native("run", "--model", model, "--layer", `${layer}`, "--head", `${head}`);
        assert.ok(Math.abs(result.conditions.clean.mean_diff - mean) <= TOLERANCE, `${layer}.${head}`);
      }
    }
  });

  test("the sweep over all heads", () => assertSweepAgrees(model, expected));

  for (const device of ["cpu", "webgpu"]) {
    test(`the page, on ${device}`, async () => {
      assertAgrees(await headless(...head(), "--device", device), expected);
    });
  }
});

describe("small-0, head 10.7 (548 MB)", () => {
  const expected = figures(REFERENCE, "small-0");
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "small");
  });

  test("the page, on cpu", async () => {
    assertAgrees(await headless("--model", model, "--device", "cpu"), expected);
  });

  test("the sweep over all 144 heads", () => assertSweepAgrees(model, expected));
});
