// Cancel, while loading and while running: it works at once, keeps what was shown, and spoils nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { computingWorkers, slowDown, slowSteps, wrapExport } from "./faults.mjs";
import {
  assertFigures,
  fill,
  loadStep,
  outcome,
  pressRun,
  runWell,
  state,
  swept,
  TINY,
  TINY_FORM,
  until,
} from "./helpers.mjs";
import { hold } from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const cancelButton = (page) => page.getByRole("button", { name: "Cancel", exact: true });
const STALE = "The settings have changed since this result.";
const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });

test("while the model is read, then a good run", async () => {
  const slow = await stage.faults(TINY);
  slow.plan("model.safetensors", hold(100_000).plan);
  const page = await stage.open();
  const failed = [];
  page.context().on("requestfailed", (request) => failed.push(request.url()));
  await fill(page, { ...TINY_FORM, model: `url:${slow.url}` });
  await pressRun(page);
  await loadStep(page, { what: "model.safetensors", total: true });
  await page.locator(".run-bar .progress-text", { hasText: /model\.safetensors .*%.* of 292 kB/ }).waitFor();
  await page.getByRole("progressbar").waitFor();
  await cancelButton(page).click();
  const { end, error } = await outcome(page);
  assert.equal(end, "cancelled");
  assert.equal(error.name, "Cancelled");
  assert.equal(await page.evaluate(() => window.patchbay.result), null);
  assert.equal(await page.getByRole("progressbar").count(), 0);
  await until(() => failed.length > 0, "the download went on");
  assert.deepEqual(failed, [`${slow.url}model.safetensors`]);

  await fill(page, form());
  assertFigures(await runWell(page));
});

test("while it runs, with Esc; the result before stays", async () => {
  const page = await stage.open({ worker: slowSteps("experiment") });
  await fill(page, form());
  await runWell(page);
  await swept(page);
  // Figures are drawn once they are near the screen.
  const answered = () => page.locator(".answer :is(h2, .lead, .words-table)").allInnerTexts();
  const shown = await answered();

  await fill(page, { n: "100" });
  await slowDown(page, 1000);
  await pressRun(page);
  await state(page, "running");
  await page.keyboard.press("Escape");
  const { end, result } = await outcome(page);
  assert.equal(end, "cancelled");
  assertFigures(result);
  const before = await answered();
  // Word by word, and at each headline that it is of the settings before.
  const mark = / of other settings$/;
  assert.equal(before.filter((text) => mark.test(text)).length, 2);
  assert.deepEqual(
    before.map((text) => text.replace(mark, "")),
    shown,
  );
  await page.getByText(STALE).waitFor();

  await fill(page, { n: TINY_FORM.n });
  await slowDown(page, 0);
  assertFigures(await runWell(page));
  assert.equal(await page.getByText(STALE).count(), 0);
});

test("too late to stop the loading, it leaves the model for the next run", async () => {
  const lateFinish = wrapExport(
    "modelloader_finish",
    `(call) => (...args) =>
      call(...args).then((model) => new Promise((done) => (self.finish = () => done(model))))`,
  );
  const page = await stage.open({ worker: lateFinish });
  await fill(page, form());
  await pressRun(page);
  await loadStep(page, { stage: "process" });
  await cancelButton(page).click();
  assert.equal((await outcome(page)).end, "cancelled");
  const [worker] = computingWorkers(page);
  await until(() => worker.evaluate("self.finish !== undefined"), "the model is put together");
  await worker.evaluate("self.finish()");
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.origin.from, "memory");
});

/** Presses Run and, so many milliseconds later, Esc. */
const pressed = (page, ms) =>
  page.evaluate(
    (ms) =>
      new Promise((done) => {
        document.querySelector(".run-bar button.primary").click();
        const press = () => {
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
          done();
        };
        if (ms === 0) press();
        else setTimeout(press, ms);
      }),
    ms,
  );

test("it is lost at no moment between the press of Run and the first steps", async () => {
  const page = await stage.open({ worker: slowSteps("experiment", 500) });
  await fill(page, form());
  for (const ms of [0, 1, 4, 10, 20, 40, 80, 160]) {
    await pressed(page, ms);
    const { end, error } = await outcome(page);
    assert.equal(end, "cancelled", `after ${ms} ms`);
    assert.equal(error.name, "Cancelled");
    assert.equal(await page.evaluate(() => window.patchbay.result), null);
  }
  await slowDown(page, 0);
  assertFigures(await runWell(page));
});

test("it stops the run that waits for the end of the page's own one", async () => {
  const context = await stage.newContext();
  const page = await context.newPage();
  await page.goto(stage.siteUrl);
  await state(page, "loading", "running");
  await pressed(page, 0);
  assert.equal((await outcome(page)).end, "cancelled");
  assert.equal(await page.evaluate(() => window.patchbay.result), null);
  await pressRun(page);
  assert.equal((await outcome(page)).end, "done");
});

test("Esc with nothing to cancel does nothing", async () => {
  const page = await stage.open();
  await page.keyboard.press("Escape");
  assert.equal(await state(page, "ready"), "ready");
  assert.equal(await cancelButton(page).count(), 0);
});
