// Activations that are taken away, and vectors that are brought along: files out of the page and into it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { safetensors } from "../headless/tiny.mjs";
import { slowDown, slowSteps } from "./faults.mjs";
import {
  assertNear,
  assertSoon,
  fill,
  pressRun,
  progressSays,
  quiet,
  runWell,
  show,
  state,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const EXPECTED = JSON.parse(readFileSync(join(TINY, "expected.json"), "utf8"));

async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, device: "cpu", ...TINY_FORM });
  await runWell(page);
  await show(page, "What matters?");
  return page;
}

/** A number of a tensor of a file, by its place. */
function reader(bytes) {
  const begin = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, begin));
  const number = (name, place) => {
    const { shape, data_offsets } = header[name];
    const at = place.reduce((at, index, axis) => at * shape[axis] + index, 0);
    return bytes.readFloatLE(begin + data_offsets[0] + 4 * at);
  };
  return { header, number };
}

test("activations are computed, saved whole, and have the reference's figures", async () => {
  const page = await opened();
  const take = page.locator("details.take");
  await take.locator("summary").click();
  await take.getByLabel("Activations").fill("z, resid_post, pattern");
  await take.getByText(/and gives a file of \d+/).waitFor();
  await take.getByRole("button", { name: "Compute the file" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    take.getByRole("button", { name: /^Save / }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^patchbay-.*-z-resid_post-pattern-clean-20\.safetensors$/);
  const { header, number } = reader(readFileSync(await download.path()));
  const { position, values } = EXPECTED.activations;
  for (const layer of [0, 1, 2]) {
    for (const [i, expected] of values.resid_post[layer].entries())
      assertNear(number(`blocks.${layer}.hook_resid_post`, [0, position, i]), expected, 1e-3, "resid_post");
    for (const [head, row] of values.z[layer].entries())
      for (const [i, expected] of row.entries())
        assertNear(number(`blocks.${layer}.attn.hook_z`, [0, position, head, i]), expected, 1e-3, "z");
  }
  assert.equal(JSON.parse(header.__metadata__.spec).sites.join(), "z,resid_post,pattern");
  assert.match(header.__metadata__.model, /^url:http/);
  // What is asked wrongly is told, and leaves no file of it to be saved as if it were.
  await take.getByLabel("Activations").fill("z, q_input");
  await take.getByRole("button", { name: "Compute the file" }).click();
  await take.getByText(/without an edit q_input is resid_pre/).waitFor();
  assert.equal(await take.getByText("of other settings").count(), 1);
});

test("a file whose computing is cancelled is not there to be saved, and a later one is whole", async () => {
  const page = await opened({ worker: slowSteps("cache") });
  const take = page.locator("details.take");
  await take.locator("summary").click();
  await take.getByLabel("Activations").fill("z, resid_post, pattern");
  const compute = take.getByRole("button", { name: "Compute the file" });
  const save = take.getByRole("button", { name: /^Save / });
  await slowDown(page, 60_000);
  await compute.click();
  await progressSays(page, /batch|layer/);
  const begun = Date.now();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.locator(".run-bar progress").waitFor({ state: "detached" });
  assertSoon(Date.now() - begun);
  assert.equal(await save.count(), 0);
  assert.notEqual(await compute.getAttribute("aria-disabled"), "true");

  await slowDown(page, 0);
  await compute.click();
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const bytes = readFileSync(await download.path());
  const { header } = reader(bytes);
  const ends = Object.values(header).flatMap(({ data_offsets }) => data_offsets?.[1] ?? []);
  assert.equal(bytes.length, 8 + Number(bytes.readBigUInt64LE()) + Math.max(...ends));
});

test("a vector of a file is put in, named in the report, and travels in the link", async () => {
  const page = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
  const d_model = EXPECTED.activations.values.resid_post[0].length;
  const rows = new Float32Array(2 * d_model).fill(0.25, 0, d_model);
  rows[d_model] = 1;
  const path = join(stage.folder(), "two.safetensors");
  const header = { dir: { dtype: "F32", shape: [2, d_model], data_offsets: [0, 8 * d_model] } };
  writeFileSync(path, safetensors(header, Buffer.from(rows.buffer)));

  await page.getByLabel("Replace").selectOption("resid_post");
  await page.getByLabel("by", { exact: true }).selectOption("add");
  await page.getByLabel("times", { exact: true }).fill("2.5");
  await page.getByLabel("A file with a vector").setInputFiles(path);
  await page.getByText(/two\.safetensors: it has 2 rows of \d+ numbers; say which one/).waitFor();
  await page.getByLabel("Row").fill("1");
  await page
    .getByText(new RegExp(`^two\\.safetensors, dir\\[1\\]: ${d_model} numbers, norm 1, SHA-256`))
    .waitFor();
  const added = await runWell(page);
  assert.equal(added.spec.fill.add[1], 2.5);
  assert.equal(added.spec.fill.add[0].vector.tensor, "dir");
  await page
    .getByText(/with 2\.5 × two\.safetensors:dir\[1\] \(SHA-256 [0-9a-f]{12}\) added/)
    .first()
    .waitFor();

  // The link has the numbers: whoever opens it needs no file.
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await stage.open({ hash: new URL(link).hash });
  await quiet(other);
  await pressRun(other);
  await state(other, "done", "error");
  assert.deepEqual((await other.evaluate(() => window.patchbay.result)).values, added.values);
  await other.getByText(/^two\.safetensors, dir\[1\]/).waitFor();

  // One of another width is told of before anything is run.
  const odd = join(stage.folder(), "odd.json");
  writeFileSync(odd, "[1, 2, 3]");
  await page.getByLabel("A file with a vector").setInputFiles(odd);
  await pressRun(page);
  await page
    .getByText(/resid_post has vectors of \d+ numbers in this model, found a direction of 3/)
    .first()
    .waitFor();
});
