// The experiment on the CPU: its figures, what the page shows of them, and what it fetches.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerHub } from "./faults.mjs";
import {
  assertFigures,
  assertNear,
  EXPECTED,
  fill,
  openModels,
  runButton,
  runWell,
  show,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import { deepModel } from "./models.mjs";
import { tinyFiles } from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const form = () => ({ model: `url:${stage.modelUrl}`, ...TINY_FORM });

test("the figures are the reference's, and the page says and shows them", async () => {
  const page = await stage.open();
  await fill(page, form());
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.accuracy, null);
  assert.equal(result.device, "cpu");

  const rows = await page.getByRole("table", { name: "Means by condition" }).locator("tbody tr").all();
  const shown = await Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
  assert.deepEqual(
    shown.map(([name, mean]) => [name, mean]),
    Object.entries(result.conditions).map(([name, { mean_diff }]) => [name, mean_diff.toFixed(4)]),
  );
  const heading = await page.locator("main h2").first().innerText();
  assert.match(heading, new RegExp(`^Head ${EXPECTED.head.join("\\.")} `));
  await page.getByText("Evidence, model, device and times").click();
  const facts = await page.locator("details[open]").innerText();
  assert.match(facts, /patched\s+20 of 20/);
  assert.match(facts, /“no-op” changed scores by at most 0/);
  assert.match(facts, /CPU[\s\S]*self-check\s+not needed, this is the CPU/);
  assert.match(facts, /run\s+[\d.]+ m?s/);
  assert.doesNotMatch(await page.innerText("main"), /notebook/);
});

test("with a live LayerNorm scale, and with accuracy", async () => {
  const page = await stage.open();
  await fill(page, { ...form(), freeze_ln: false, accuracy: true });
  const result = await runWell(page);
  assertFigures(result, EXPECTED.live_ln);
  assertNear(result.accuracy, EXPECTED.accuracy, 1e-9, "accuracy");
  await page.getByText(/^IOI accuracy: .* in 45\.0% of the prompts/).waitFor();
});

test("Enter in a field runs; the model is read once, and the GPU build not at all", async () => {
  const page = await stage.open();
  const requests = [];
  // What is kept is compared with the server's by HEAD, which reads nothing.
  page.context().on("request", (request) => {
    if (request.method() === "GET") requests.push(request.url());
  });
  await fill(page, form());
  assertFigures(await runWell(page));
  await fill(page, { seed: "43" });
  await page.locator('main [name="seed"]').press("Enter");
  await page.waitForFunction(() => window.patchbay.result.spec.dataset.seed === 43);
  const { conditions } = await page.evaluate(() => window.patchbay.result);
  assert.notEqual(conditions.clean.mean_diff, EXPECTED.frozen_ln.conditions.clean.mean_diff);
  await page.getByText("Evidence, model, device and times").click();
  assert.match(await page.locator("details[open]").innerText(), /already in memory/);
  assert.equal(requests.filter((url) => url.endsWith("model.safetensors")).length, 1);
  assert.deepEqual(
    requests.filter((url) => url.endsWith(".wasm")),
    [],
    "wasm fetched after the page was ready",
  );
});

test("from a folder", async () => {
  const page = await stage.open();
  const dialog = await openModels(page);
  await dialog.getByLabel("From a folder on this machine").setInputFiles(TINY);
  await dialog.waitFor({ state: "hidden" });
  await fill(page, TINY_FORM);
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

test("with the hub's model and the notebook's settings Reproduce has the notebook's figures beside ours", async () => {
  const files = deepModel(TINY);
  const page = await stage.open({ url: await stage.siteKnowing(files) });
  await answerHub(page.context(), files);
  await fill(page, { device: "cpu" });
  const result = await runWell(page);
  assert.deepEqual(result.head, [10, 7]);
  await show(page, "Reproduce");
  const rows = page.getByRole("table", { name: "Mean attention score difference" }).locator("tbody tr");
  await rows.first().waitFor();
  const ours = (name) => result.conditions[name].mean_diff.toFixed(4);
  assert.deepEqual(
    (await rows.allInnerTexts()).map((row) => row.split(/\s+/)),
    [
      ["clean", "3.2874", ours("clean")],
      ["patched", "2.9462", ours("patched")],
      ["projected", "1.2586", ours("projected")],
    ],
  );
  await show(page, "Place or name?");
  await fill(page, { seed: "43" });
  await runWell(page);
  await show(page, "Reproduce");
  await page.getByRole("heading", { name: "On the command line" }).waitFor();
  assert.equal(await rows.count(), 0);
  assert.ok(await runButton(page).isVisible());
});
