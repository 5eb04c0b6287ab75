// What is done to the page while it runs: it changes the form, never the run.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slowSteps } from "./faults.mjs";
import { assertFigures, fill, openStage, outcome, state, TINY_FORM } from "./helpers.mjs";

/** Long enough to do something meanwhile. */
const SLOW_STEPS = slowSteps("experiment", 150);

let stage;
let page;
before(async () => {
  stage = await openStage();
  page = await stage.open({ worker: SLOW_STEPS });
});
after(() => stage.close());

async function begin() {
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await page.click("#run");
  await state(page, "running");
}

test("a second Run is not begun", async () => {
  await begin();
  await page.press("#n", "Enter");
  await page.locator("#run").dispatchEvent("click");
  assert.equal(await page.getAttribute("#run", "aria-disabled"), "true");
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await page.waitForTimeout(300);
  assert.equal(await state(page, "done"), "done");
});

test("edits of the form are for the next run, and the result says so", async () => {
  await begin();
  await fill(page, { n: "10", seed: "x" });
  await page.waitForSelector("#seed[aria-invalid=true]");
  assert.equal(await state(page, "running"), "running");
  const { end, result } = await outcome(page);
  assert.equal(end, "done");
  assertFigures(result);
  assert.ok(await page.isVisible("#stale"));
  assert.equal(await page.inputValue("#n"), "10");
});

test("a new link fills in the form, and the run goes on", async () => {
  await begin();
  await page.evaluate(() => {
    location.hash =
      "v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=12&seed=42&symmetric=true" +
      "&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true";
  });
  await page.waitForFunction(() => document.querySelector("#n").value === "12");
  assert.equal(await state(page, "running"), "running");
  const { end, result } = await outcome(page);
  assert.equal(end, "done");
  assertFigures(result);
  assert.ok(await page.isVisible("#stale"));
  assertFigures(
    await begin()
      .then(() => outcome(page))
      .then((it) => it.result),
  );
});

test("a bad link is named, and the run goes on", async () => {
  await begin();
  await page.evaluate(() => {
    location.hash = "v=2";
  });
  await page.waitForFunction(() => /not applied/.test(document.querySelector("#message").textContent));
  const { end, result } = await outcome(page);
  assert.equal(end, "done");
  assertFigures(result);
  assert.equal(await page.evaluate(() => window.patchbay.error), null);
});
