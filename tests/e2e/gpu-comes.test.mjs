// A site that is served before the GPU's program is built, as `npm start` serves it.

import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { addGpu, buildSiteToCome, tellPage } from "../../scripts/build/gpu-comes.mjs";
import { assertFigures, DIST, fill, runWell, TINY_FORM, until } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage({ webgpu: true });

/** The site as it is first. */
let built;
before(async () => {
  built = stage.folder();
  await buildSiteToCome(built);
});

/** A copy of the folder, and its address. */
async function siteLike(original) {
  const folder = stage.folder();
  cpSync(original, folder, { recursive: true });
  return { folder, url: (await stage.serve(folder)).url };
}

const note = (page, text) => page.getByRole("status").filter({ hasText: text });
const anyNote = (page) => note(page, /The GPU's program/);

test("runs take the CPU until the GPU's program is there, and then the GPU", async () => {
  const { folder, url } = await siteLike(built);
  const page = await stage.open({ url });
  await note(page, "is still being built").waitFor();
  await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
  const first = await runWell(page);
  assertFigures(first);
  assert.equal(first.device, "cpu");
  assert.match(first.device_info.note, /could not be loaded \(it is still being built\); using the CPU/);

  addGpu(folder);
  await note(page, "is there: the next run can take a GPU").waitFor();
  const second = await runWell(page);
  assertFigures(second);
  assert.equal(second.device, "gpu");

  const later = await stage.open({ url, hash: "" });
  await later.waitForLoadState("networkidle");
  assert.equal(await anyNote(later).count(), 0, "opened with the program there, the page says nothing of it");
});

test("a program that could not be built is said to be none", async () => {
  const { folder, url } = await siteLike(built);
  const page = await stage.open({ url });
  await note(page, "is still being built").waitFor();
  tellPage(folder, "failed");
  await note(page, "could not be built, so runs take the CPU").waitFor();
});

test("what the browser kept of an earlier site gives way, and this one is not kept", async () => {
  const { folder, url } = await siteLike(DIST);
  const page = await stage.open({ url, serviceWorkers: "allow" });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  assert.equal(await anyNote(page).count(), 0);

  rmSync(folder, { recursive: true });
  cpSync(built, folder, { recursive: true });
  await page.reload();
  const nothingKept = () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length === 0);
  await until(nothingKept, "the earlier site's service worker goes");
  await page.reload();
  await note(page, "is still being built").waitFor();
  assert.ok(await nothingKept());
});

test("the site that is built whole has nothing of this", () => {
  const scripts = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".js"));
  assert.ok(scripts.length > 0);
  for (const name of scripts)
    assert.doesNotMatch(
      readFileSync(join(DIST, "assets", name), "utf8"),
      /still being built|state\.txt/,
      name,
    );
});
