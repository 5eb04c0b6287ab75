// Mistakes in the form: each a message that names the field, on the field and at the run, and nothing half-done. What may be in
// a field is the crate's to say (crate/src/schema), and tested there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFigures, assertRefused, fill, run, runWell, message as said, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });
const marked = (page) =>
  page.evaluate(() => [...document.querySelectorAll("[aria-invalid=true]")].map((it) => it.name));

const FLIP = { flip: "ABB -> BAB, BAB -> ABB" };
const BAD = [
  ["too many prompts", { n: "10001" }, "n", /1 to 10000, found "10001"/],
  ["an empty n", { n: "" }, "n", /found nothing|found ""/],
  ["an odd n with symmetric", { n: "21" }, "symmetric|n", /even/],
  ["a layer outside the model", { layer: "3" }, "layer", /layers 0 to 2/],
  ["a head outside the model", { head: "4" }, "head", /heads 0 to 3/],
  ["a flip that cannot be read", { flip: "ABB => BAB" }, "flip", /at character \d+/],
];

test("a mistake is named at the field and at the run, and gone when it is mended", async () => {
  const page = await stage.open();
  await fill(page, form());
  for (const [what, fields, names, word] of BAD) {
    await fill(page, fields);
    await assertRefused(page, await run(page), "BadInput", word);
    const [name, ...others] = await marked(page);
    assert.deepEqual(others, [], what);
    assert.ok(names.split("|").includes(name), `${what}: marked is ${name}`);
    const control = page.locator(`[name="${name}"]`).first();
    const described = await control.getAttribute("aria-describedby");
    const notes = described.split(" ").map((id) => page.locator(`[id="${id}"]`).textContent());
    assert.match((await Promise.all(notes)).join(" "), word, what);
    await fill(page, { ...TINY_FORM, ...FLIP });
    assert.equal(await said(page), "", `${what}: it is still said`);
  }
  assertFigures(await runWell(page));
  assert.deepEqual(await marked(page), []);
  // An empty one of the two is what it shows: the usual head's.
  const usual = await page.locator("[name=head]").getAttribute("placeholder");
  await fill(page, { layer: "0", head: "" });
  assert.deepEqual((await runWell(page)).head, [0, Number(usual)]);
});

test("all mistakes are named at once", async () => {
  const page = await stage.open();
  await fill(page, { ...form(), n: "21", seed: "x", flip: "ABB => BAB", layer: "-1" });
  const refused = await run(page);
  await assertRefused(page, refused, "BadInput", /even/, /Seed: /, /at character \d+/, /Layer: /);
  const found = await marked(page);
  for (const name of ["layer", "seed", "flip"]) assert.ok(found.includes(name), `not marked: ${name}`);
  assert.equal(found.length, 4);
});
