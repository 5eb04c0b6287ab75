// The experiment "controls": chosen in the form, run, and shown with its evidence. Its files are in reproduce.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNear, EXPECTED, fill, formValues, runWell, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const form = () => ({ model: `url:${stage.modelUrl}`, ...TINY_FORM, experiment: "controls" });

/** Prompt by prompt, and what the edits did. */
function assertControls(result, expected) {
  assert.equal(result.experiment, "controls");
  assert.deepEqual(result.head, expected.head);
  assert.deepEqual(Object.keys(result.conditions), Object.keys(expected.conditions));
  for (const [name, figures] of Object.entries(expected.conditions)) {
    const ours = result.conditions[name];
    assertNear(ours.mean_diff, figures.mean_diff, 1e-3, name);
    figures.diff.forEach((figure, i) => {
      assertNear(ours.diff[i], figure, 1e-3, `${name} diff[${i}]`);
    });
  }
  for (const [name, edit] of Object.entries(expected.edits)) {
    const { keys, ...figures } = edit;
    const ours = result.evidence.edits[name];
    for (const [key, figure] of Object.entries(figures))
      assertNear(ours[key], figure, 1e-3, `${name} ${key}`);
    for (const [key, figure] of Object.entries(keys ?? {}))
      assertNear(ours.keys[key], figure, 1e-3, `${name} ${key}`);
  }
  assert.deepEqual(result.evidence.noops, { "no-op q_input": 0, "no-op k_input": 0 });
}

test("controls give the reference's figures, with evidence for each edit and each no-op", async () => {
  const page = await stage.open();
  const question = await page.locator("form").innerText();
  await fill(page, form());
  assert.notEqual(await page.locator("form").innerText(), question, "the choice has words of its own");
  assertControls(await runWell(page), EXPECTED.controls[0]);
  const table = page.getByRole("table", { name: "Means by condition" });
  const rows = await table.locator("tbody th").allTextContents();
  assert.deepEqual(rows, Object.keys(EXPECTED.controls[0].conditions));
  await page.getByText("Evidence, model, device and times").click();
  const evidence = await page.locator("details[open]").innerText();
  assert.match(evidence, /projected on random names\s+20 of 20/);
  assert.match(evidence, /patched k_input\s+20 of 20\s+–\s+–(\s+[\d.]+){4}/);
  for (const control of ["no-op q_input", "no-op k_input"])
    assert.ok(evidence.includes(`“${control}” changed scores by at most 0`), control);
});

test("other settings reach the controls, and a link brings them back", async () => {
  const [, other] = EXPECTED.controls;
  const page = await stage.open();
  await fill(page, {
    ...form(),
    layer: String(other.head[0]),
    head: String(other.head[1]),
    n: String(other.spec.n),
    seed: String(other.spec.seed),
    symmetric: other.spec.symmetric,
    prepend_bos: other.spec.prepend_bos,
    flip: other.flip,
    freeze_ln: other.freeze_ln,
  });
  assertControls(await runWell(page), other);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForFunction(() => location.hash.includes("means="));
  const opened = await stage.open({ hash: new URL(page.url()).hash });
  assert.deepEqual(await formValues(opened), await formValues(page));
});
