// The experiment on the CPU: its figures, what the page shows of them, and what it fetches.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { answerHub } from "./faults.mjs";
import {
  assertFigures,
  assertNear,
  EXPECTED,
  fill,
  intervals,
  openStage,
  run,
  runWell,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import { deepModel } from "./models.mjs";
import { tinyFiles } from "./scenes.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });

test("the figures are the reference's, and the page shows them", async () => {
  const page = await stage.open();
  await fill(page, form());
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.accuracy, null);
  assert.equal(result.device, "cpu");

  await intervals(page);
  const rows = await page.locator("#results tbody tr").allInnerTexts();
  const means = Object.entries(result.conditions).map(([name, { mean_diff }]) => [
    name,
    mean_diff.toFixed(4),
  ]);
  assert.deepEqual(
    rows.map((row) => row.split(/\s+/).slice(0, 2)),
    means,
  );
  assert.doesNotMatch(await page.innerText("#results"), /notebook/);
  assert.equal(await page.locator("#chart svg[aria-label]").count(), 1);
  assert.match(await page.innerText("#evidence"), /patched\s+20 of 20/);
  assert.match(await page.innerText("#evidence"), /no-op control\s+0: /);
  assert.match(await page.innerText("#device-info"), /CPU[\s\S]*self-check\s+not needed, this is the CPU/);
  assert.match(await page.innerText("#timings"), /run\s+[\d.]+ m?s/);
});

test("the first sentences and their flips follow the form", async () => {
  const page = await stage.open();
  await fill(page, { n: "20" });
  const shown = page.locator("#sentences li");
  await page.waitForFunction(() => /17 more/.test(document.querySelector("#sentences-note").textContent));
  assert.equal(await shown.count(), 3);
  for (let i = 0; i < 3; i += 1)
    assert.ok((await shown.nth(i).innerText()).includes(EXPECTED.dataset.sentences[i]));
  const first = await shown.first().innerText();
  await fill(page, { seed: "7" });
  await page.waitForFunction((old) => document.querySelector("#sentences li")?.innerText !== old, first);
});

test("with a live LayerNorm scale", async () => {
  const page = await stage.open();
  await fill(page, { ...form(), freeze_ln: false });
  assertFigures(await runWell(page), EXPECTED.live_ln);
});

test("with accuracy", async () => {
  const page = await stage.open();
  await fill(page, { ...form(), accuracy: true });
  const result = await runWell(page);
  assertFigures(result);
  assertNear(result.accuracy, EXPECTED.accuracy, 1e-9, "accuracy");
  assert.match(await page.innerText("#evidence"), /IOI accuracy\s+45\.0%/);
});

test("the model is read once, and the GPU build not at all", async () => {
  const page = await stage.open();
  const requests = [];
  // What is kept is compared with the server's by HEAD, which reads nothing.
  page.context().on("request", (request) => {
    if (request.method() === "GET") requests.push(request.url());
  });
  await fill(page, form());
  await runWell(page);
  await fill(page, { seed: "43" });
  const second = await runWell(page);
  assert.match(await page.innerText("#timings"), /already in memory/);
  await fill(page, { seed: TINY_FORM.seed });
  assertFigures(await runWell(page));
  assert.notEqual(second.conditions.clean.mean_diff, EXPECTED.frozen_ln.conditions.clean.mean_diff);
  assert.equal(requests.filter((url) => url.endsWith("model.safetensors")).length, 1);
  assert.deepEqual(
    requests.filter((url) => url.endsWith(".wasm")),
    [],
    "wasm fetched after the page was ready",
  );
});

test("from a folder", async () => {
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: "folder" });
  const empty = await run(page);
  assert.equal(empty.end, "error");
  assert.match(empty.message, /pick the folder/);
  await page.setInputFiles("#model-folder", TINY);
  assertFigures(await runWell(page));
});

test("from the hub, at the pinned revision", async () => {
  const files = tinyFiles();
  const page = await stage.open({ url: await stage.siteKnowing(files) });
  const requests = await answerHub(page.context(), files);
  await fill(page, TINY_FORM);
  assertFigures(await runWell(page));
  const base =
    "https://huggingface.co/openai-community/gpt2/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e";
  assert.deepEqual(
    requests.map(({ url }) => url),
    Object.keys(files).map((name) => `${base}/${name}`),
  );
  for (const { headers } of requests) {
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
  }
});

test("with the hub's model and the notebook's settings the notebook's figures are beside ours", async () => {
  const files = deepModel(TINY);
  const page = await stage.open({ url: await stage.siteKnowing(files) });
  await answerHub(page.context(), files);
  await fill(page, { device: "cpu" });
  const result = await runWell(page);
  assert.deepEqual(result.head, [10, 7]);
  const cells = (row) => row.split(/\t/).map((cell) => cell.trim());
  await intervals(page);
  const rows = (await page.locator("#results tr").allInnerTexts()).map(cells);
  assert.equal(rows[0][2], "notebook");
  const beside = Object.fromEntries(rows.slice(1).map(([name, ours, notebook]) => [name, [ours, notebook]]));
  const ours = (name) => result.conditions[name].mean_diff.toFixed(4);
  assert.deepEqual(beside, {
    clean: [ours("clean"), "3.2874"],
    patched: [ours("patched"), "2.9462"],
    projected: [ours("projected"), "1.2586"],
  });
  assert.match(await page.innerText("#notebook-note"), /TransformerLens notebook “patching positions”/);

  await fill(page, { seed: "43" });
  await runWell(page);
  assert.doesNotMatch(await page.innerText("#results"), /notebook/);
  assert.equal(await page.isVisible("#notebook-note"), false);
});

test("the experiment is told in the crate's words", async () => {
  const page = await stage.open();
  assert.equal(await page.inputValue("#experiment"), "patching_positions");
  assert.match(await page.textContent("#question"), /position.*\?$/);
  const conditions = await page.locator("#conditions dt").allTextContents();
  assert.deepEqual(conditions, Object.keys(EXPECTED.frozen_ln.conditions));
  for (const text of await page.locator("#conditions dd").allTextContents())
    assert.ok(text.length > 10, text);
});

test("a result can be taken away as JSON and CSV", async () => {
  const page = await stage.open();
  await fill(page, form());
  const result = await runWell(page);
  const download = async (button) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
  };
  const json = await download("#download-json");
  assert.equal(json.name, "patchbay-2.1-n20-seed42.json");
  assert.deepEqual(JSON.parse(json.text), result);
  const csv = await download("#download-csv");
  const [header, ...rows] = csv.text.trim().split("\n");
  assert.equal(header, "experiment,condition,prompt,layer,head,position,value");
  assert.equal(rows.length, 3 * 20 * 3);
});
