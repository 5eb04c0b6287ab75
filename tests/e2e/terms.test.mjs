// Words with an explanation: with the pointer, the keyboard and a finger; what the explanation covers; how it goes away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, outcome, pressRun, quiet, runWell, show, state } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** The page with its own model's result. */
async function opened(options = {}) {
  const page = await stage.open({ hash: "", ...options });
  await outcome(page);
  await page
    .getByRole("list", { name: "The clean prompt, token by token" })
    .getByRole("button")
    .first()
    .waitFor();
  await quiet(page);
  return page;
}

/** Waits until this is explained, and nothing else; null: nothing. */
const explains = (page, words) =>
  page.waitForFunction((words) => {
    const shown = [...document.querySelectorAll(".floating:popover-open")];
    return words === null ? shown.length === 0 : shown.length === 1 && shown[0].textContent.includes(words);
  }, words);
const helpOf = (field) => document.getElementById(field.getAttribute("aria-describedby")).textContent;
const word = (page) => page.getByRole("button", { name: "flipped", exact: true });

test("the pointer on a word shows it, also on the way to it; off the word it goes", async () => {
  const page = await opened();
  await word(page).hover();
  await explains(page, "names flipped");
  await page.locator(".floating:popover-open").hover();
  await page.waitForTimeout(400);
  await explains(page, "names flipped");
  await page.hover("h1");
  await explains(page, null);
});

test("the keyboard shows it, Esc closes it and cancels nothing", async () => {
  const page = await opened();
  const here = () => word(page).evaluate((it) => it === document.activeElement);
  const focus = async () => {
    await page.locator("[name=prompt]").focus();
    // Past the clean prompt, which is no stop while it has not been read.
    do await page.keyboard.press("Tab");
    while (!(await here()));
  };
  await focus();
  await explains(page, "names flipped");
  await page.keyboard.press("Escape");
  await explains(page, null);
  assert.ok(await here());
  // With a run going on, Esc is for the explanation alone.
  await fill(page, { n: "10000" });
  await pressRun(page);
  await state(page, "running");
  await focus();
  await explains(page, "names flipped");
  await page.keyboard.press("Escape");
  const { end, message } = await outcome(page);
  assert.equal(end, "done", message);
});

test("a tap shows it, a second one or one elsewhere closes it", async () => {
  const page = await opened({ hasTouch: true, viewport: { width: 390, height: 844 } });
  await word(page).tap();
  await explains(page, "names flipped");
  await word(page).tap();
  await explains(page, null);
  await word(page).tap();
  await explains(page, "names flipped");
  await page.tap("h1");
  await explains(page, null);
});

test("a field's help is there for the keyboard that comes to it, and for a tap on its label", async () => {
  const page = await opened({ hasTouch: true });
  const seed = page.locator("main [name=seed]");
  await seed.focus();
  await explains(page, null);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await explains(page, await seed.evaluate(helpOf));
  await page.keyboard.press("Escape");
  await explains(page, null);
  const n = page.locator("[name=n]");
  await page.locator("main .field", { has: n }).locator("label").tap();
  await explains(page, await n.evaluate(helpOf));
  await page.tap("h1");
  await explains(page, null);
});

for (const width of [1280, 390]) {
  test(`at ${width} pixels every explanation is in the window and not over its word`, async () => {
    const page = await opened({ viewport: { width, height: 844 } });
    await fill(page, { experiment: "controls", n: "20" });
    await runWell(page);
    const names = new Set();
    for (const question of ["Place or name?", "What does it attend to?", "Why does it attend?"]) {
      await show(page, question);
      await quiet(page);
      // Where no word comes under it when the page scrolls.
      await page.mouse.move(1, 1);
      const found = await page.evaluate(async () => {
        const names = [];
        const wrong = [];
        // As long as scrolling takes to be told of.
        const frames = async () => {
          for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
        };
        for (const word of document.querySelectorAll(".term")) {
          if (!word.checkVisibility()) continue;
          // Figures and answers that come in are drawn, and move what is below them, also while the note is opened.
          for (;;) {
            word.scrollIntoView({ block: "center" });
            const { top } = word.getBoundingClientRect();
            await frames();
            if (word.getBoundingClientRect().top !== top) continue;
            word.click();
            await frames();
            if (word.getBoundingClientRect().top === top) break;
            word.click();
          }
          const note = document.getElementById(word.getAttribute("aria-describedby"));
          const [at, over] = [word, note].map((it) => it.getBoundingClientRect());
          const clear = over.bottom <= at.top || over.top >= at.bottom;
          const inside =
            over.left >= 0 && over.right <= innerWidth && over.top >= 0 && over.bottom <= innerHeight;
          if (!note.matches(":popover-open") || note.textContent === "" || !clear || !inside)
            wrong.push(`${word.textContent}: ${JSON.stringify([at, over])}`);
          names.push(word.textContent);
          word.click();
        }
        return { wrong, names, wide: document.documentElement.scrollWidth };
      });
      assert.deepEqual(found.wrong, [], question);
      assert.ok(found.wide <= width, question);
      for (const name of found.names) names.add(name);
    }
    for (const name of ["IO", "S1", "END"]) assert.ok(names.has(name), `${name} among ${[...names]}`);
  });
}
