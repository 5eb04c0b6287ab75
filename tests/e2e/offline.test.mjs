// Without a network: the site comes from its service worker, the model from the browser's storage.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import {
  assertFigures,
  assertRefused,
  assertStored,
  DIST,
  fill,
  NOTEBOOK_LINK,
  openStage,
  run,
  runWell,
  state,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** A page on servers of its own, which can be stopped, once the service worker keeps the site. */
async function visit(t, folder = DIST) {
  const [site, model] = await Promise.all([serve(folder), serve(TINY)]);
  const page = await stage.open({ url: site.url, serviceWorkers: "allow" });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const stop = () => Promise.all([site.close(), model.close()]);
  t.after(async () => {
    await page.context().close();
    await stop();
  });
  return { page, context: page.context(), site, stop, id: `url:${model.url}` };
}

/** What the page computes: the form has no memory. */
async function compute(page, id) {
  await fill(page, { ...TINY_FORM, model: id });
  return runWell(page);
}

test("visited once, the page opens without a network and runs the stored model", async (t) => {
  const it = await visit(t);
  assertFigures(await compute(it.page, it.id));
  await assertStored(it.page, it.id, { complete: true });
  await it.stop();
  await it.context.setOffline(true);

  await it.page.reload();
  assert.equal(await state(it.page, "ready", "error"), "ready");
  const result = await compute(it.page, it.id);
  assertFigures(result);
  assert.equal(result.origin.from, "storage");

  const other = await it.context.newPage();
  await other.goto(it.site.url + NOTEBOOK_LINK);
  await state(other, "ready");
  assertFigures(await compute(other, it.id));
});

test("without a network a model that is not stored is an error, and the page works on", async (t) => {
  const it = await visit(t);
  await it.stop();
  await it.context.setOffline(true);
  await it.page.reload();
  await state(it.page, "ready");
  await fill(it.page, { ...TINY_FORM, model: it.id });
  await assertRefused(it.page, await run(it.page), "DownloadError", /config\.json/, /connection/);
  await it.page.setInputFiles("#model-folder", TINY);
  await fill(it.page, { model: "folder" });
  assertFigures(await runWell(it.page));
});

test("a share link opens without a network", async (t) => {
  const it = await visit(t);
  await it.stop();
  const page = await it.context.newPage();
  await page.goto(
    `${it.site.url}#v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=12&seed=42` +
      "&symmetric=true&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true",
  );
  await state(page, "ready");
  assert.equal(await page.inputValue("#n"), "12");
});

test("a new version of the site is announced, and used once the old one is closed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-site-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(DIST, folder, { recursive: true });
  const it = await visit(t, folder);
  assert.equal(await it.page.title(), "Patchbay");
  assert.equal(await it.page.textContent("#update"), "");

  newVersion(folder, "Patchbay, next");
  await it.page.reload();
  await it.page.waitForFunction(() => document.querySelector("#update").textContent !== "");
  assert.match(await it.page.textContent("#update"), /new version/i);
  assert.equal(await it.page.title(), "Patchbay");

  await it.page.close();
  const page = await it.context.newPage();
  await page.goto(it.site.url);
  await page.waitForFunction(() => document.title === "Patchbay, next");
  await state(page, "done");
});

/** The built site as after a build with another title. */
function newVersion(folder, title) {
  const [page, worker] = ["index.html", "service-worker.js"].map((name) => join(folder, name));
  const [before, list] = [page, worker].map((file) => readFileSync(file, "utf8"));
  const next = before.replace(/<title>.*<\/title>/, `<title>${title}</title>`);
  const revision = createHash("sha256").update(next).digest("hex").slice(0, 16);
  const edited = list.replace(/("index\.html",\s*"?revision"?:\s*")[0-9a-f]+/, `$1${revision}`);
  assert.notEqual(edited, list, "the service worker's list names no index.html");
  writeFileSync(page, next);
  writeFileSync(worker, edited);
}
