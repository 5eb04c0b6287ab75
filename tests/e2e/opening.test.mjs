// What a visitor sees first: the model that comes with the page, run at once, without another site and without a network.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { slowSteps } from "./faults.mjs";
import { assertFigures, DIST, fill, openStage, outcome, runWell, state, TINY_FORM } from "./helpers.mjs";

const CARD = JSON.parse(readFileSync(join(DIST, "models/ioi-mini/card.json"), "utf8"));
const [LAYER, HEAD] = CARD.default_head;
const SCORE_DIFF = CARD.evaluation.heads.score_diff[LAYER][HEAD];

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

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

test("the page opens with its own model's result, from this site alone", async () => {
  const context = await stage.newContext();
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const it = await opened({ context });
  assertOpening(it);
  const { page } = it;
  assert.equal(await page.locator("#chart svg[aria-label]").count(), 1);
  assert.match(await page.innerText("#toy"), /ioi-mini, a toy model/);
  assert.match(await page.innerText("#settings"), new RegExp(`Head ${LAYER}\\.${HEAD} of ioi-mini`));
  assert.match(await page.innerText("#model-info"), /from\s+this site/);
  assert.equal(await page.inputValue("#model"), "ioi-mini");
  assert.deepEqual(
    [await page.inputValue("#layer"), await page.inputValue("#head")],
    [`${LAYER}`, `${HEAD}`],
  );
  assert.equal(await page.isVisible("#stale"), false);
  // The list of models is of those that were fetched from elsewhere.
  await page.waitForSelector("#stored-empty:not([hidden])");

  const elsewhere = requests.filter((url) => !url.startsWith(stage.siteUrl) && !url.startsWith("data:"));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(
    requests.filter((url) => /\/gpu-|huggingface/.test(url)),
    [],
  );
  assert.equal(new Set(requests).size, requests.length, "something was fetched twice");
});

test("visited once, the page opens with its result without a network", async (t) => {
  const site = await serve(DIST);
  const { page } = await opened({ url: site.url, serviceWorkers: "allow" });
  t.after(() => page.context().close());
  await page.evaluate(() => navigator.serviceWorker.ready);
  await site.close();
  await page.context().setOffline(true);
  await page.reload();
  assertOpening(await outcome(page));
});

test("with another model comes its head, but not over one that was chosen", async () => {
  const { page } = await opened();
  const head = async () => `${await page.inputValue("#layer")}.${await page.inputValue("#head")}`;
  await page.click("#real");
  assert.equal(await page.inputValue("#model"), "openai-community/gpt2");
  assert.equal(await head(), "10.7");
  assert.ok(await page.isVisible("#stale"));
  await page.selectOption("#model", "url");
  assert.equal(await head(), "10.7");
  await page.selectOption("#model", "ioi-mini");
  assert.equal(await head(), `${LAYER}.${HEAD}`);
  await page.fill("#layer", "0");
  await page.selectOption("#model", "openai-community/gpt2");
  assert.equal(await head(), `0.${HEAD}`);
});

test("a link to the page's own model is run at once", async () => {
  const link = `#v=1&experiment=patching_positions&model=ioi-mini&layer=0&head=1&n=20&seed=7&symmetric=true${"&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true"}`;
  const { end, result } = await opened({ hash: link });
  assert.equal(end, "done");
  assert.deepEqual(result.head, [0, 1]);
  assert.equal(result.conditions.clean.diff.length, 20);
});

/** So that there is time to do something meanwhile. */
const SLOW_STEPS = slowSteps("experiment", 300);

test("who presses Run does not wait for what the page does by itself", async () => {
  const context = await stage.newContext();
  const { beginWorker } = await import("./faults.mjs");
  await beginWorker(context, SLOW_STEPS, DIST);
  const page = await context.newPage();
  await page.goto(stage.siteUrl);
  await state(page, "running");
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  assert.equal(await page.getAttribute("#run", "aria-disabled"), "false");
  await page.click("#run");
  await page.waitForFunction(() => window.patchbay.result !== null, null, { timeout: 150_000 });
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  assert.equal(await page.isVisible("#toy"), false);
});

test("a damaged file of the page's own model is named, and other models work", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-site-"));
  cpSync(DIST, folder, { recursive: true });
  const weights = join(folder, "models/ioi-mini/model.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 100] ^= 1;
  writeFileSync(weights, bytes);
  const site = await serve(folder);
  t.after(async () => {
    await site.close();
    rmSync(folder, { recursive: true });
  });
  const { page, end, error, message } = await opened({ url: site.url });
  assert.equal(end, "error");
  assert.equal(error.name, "VerifyError");
  assert.match(message, /model\.safetensors is not the file it should be: expected SHA-256 [0-9a-f]{64}/);
  assert.equal(await page.isVisible("#result"), false);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  assertFigures(await runWell(page));
});
