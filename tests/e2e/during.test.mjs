// What is done to the page while it runs: it changes the form and the view, never the run; only Run and Cancel do.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { slowDown, slowSteps } from "./faults.mjs";
import {
  assertFigures,
  closeModels,
  fill,
  formValues,
  message,
  openModels,
  outcome,
  pressRun,
  show,
  state,
  TINY_FORM,
} from "./helpers.mjs";
import { NOTEBOOK_LINK, openStage } from "./stage.mjs";

const STALE = "The settings have changed since this result.";

const stage = openStage();
let page;
before(async () => {
  page = await stage.open({ worker: slowSteps("experiment") });
});

async function begin() {
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await slowDown(page, 60_000);
  await pressRun(page);
  await state(page, "running");
}

/** The run that was begun, and held up since, comes to its end. */
async function assertWentOn() {
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), "running");
  await slowDown(page, 0);
  const { end, result, error, message: said } = await outcome(page);
  assert.equal(end, "done", said);
  assertFigures(result);
  assert.equal(error, null);
}

test("Run once more begins anew, with what is set by then", async () => {
  await begin();
  await fill(page, { n: "10" });
  await page.locator('main [name="n"]').press("Enter");
  await slowDown(page, 0);
  const { end, result, message: said } = await outcome(page);
  assert.equal(end, "done", said);
  assert.equal(result.conditions.clean.diff.length, 10);
  assert.equal(said, "");
  assert.equal(await page.getByText(STALE).count(), 0);
  // The first one is over.
  await page.waitForTimeout(300);
  assert.deepEqual((await outcome(page)).result, result);
});

test("edits of the form are for the next run, and the result says so", async () => {
  await begin();
  await fill(page, { n: "10", seed: "x" });
  await page.locator('[name="seed"][aria-invalid="true"]').waitFor();
  await assertWentOn();
  await page.getByText(STALE).waitFor();
  assert.equal((await formValues(page)).n, "10");
});

test("other questions, the models and the prompts can be looked at", async () => {
  await begin();
  await show(page, "Prompts");
  await page.getByRole("button", { name: "Next prompt" }).click();
  const dialog = await openModels(page);
  await dialog.waitFor();
  // Esc is for the dialog alone.
  await closeModels(page);
  await dialog.waitFor({ state: "hidden" });
  await show(page, "Place or name?");
  await assertWentOn();
  assert.equal(await page.getByText(STALE).count(), 0);
});

test("a new link fills in the form, and the run goes on", async () => {
  await begin();
  await page.evaluate((link) => (location.hash = link), NOTEBOOK_LINK.replace("n=150", "n=12"));
  await page.waitForFunction(() => document.querySelector('[name="n"]').value === "12");
  await assertWentOn();
  await page.getByText(STALE).waitFor();
});

test("a bad link is named, and the run goes on", async () => {
  await begin();
  await page.evaluate(() => (location.hash = "v=2"));
  await page.waitForFunction(() => document.querySelector('.run-bar [role="alert"]') !== null);
  assert.match(await message(page), /not applied/);
  await assertWentOn();
});
