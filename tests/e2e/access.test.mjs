// Without a mouse, and on a small screen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertFigures, fill, openStage, outcome, runWell, TINY_FORM } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test("the keyboard alone runs the experiment", async () => {
  const page = await stage.open();
  const focused = () => page.evaluate(() => document.activeElement.id);
  const tabTo = async (id) => {
    for (let i = 0; i < 30 && (await focused()) !== id; i += 1) await page.keyboard.press("Tab");
    assert.equal(await focused(), id);
  };
  const type = async (id, text) => {
    await tabTo(id);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  await tabTo("model");
  await page.keyboard.type("from an a");
  await type("model-url", stage.modelUrl);
  await type("layer", TINY_FORM.layer);
  await type("head", TINY_FORM.head);
  await type("n", TINY_FORM.n);
  await page.keyboard.press("Enter");
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await tabTo("run");
  await tabTo("share");
});

for (const viewport of [
  { width: 1280, height: 720 },
  { width: 390, height: 600 },
]) {
  test(`nothing covers the field with the keyboard at ${viewport.width}x${viewport.height}`, async () => {
    const page = await stage.open({ viewport, hash: "#v=1&n=0&flip=x&seed=-1" });
    assert.ok(await page.locator("#message").evaluate((it) => it.getBoundingClientRect().top >= 0));
    await fill(page, { n: "0", flip: "x", seed: "-1" });
    await page.locator("#model").focus();
    const covered = [];
    let last = "";
    for (let i = 0; i < 40; i += 1) {
      const { id, seen } = await page.evaluate(async () => {
        // The browser scrolls to the field with its next frame.
        for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
        const it = document.activeElement;
        const { left, top, right, bottom } = it.getBoundingClientRect();
        const ends = [top + 1, bottom - 1].map((y) => document.elementFromPoint((left + right) / 2, y));
        return { id: it.id, seen: ends.every((end) => it === end || it.contains(end)) };
      });
      if (!seen) covered.push(id);
      last = id;
      if (id === "share") break;
      await page.keyboard.press("Tab");
    }
    assert.deepEqual(covered, []);
    assert.equal(last, "share");
  });
}

test("every control has a name", async () => {
  const page = await stage.open();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("input, select, button, progress")]
      .filter((it) => !it.labels?.length && !it.getAttribute("aria-label") && !it.textContent.trim())
      .map((it) => it.id),
  );
  assert.deepEqual(nameless, []);
});

test("390 pixels are wide enough", async () => {
  const page = await stage.open({ viewport: { width: 390, height: 800 } });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, accuracy: true });
  await runWell(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  assert.ok(await page.locator("#results").evaluate((it) => it.getBoundingClientRect().top < innerHeight));
});
