// All heads: the sweep's numbers, how it comes and stops, and how a head is chosen from it. How maps are drawn, walked and saved
// is tested in www/charts, what the question shows and asks in www/panels/place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { slowSteps } from "./faults.mjs";
import { assertNear, EXPECTED, fill, outcome, runWell, state, swept, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** More prompts than are swept unasked. */
const MANY = "302";

async function tinyRun({ fields = {}, ...options } = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM, ...fields });
  return { page, result: await runWell(page) };
}

const heads = (page) => page.getByRole("region", { name: "All heads" });
const map = (page) => heads(page).getByRole("grid", { name: /^Clean score of every head/ });

/** A figure's numbers, as its table has them: [["0", "0", 0.13], …]. */
async function tableOf(page, figure) {
  const button = heads(page).getByRole("button", { name: `Table: ${figure}` });
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
  const rows = heads(page).getByRole("table", { name: figure }).locator("tbody tr");
  await rows.first().waitFor();
  const cells = await rows.evaluateAll((rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent)),
  );
  return cells.map((row) => [...row.slice(0, -1), Number(row.at(-1))]);
}

async function assertSweep(page, expected) {
  const clean = await tableOf(page, "Clean score of every head");
  assert.equal(clean.length, 12);
  for (const [layer, head, value] of clean)
    assertNear(value, expected.clean[layer][head], 1e-3, `${layer}.${head}`);
  const changes = await tableOf(page, "What each condition changes");
  for (const [condition, layer, head, value] of changes) {
    const change = expected[condition][layer][head] - expected.clean[layer][head];
    assertNear(value, change, 1e-3, `${condition} at ${layer}.${head}`);
  }
}

test("a small model is swept unasked; a head that is chosen in a map is chosen everywhere, and run", async () => {
  const { page } = await tinyRun();
  await swept(page);
  await assertSweep(page, EXPECTED.sweep.frozen_ln);

  // The keyboard walks the map as one stop, and stays in it through the run.
  await map(page).focus();
  assert.match(await map(page).getByRole("gridcell").getAttribute("aria-label"), /layer 2, head 1: 0\.768/);
  for (const key of ["ArrowUp", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await page.waitForFunction(() => window.patchbay.result?.head.join(".") === "1.2");
  assert.deepEqual(
    [
      await page.locator('main [name="layer"]').inputValue(),
      await page.locator('main [name="head"]').inputValue(),
    ],
    ["1", "2"],
  );
  await swept(page);
  assert.ok(await map(page).evaluate((it) => it === document.activeElement), "the keyboard was lost");
  const cell = map(page).getByRole("gridcell");
  assert.equal(await cell.getAttribute("aria-selected"), "true");
  const { result } = await outcome(page);
  assertNear(result.conditions.clean.mean_diff, EXPECTED.sweep.frozen_ln.clean[1][2], 1e-3, "the run at 1.2");
  assert.match(await page.locator("main h2").first().innerText(), /^Head 1\.2 /);
});

test("a new sweep is shown in the place of the one before: the keyboard and the figure's height stay", async () => {
  const { page } = await tinyRun({ worker: slowSteps("sweep", 100) });
  await swept(page);
  // What is far from view is not drawn yet.
  await heads(page).locator("figure").first().scrollIntoViewIfNeeded();
  await map(page).focus();
  await page.evaluate(() => {
    const grid = document.activeElement;
    const figure = grid.closest("figure");
    const height = figure.offsetHeight;
    window.lost = [];
    new MutationObserver(() => {
      if (document.activeElement !== grid) window.lost.push("focus");
      if (Math.abs(figure.offsetHeight - height) > 1) window.lost.push(`height ${figure.offsetHeight}`);
    }).observe(document.querySelector(".all-heads"), { childList: true, subtree: true, attributes: true });
    document.querySelector('[name="freeze_ln"]').click();
    document.querySelector("form").requestSubmit();
  });
  await page.waitForFunction(() => window.patchbay.result.spec.freeze_ln === false);
  await swept(page);
  assert.deepEqual(await page.evaluate(() => [...new Set(window.lost)]), []);
  await assertSweep(page, EXPECTED.sweep.live_ln);
});

test("a long sweep is asked for, shows what it has, and keeps it when it is cancelled", async () => {
  const { page, result } = await tinyRun({ worker: slowSteps("sweep", 500), fields: { n: MANY } });
  const ask = heads(page).getByRole("button", { name: "Ask all 12 heads" });
  await heads(page)
    .getByText(/^This takes about \d+ s here\.$/)
    .waitFor();
  await ask.click();
  await heads(page)
    .getByText(/^Prompts seen so far by layers? .*: \d+ of 302/)
    .waitFor();
  assert.equal(await state(page, "running"), "running");
  await page.getByRole("button", { name: "Cancel" }).click();
  await state(page, "done");
  assert.match(await heads(page).innerText(), /Prompts seen so far by/);
  assert.match(await heads(page).locator("h2").innerText(), /^So far, of \d+ heads/);
  assert.ok(await ask.isVisible());
  // The run before is as it was.
  assert.deepEqual((await page.evaluate(() => window.patchbay)).result, result);
});

test("who presses Run does not wait for an unasked sweep", async () => {
  const { page } = await tinyRun({ worker: slowSteps("sweep", 2000) });
  await state(page, "running");
  const begun = Date.now();
  await fill(page, { head: "0" });
  const { head } = await runWell(page);
  assert.deepEqual(head, [2, 0]);
  // The sweep would have taken at least half a minute.
  assert.ok(Date.now() - begun < 25_000);
});
