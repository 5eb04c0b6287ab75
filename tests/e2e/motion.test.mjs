// Who asked the system for less motion gets none: no transition, no animation, no smooth scrolling, no bar to and fro.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { wrapSteps } from "./faults.mjs";
import { fill, openStage, outcome, state, TINY_FORM } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** The elements with motion in their style, shown or not, and the animations that are going on. */
const moving = (page) =>
  page.evaluate(() => {
    const seconds = (list) => Math.max(...list.split(",").map((time) => Number.parseFloat(time)));
    const styled = [...document.querySelectorAll("*")].filter((it) => {
      const style = getComputedStyle(it);
      const animated = style.animationName !== "none" && seconds(style.animationDuration) > 0;
      return seconds(style.transitionDuration) > 0 || animated || style.scrollBehavior === "smooth";
    });
    return {
      styled: [...new Set(styled.map((it) => it.tagName.toLowerCase()))],
      running: document.getAnimations().length,
    };
  });

async function opened(reducedMotion) {
  const page = await stage.open({ hash: "", reducedMotion });
  await outcome(page);
  await page.waitForSelector("#heads-view:not([hidden])");
  await page.waitForSelector("#attention-view:not([hidden])");
  await page.waitForSelector('#figures[aria-busy="false"]');
  return page;
}

test("with less motion asked for, nothing moves", async () => {
  const page = await opened("reduce");
  await page.hover("#run");
  await page.hover("#form [data-term=flip]");
  await page.click("#own-prompts");
  assert.deepEqual(await moving(page), { styled: [], running: 0 });
});

test("otherwise borders fade, which this test would see", async () => {
  const { styled } = await moving(await opened("no-preference"));
  assert.ok(styled.includes("button"), styled.join());
});

test("a page that is scrolled to its result is there at once", async () => {
  const page = await opened("reduce");
  await fill(page, { n: "20" });
  await page.evaluate(() => {
    scrollTo(0, document.body.scrollHeight);
    window.places = [];
    addEventListener("scroll", () => window.places.push(Math.round(scrollY)));
  });
  await page.locator('[aria-label="Show run 1"]').evaluate((button) => button.click());
  await page.waitForFunction(() => document.querySelector("#runs-status").textContent.includes("is shown"));
  await page.waitForTimeout(300);
  // To the end of the page, to the result, and once more where that has got taller: smoothly it would be dozens.
  const places = await page.evaluate(() => new Set(window.places).size);
  assert.ok(places >= 1 && places <= 3, `${places} places on the way`);
});

for (const [reducedMotion, appearance] of [
  ["reduce", "none"],
  ["no-preference", "auto"],
]) {
  test(`a bar without an end (${reducedMotion})`, async () => {
    const waits = wrapSteps("experiment", "() => () => new Promise(() => {})");
    const page = await stage.open({ reducedMotion, worker: waits });
    await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
    await page.click("#run");
    await state(page, "loading");
    await page.waitForSelector("#progress:not([hidden])");
    const found = await page.locator("#progress-bar").evaluate((bar) => {
      bar.removeAttribute("value");
      return getComputedStyle(bar).appearance;
    });
    assert.equal(found, appearance);
  });
}
