// Share links: there and back, and links that nobody should trust.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertFigures,
  fill,
  formValues,
  NOTEBOOK_LINK,
  openStage,
  runWell,
  state,
  TINY_FORM,
} from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const GOOD =
  "#v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=150&seed=42&symmetric=true" +
  "&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true";

test("a copied link brings back the form and the figures", async () => {
  const page = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, accuracy: true });
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-status").textContent === "Link copied.");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, page.url());

  const requests = [];
  const other = await stage.open({ hash: new URL(link).hash });
  other.context().on("request", (request) => requests.push(request.url()));
  assert.deepEqual(await formValues(other), await formValues(page));
  await other.waitForTimeout(300);
  assert.deepEqual(requests, [], "opening a link fetched something");
  assertFigures(await runWell(other));
});

test("without the clipboard the link is shown, selected", async () => {
  const page = await stage.open();
  await page.evaluate(() => {
    navigator.clipboard.write = () => Promise.reject(new Error("no"));
  });
  await page.click("#share");
  await page.waitForSelector("#share-link:not([hidden])");
  const shown = await page.evaluate(() => {
    const field = document.querySelector("#share-link");
    return { value: field.value, selected: field.value.slice(field.selectionStart, field.selectionEnd) };
  });
  assert.equal(shown.value, page.url());
  assert.equal(shown.selected, shown.value);
});

test("a form with a mistake gives no link", async () => {
  const page = await stage.open();
  await fill(page, { n: "0" });
  await page.click("#share");
  assert.match(await page.textContent("#share-status"), /No link/);
  assert.equal(new URL(page.url()).hash, NOTEBOOK_LINK);
});

const BAD = [
  ["another version", GOOD.replace("v=1", "v=9"), /v: expected a link of version 1/],
  ["an unknown field", `${GOOD}&colour=red`, /colour: no such field/],
  ["a field twice", `${GOOD}&n=20`, /n: expected once/],
  [
    "n out of range",
    GOOD.replace("n=150", "n=10001"),
    /n: expected a whole number from 1 to 10000, found "10001"/,
  ],
  ["a number in disguise", GOOD.replace("seed=42", "seed=1e3"), /seed: expected a whole number/],
  ["a seed beyond u32", GOOD.replace("seed=42", "seed=4294967296"), /seed: expected/],
  ["another prompt type", GOOD.replace("mixed", "abc"), /prompt_type: expected mixed, ABBA, BABA/],
  [
    "a script for a model",
    GOOD.replace(/model=[^&]*/, "model=url:javascript:alert(1)"),
    /model: expected OWNER\/NAME .*, or an address that starts with https/,
  ],
  ["a flip that cannot be read", GOOD.replace(/flip=[^&]*/, "flip=nonsense"), /flip: /],
  ["an odd n with symmetric", GOOD.replace("n=150", "n=151"), /(n|symmetric): .*even/],
  [
    "a missing end",
    GOOD.replace("&freeze_ln=true", ""),
    /link: the link may have been cut off; missing: freeze_ln\./,
  ],
  [
    "three mistakes",
    GOOD.replace("n=150", "n=151")
      .replace("seed=42", "seed=x")
      .replace(/flip=[^&]*/, "flip=y"),
    /seed: .*n: .*even.*flip: /,
  ],
  ["no link of this page", "#about", /link: this is not a Patchbay link/],
  [
    "a very long model",
    GOOD.replace(/model=[^&]*/, `model=${"x".repeat(7000)}`),
    /model: expected .{1,200}\.$/,
  ],
  ["too much of it", `${GOOD}&flip=${"x".repeat(9000)}`, /link: expected at most 8192/],
];

test("bad links name the field and leave the form alone", async (t) => {
  // What the page opens with, without a link.
  const untouched = await formValues(await stage.open({ hash: "" }));
  for (const [what, hash, message] of BAD) {
    await t.test(what, async () => {
      const page = await stage.open({ hash });
      assert.match(await page.textContent("#message"), message);
      assert.deepEqual(await formValues(page), untouched);
      const { error } = await page.evaluate(() => window.patchbay);
      assert.equal(error.name, "BadLink");
    });
  }
});

test("what a link says is text, never HTML", async () => {
  const page = await stage.open({ hash: `${GOOD}&%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E=1` });
  assert.match(await page.textContent("#message"), /<img src=x onerror=alert\(1\)>: no such field/);
  assert.equal(await page.locator("#message img").count(), 0);
});

test("a new fragment in the open page is followed", async () => {
  const page = await stage.open({ hash: GOOD.replace("n=150", "n=0") });
  await page.evaluate((hash) => location.assign(hash), GOOD.replace("n=150", "n=12"));
  await page.waitForFunction(() => document.documentElement.dataset.state === "ready");
  assert.equal(await page.inputValue("#n"), "12");
  assert.equal(await page.textContent("#message"), "");
});

test("taking the fragment away takes its message away", async () => {
  const page = await stage.open({ hash: GOOD.replace("n=150", "n=0") });
  assert.match(await page.textContent("#message"), /not applied/);
  await page.evaluate(() => {
    location.hash = "";
  });
  // Without a link the page runs its own model.
  await state(page, "done");
  assert.equal(await page.textContent("#message"), "");
  assert.equal(await page.evaluate(() => window.patchbay.error), null);
});

test("a link to a folder's model asks for the folder", async () => {
  const page = await stage.open({ hash: GOOD.replace(/model=[^&]*/, "model=folder") });
  assert.ok(await page.isVisible("#model-folder"));
  assert.match(await page.textContent("#message"), /pick the folder/);
});
