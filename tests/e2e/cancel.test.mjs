// Cancel, while loading and while running: it works at once, keeps what was shown, and spoils nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { wrapExport } from "./faults.mjs";
import {
  assertFigures,
  fill,
  loadStep,
  openStage,
  outcome,
  progressText,
  runButton,
  runWell,
  state,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";

let stage;
let slow;
before(async () => {
  stage = await openStage();
  slow = await serve(TINY, { throttle: 40_000 });
});
after(async () => {
  await stage.close();
  await slow.close();
});

const cancelButton = (page) => page.getByRole("button", { name: "Cancel", exact: true });
const STALE = "The settings have changed since this result.";
const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });

test("while the model is read, then a good run", async () => {
  const page = await stage.open();
  const failed = [];
  page.context().on("requestfailed", (request) => failed.push(request.url()));
  await fill(page, { ...TINY_FORM, model: `url:${slow.url}` });
  await runButton(page).click();
  await page.waitForFunction(
    () => window.patchbay.load?.what === "model.safetensors" && window.patchbay.load.total > 0,
  );
  assert.match(await progressText(page), /model\.safetensors .*%.* of 292 kB/);
  await page.getByRole("progressbar").waitFor();
  await cancelButton(page).click();
  const { end, error } = await outcome(page);
  assert.equal(end, "cancelled");
  assert.equal(error.name, "Cancelled");
  assert.equal(await page.evaluate(() => window.patchbay.result), null);
  assert.equal(await page.getByRole("progressbar").count(), 0);
  assert.deepEqual(failed, [`${slow.url}model.safetensors`], "the download went on");

  await fill(page, form());
  assertFigures(await runWell(page));
});

test("while it runs, with Esc; the result before stays", async () => {
  const page = await stage.open();
  await fill(page, form());
  await runWell(page);
  // Figures are drawn once they are near the screen.
  const answered = () => page.locator(".answer :is(h2, .lead, .words-table)").allInnerTexts();
  const shown = await answered();

  await fill(page, { n: "10000" });
  await runButton(page).click();
  await state(page, "running");
  await page.keyboard.press("Escape");
  const { end, result } = await outcome(page);
  assert.equal(end, "cancelled");
  assertFigures(result);
  assert.deepEqual(await answered(), shown);
  await page.getByText(STALE).waitFor();

  await fill(page, { n: TINY_FORM.n });
  assertFigures(await runWell(page));
  assert.equal(await page.getByText(STALE).count(), 0);
});

test("too late to stop the loading, it leaves the model for the next run", async () => {
  // As slow as with the real weights.
  const slowFinish = wrapExport(
    "modelloader_finish",
    "(call) => (...args) => call(...args).then((model) => new Promise((done) => setTimeout(done, 2000, model)))",
  );
  const page = await stage.open({ worker: slowFinish });
  await fill(page, form());
  await runButton(page).click();
  await loadStep(page, { stage: "process" });
  await cancelButton(page).click();
  assert.equal((await outcome(page)).end, "cancelled");
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
  const page = await stage.open();
  await fill(page, { ...form(), n: "10000" });
  for (const ms of [0, 1, 4, 10, 20, 40, 80, 160]) {
    await pressed(page, ms);
    const { end, error } = await outcome(page);
    assert.equal(end, "cancelled", `after ${ms} ms`);
    assert.equal(error.name, "Cancelled");
    assert.equal(await page.evaluate(() => window.patchbay.result), null);
  }
  await fill(page, form());
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
  await runButton(page).click();
  assert.equal((await outcome(page)).end, "done");
});

test("Esc with nothing to cancel does nothing", async () => {
  const page = await stage.open();
  await page.keyboard.press("Escape");
  assert.equal(await state(page, "ready"), "ready");
  assert.equal(await cancelButton(page).count(), 0);
});
