// Without a mouse, on small screens, and enlarged.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertFigures,
  fill,
  outcome,
  QUESTIONS,
  quiet,
  run,
  runWell,
  show,
  state,
  TINY_FORM,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** What has the keyboard, in words. */
const focused = (page) =>
  page.evaluate(() => {
    const it = document.activeElement;
    return it.name || it.getAttribute("aria-label") || it.textContent.trim();
  });

async function tabTo(page, wanted) {
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    if (wanted.test(await focused(page))) return;
  }
  assert.fail(`no tab stop is ${wanted}`);
}

test("the keyboard alone chooses a model and runs the experiment", async () => {
  const page = await stage.open();
  const type = async (name, text) => {
    await tabTo(page, new RegExp(`^${name}$`));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  await tabTo(page, /^Model:/);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Models" });
  await dialog.getByLabel("From an address").focus();
  await page.keyboard.type(stage.modelUrl);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await type("layer", TINY_FORM.layer);
  await type("head", TINY_FORM.head);
  await type("n", TINY_FORM.n);
  // In a field Enter is Run.
  await page.keyboard.press("Enter");
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

test("the first tab stop leads to the answer, and the arrow keys walk the questions", async () => {
  const page = await stage.open({ hash: "" });
  await outcome(page);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^Skip to the answer/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.classList.contains("answer"));
  // All heads may be under way, unasked.
  assert.equal(await state(page, "done", "error", "ready"), "done");
  await page.getByRole("link", { name: QUESTIONS[0], exact: true }).focus();
  await page.keyboard.press("End");
  assert.equal(await focused(page), QUESTIONS.at(-1));
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), QUESTIONS[1]);
  await page.waitForURL(/#question=/);
});

test("every question has few tab stops", async () => {
  const page = await stage.open({ hash: "" });
  await outcome(page);
  for (const question of QUESTIONS) {
    await show(page, question);
    await quiet(page);
    const stops = await page.evaluate(() => {
      const all = document.querySelectorAll(
        "main a, main button, main input, main select, main textarea, main summary, main [tabindex]",
      );
      return [...all].filter((it) => it.tabIndex >= 0 && !it.disabled && it.checkVisibility()).length;
    });
    assert.ok(stops <= 60, `${question}: ${stops} tab stops`);
  }
});

for (const [what, options] of [
  ["390 pixels", { viewport: { width: 390, height: 844 } }],
  // As a screen of 1280 pixels at 200 %.
  ["200 % zoom", { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ["1280 pixels", { viewport: { width: 1280, height: 800 } }],
  ["1920 pixels", { viewport: { width: 1920, height: 1080 } }],
]) {
  test(`nothing is wider than the page at ${what}, nor cut`, async () => {
    const page = await stage.open({ hash: "", ...options });
    await outcome(page);
    for (const question of QUESTIONS) {
      await show(page, question);
      await quiet(page);
      const { wide, cut } = await page.evaluate(() => {
        const clipped = [
          ...document.querySelectorAll("h1, h2, h3, p, label, button, summary, dt, dd, option, th"),
        ].filter((it) => {
          const { overflowX, textOverflow } = getComputedStyle(it);
          const hides = overflowX === "hidden" || textOverflow === "ellipsis";
          return hides && !it.classList.contains("visually-hidden") && it.scrollWidth > it.clientWidth + 1;
        });
        return {
          wide: document.documentElement.scrollWidth - innerWidth,
          cut: clipped.map((it) => it.textContent.slice(0, 60)),
        };
      });
      assert.ok(wide <= 0, `${question}: ${wide} pixels too wide`);
      assert.deepEqual(cut, [], question);
    }
  });
}

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]) {
  test(`no third of the screen is empty at ${viewport.width} pixels`, async () => {
    const page = await stage.open({ hash: "", viewport });
    await outcome(page);
    for (const question of ["Place or name?", ...QUESTIONS.slice(3, 5), "Prompts", "Reproduce"]) {
      await show(page, question);
      if (!["Prompts", "Reproduce"].includes(question)) await page.locator(".report svg").first().waitFor();
      await quiet(page);
      assert.deepEqual({ question, empty: await page.evaluate(emptyThirds) }, { question, empty: [] });
    }
  });
}

/** Run in the page: the thirds of the screen, from left to right and from top to bottom, in which nothing is written or drawn. */
function emptyThirds() {
  const boxes = [...document.querySelectorAll("input, select, textarea, button, svg *")].map((it) =>
    it.getBoundingClientRect(),
  );
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(text);
    if (text.data.trim() !== "") boxes.push(...range.getClientRects());
  }
  const seen = boxes.filter(({ width, height }) => width > 0 && height > 0);
  const within = (from, to, least, most) => from < most && to > least;
  const found = [];
  for (const [place, name] of [
    [0, "first"],
    [1, "second"],
    [2, "last"],
  ]) {
    const [left, right] = [place, place + 1].map((it) => (it * innerWidth) / 3);
    const [top, bottom] = [place, place + 1].map((it) => (it * innerHeight) / 3);
    // Under the sentence and the questions, which are as wide as the page.
    const main = document.querySelector("main").getBoundingClientRect().top;
    const across = seen.some(
      (box) =>
        within(box.left, box.right, left, right) && within(box.top, box.bottom, main, innerHeight - 60),
    );
    const down = seen.some((box) => within(box.top, box.bottom, top, bottom));
    if (!across) found.push(`${name} from the left`);
    if (!down) found.push(`${name} from the top`);
  }
  return found;
}

test("at 390 pixels the result comes first, and the settings are a press away", async () => {
  const page = await stage.open({ viewport: { width: 390, height: 844 } });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, accuracy: true });
  await runWell(page);
  const [answer, form] = await page.evaluate(() =>
    [".answer", ".controls"].map((it) => document.querySelector(it).getBoundingClientRect().top),
  );
  assert.ok(answer < form, "the settings come before the answer");
  const top = await page
    .locator("main h2")
    .first()
    .evaluate((it) => it.getBoundingClientRect().top + scrollY);
  assert.ok(top < 844, `the answer begins ${top} pixels down`);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.waitForFunction(() => {
    const { top } = document.querySelector(".controls").getBoundingClientRect();
    return top >= 0 && top < innerHeight / 2;
  });
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.form?.ariaLabel), "Settings");
});

test("what is pressed is not covered by the run bar", async () => {
  const page = await stage.open({ viewport: { width: 390, height: 600 } });
  await fill(page, { n: "0", flip: "x", seed: "-1" });
  // What is refused takes room, too.
  await run(page);
  const covered = await page.evaluate(async () => {
    const found = [];
    for (const it of document.querySelectorAll(".controls input, .controls select")) {
      it.focus();
      // The browser scrolls to the field with its next frame.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      const { left, top, right, bottom } = it.getBoundingClientRect();
      const ends = [top + 1, bottom - 1].map((y) => document.elementFromPoint((left + right) / 2, y));
      if (!ends.every((end) => it === end || it.contains(end))) found.push(it.name);
    }
    return found;
  });
  assert.deepEqual(covered, []);
});

test("every control has a name", async () => {
  const page = await stage.open({ hash: "" });
  await outcome(page);
  for (const question of QUESTIONS) {
    await show(page, question);
    await quiet(page);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("input, select, button, progress, textarea")]
        .filter(
          (it) =>
            it.checkVisibility() &&
            !it.labels?.length &&
            !it.getAttribute("aria-label") &&
            !it.textContent.trim(),
        )
        .map((it) => it.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(nameless, [], question);
  }
});
