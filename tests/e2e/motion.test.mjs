// Who asked the system for less motion gets none: no transition, no animation, no smooth scrolling, no bar to and fro.

import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapSteps } from "./faults.mjs";
import {
  fill,
  openModels,
  outcome,
  pressRun,
  QUESTIONS,
  quiet,
  runButton,
  show,
  state,
  TINY_FORM,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

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
  await quiet(page);
  return page;
}

test("with less motion asked for, nothing moves in any question", async () => {
  const page = await opened("reduce");
  for (const question of QUESTIONS) {
    await show(page, question);
    await quiet(page);
    await runButton(page).hover();
    assert.deepEqual(await moving(page), { styled: [], running: 0 }, question);
  }
  await openModels(page);
  assert.deepEqual(await moving(page), { styled: [], running: 0 });
});

test("otherwise borders fade, which this test would see", async () => {
  const { styled } = await moving(await opened("no-preference"));
  assert.ok(styled.includes("button"), styled.join());
});

test("nothing scrolls by itself", async () => {
  const page = await opened("reduce");
  await page.evaluate(() => {
    scrollTo(0, 200);
    window.moved = 0;
  });
  await page.waitForTimeout(100);
  await page.evaluate(() =>
    addEventListener("scroll", () => {
      window.moved += 1;
    }),
  );
  await fill(page, { n: "20" });
  await runButton(page).focus();
  await page.keyboard.press("Enter");
  await outcome(page);
  await quiet(page);
  assert.equal(await page.evaluate(() => window.moved), 0);
});

for (const [reducedMotion, appearance] of [
  ["reduce", "none"],
  ["no-preference", "auto"],
]) {
  test(`a bar without an end (${reducedMotion})`, async () => {
    const waits = wrapSteps("experiment", "() => () => new Promise(() => {})");
    const page = await stage.open({ reducedMotion, worker: waits });
    await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
    await pressRun(page);
    await state(page, "loading");
    const found = await page.locator(".run-bar progress").evaluate((bar) => {
      bar.removeAttribute("value");
      return getComputedStyle(bar).appearance;
    });
    assert.equal(found, appearance);
  });
}
