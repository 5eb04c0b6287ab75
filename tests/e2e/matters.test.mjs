// What matters: a grid's numbers as the reference has them, the cell that is open, links, and the page's own model unasked.
// How maps are drawn and walked is tested in www/charts, what the question asks in www/panels/matters.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertNear, fill, quiet, runWell, show, state, TINY, TINY_FORM, TOY_HEAD } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const ENTRIES = JSON.parse(readFileSync(join(TINY, "patching.json"), "utf8"));
const IOI = { n: "6", seed: "6", symmetric: false };

/** The reference's grid of this edit, on the prompts of IOI. */
const reference = (site, over) =>
  ENTRIES.find(
    ({ spec }) =>
      spec.site === site &&
      spec.over.join() === over &&
      spec.direction === "denoise" &&
      spec.fill === undefined &&
      (spec.at ?? "all") === "all" &&
      (spec.metric ?? "logit_diff") === "logit_diff" &&
      spec.task.dataset.seed === 6,
  );

async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, device: "cpu", ...TINY_FORM, ...IOI });
  await runWell(page);
  await show(page, "What matters?");
  return page;
}

function assertNested(found, expected, what) {
  if (!Array.isArray(expected)) return assertNear(found, expected, 1e-3, what);
  assert.equal(found.length, expected.length, what);
  for (const [i, part] of expected.entries()) assertNested(found[i], part, `${what}, ${i}`);
}

const map = (page) => page.getByRole("grid", { name: /Enter chooses\.$/ }).first();
const cell = (page, name) => page.getByRole("region", { name, exact: true });

test("heads that are patched have the reference's numbers, and the chosen one is open with its prompts", async () => {
  const page = await opened();
  const result = await runWell(page);
  const expected = reference("z", "layer,head");
  assertNested(result.values, expected.values, "values");
  await page.getByRole("heading", { level: 2, name: /^Of 12 heads, / }).waitFor();
  await quiet(page);
  // From the first cell on, by the keyboard.
  await map(page).focus();
  for (const key of ["Home", "PageUp", "PageUp", "PageUp", "ArrowDown", "ArrowRight", "ArrowRight"])
    await page.keyboard.press(key);
  const at = map(page).getByRole("gridcell");
  assert.match(await at.getAttribute("aria-label"), /^layer 1, head 2: .+ mean of 6 prompts$/);
  await page.keyboard.press("Enter");
  await cell(page, "Head 1.2").waitFor();
  await cell(page, "Head 1.2").getByText("Of 6 prompts.").waitFor();
  await cell(page, "Head 1.2").getByRole("heading", { name: "Head 1.2, prompt by prompt" }).waitFor();
  // It is chosen for every question; the answer is still of what the page is set to.
  assert.match(page.url(), /question=matters/);
  await page.waitForFunction(() => document.querySelector(".report.stale") === null);
  await show(page, "Why does it attend?");
  assert.deepEqual(
    [
      await page.getByLabel("Layer").inputValue(),
      await page.getByLabel("Head", { exact: true }).inputValue(),
    ],
    ["1", "2"],
  );
});

test("a closer look at a cell has its other metrics, and what the model says before and after", async () => {
  const page = await opened();
  const result = await runWell(page);
  const [layer, head] = [1, 0];
  await show(page, "Why does it attend?");
  await fill(page, { layer: String(layer), head: String(head) });
  await show(page, "What matters?");
  // Until it has been asked of this head, the answer for the former one stands there.
  const closer = cell(page, "Head 1.0").locator(".closer .report:not(.stale)");
  const row = closer.getByRole("row", { name: /^logit difference/ });
  await row.waitFor();
  const [, unedited, edited] = await row.locator("th, td").allInnerTexts();
  assertNear(Number(unedited), result.base, 1e-3, "unedited");
  assertNear(Number(edited), result.values[layer][head], 1e-3, "edited");
  await closer.getByText("with the edit", { exact: true }).waitFor();
  await closer.getByText(/^In prompt 1 the model says /).waitFor();
});

test("the residual stream by role is another grid, whose open cell and settings a link carries", async () => {
  const page = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { patch_site: "resid_pre" });
  await page.waitForFunction(() => document.querySelector("[name=patch_over]").value === "layer,role");
  const result = await runWell(page);
  assertNested(result.values, reference("resid_pre", "layer,role").values, "values");
  await quiet(page);
  await map(page).focus();
  for (const key of ["Home", "PageUp", "PageUp", "PageUp", "Enter"]) await page.keyboard.press(key);
  await cell(page, "Layer 0, IO").waitFor();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of ["patch_site=resid_pre", "patch_over=layer%2Crole"])
    assert.ok(link.includes(part), link);
  assert.match(link, /patch\.map\.kept=0\+0/);
});

test("several sites are one run, and its maps stand beside those of another", async () => {
  const page = await opened();
  await fill(page, { patch_site: "resid_pre,attn_out,mlp_out" });
  await page.waitForFunction(() => document.querySelector("[name=patch_over]").value === "layer,role");
  const result = await runWell(page);
  for (const [i, site] of ["resid_pre", "attn_out", "mlp_out"].entries())
    assertNested(result.values[i], reference(site, "layer,role").values, site);
  await fill(page, { patch_edit: "zero" });
  const zero = await runWell(page);
  await page.getByLabel(/^Beside/).selectOption({ index: 1 });
  const figure = page.getByRole("figure", { name: /^run \d+ and this answer, and their difference$/ });
  await figure.scrollIntoViewIfNeeded();
  await figure.getByRole("grid").focus();
  for (const key of ["PageDown", "PageDown", "PageDown", "End"]) await page.keyboard.press(key);
  const said = await figure.getByRole("gridcell").getAttribute("aria-label");
  const number = (of) => Number(new RegExp(`${of}, mlp_out (-?[\\d.e-]+)`).exec(said)?.[1]);
  const [before, after] = [result, zero].map(({ base, values }) => values[2].at(-1).at(-1) - base);
  const expected = { "run \\d+": before, "this answer": after, "minus run \\d+": after - before };
  for (const [of, value] of Object.entries(expected)) assertNear(number(of), value, 1e-3, `${of}: ${said}`);
});

test("the page's own model answers unasked, on a phone too", async () => {
  const page = await stage.open({ hash: "", viewport: { width: 390, height: 844 } });
  await state(page, "done");
  await show(page, "What matters?");
  await page.getByRole("heading", { level: 2, name: /^Of \d+ heads, / }).waitFor();
  await quiet(page);
  await cell(page, `Head ${TOY_HEAD}`).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px wider than the view`);
});
