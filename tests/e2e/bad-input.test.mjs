// Mistakes in the form: each a message that names the field, on the field and at the run, and nothing half-done.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertFigures, assertRefused, fill, openStage, run, runWell, TINY_FORM } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });

const BAD = [
  ["no prompts", { n: "0" }, "n", /1 to 10000, found "0"/],
  ["too many prompts", { n: "10001" }, "n", /1 to 10000, found "10001"/],
  ["an empty n", { n: "" }, "n", /found nothing/],
  ["an odd n with symmetric", { n: "21" }, "symmetric|n", /even/],
  ["a seed beyond u32", { seed: "4294967296" }, "seed", /4294967295/],
  ["a negative seed", { seed: "-1" }, "seed", /found "-1"/],
  ["a layer outside the model", { layer: "3" }, "layer", /layers 0 to 2/],
  ["a head outside the model", { head: "4" }, "head", /heads 0 to 3/],
  ["a flip that cannot be read", { flip: "ABB => BAB" }, "flip", /at character \d+/],
  ["a flip with the wrong left side", { flip: "BAB -> ABB, ABB -> BAB" }, "flip", /at character 1\b/],
  ["a base URL that is none", { model: "url:models/gpt2" }, "model-url", /http/],
];

for (const [what, fields, ids, word] of BAD) {
  test(what, async () => {
    const page = await stage.open();
    await fill(page, { ...form(), ...fields });
    await assertRefused(page, await run(page), "BadInput", word);
    const marked = await page.evaluate(() =>
      [...document.querySelectorAll("[aria-invalid]")].map((it) => it.id),
    );
    assert.equal(marked.length, 1);
    assert.ok(ids.split("|").includes(marked[0]), `marked: ${marked[0]}`);
    const note = await page.locator(`#${marked[0]}-error`).textContent();
    assert.match(note, word);

    await fill(page, { ...form(), flip: "ABB -> BAB, BAB -> ABB" });
    assertFigures(await runWell(page));
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
  });
}

test("all mistakes are named at once", async () => {
  const page = await stage.open();
  await fill(page, { ...form(), n: "21", seed: "x", flip: "ABB => BAB", layer: "-1" });
  const refused = await run(page);
  await assertRefused(page, refused, "BadInput", /even/, /Seed: /, /at character \d+/, /Layer: /);
  const marked = await page.evaluate(() =>
    [...document.querySelectorAll("[aria-invalid]")].map((it) => it.id),
  );
  for (const id of ["layer", "seed", "flip"]) assert.ok(marked.includes(id), `not marked: ${id}`);
  assert.equal(marked.length, 4);
  assert.equal(await page.evaluate(() => document.activeElement.id), "layer");
});

test("a mistake is marked while it is typed, and the marks go when it is mended", async () => {
  const page = await stage.open();
  await fill(page, { flip: "nonsense" });
  await page.waitForSelector("#flip[aria-invalid=true]");
  assert.equal(await page.locator("#sentences li").count(), 0);
  await fill(page, { flip: "ABB -> BAB, BAB -> ABB" });
  await page.waitForSelector("#flip:not([aria-invalid])");
  await page.waitForSelector("#sentences li");
});
