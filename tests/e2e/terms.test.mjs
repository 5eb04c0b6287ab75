// Words with an explanation: with the pointer, the keyboard and a finger; what the explanation covers; how it goes away.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fill, openStage, outcome, runWell } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** The page with its own model's result and the panels below it. */
async function opened(options = {}) {
  const page = await stage.open({ hash: "", ...options });
  await outcome(page);
  await page.waitForSelector("#heads-view:not([hidden])");
  await page.waitForSelector("#attention-view:not([hidden])");
  await page.waitForSelector('#figures[aria-busy="false"]');
  return page;
}

/** What is explained now. */
const shown = (page) =>
  page
    .locator(".term-note")
    .evaluateAll((notes) =>
      notes.filter((note) => note.matches(":popover-open")).map((note) => note.textContent),
    );

const askLn = "#form [data-term=frozen_ln]";

test("the pointer on a word shows it, also on the way to it; off the word it goes", async () => {
  const page = await opened();
  await page.hover(askLn);
  const [text] = await shown(page);
  assert.match(text, /ln1\.scale.*Frozen:/);
  await page.locator(".term-note:popover-open").hover();
  await page.waitForTimeout(400);
  assert.deepEqual(await shown(page), [text]);
  await page.hover("h1");
  await page.waitForFunction(() => document.querySelector(".term-note:popover-open") === null);
});

test("the keyboard shows it, Esc closes it and cancels nothing", async () => {
  const page = await opened();
  await page.focus("#flip");
  await page.keyboard.press("Shift+Tab");
  assert.match((await shown(page))[0], /names reordered/);
  await page.keyboard.press("Escape");
  assert.deepEqual(await shown(page), []);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.term), "flip");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal((await shown(page)).length, 1);
  // With a run going on, Esc is for the explanation alone.
  await fill(page, { n: "10000" });
  await page.click("#run");
  await page.waitForSelector("html[data-state=running]");
  await page.focus("#flip");
  await page.keyboard.press("Shift+Tab");
  assert.equal((await shown(page)).length, 1);
  await page.keyboard.press("Escape");
  const { end, message } = await outcome(page);
  assert.equal(end, "done", message);
});

test("a tap shows it, a second one or one elsewhere closes it", async () => {
  const page = await opened({ hasTouch: true, viewport: { width: 390, height: 800 } });
  await page.tap(askLn);
  assert.equal((await shown(page)).length, 1);
  await page.tap(askLn);
  assert.deepEqual(await shown(page), []);
  await page.tap(askLn);
  await page.tap("#form-title");
  assert.deepEqual(await shown(page), []);
});

for (const width of [1280, 390]) {
  test(`at ${width} pixels every word is explained, and its explanation is in the window and not over it`, async () => {
    const page = await opened({ viewport: { width, height: 800 } });
    await fill(page, { experiment: "controls", n: "20" });
    await runWell(page);
    await page.waitForFunction(() => window.patchbay.result.experiment === "controls");
    await page.waitForSelector('#figures[aria-busy="false"]');
    // Where no word comes under it when the page scrolls.
    await page.mouse.move(1, 1);
    const found = await page.evaluate(async () => {
      const ids = new Set();
      const wrong = [];
      for (const word of document.querySelectorAll(".term")) {
        if (!word.checkVisibility()) continue;
        word.scrollIntoView({ block: "nearest" });
        word.click();
        // As long as scrolling takes to be told of.
        for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
        const note = document.getElementById(word.getAttribute("aria-describedby"));
        const [at, over] = [word, note].map((it) => it.getBoundingClientRect());
        const clear = over.bottom <= at.top || over.top >= at.bottom;
        const inside =
          over.left >= 0 && over.right <= innerWidth && over.top >= 0 && over.bottom <= innerHeight;
        const name = word.getAttribute("aria-label") ?? word.textContent;
        if (!note.matches(":popover-open") || note.textContent === "" || !clear || !inside)
          wrong.push(`${name}: ${JSON.stringify([at, over])}`);
        ids.add(word.textContent === "?" ? name : word.textContent);
        word.click();
      }
      return { wrong, ids: [...ids], wide: document.documentElement.scrollWidth };
    });
    assert.deepEqual(found.wrong, []);
    assert.ok(found.wide <= width);
    for (const name of ["IO", "S1", "S2", "END", "q_input", "k_input", "attn score", "no-op", "95% CI"])
      assert.ok(found.ids.includes(name), `${name} among ${found.ids.join(", ")}`);
    for (const name of ["What is a frozen LN scale?", "What is the flip?", "What is the attention pattern?"])
      assert.ok(found.ids.includes(name), `${name} among ${found.ids.join(", ")}`);
    // What each condition does, at its name.
    const [condition] = await page
      .locator("#results th .term", { hasText: "projected on random names" })
      .evaluateAll((words) =>
        words.map((word) => document.getElementById(word.getAttribute("aria-describedby")).textContent),
      );
    assert.match(condition, /two random names/);
  });
}

test("a screen reader gets the explanation as the word's description", async () => {
  const page = await opened();
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send("DOM.getDocument");
  const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector: askLn });
  const { nodes } = await session.send("Accessibility.getPartialAXTree", { nodeId, fetchRelatives: false });
  assert.equal(nodes[0].role.value, "button");
  assert.equal(nodes[0].name.value, "What is a frozen LN scale?");
  assert.match(nodes[0].description.value, /^LayerNorm divides/);
});

test("the text beside an experiment follows the form", async () => {
  const page = await opened();
  const reading = await page.textContent("#reading");
  assert.match(reading, /patching positions/);
  await page.selectOption("#experiment", "controls");
  assert.match(await page.textContent("#reading"), /random names/);
});
