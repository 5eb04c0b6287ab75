// The sentence above the questions, and what a head attends to: the fixture's numbers, prompts by number, and any text.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertNear,
  EXPECTED,
  fill,
  message,
  outcome,
  quiet,
  run,
  runWell,
  show,
  TINY_FORM,
  TOY_HEAD,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const [LAYER, HEAD] = EXPECTED.head;
const { io, word_idx } = EXPECTED.dataset;
const END = EXPECTED.activations.position;

const stage = openStage();

async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  return { page, result: await runWell(page) };
}

const line = (page, which = "clean") =>
  page.getByRole("list", { name: `The ${which} prompt, token by token` });
/** The sentence's tokens, as soon as the model has read them. */
async function tokens(page, which) {
  await line(page, which).getByRole("button").first().waitFor();
  return line(page, which).getByRole("button").allInnerTexts();
}
const reading = (page) => page.locator(".reading").innerText();
const attends = (page, pattern) => page.locator(".reading", { hasText: pattern }).waitFor();
const heading = (page, pattern) => page.getByRole("heading", { level: 2, name: pattern }).waitFor();

function assertRow(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  expected.forEach((figure, key) => {
    assertNear(found[key], figure, 1e-3, `${what} at ${key}`);
  });
}

test("END's scores and pattern are the fixture's, and the run's in each condition", async () => {
  const { page, result } = await opened();
  await show(page, "What does it attend to?");
  await fill(page, { attention_of: "conditions" });
  const found = await runWell(page);
  const { attn_scores, pattern } = EXPECTED.activations.values;
  assertRow(found.conditions.clean.scores[END], attn_scores[LAYER][HEAD], "scores");
  assertRow(found.conditions.clean.pattern[END], pattern[LAYER][HEAD], "pattern");
  assert.deepEqual(Object.keys(found.conditions), Object.keys(result.conditions));
  for (const [name, { io_score, s1_score }] of Object.entries(result.conditions)) {
    const row = found.conditions[name].scores[END];
    assertNear(row[word_idx.IO[0]], io_score[0], 1e-3, `${name} IO`);
    assertNear(row[word_idx.S1[0]], s1_score[0], 1e-3, `${name} S1`);
  }
});

test("the sentence is the chosen prompt as the model reads it, with the head's attention at the token that is looked at", async () => {
  const { page } = await opened();
  const texts = await tokens(page);
  assert.equal(texts.length, END + 1);
  for (const [role, key] of Object.entries({ IO: "IO", S1: "S1", S2: "S2", END: "end" }))
    assert.match(texts[word_idx[key][0]], new RegExp(`\\s${role}$`));
  // By the flip IO and S1 change places.
  assert.match((await tokens(page, "corrupted"))[word_idx.S1[0]], new RegExp(`^${io[0]}\\s+IO$`));

  const end = line(page).getByRole("button").nth(END);
  await end.hover();
  await attends(page, new RegExp(`^At “.*” \\(END\\), head ${LAYER}\\.${HEAD} attends most to “`));
  await page.hover("h1");
  await attends(page, /^Point at a token/);
  // The keyboard does the same, one stop a line, and Esc is for the token alone.
  await end.focus();
  await page.keyboard.press("ArrowLeft");
  await attends(page, /Of the later tokens|No later token/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowLeft");
  const kept = await reading(page);
  await page.keyboard.press("Escape");
  assert.notEqual(await reading(page), kept);
});

test("prompts are chosen by number, with each head's own attention, and the page does not move", async () => {
  const { page, result } = await opened();
  for (const which of ["clean", "corrupted"]) await tokens(page, which);
  // Else the browser scrolls to what is pressed.
  await page.evaluate(() => scrollTo(0, 0));
  const tabs = () => page.getByRole("navigation").evaluate((it) => it.getBoundingClientRect().top);
  const top = await tabs();
  await page.getByRole("button", { name: "Next prompt" }).click();
  await line(page).getByText(io[1], { exact: true }).waitFor();
  // Heights of lines are rounded to parts of a pixel.
  assertNear(await tabs(), top, 0.5, "the place of the questions");
  await fill(page, { prompt: "20" });
  await line(page).getByText(io[19], { exact: true }).waitFor();
  await show(page, "What does it attend to?");
  await fill(page, { attention_of: "conditions" });
  const found = await runWell(page);
  assert.equal(found.prompt, 19);
  const row = found.conditions.patched.scores[word_idx.end[19]];
  assertNear(row[word_idx.IO[19]], result.conditions.patched.io_score[19], 1e-3, "patched");
  // With fewer prompts there is none of that number: the first is shown.
  await fill(page, { attention_of: "clean" });
  await show(page, "Prompts");
  await fill(page, { n: "10" });
  await line(page).getByText(io[0], { exact: true }).waitFor();
  assert.equal(await page.locator("[name=prompt]").inputValue(), "1");
});

test("any text is read while it is typed, and what cannot be read is said at its field", async () => {
  const { page } = await opened();
  await show(page, "What does it attend to?");
  await fill(page, { attention_of: "text", attention_text: "W\nW" });
  await heading(page, /^At “W” \(position 3\), head 2\.1 attends /);
  await page.locator("main .predictions", { hasText: /^after “W” the model says/ }).waitFor();
  assert.equal((await page.evaluate(() => window.patchbay.result)).tokens.length, 4);
  for (const [text, why] of [
    ["", "expected some text, found nothing"],
    ["W".repeat(64), /the text has 65 tokens, with the one before it; this model reads at most 64/],
  ]) {
    await fill(page, { attention_text: text });
    await page.locator(".field-error", { hasText: why }).waitFor();
    assert.equal(await page.locator("[name=attention_text]").getAttribute("aria-invalid"), "true");
  }
  const refused = await run(page);
  assert.equal(refused.end, "error");
  assert.match(refused.message, /^the text has 65 tokens/);
  // Of a prompt it says nothing.
  await fill(page, { attention_of: "corrupted" });
  await heading(page, /\(END\), head 2\.1 attends/);
  assert.match(
    await page.evaluate(() => window.patchbay.report.about),
    /prompt 1 of IOI, seed 42, corrupted/,
  );
});

const every = (page) => page.getByRole("region", { name: "Every head" });
/** Figures are drawn where they come near the view. */
async function multiples(page) {
  await every(page).getByRole("figure").scrollIntoViewIfNeeded();
  return page.getByRole("grid", { name: /^The attention of every head/ });
}
const chosen = (page) =>
  page.locator("main [name=layer], main [name=head]").evaluateAll((all) => all.map((it) => it.value));

test("every head is shown at once: the arrow keys and a click choose one, and all numbers are in a table", async () => {
  const { page } = await opened();
  await show(page, "What does it attend to?");
  const grid = await multiples(page);
  await grid.focus();
  // END's attention by head, and the key that has most of it.
  const { pattern } = EXPECTED.activations.values;
  for (const [key, layer, head] of [
    ["ArrowUp", LAYER - 1, HEAD],
    ["ArrowRight", LAYER - 1, HEAD + 1],
    ["ArrowDown", LAYER, HEAD + 1],
  ]) {
    await page.keyboard.press(key);
    const row = pattern[layer][head];
    const most = row.indexOf(Math.max(...row));
    const said = await every(page)
      .locator(".readout", { hasText: `head ${layer}.${head}: ` })
      .innerText();
    const [, place, share] = /attends most to (\d+) .*, ([\d.]+)$/.exec(said);
    assert.equal(Number(place), most, said);
    assertNear(Number(share), row[most], 1e-3, said);
    await heading(page, new RegExp(`head ${layer}\\.${head} attends`));
    assert.deepEqual(await chosen(page), [String(layer), String(head)]);
  }
  // The picker of heads that stands there before has nothing to add.
  assert.equal(await page.getByRole("grid", { name: /^Heads, / }).count(), 0);
  const { height } = await grid.locator("canvas").boundingBox();
  await grid.hover({ position: { x: 60, y: 0.1 * height } });
  await every(page).locator(".readout", { hasText: "head 0.0: " }).waitFor();
  await page.mouse.down();
  await page.mouse.up();
  await heading(page, /head 0\.0 attends/);
  await every(page).getByRole("button", { name: "Table: The attention of every head" }).click();
  const header = every(page).getByRole("table").getByRole("columnheader");
  assert.deepEqual((await header.allInnerTexts()).slice(0, 4), ["layer", "head", "query", "key"]);
  assert.equal(await message(page), "");
});

test("a run without a head is another one for later heads, and a link carries it", async () => {
  const { page } = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
  await show(page, "What does it attend to?");
  await fill(page, { attention_zero: "0.1@all,1.2@S2+END" });
  const found = await runWell(page);
  assert.deepEqual(found.spec.zero, ["0.1@all", "1.2@S2+END"]);
  const { pattern } = EXPECTED.activations.values;
  assert.ok(found.pattern[END].some((share, key) => Math.abs(share - pattern[LAYER][HEAD][key]) > 1e-3));
  await every(page)
    .getByText(/^every head · prompt 1 of IOI, seed 42, without 0\.1@all and 1\.2@/)
    .waitFor();
  await page.getByLabel("shown").first().selectOption("value_weighted");
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const other = await stage.open({ hash: new URL(page.url()).hash });
  const again = await runWell(other);
  assert.deepEqual([again.spec, again.pattern], [found.spec, found.pattern]);
  assert.equal(await other.getByLabel("shown").first().inputValue(), "value_weighted");
  await fill(other, { attention_zero: "1.1@S3" });
  await other.locator(".field-error", { hasText: 'there is no role "S3"' }).waitFor();
});

test("what each head does is on one map, and the chosen one by itself, with the prompts where it matters most", async () => {
  const { page } = await opened();
  await show(page, "What does it attend to?");
  const all = page.getByRole("region", { name: "What each head does" });
  await all.getByRole("figure").scrollIntoViewIfNeeded();
  await all.getByRole("combobox", { name: "shown" }).selectOption("copying");
  const one = (name) => page.getByRole("region", { name: `Head ${name}`, exact: true });
  await one(`${LAYER}.${HEAD}`).waitFor();
  await all.getByRole("grid", { name: /^Every head/ }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const name = `${LAYER}.0`;
  await one(name)
    .getByRole("row", { name: /^copying .*(st|nd|rd|th)$/ })
    .waitFor();
  assert.deepEqual(await chosen(page), [String(LAYER), "0"]);
  const button = one(name)
    .getByRole("button", { name: /^Prompt \d+$/ })
    .last();
  const number = /\d+/.exec(await button.innerText())[0];
  await button.click();
  await line(page)
    .getByText(io[number - 1], { exact: true })
    .waitFor();
  assert.equal(await page.locator("[name=prompt]").inputValue(), number);
  await one(name)
    .getByRole("button", { name: /^What matters\?/ })
    .click();
  await page
    .getByRole("region", { name: `Head ${name}` })
    .first()
    .waitFor();
  assert.equal(await page.locator("[name=patch_site]").inputValue(), "z");
});

test("before GPT-2 small is there, the sentence is words, and nothing is fetched for it", async () => {
  const context = await stage.newContext();
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const page = await stage.open({ context });
  await line(page).getByText("Alex", { exact: true }).waitFor();
  assert.equal(await line(page).getByRole("button").count(), 0);
  await page.getByText("What GPT-2 small says next is shown here once it has been run.").waitFor();
  assert.deepEqual(
    requests.filter((url) => /safetensors|huggingface/.test(url)),
    [],
  );
});

test("390 pixels are wide enough, and a tap shows and explains", async () => {
  const page = await stage.open({ hash: "", viewport: { width: 390, height: 844 }, hasTouch: true });
  await outcome(page);
  await tokens(page);
  await show(page, "What does it attend to?");
  await page.getByRole("region", { name: `Head ${TOY_HEAD}`, exact: true }).waitFor();
  await (await multiples(page)).waitFor();
  await page.getByRole("table", { name: "What its z brings back" }).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await quiet(page);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  const before = await page.evaluate(() => document.documentElement.scrollHeight);
  await line(page).getByRole("button", { name: /IO$/ }).locator(".token-role").tap();
  await attends(page, new RegExp(`\\(IO\\), head ${TOY_HEAD} attends`));
  await page.locator(".floating:popover-open", { hasText: "The indirect object" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), before);
});
