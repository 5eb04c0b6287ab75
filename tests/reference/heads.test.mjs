// What the reference's file says of heads, by the native command. `npm test` runs this with REFERENCE set, as
// reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// Patterns and logits of up to some 10 in float32, against float64.
const TOLERANCE = 1e-5;

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));

/** By layer and head. */
function assertNear(found, wanted, what) {
  assert.deepEqual(
    found.map((row) => row.length),
    wanted.map((row) => row.length),
    what,
  );
  for (const [layer, row] of wanted.entries())
    for (const [head, value] of row.entries()) {
      const off = Math.abs(found[layer][head] - value);
      assert.ok(
        off <= TOLERANCE,
        `${what} of ${layer}.${head}: found ${found[layer][head]}, expected ${value}`,
      );
    }
}

describe("heads of tiny-0", () => {
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const heads = (...args) => native("heads", "--model", model, "--device", "cpu", ...args);

  test("attention in sequences in which each token occurs twice", async () => {
    const { n, length, seed } = FIGURES.induction;
    const own = ["--task", "induction", "-n", `${n}`, "--length", `${length}`, "--seed", `${seed}`];
    const found = await heads(...own, "--figures", "attention");
    for (const [name, wanted] of Object.entries(FIGURES.head_scores)) assertNear(found[name], wanted, name);
  });

  test("attention between roles, and direct parts in the logit difference", async () => {
    const { n, seed, symmetric, prompt_type, prepend_bos } = FIGURES.dataset;
    const task = ["-n", `${n}`, "--seed", `${seed}`, "--prompt-type", prompt_type];
    task.push("--corruption", FIGURES.corruption);
    if (!symmetric) task.push("--no-symmetric");
    if (!prepend_bos) task.push("--no-bos");
    const found = await heads(...task, "--figures", "attention,direct");
    assert.deepEqual(Object.keys(found.attention).sort(), Object.keys(FIGURES.role_attention).sort());
    for (const [roles, wanted] of Object.entries(FIGURES.role_attention))
      assertNear(found.attention[roles], wanted, roles);
    assertNear(found.direct, FIGURES.direct_logit_attribution.heads, "direct");
    assert.ok(Math.abs(found.logit_diff - FIGURES.direct_logit_attribution.logit_diff) <= TOLERANCE);
  });
});
