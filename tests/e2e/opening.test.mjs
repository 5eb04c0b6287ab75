// What a visitor sees first: the model that comes with the page, run at once, without another site and without a network.

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { beginWorker, slowDown, slowSteps } from "./faults.mjs";
import {
  assertFigures,
  DIST,
  fill,
  outcome,
  pressRun,
  quiet,
  runButton,
  runWell,
  state,
  TINY_FORM,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const CARD = JSON.parse(readFileSync(join(DIST, "models/ioi-mini/card.json"), "utf8"));
const [LAYER, HEAD] = CARD.default_head;
const SCORE_DIFF = CARD.evaluation.heads.score_diff[LAYER][HEAD];

const stage = openStage();

/** The page without a link, at its end. */
async function opened(options = {}) {
  const page = await stage.open({ hash: "", ...options });
  return { page, ...(await outcome(page)) };
}

function assertOpening({ end, result, message }) {
  assert.equal(end, "done", message);
  assert.equal(result.model, "ioi-mini");
  assert.deepEqual(result.head, CARD.default_head);
  // The card's figure is for the same prompts, by the native command.
  const found = result.conditions.clean.mean_diff;
  assert.ok(Math.abs(found - SCORE_DIFF) < 1e-3, `${found}, the card says ${SCORE_DIFF}`);
  assert.equal(result.evidence.noop_max_abs_change, 0);
  assert.equal(result.origin.sha256, CARD.files["model.safetensors"].sha256);
}

/**
 * What the first visit may fetch on the CPU path, in bytes with gzip, as static hosts send it. Of the program that is what 765 000
 * are with brotli at its best: see docs/decisions/build.md.
 */
const MOST = { wasm: 1_020_000, js: 137_000 };

/** Bytes of all these files of the site that end so, compressed. */
function fetched(requests, ending) {
  const paths = requests.map((url) => new URL(url).pathname).filter((path) => path.endsWith(`.${ending}`));
  assert.ok(paths.length > 0, `no .${ending} was fetched`);
  return paths.reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0);
}

test("the page opens with its own model's result and sentence, from this site alone", async (t) => {
  const context = await stage.newContext();
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const it = await opened({ context });
  assertOpening(it);
  const { page } = it;
  assert.match(
    await page.getByRole("heading", { level: 2 }).first().innerText(),
    new RegExp(`Head ${LAYER}\\.${HEAD} `),
  );
  await page.getByRole("button", { name: "Model: ioi-mini" }).waitFor();
  const likeliest = page.locator(".sentence .predicted").first();
  await likeliest.waitFor();
  assert.equal(await likeliest.innerText(), "Alex");
  await quiet(page);
  assert.equal(await page.getByText("The settings have changed").count(), 0);

  const elsewhere = requests.filter((url) => !url.startsWith(stage.siteUrl) && !url.startsWith("data:"));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(
    requests.filter((url) => /\/gpu-|huggingface/.test(url)),
    [],
  );
  assert.equal(new Set(requests).size, requests.length, "something was fetched twice");
  for (const [ending, most] of Object.entries(MOST)) {
    const size = fetched(requests, ending);
    t.diagnostic(`${ending}: ${size} bytes with gzip`);
    assert.ok(size <= most, `${ending}: expected at most ${most} bytes, found ${size}`);
  }
});

test("visited once, the page opens with its result without a network", async () => {
  const site = await stage.serve(DIST);
  const { page } = await opened({ url: site.url, serviceWorkers: "allow" });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await site.close();
  await page.context().setOffline(true);
  await page.reload();
  assertOpening(await outcome(page));
});

test("a link to the page's own model is run at once", async () => {
  const link = `#v=1&experiment=patching_positions&model=ioi-mini&layer=0&head=1&n=20&seed=7&symmetric=true${"&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true"}`;
  const { end, result } = await opened({ hash: link });
  assert.equal(end, "done");
  assert.deepEqual(result.head, [0, 1]);
  assert.equal(result.conditions.clean.diff.length, 20);
});

test("who presses Run does not wait for what the page does by itself", async () => {
  const context = await stage.newContext();
  await beginWorker(context, slowSteps("experiment", 60_000), DIST);
  const page = await context.newPage();
  await page.goto(stage.siteUrl);
  await state(page, "running");
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  assert.equal(await runButton(page).getAttribute("aria-disabled"), "false");
  await pressRun(page);
  await slowDown(page, 0);
  await page.waitForFunction(() => window.patchbay.result !== null, null, { timeout: 150_000 });
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

test("a damaged file of the page's own model is named, and other models work", async () => {
  const folder = stage.folder();
  cpSync(DIST, folder, { recursive: true });
  const weights = join(folder, "models/ioi-mini/model.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 100] ^= 1;
  writeFileSync(weights, bytes);
  const site = await stage.serve(folder);
  const { page, end, error, message, result } = await opened({ url: site.url });
  assert.equal(end, "error");
  assert.equal(error.name, "VerifyError");
  assert.match(message, /model\.safetensors is not the file it should be: expected SHA-256 [0-9a-f]{64}/);
  assert.equal(result, null);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  assertFigures(await runWell(page));
});
