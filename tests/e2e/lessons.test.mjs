// The lessons: each step is a link to a state of the page, and what it asks about is answered there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { answerHub } from "./faults.mjs";
import { outcome, quiet, show } from "./helpers.mjs";
import { tinyFiles } from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LESSONS = ["ioi", "induction"].map((name) =>
  JSON.parse(readFileSync(new URL(`../../www/lessons/texts/${name}.json`, import.meta.url), "utf8")),
);

const stage = openStage();
/** In tokens of the page a blank does not break. */
const plain = (text) => text.replace(/\s+/g, " ");
const panel = (page) => page.locator(".lesson");
const press = (page, name) => panel(page).getByRole("button", { name, exact: true }).click();

/** A page with the first step of a lesson. */
async function begun({ title }, options = {}) {
  const page = await stage.open({ hash: "", ...options });
  await outcome(page);
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await page.getByRole("button", { name: `Begin: ${title}` }).click();
  await panel(page).getByRole("heading", { name: "The task" }).or(panel(page).getByText("1 of 4")).waitFor();
  return page;
}

/** What the step says that the page answers. */
async function answered(page) {
  await panel(page).locator(".says p:not(.hint)").waitFor();
  return panel(page).locator(".says p").innerText();
}

for (const lesson of LESSONS)
  test(`${lesson.title}: every step asks, and its link opens a page that answers`, async () => {
    const page = await begun(lesson);
    const last = lesson.steps.length;
    for (const [i, step] of lesson.steps.entries()) {
      await panel(page).getByRole("heading", { name: step.title }).waitFor();
      await panel(page)
        .getByText(`${i + 1} of ${last}`)
        .waitFor();
      // Nothing of the answer is there before the guess.
      await page.getByText("The answer comes here once you have made a guess").waitFor();
      assert.equal(await page.locator("main figure").count(), 0);
      const link = await page.evaluate(() => location.hash);
      assert.match(link, new RegExp(`question=${step.state.question}&`));
      if ("choices" in step.guess) await panel(page).getByLabel(step.guess.choices[1]).check();
      else await panel(page).getByLabel("Your guess").fill("12");
      await press(page, "Show the answer");
      const said = await answered(page);
      assert.match(said, /^[A-Z\d].+\.$/);
      const guess = "choices" in step.guess ? step.guess.choices[1] : `12 ${step.guess.number.unit}`;
      await panel(page).getByText(`Your guess: ${guess}.`).waitFor();
      if (step.state.question !== "prompts") {
        await page.locator("main figure").first().waitFor();
        const whole = await page.locator("main").innerText();
        const [first] = plain(said).split(/(?<=\.) /);
        assert.ok(plain(whole).includes(first), `${first} is not on the page`);
      }
      // The way to the answer leads to where it is, also to one that stands below others.
      await panel(page).getByRole("link", { name: "See it on the page" }).click();
      const place = page.locator(":target").locator("h2, .predictions").first();
      const inView = await place.evaluate(async (it) => {
        await new Promise(requestAnimationFrame);
        const { top, bottom } = it.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight && it.textContent;
      });
      assert.notEqual(inView, false, `${step.title}: the answer is not in view`);
      if (step.says.task !== "clean") assert.ok(plain(said).startsWith(plain(inView)), `${inView}: ${said}`);
      const { "heads.heads.column": column } = step.state;
      if (column !== undefined)
        assert.equal(await page.locator(":target").getByLabel("shown").first().inputValue(), column);
      // What it tells to press or set is there, under this name.
      await quiet(page);
      const options = () => [...document.querySelectorAll("option")].map((it) => it.textContent).join("\n");
      const there = `${await page.locator("body").innerText()}\n${await page.evaluate(options)}`;
      for (const [, name] of step.try.join(" ").matchAll(/“([^”]+)”/g))
        assert.ok(
          there.toLowerCase().includes(name.toLowerCase()),
          `${step.title}: “${name}” is not on the page`,
        );

      const other = await stage.open({ hash: link });
      await panel(other).getByRole("heading", { name: step.title }).waitFor();
      await press(other, "Show it without a guess");
      assert.equal(await answered(other), said);
      await other.context().close();
      if (i + 1 < last) await press(page, "Next");
    }
    assert.equal(
      await panel(page).getByRole("button", { name: "Next" }).getAttribute("aria-disabled"),
      "true",
    );
  });

test("the guess and the step are there after a reload, and Close gives the page back as it was set", async () => {
  const page = await begun(LESSONS[0]);
  await press(page, "Next");
  await panel(page).getByLabel("Two to four").check();
  await press(page, "Show the answer");
  await answered(page);
  await page.waitForFunction(() => sessionStorage.getItem("patchbay settings")?.includes("lesson=ioi.2"));
  await page.reload();
  await panel(page).getByText("Your guess: Two to four.").waitFor();
  await press(page, "Guess again");
  await page.getByText("The answer comes here once you have made a guess").waitFor();
  // Who goes elsewhere by himself is not kept from it.
  await show(page, "Place or name?");
  await page
    .getByRole("heading", { name: "Does the head find IO by its place in the sentence, or by its name?" })
    .waitFor();
  await press(page, "Close");
  assert.equal(await panel(page).count(), 0);
  await page.getByRole("link", { name: "Place or name?" }).and(page.locator("[aria-current]")).waitFor();
});

test("by the keyboard alone: a guess is asked for, and the next step comes into view", async () => {
  const page = await begun(LESSONS[0], { permissions: ["clipboard-read", "clipboard-write"] });
  await panel(page).getByRole("button", { name: "Show the answer" }).focus();
  await page.keyboard.press("Enter");
  await panel(page).getByText("Choose one first.").waitFor();
  await panel(page).getByRole("radio").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await answered(page);
  await panel(page).getByRole("button", { name: "Back" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await panel(page).getByText("Link to this step copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /#v=1&.*&lesson=ioi\.1$/);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await panel(page).getByRole("heading", { name: LESSONS[0].steps[1].title }).waitFor();
  const focused = () => document.activeElement?.textContent;
  assert.equal(await page.evaluate(focused), LESSONS[0].steps[1].title);
});

test("with GPT-2 small nothing is fetched before the answer is asked for, and then it is run", async () => {
  const url = await stage.siteKnowing(tinyFiles());
  const page = await begun(LESSONS[0], { url });
  const requests = await answerHub(page.context(), tinyFiles());
  await press(page, "Next");
  await panel(page)
    .getByRole("button", { name: /^Do it with GPT-2 small/ })
    .click();
  await panel(page)
    .getByText("This is GPT-2 small.")
    .or(panel(page).getByText("Do it with the toy"))
    .first()
    .waitFor();
  await panel(page).getByLabel("Two to four").check();
  assert.deepEqual(requests, []);
  await press(page, "Show the answer");
  assert.match(await answered(page), /^Head \d\.\d writes most /);
  assert.equal(await panel(page).getByText("Where the toy differs").count(), 0);
  assert.ok(requests.length > 0);
});

test("who shares what was found in a lesson shares no lesson", async () => {
  const page = await begun(LESSONS[0], { permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  assert.doesNotMatch(await page.evaluate(() => navigator.clipboard.readText()), /lesson/);
});

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 390],
])
  test(`a step before and after its guess is accessible, ${colorScheme}, ${width} pixels wide`, async () => {
    const page = await begun(LESSONS[0], { colorScheme, viewport: { width, height: 900 } });
    const issues = async () => {
      await quiet(page);
      await page.evaluate(AXE);
      return page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
        const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        return bad.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
        );
      });
    };
    assert.deepEqual(await issues(), []);
    await press(page, "Show it without a guess");
    await answered(page);
    assert.deepEqual(await issues(), []);
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.equal(await page.evaluate(overflow), 0);
    await page.getByRole("button", { name: "Lessons", exact: true }).click();
    await page.getByRole("button", { name: /^Go on at step 2: / }).waitFor();
    assert.deepEqual(await issues(), []);
  });
