// Every path of the reference's file on activation patching, by the native command. `npm test` runs this with REFERENCE
// set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// The reference computes in float64, and its file has seven decimals. Of logits up to 13, float32 has about six.
const TOLERANCE = 1e-5;

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));

/** `[layer][head]`, null where there is no path. */
function assertNear(found, wanted, what) {
  assert.deepEqual(
    found.map((row) => row.map((value) => value === null)),
    wanted.map((row) => row.map((value) => value === null)),
    what,
  );
  for (const [layer, row] of wanted.entries())
    for (const [head, value] of row.entries()) {
      const off = Math.abs(found[layer][head] - value);
      assert.ok(
        off <= TOLERANCE,
        `${what}, ${layer}.${head}: found ${found[layer][head]}, expected ${value}`,
      );
    }
}

describe("tiny-0, 8 prompts", () => {
  const { n, seed, symmetric, prompt_type, prepend_bos } = FIGURES.dataset;
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });

  for (const entry of FIGURES.paths) {
    const receivers = [entry.receivers].flat().join(",");
    test(`paths to ${receivers}, MLPs ${entry.mlps}`, async () => {
      const args = ["-n", `${n}`, "--seed", `${seed}`, "--prompt-type", prompt_type];
      if (!symmetric) args.push("--no-symmetric");
      if (!prepend_bos) args.push("--no-bos");
      args.push("--corruption", entry.corruption, "--receivers", receivers, "--mlps", entry.mlps);
      const found = await native("paths", "--model", model, "--device", "cpu", ...args, "--per-prompt");
      assert.ok(Math.abs(found.clean - entry.clean) <= TOLERANCE);
      assertNear(found.values, entry.values, "values");
      assertNear(found.per_prompt[0], entry.first_prompt, "first prompt");
    });
  }
});
