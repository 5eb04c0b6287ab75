// Who writes the answer: the fixture's contributions by component, the lens and the effects that follow them, and what a link
// brings back. What is said of them is the crate's and tested there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertNear, fill, quiet, runWell, show, TINY, TINY_FORM, until } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

/** Of an independent implementation; the native command is compared with the same, see tests/headless. */
const [{ spec, per_prompt: FIGURES }] = JSON.parse(
  readFileSync(join(TINY, "attribution.json"), "utf8"),
).attributions;
const { n, seed, symmetric } = spec.task.dataset;
const WRITES = "Who writes the answer?";

const stage = openStage();

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const region = (page, name) => page.getByRole("region", { name });
const chosen = (page) => page.evaluate(() => document.querySelector(".reading")?.textContent);

async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, {
    model: `url:${stage.modelUrl}`,
    ...TINY_FORM,
    n: String(n),
    seed: String(seed),
    symmetric,
  });
  await runWell(page);
  await show(page, WRITES);
  return { page, result: await runWell(page) };
}

test("every component's part of the logit difference is the fixture's; lens and effects follow by themselves", async () => {
  const { page, result } = await opened();
  assertNear(result.logit_diff, mean(FIGURES.logit_diff), 1e-4, "logit_diff");
  result.heads.forEach((heads, layer) => {
    heads.forEach((found, head) => {
      const expected = mean(FIGURES.heads.map((prompt) => prompt[layer][head]));
      assertNear(found, expected, 1e-4, `${layer}.${head}`);
    });
  });
  await page.getByRole("heading", { level: 2, name: /writes most|no component is sure/ }).waitFor();
  await page.getByText("All components together are the logit difference").waitFor();
  for (const name of ["The components that write most", "What every component writes"])
    await page.getByRole("figure", { name: new RegExp(`^${name}`) }).waitFor();
  for (const name of [
    "The logit difference in the residual stream at END",
    "The logit difference in the residual stream at every role",
  ])
    await region(page, "The logit lens")
      .getByRole("figure", { name: new RegExp(`^${name}`) })
      .waitFor();
  await region(page, "Direct and total effects")
    .getByRole("figure", { name: /^Direct against total effect/ })
    .waitFor();
  await quiet(page);
});

test("without a head, and in the corrupted run, by a link", async () => {
  const { page } = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { writes_run: "corrupted", writes_zero: "1.2@END" });
  const { spec: asked, logit_diff } = await runWell(page);
  assert.deepEqual([asked.run, asked.zero], ["corrupted", ["1.2@END"]]);
  await page.getByText("every component, without 1.2@END").first().waitFor();
  for (const name of ["The logit lens", "What each layer says"])
    await region(page, name)
      .getByText(/, without 1\.2@END/)
      .first()
      .waitFor();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const other = await stage.open({ hash: new URL(page.url()).hash });
  const again = await runWell(other);
  assert.deepEqual([again.spec, again.logit_diff], [asked, logit_diff]);
  await other.getByText("every component, without 1.2@END").first().waitFor();
});

test("a head that is pressed among the largest is chosen everywhere; one that is none is refused where it stands", async () => {
  const { page } = await opened();
  const bars = page.getByRole("figure", { name: /^The components that write most/ });
  const grid = bars.getByRole("grid").first();
  await grid.focus();
  const before = await chosen(page);
  await page.keyboard.press("Home");
  for (let step = 0; step < 12 && (await chosen(page)) === before; step += 1) {
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
  }
  // What is said of the head above comes from the worker.
  await until(async () => (await chosen(page)) !== before, "another head is chosen");
  await fill(page, { writes_zero: "99.0@END" });
  await page
    .getByText(/this model has layers 0 to \d+; there is no layer 99/)
    .first()
    .waitFor();
});
