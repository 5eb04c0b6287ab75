// Tasks on the page: another than IOI in the sentence and its questions, and pairs of one's own with their tokens, in a link too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, quiet, run, runWell, show, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const TABLE = [
  "clean,corrupted,answer,wrong",
  "Then Alex met,Then Anthony met, Alex, Anthony",
  "Then Alex met Mary,Then Anthony met, Alex, Anthony",
  "Then Mary met,Then John met, Mary, John| Alex",
].join("\n");

async function opened() {
  const page = await stage.open();
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  await runWell(page);
  return page;
}

const line = (page, which = "clean") =>
  page.getByRole("list", { name: `The ${which} prompt, token by token` });

/** Roles of the sentence by name, as places. */
const roles = (page, which) =>
  line(page, which)
    .getByRole("listitem")
    .evaluateAll((tokens) =>
      Object.fromEntries(
        tokens.flatMap((token, at) => {
          const role = token.querySelector(".token-role")?.textContent;
          return role ? [[role, at]] : [];
        }),
      ),
    );

test("the sentence is the chosen task's, and a question about IOI alone offers the way back", async () => {
  const page = await opened();
  await show(page, "What does it attend to?");
  await fill(page, { task: "induction" });
  await line(page).getByText("NEXT", { exact: true }).waitFor();
  // The token before all, 30 tokens, and 29 of them again, once the model has read them.
  await line(page).getByRole("button").nth(59).waitFor();
  assert.equal(await line(page).getByRole("button").count(), 60);
  assert.deepEqual(await roles(page), { FIRST: 29, NEXT: 30, END: 59 });
  await page.getByRole("heading", { level: 2, name: /\(END\), head 2\.1 attends/ }).waitFor();
  assert.match(await page.evaluate(() => window.patchbay.report.about), /prompt 1 of induction, seed 42/);

  await show(page, "Place or name?");
  await page.getByRole("heading", { name: "This question is about indirect objects" }).waitFor();
  assert.equal(
    await page.getByRole("button", { name: "Run", exact: true }).getAttribute("aria-disabled"),
    "true",
  );
  await page.getByRole("button", { name: "Back to indirect object" }).click();
  await line(page).getByText("S2", { exact: true }).waitFor();
  await runWell(page);
});

test("the prompts of a task are listed with answers and roles, and what the model cannot read is said", async () => {
  const page = await opened();
  await show(page, "Prompts");
  await fill(page, { task: "induction", induction_length: "5", n: "30" });
  await page.getByRole("heading", { name: "30 prompts of the task induction" }).waitFor();
  const rows = page.locator(".examples > li");
  await rows.nth(19).waitFor();
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByRole("button", { name: "Prompt 21", exact: true }).click();
  assert.equal(await page.locator("[name=prompt]").inputValue(), "21");
  await fill(page, { induction_length: "32" });
  await page.locator(".field-error", { hasText: "room for a length of at most 31" }).waitFor();
});

test("own pairs are pasted, shown token under token, named, put to work and sent in a link", async () => {
  const page = await opened();
  await show(page, "Prompts");
  await fill(page, { task: "pairs" });
  await page.getByLabel("Paste or drop many").fill(TABLE);
  await page.getByRole("button", { name: "Add these" }).click();
  await page.getByText("3 pairs added.").waitFor();
  await page.getByText("2 of 3 pairs are run.").waitFor();
  const row = (at) => page.locator(".pair-row").nth(at);
  await row(1)
    .getByText(/^Not run: the clean prompt has \d+ tokens and the corrupted one \d+/)
    .waitFor();
  await row(0).locator(".differs", { hasText: "DIFF1" }).waitFor();

  await row(2).getByRole("button", { name: "Put it to work above" }).click();
  await line(page).getByText("Mary", { exact: true }).waitFor();
  await line(page, "corrupted").getByText("John", { exact: true }).waitFor();

  await row(0).getByRole("button", { name: /DIFF1/ }).click();
  await page.getByLabel(/^Name of position \d+ in every pair$/).fill("NAME");
  await page.getByRole("button", { name: "Name it" }).click();
  await row(0).locator(".differs", { hasText: "NAME" }).waitFor();

  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForFunction(() => location.hash.includes("pairs="));
  const copy = await stage.open({ hash: new URL(page.url()).hash });
  await copy.locator(".pair-row").nth(2).waitFor();
  assert.equal(await copy.getByLabel("Wrong answers").nth(2).inputValue(), " John| Alex");
});

test("a pair of thousands of characters takes no more room than some lines of tokens", async () => {
  const page = await opened();
  await show(page, "Prompts");
  await fill(page, { task: "pairs" });
  const long = "the end ".repeat(375);
  await page
    .getByLabel("Paste or drop many")
    .fill(`clean,corrupted,answer,wrong\n${long},${long}, Alex, Anthony`);
  await page.getByRole("button", { name: "Add these" }).click();
  const tokens = page.getByRole("list", { name: /^Tokens of row 1/ });
  await tokens.waitFor();
  const { height, whole, stop } = await tokens.evaluate((it) => ({
    height: it.offsetHeight,
    whole: it.scrollHeight,
    stop: it.tabIndex,
  }));
  assert.ok(height < 300 && whole > 2 * height, `${height} px of ${whole}`);
  assert.equal(stop, 0, "the keyboard cannot scroll it");
});

test("a task that the model lacks the tokens for is said once, and what there was before says that it is of other settings", async () => {
  const page = await opened();
  await show(page, "Who writes the answer?");
  await runWell(page);
  await page.locator(".also.effects .report > h2").waitFor();
  await quiet(page);
  await fill(page, { task: "greater_than" });
  const why = /^greater_than needs years that are read as/;
  await page.locator(".controls .field-error", { hasText: why }).waitFor();
  await quiet(page);
  assert.equal(await page.getByText(why).count(), 1);
  const headlines = await page.locator("main .report > h2").allInnerTexts();
  assert.equal(headlines.length, 4);
  for (const headline of headlines) assert.match(headline, / of other settings$/);
  // Where no field says it, the sentence above does.
  await show(page, "Place or name?");
  await page.locator(".sentence .field-error", { hasText: why }).waitFor();
  await show(page, "Who writes the answer?");
  assert.match((await run(page)).message, why);
});
