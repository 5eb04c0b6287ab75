// Prompts: the reference's tokens, roles and flips, thousands of them in a list, and one's own: run like generated ones, refused line by line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  assertFigures,
  EXPECTED,
  fill,
  message,
  outcome,
  quiet,
  run,
  runWell,
  show,
  TINY_FORM,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const { sentences, io, s, tokens, word_idx, flips } = EXPECTED.dataset;
const [flipped] = Object.values(flips);
const LINES = sentences.map((sentence, i) => `${sentence} | ${io[i]} | ${s[i]}`);

const stage = openStage();

/** Prompts, with the tiny model at hand. */
async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  await runWell(page);
  await show(page, "Prompts");
  await page.getByText("20 of 20 prompts shown").waitFor();
  return page;
}

const list = (page) => page.getByRole("listbox", { name: "Prompts" });
const area = (page) => page.getByLabel("Your prompts");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

async function write(page, text) {
  await page.getByText("Prompts of your own", { exact: true }).click();
  await area(page).fill(text);
}

async function use(page, text) {
  await write(page, text);
  await press(page, "Use these prompts");
}

const counted = (page, text) => page.getByText(text, { exact: true }).waitFor();
const failing = (page) =>
  page.getByRole("list", { name: "Lines that are not run" }).getByRole("listitem").allTextContents();

/** The boxes of a list of tokens. */
const boxes = (page, label) =>
  page.getByRole("list", { name: label, exact: true }).evaluate((list) =>
    [...list.children].map((box) => ({
      role: box.querySelector(".box-role").textContent,
      text: box.querySelector(".box-text").textContent,
      place: Number(box.querySelector(".box-place").textContent),
      id: Number(box.querySelector(".box-id").textContent),
    })),
  );

test("tokens, ids, positions and roles are the reference's, of each prompt and its flip", async () => {
  const page = await opened();
  await list(page).focus();
  for (let i = 0; i < sentences.length; i += 1) {
    // Both have been read where the flipped prompt's are there.
    await page.getByText(`Flipped: ${flipped.sentences[i]}`, { exact: true }).waitFor();
    await page.getByRole("list", { name: "Tokens of the flipped prompt" }).waitFor();
    await page.getByText(`Prompt ${i + 1}`, { exact: true }).waitFor();
    const [own, other] = [await boxes(page, "Tokens"), await boxes(page, "Tokens of the flipped prompt")];
    const end = word_idx.end[i];
    assert.deepEqual(
      own.map(({ id }) => id),
      tokens[i].slice(0, end + 1),
    );
    for (const [role, key] of Object.entries({ IO: "IO", S1: "S1", S2: "S2", END: "end" })) {
      const at = own.filter((box) => box.role === role).map(({ place }) => place);
      assert.deepEqual(at, [word_idx[key][i]], `${role} of prompt ${i}`);
    }
    // By this flip IO and S1 change places, and what is IO's name stays it.
    const named = (boxes, role) => boxes.find((box) => box.role === role).text;
    for (const role of ["IO", "S1", "S2"])
      assert.equal(named(other, role), named(own, role), `${role} of flip ${i}`);
    const text = (line) => line.slice(1).map((box) => box.text);
    const until = (sentence) => sentence.split(" ").slice(0, -1).join("·");
    assert.equal(text(own).join(""), until(sentences[i]));
    assert.equal(text(other).join(""), until(flipped.sentences[i]));
    await page.keyboard.press("ArrowDown");
  }
});

test("2 000 prompts: few rows exist, the end is reached, and scrolling stays smooth", async (t) => {
  const page = await opened();
  await fill(page, { n: "2000" });
  await page.getByText("2,000 of 2,000 prompts shown").waitFor();
  const frames = await list(page).evaluate(async (box) => {
    const times = [];
    let last = performance.now();
    for (let i = 0; i < 60; i += 1) {
      // A fast wheel; a frame has about five new rows.
      box.scrollTop += 300;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((one, other) => one - other);
  });
  t.diagnostic(
    `a frame of a scroll takes ${frames[30].toFixed(1)} ms (median), at most ${frames.at(-1).toFixed(1)} ms`,
  );
  await list(page).focus();
  await page.keyboard.press("End");
  const last = page.getByRole("option", { name: /^Prompt 2000, / });
  await last.waitFor();
  assert.ok(
    await last.evaluate((row) => {
      const box = row.closest("[role=listbox]").getBoundingClientRect();
      return row.getBoundingClientRect().bottom <= box.bottom + 1;
    }),
  );
  assert.ok((await list(page).getByRole("option").count()) < 40);
  await page.keyboard.press("Home");
  await page.getByRole("option", { name: /^Prompt 1, / }).waitFor();
  assert.equal(await list(page).evaluate((box) => box.scrollTop), 0);
});

test("at 390 pixels nothing is wider than the screen, and END is in its row", async () => {
  const page = await opened({ viewport: { width: 390, height: 844 } });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  assert.ok(
    await page
      .getByRole("option", { name: /^Prompt 1, / })
      .locator(".end")
      .isVisible(),
  );
});

test("own prompts are the generated ones copied, and give their figures; a link brings them along", async () => {
  const page = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
  await write(page, "");
  await press(page, "Copy the generated prompts to edit");
  await page.getByText("20 prompts copied.").waitFor();
  assert.equal(await area(page).inputValue(), LINES.join("\n"));
  await press(page, "Use these prompts");
  await counted(page, "20 of 20 lines are run.");
  assert.equal(await page.locator("main [name=n]").count(), 0);
  await show(page, "Place or name?");
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.spec.dataset.prompts.length, 20);
  assert.equal(await message(page), "");
  await press(page, "Copy link");
  await page.getByText("Link copied.").waitFor();
  const other = await stage.open({ hash: new URL(page.url()).hash });
  await show(other, "Prompts");
  assert.equal(await area(other).inputValue(), LINES.join("\n"));
  await press(other, "Back to generated prompts");
  await other.getByText("20 of 20 prompts shown").waitFor();
  assert.equal(await other.locator("main [name=n]").inputValue(), "20");
});

const BAD = [
  ["Then, Alex met Anthony", /found one part; write: sentence \| IO \| S/],
  [`${sentences[0]} | Alex | Alex`, /expected two names/],
  [`${sentences[0]}. | Alex | Anthony`, /end in IO "Alex", found "Alex\."; end it in the answer/],
  ["Alex and Anthony met. He waved to Alex | Alex | Anthony", /expected S "Anthony" twice.* found it once/],
  // The others only a model can tell.
  [
    `${sentences[0].replaceAll("Alex", "Xylophonia")} | Xylophonia | Anthony`,
    /name "Xylophonia" is \d+ tokens/,
  ],
  ["Then, Alex and Connor saw Anthony and Anthony waved to Alex | Alex | Anthony", /first three words/],
  [
    `${"so ".repeat(400)}${sentences[0]} | Alex | Anthony`,
    /tokens up to END, but the model's context is \d+/,
  ],
];

test("each bad line says why, once; it stays in the text and out of the run", async () => {
  const page = await opened();
  const text = [...BAD.map(([line]) => line), ...LINES].join("\n");
  await write(page, text);
  await counted(page, "23 of 27 lines are a prompt, as far as this is known without a model's tokens.");
  assert.equal((await failing(page)).length, 4);
  await press(page, "Use these prompts");
  await counted(page, "20 of 27 lines are run.");
  const found = await failing(page);
  BAD.forEach(([, reason], i) => {
    assert.match(found[i], new RegExp(`^Line ${i + 1}: `));
    assert.match(found[i], reason);
  });
  assert.equal(found.length, BAD.length);
  await page.getByText("20 of 20 prompts shown").waitFor();
  assert.equal(await area(page).inputValue(), text);
  await show(page, "Place or name?");
  assertFigures(await runWell(page));
  assert.match(await message(page), /^7 lines of your prompts were left out\./);
});

test("prompts of which none fits are refused at the text, and at Run", async () => {
  const page = await opened();
  await use(page, BAD[4][0]);
  const why = /no prompt fits this model; line 1: the name "Xylophonia" is/;
  await page.locator(".own-prompts .field-error", { hasText: why }).waitFor();
  await show(page, "Place or name?");
  const refused = await run(page);
  assert.equal(refused.end, "error");
  assert.match(refused.message, why);
});

test("what prompts say is text, never HTML", async () => {
  const page = await opened();
  const sentence = sentences[0].replace("ring", "<img src=x onerror=alert(1)>");
  await use(page, `${sentence} | Alex | Anthony\n<img src=x> | <b> | <i>`);
  await counted(page, "1 of 2 lines is run.");
  await page.getByText("1 of 1 prompts shown").waitFor();
  await quiet(page);
  assert.match((await failing(page))[0], /<b>/);
  assert.equal(await page.locator("img, main i").count(), 0);
});

test("the page's own model runs the prompts of a link at once", async () => {
  const packed = deflateRawSync(LINES[0]).toString("base64url");
  const hash = `#v=1&experiment=patching_positions&model=ioi-mini&layer=1&head=1&n=150&seed=42&symmetric=true&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true&prompts=${packed}`;
  const { end, result } = await outcome(await stage.open({ hash }));
  assert.equal(end, "done");
  assert.equal(result.conditions.clean.diff.length, 1);
});
