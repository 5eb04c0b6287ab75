// Figures held against what was published. Here the page knows the tiny model as the hub's GPT-2, and has the figures of an
// independent implementation of it for those that are published.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { answerHub, HUB, siteKnowing } from "./faults.mjs";
import { DIST, fill, outcome, quiet, runWell, show, TINY, TINY_FORM } from "./helpers.mjs";
import { tinyFiles } from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();
const FIGURES = JSON.parse(readFileSync(join(TINY, "published.json"), "utf8"));
const compare = (page) => page.getByRole("button", { name: "Compare with the published figures" });

/** The site, except for its figures. */
async function siteWith(figures) {
  const folder = stage.folder();
  siteKnowing(folder, tinyFiles(), DIST);
  const assets = join(folder, "assets");
  const [file] = readdirSync(assets).filter((name) => /^gpt2-small-.*\.json$/.test(name));
  unlinkSync(join(assets, file));
  writeFileSync(join(assets, file), JSON.stringify(figures));
  return (await stage.serve(folder)).url;
}

async function opened(url) {
  const page = await stage.open({ url });
  await answerHub(page.context(), tinyFiles());
  await fill(page, { ...TINY_FORM, model: HUB.id });
  await show(page, "Reproduce");
  return page;
}

test("one press compares every figure, and shows the maps of both and their difference", async () => {
  const page = await opened(await siteWith(FIGURES));
  await compare(page).click();
  await page.getByRole("heading", { name: "All 32 published figures agree with this page's." }).waitFor();
  const { clean, patched, projected } = FIGURES.patching_positions;
  const theirs = [clean, patched, projected].map((value) => value.toFixed(4)).join(", ");
  await page.getByText(`has ${theirs} (clean, patched, projected); here they are ${theirs}.`).waitFor();
  const rows = page
    .getByRole("table", { name: "Each figure, at the number that is furthest" })
    .getByRole("row");
  assert.equal(await rows.count(), 1 + 32);
  const map = page.getByRole("figure", { name: /^Published, here, and the difference: / });
  await map.locator(".chart svg").waitFor();
  const shown = page.getByLabel("Map", { exact: true });
  const names = await shown.locator("option").allTextContents();
  assert.ok(names.length > 2, names.join());
  await shown.selectOption({ label: names.at(-1) });
  await page.getByRole("heading", { name: `Published, here, and the difference: ${names.at(-1)}` }).waitFor();
});

test("a figure that is another is told, with where it is furthest", async () => {
  const other = structuredClone(FIGURES);
  other.eight_prompts.denoising.layer_by_head.z[1][2] += 0.5;
  const page = await opened(await siteWith(other));
  await compare(page).click();
  await page.getByRole("heading", { name: "31 of 32 published figures agree with this page's." }).waitFor();
  const row = page.getByRole("row", { name: /layer by head, z \(layer 1, head 2, of \d+\)/ });
  assert.equal(await row.getByRole("cell").last().innerText(), "no");
});

test("of another model it is not offered, and the page says why", async () => {
  const page = await stage.open({ hash: "" });
  await outcome(page);
  await show(page, "Reproduce");
  await page.getByText("ioi-mini has other weights. Choose GPT-2 small for it.").waitFor();
  assert.equal(await compare(page).count(), 0);
  await show(page, "Place or name?");
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await show(page, "Reproduce");
  await page.getByText(/is known once it has been read: run something first\.$/).waitFor();
  await runWell(page);
  await quiet(page);
  await page.getByText(/ has other weights\. Choose GPT-2 small for it\.$/).waitFor();
});
