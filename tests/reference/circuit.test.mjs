// The circuit of the reference's file on activation patching, by the native command. `npm test` runs this with REFERENCE
// set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// The reference computes in float64. Of logits up to 13, float32 has about six decimals.
const TOLERANCE = 1e-5;

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));

test("tiny-0, 8 prompts: the metric of all heads, of the circuit, and without any", async () => {
  const { n, seed, symmetric, prompt_type, prepend_bos } = FIGURES.dataset;
  const { keep, corruption, ...wanted } = FIGURES.circuit;
  // It is the corruption of circuits where none is given.
  assert.equal(corruption, "abc");
  const nodes = Object.entries(keep).map(([head, at]) => `${head}@${at.join("+")}`);
  const args = ["-n", `${n}`, "--seed", `${seed}`, "--prompt-type", prompt_type, "--keep", nodes.join(",")];
  if (!symmetric) args.push("--no-symmetric");
  if (!prepend_bos) args.push("--no-bos");
  const model = await makeCheckpoint(REFERENCE, "tiny");
  const found = await native("circuit", "--model", model, "--device", "cpu", ...args);
  for (const [run, value] of Object.entries(wanted)) {
    const off = Math.abs(found[run] - value);
    assert.ok(off <= TOLERANCE, `${run}: found ${found[run]}, expected ${value}`);
  }
  const share = wanted.circuit / wanted.full;
  const error = (2 * TOLERANCE * (1 + Math.abs(share))) / Math.abs(wanted.full);
  assert.ok(Math.abs(found.faithfulness - share) <= error, `${found.faithfulness}, expected ${share}`);
});
