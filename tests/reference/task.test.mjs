// The examples of the tasks, token for token the reference's, and the published pairs in GPT-2's own tokens. `npm test`
// runs this with REFERENCE set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";
import { native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "patching-tiny-0.json"), "utf8"));
const EIGHT_PROMPTS = join(ROOT, "tests", "fixtures", "reference", "eight-prompts.json");

describe("tiny-0", () => {
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const task = (name, ...args) => native("task", "--model", model, "--task", name, ...args);

  test("induction", async () => {
    const { n, length, seed, clean, corrupted, answer, wrong, roles } = FIGURES.induction;
    const found = await task("induction", "-n", `${n}`, "--length", `${length}`, "--seed", `${seed}`);
    assert.deepEqual(found.clean.tokens, clean);
    assert.deepEqual(found.corrupted.tokens, corrupted);
    assert.deepEqual(
      [found.answers, found.wrong_answers],
      [answer.map((id) => [id]), wrong.map((id) => [id])],
    );
    for (const [role, position] of Object.entries(roles))
      assert.deepEqual(found.roles[role], Array(n).fill(position));
    assert.deepEqual(found.groups, Array(n).fill(0));
  });

  test("greater_than", async () => {
    const { n, seed, prompts } = FIGURES.greater_than;
    const found = await task("greater_than", "-n", `${n}`, "--seed", `${seed}`);
    const of = (field) => prompts.map((prompt) => prompt[field]);
    assert.deepEqual(found.clean, { text: of("clean"), tokens: of("tokens") });
    assert.deepEqual(found.corrupted, { text: of("corrupt"), tokens: of("corrupted_tokens") });
    assert.deepEqual(found.answers, of("answers"));
    assert.deepEqual(found.wrong_answers, of("wrong_answers"));
    for (const [role, positions] of Object.entries(found.roles))
      assert.deepEqual(
        positions,
        of("roles").map((roles) => roles[role]),
      );
  });

  test("ioi, corrupted by abc", async () => {
    const { n, seed, prompt_type } = FIGURES.dataset;
    const of = ["-n", `${n}`, "--seed", `${seed}`, "--prompt-type", prompt_type, "--no-symmetric"];
    const found = await task("ioi", ...of, "--corruption", "abc");
    const untilEnd = (sentence) => sentence.slice(0, sentence.lastIndexOf(" "));
    assert.deepEqual(found.corrupted.text, FIGURES.abc.sentences.map(untilEnd));
    assert.deepEqual(found.roles, FIGURES.roles);
    assert.deepEqual(found.groups, FIGURES.groups);
  });

  test("the eight published prompts", async () => {
    const { prompts } = JSON.parse(readFileSync(EIGHT_PROMPTS, "utf8"));
    const found = await task("pairs", "--pairs", EIGHT_PROMPTS);
    assert.deepEqual(
      found.clean.text,
      prompts.map(({ clean }) => clean),
    );
    // As long as the published grids by position are.
    assert.deepEqual(found.roles, { DIFF1: Array(8).fill(10), END: Array(8).fill(14) });
  });
});
