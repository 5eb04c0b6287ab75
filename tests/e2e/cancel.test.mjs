// Cancel, while loading and while running: it works at once, keeps what was shown, and spoils nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { wrapExport } from "./faults.mjs";
import {
  assertFigures,
  fill,
  intervals,
  openStage,
  outcome,
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

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });

test("while the model is read, then a good run", async () => {
  const page = await stage.open();
  const failed = [];
  page.context().on("requestfailed", (request) => failed.push(request.url()));
  await fill(page, { ...TINY_FORM, model: `url:${slow.url}` });
  await page.click("#run");
  await page.waitForFunction(
    () => window.patchbay.load?.what === "model.safetensors" && window.patchbay.load.total > 0,
  );
  assert.match(await page.textContent("#progress-text"), /model\.safetensors .*%.* of 292 kB/);
  assert.ok(await page.isVisible("#progress-bar"));
  await page.click("#cancel");
  const { end, error } = await outcome(page);
  assert.equal(end, "cancelled");
  assert.equal(error.name, "Cancelled");
  assert.equal(await page.isVisible("#result"), false);
  assert.equal(await page.isVisible("#progress"), false);
  assert.deepEqual(failed, [`${slow.url}model.safetensors`], "the download went on");

  await fill(page, form());
  assertFigures(await runWell(page));
});

test("while it runs, with Esc; the result before stays", async () => {
  const page = await stage.open();
  await fill(page, form());
  await runWell(page);
  await intervals(page);
  const shown = await page.innerText("#results");

  await fill(page, { n: "10000" });
  await page.press("#n", "Enter");
  await state(page, "running");
  await page.keyboard.press("Escape");
  const { end, result } = await outcome(page);
  assert.equal(end, "cancelled");
  assertFigures(result);
  assert.equal(await page.innerText("#results"), shown);
  assert.ok(await page.isVisible("#stale"));

  await fill(page, { n: TINY_FORM.n });
  assertFigures(await runWell(page));
  assert.equal(await page.isVisible("#stale"), false);
});

test("too late to stop the loading, it leaves the model for the next run", async () => {
  // As slow as with the real weights.
  const slowFinish = wrapExport(
    "modelloader_finish",
    "(call) => (...args) => call(...args).then((model) => new Promise((done) => setTimeout(done, 2000, model)))",
  );
  const page = await stage.open({ worker: slowFinish });
  await fill(page, form());
  await page.click("#run");
  await page.waitForFunction(() => /preparing/i.test(document.querySelector("#progress-text").textContent));
  await page.click("#cancel");
  assert.equal(await page.textContent("#progress-text"), "Cancelling…");
  assert.equal((await outcome(page)).end, "cancelled");
  assertFigures(await runWell(page));
  assert.match(await page.innerText("#timings"), /already in memory/);
});

/** Presses Run and, so many milliseconds later, Esc. */
const pressed = (page, ms) =>
  page.evaluate(
    (ms) =>
      new Promise((done) => {
        document.querySelector("#run").click();
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
    assert.equal(await page.isVisible("#result"), false);
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
  assert.equal(await page.isVisible("#result"), false);
  await page.click("#run");
  assert.equal((await outcome(page)).end, "done");
});

test("Esc with nothing to cancel does nothing", async () => {
  const page = await stage.open();
  await page.keyboard.press("Escape");
  assert.equal(await state(page, "ready"), "ready");
  assert.ok(await page.isDisabled("#cancel"));
});
