// The runs that have ended: kept across reloads and tabs, shown again, compared, and never lost. What the list says and does
// is held by the panel's own tests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { slowDown, slowSteps } from "./faults.mjs";
import {
  assertFigures,
  cancel,
  EXPECTED,
  fill,
  formValues,
  message,
  outcome,
  pressRun,
  run,
  runWell,
  show,
  state,
  TINY_FORM,
  until,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });
const mean = (name, set = "frozen_ln") => EXPECTED[set].conditions[name].mean_diff.toFixed(4);
const rows = (page) => page.getByRole("grid", { name: "Finished runs" }).getByRole("row");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const result = (page) => page.evaluate(() => window.patchbay.result);

/** Waits until the list has as many. */
async function listed(page, count) {
  await show(page, "Runs");
  await rows(page)
    .nth(count - 1)
    .waitFor();
  assert.equal(await rows(page).count(), count);
}

/** Waits until as many are in storage: they are in the list before. */
async function stored(page, count) {
  const inStorage = () =>
    page.evaluate(
      () =>
        new Promise((done, failed) => {
          const request = indexedDB.open("patchbay-runs");
          request.onerror = () => failed(request.error);
          request.onsuccess = () => {
            const all = request.result.transaction("runs").objectStore("runs").count();
            all.onsuccess = () => done(all.result);
            request.result.close();
          };
        }),
    );
  await until(async () => (await inStorage()) === count, `${count} runs in storage`);
}

/** A page with a run that has its scale frozen and one that has it live. */
async function twoRuns(options = {}) {
  const page = await stage.open(options);
  await fill(page, form());
  await runWell(page);
  await fill(page, { freeze_ln: false });
  await runWell(page);
  return page;
}

test("runs are listed after a reload, and one is shown again and asked again", async () => {
  const page = await twoRuns();
  await listed(page, 2);
  await stored(page, 2);
  await page.reload();
  await state(page, "ready");
  await listed(page, 2);
  const [second, first] = await rows(page).allInnerTexts();
  const means = ["clean", "patched", "projected"].map((name) => `${name} ${mean(name)}`).join(" · ");
  assert.ok(first.includes(means), first);
  assert.ok(second.includes(`projected ${mean("projected", "live_ln")}`), second);

  const before = await page.evaluate(() => scrollY);
  await press(page, "Show run 1");
  assert.equal((await result(page)).spec.freeze_ln, true);
  assertFigures(await result(page));
  assert.equal(await message(page), "Run 1 is shown.");
  await page.waitForFunction(() => document.activeElement.ariaLabel === "Place or name?");
  assert.ok((await page.evaluate(() => scrollY)) <= before, "the page scrolled by itself");
  await page.getByText("The settings have changed since this result.").waitFor();

  await show(page, "Runs");
  await press(page, "Use settings of run 1");
  const values = await formValues(page);
  for (const name of ["layer", "head", "n", "seed"]) assert.equal(values[name], TINY_FORM[name], name);
  assert.equal(values.freeze_ln, true);
  await pressRun(page);
  const { end, result: again, message: said } = await outcome(page);
  assert.equal(end, "done", said);
  assertFigures(again);
  // The same again is no other run.
  await listed(page, 2);
});

test("two are compared, by the keyboard alone, and one is removed in all tabs", async () => {
  const page = await twoRuns();
  const other = await stage.open({ context: page.context() });
  await listed(other, 2);
  await listed(page, 2);
  const box = (number) => page.getByRole("checkbox", { name: `Compare run ${number}` });
  await page.getByRole("button", { name: "Show run 2" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  assert.deepEqual([await box(1).isChecked(), await box(2).isChecked()], [true, true]);
  const comparison = page.getByRole("region", { name: "Run 1 beside run 2" });
  const means = comparison.getByRole("table", { name: "Means of both runs" }).locator("tbody tr");
  await means.first().waitFor();
  const cells = await means.evaluateAll((rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  assert.deepEqual(cells[0], ["clean", mean("clean"), mean("clean"), "0", "0", "0"]);
  assert.deepEqual(cells[2].slice(0, 3), ["projected", mean("projected"), mean("projected", "live_ln")]);

  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByText("Run 1 is removed from the list.").waitFor();
  assert.equal(await comparison.count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Remove run 2");
  await rows(other).nth(1).waitFor({ state: "detached" });
  assert.equal(await rows(other).count(), 1);
});

test("neither a cancel, nor an error, nor another setting loses a run", async () => {
  const page = await stage.open({ worker: slowSteps("experiment") });
  await fill(page, form());
  await runWell(page);
  await fill(page, { seed: "5", n: "100" });
  await slowDown(page, 1000);
  await pressRun(page);
  await state(page, "running");
  await cancel(page);
  await fill(page, { layer: "99" });
  assert.equal((await run(page)).end, "error");
  await listed(page, 1);
  await press(page, "Show run 1");
  assertFigures(await result(page));
  assert.equal(await message(page), "Run 1 is shown.");
});

test("what is kept and cannot be read is said, and can be deleted", async () => {
  const page = await stage.open();
  await page.evaluate(
    () =>
      new Promise((done, failed) => {
        const request = indexedDB.open("patchbay-runs");
        request.onerror = () => failed(request.error);
        request.onsuccess = () => {
          const change = request.result.transaction("runs", "readwrite");
          change.objectStore("runs").put({ format: 99 }, "of another version");
          change.oncomplete = () => done(request.result.close());
        };
      }),
  );
  await page.reload();
  await state(page, "ready");
  await show(page, "Runs");
  await page.getByText(/^1 kept run cannot be read/).waitFor();
  await press(page, "Delete it");
  await page.reload();
  await state(page, "ready");
  await show(page, "Place or name?");
  await fill(page, form());
  await runWell(page);
  await listed(page, 1);
  assert.equal(await page.getByText(/cannot be read/).count(), 0);
});

test("at 390 px nothing is wider than the screen", async () => {
  const page = await stage.open({ hash: "", viewport: { width: 390, height: 844 } });
  await runWell(page);
  await fill(page, { seed: "7" });
  await runWell(page);
  await page.getByLabel("Question", { exact: true }).selectOption("runs");
  await page.getByRole("checkbox", { name: "Compare run 1" }).check();
  await page.getByRole("checkbox", { name: "Compare run 2" }).check();
  await page.getByRole("region", { name: "Run 1 beside run 2" }).waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
