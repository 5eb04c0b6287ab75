// What the reference's file says of the logit difference's parts and of the logit lens, by the native command. `npm test` runs
// this with REFERENCE set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// Logits of a few units in float32, against float64.
const TOLERANCE = 1e-5;

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));

/** Numbers, or nests of them. */
function assertNear(found, wanted, what) {
  if (Array.isArray(wanted)) {
    assert.equal(found.length, wanted.length, what);
    for (const [i, value] of wanted.entries()) assertNear(found[i], value, `${what}[${i}]`);
  } else {
    assert.ok(Math.abs(found - wanted) <= TOLERANCE, `${what}: found ${found}, expected ${wanted}`);
  }
}

describe("the logit difference of tiny-0", () => {
  const { n, seed, symmetric, prompt_type, prepend_bos } = FIGURES.dataset;
  const task = ["-n", `${n}`, "--seed", `${seed}`, "--prompt-type", prompt_type];
  task.push("--corruption", FIGURES.corruption);
  if (!symmetric) task.push("--no-symmetric");
  if (!prepend_bos) task.push("--no-bos");
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const of = (command, ...args) =>
    native(command, "--model", model, "--device", "cpu", ...task, "--per-prompt", ...args);

  test("part by part", async () => {
    const found = await of("attribute");
    for (const [part, wanted] of Object.entries(FIGURES.direct_logit_attribution))
      assertNear(found[part], wanted, part);
    assert.ok(found.relative_miss < TOLERANCE, `${found.relative_miss}`);
    const clean = found.per_prompt.map((prompt) => prompt.logit_diff);
    assertNear(clean, FIGURES.metrics.logit_diff.clean, "clean");
    const corrupted = (await of("attribute", "--run", "corrupted")).per_prompt;
    const differences = corrupted.map((prompt) => prompt.logit_diff);
    assertNear(differences, FIGURES.metrics.logit_diff.corrupted, "corrupted");
  });

  test("with a head's z zero", async () => {
    for (const { fill, at, values, first_prompt } of FIGURES.ablations) {
      if (fill !== "zero") continue;
      const found = await of("attribute", "--zero", `1.2@${at}`);
      assertNear(found.logit_diff, values[1][2], at);
      assertNear(found.per_prompt[0].logit_diff, first_prompt[1][2], `${at}, first prompt`);
      assert.equal(found.heads[1][2], 0);
      assert.ok(found.relative_miss < TOLERANCE, `${found.relative_miss}`);
    }
  });

  for (const [scale, wanted] of Object.entries(FIGURES.logit_lens))
    test(`by the stream, scale ${scale}`, async () => {
      const { labels, values } = await of("lens", "--scale", scale);
      // The file has the streams before each layer and after the last.
      const before = values.filter((_, i) => !labels[i].endsWith("_mid"));
      assertNear(before, wanted, scale);
    });
});
