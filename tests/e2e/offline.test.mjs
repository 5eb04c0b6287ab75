// Without a network: the site comes from its service worker, the model from the browser's storage.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertFigures,
  assertRefused,
  assertStored,
  DIST,
  fill,
  formValues,
  openModels,
  run,
  runWell,
  state,
  TINY,
  TINY_FORM,
  until,
} from "./helpers.mjs";
import { NOTEBOOK_LINK, openStage } from "./stage.mjs";

const stage = openStage();

/** Waits until what the page asks for goes through the service worker: it is ready a moment before. */
async function served(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** A page on servers of its own, which can be stopped, once the service worker keeps the site. */
async function visit(folder = DIST) {
  const [site, model] = await Promise.all([stage.serve(folder), stage.serve(TINY)]);
  const page = await stage.open({ url: site.url, serviceWorkers: "allow" });
  await served(page);
  const stop = () => Promise.all([site.close(), model.close()]);
  return { page, context: page.context(), site, stop, id: `url:${model.url}` };
}

/** What the page computes: the form has no memory. */
async function compute(page, id) {
  await fill(page, { ...TINY_FORM, model: id });
  return runWell(page);
}

test("visited once, the page opens without a network and runs the stored model", async () => {
  const it = await visit();
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

test("without a network a model that is not stored is an error, and the page works on", async () => {
  const it = await visit();
  await it.stop();
  await it.context.setOffline(true);
  await it.page.reload();
  await state(it.page, "ready");
  await fill(it.page, { ...TINY_FORM, model: it.id });
  await assertRefused(it.page, await run(it.page), "DownloadError", /config\.json/, /connection/);
  await (await openModels(it.page)).getByLabel("From a folder on this machine").setInputFiles(TINY);
  assertFigures(await runWell(it.page));
});

test("a share link opens without a network", async () => {
  const it = await visit();
  await it.stop();
  const page = await it.context.newPage();
  await page.goto(
    `${it.site.url}#v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=12&seed=42` +
      "&symmetric=true&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true",
  );
  await state(page, "ready");
  assert.equal((await formValues(page)).n, "12");
});

test("a new version of the site is announced, and used once the old one is closed", async () => {
  const folder = stage.folder();
  cpSync(DIST, folder, { recursive: true });
  const it = await visit(folder);
  assert.equal(await it.page.title(), "Patchbay");
  const update = it.page.getByText(/^A new version of this page is ready/);
  assert.equal(await update.count(), 0);

  newVersion(folder, "Patchbay, next");
  await it.page.reload();
  await update.waitFor();
  assert.equal(await it.page.title(), "Patchbay");

  await it.page.close();
  const page = await it.context.newPage();
  // The browser takes a moment to let the old one go, and a page that is opened meanwhile is another old one.
  const isNext = async () => {
    await page.goto("about:blank");
    await page.waitForTimeout(1000);
    await page.goto(it.site.url);
    return (await page.title()) === "Patchbay, next";
  };
  await until(isNext, "the new version");
  await state(page, "done");
});

/** The built file of this kind. */
const asset = (pattern) => `assets/${readdirSync(join(DIST, "assets")).find((name) => pattern.test(name))}`;

test("a wrong file that a server calls right is never kept, and a later visit mends it", async () => {
  const site = await stage.faults(DIST);
  const [style, wasm] = [asset(/\.css$/), asset(/^patchbay.*\.wasm$/)];
  const asked = (path) => site.requests.filter((request) => request.path === path).length;
  const active = () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active ?? null);

  // Once, for the page itself, and in the browser's own cache for good.
  site.plan(style, { flip: 0, headers: { "cache-control": "max-age=31536000, immutable" } });
  const page = await stage.open({ url: site.url, serviceWorkers: "allow" });
  await until(() => asked(style) >= 2, "the service worker asks for the style");
  assert.equal(await active(), null);

  // Once, for the service worker.
  const model = "models/ioi-mini/model.safetensors";
  site.plan(model, { flip: 1000 });
  await page.reload();
  await until(() => asked(model) >= 2, "the service worker asks for the model");
  assert.equal(await active(), null);

  // As hosts may answer: from another address, and compressed on the way.
  site.plan("index.html", { redirect: "./" });
  site.plan(wasm, { gzip: true }, { gzip: true });
  await page.reload();
  await served(page);
  await site.close();
  await page.context().setOffline(true);
  await page.goto(site.url);
  await state(page, "done");
});

test("what is kept and damaged is fetched again", async () => {
  const it = await visit();
  const damaged = await it.page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.includes("precache"));
    const cache = await caches.open(names[0]);
    const keys = (await cache.keys()).filter(({ url }) => /index|worker|\.wasm/.test(url));
    const page = { headers: { "content-type": "text/html" } };
    for (const key of keys) await cache.put(key, new Response("<!doctype html><p>Sign in</p>", page));
    return keys.length;
  });
  assert.equal(damaged, 5);
  await it.page.reload();
  await state(it.page, "ready");
  assertFigures(await compute(it.page, it.id));
  await it.stop();
  await it.context.setOffline(true);
  await it.page.reload();
  await state(it.page, "ready");
  assertFigures(await compute(it.page, it.id));
});

test("the GPU's program is kept once it came whole", async () => {
  const site = await stage.faults(DIST);
  const page = await stage.open({ url: site.url, serviceWorkers: "allow" });
  await served(page);
  const program = asset(/^gpu-.*\.wasm$/);
  const size = statSync(join(DIST, program)).size;
  const fetched = () =>
    page.evaluate(
      (url) =>
        fetch(url).then(
          async (response) => (await response.arrayBuffer()).byteLength,
          (error) => error.name,
        ),
      program,
    );
  site.plan(program, { flip: 1000 });
  assert.equal(await fetched(), "TypeError");
  assert.equal(await fetched(), size);
  // The page has the file before the disk has it.
  await page.waitForFunction((url) => caches.match(url).then((kept) => kept !== undefined), program);
  await site.close();
  await page.context().setOffline(true);
  assert.equal(await fetched(), size);
});

/** The built site as after a build with another title. */
function newVersion(folder, title) {
  const [page, worker] = ["index.html", "service-worker.js"].map((name) => join(folder, name));
  const [before, list] = [page, worker].map((file) => readFileSync(file, "utf8"));
  const next = before.replace(/<title>.*<\/title>/, `<title>${title}</title>`);
  const integrity = `sha256-${createHash("sha256").update(next).digest("base64")}`;
  const entry = /("index\.html","revision":")[^"]+(","integrity":")[^"]+/;
  const edited = list.replace(entry, `$1${integrity}$2${integrity}`);
  assert.notEqual(edited, list, "the service worker's list names no index.html");
  writeFileSync(page, next);
  writeFileSync(worker, edited);
}
