// axe-core finds no serious or critical issue in any question of the page, in either theme, wide or narrow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fill, openModels, outcome, QUESTIONS, quiet, run, show, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const stage = openStage();

/** What axe-core calls serious or critical, with the elements it is about. */
async function issues(page) {
  // Through the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
}

const unfold = (page) =>
  page.evaluate(() => {
    for (const it of document.querySelectorAll("main details")) it.open = true;
  });

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
]) {
  test(`every question, ${colorScheme}, ${width} pixels wide`, async () => {
    const page = await stage.open({ hash: "", colorScheme, viewport: { width, height: 900 } });
    await outcome(page);
    for (const question of QUESTIONS) {
      await show(page, question);
      await quiet(page);
      await unfold(page);
      await quiet(page);
      assert.deepEqual(await issues(page), [], question);
    }
  });
}

test("both sides taken apart, and the controls", async () => {
  const page = await stage.open({ hash: "" });
  await outcome(page);
  await show(page, "Why does it attend?");
  for (const by of ["queries", "both"]) {
    await fill(page, { decompose_by: by });
    await run(page);
    await quiet(page);
    assert.deepEqual(await issues(page), [], by);
  }
  await show(page, "Place or name?");
  await fill(page, { experiment: "controls" });
  await run(page);
  await quiet(page);
  assert.deepEqual(await issues(page), []);
});

test("the dialog of models, marked fields and an error", async () => {
  const page = await stage.open();
  await openModels(page);
  assert.deepEqual(await issues(page), []);
  await page.keyboard.press("Escape");
  await fill(page, { ...TINY_FORM, n: "0", seed: "x" });
  assert.equal((await run(page)).end, "error");
  assert.deepEqual(await issues(page), []);
});
