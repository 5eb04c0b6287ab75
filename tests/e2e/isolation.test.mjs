// On a host that sends no headers of its own the service worker isolates the page, so that it can have threads: at the next visit, or by
// loading the page once more where that is worth it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DIST, fill, runWell, state, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const has = (name, value) => `Object.defineProperty(navigator, "${name}", { get: () => (${value}) });`;
/** As a person's browser, who has pressed something or has not. */
const used = (yes) => `${has("webdriver", "false")} ${has("userActivation", `{ hasBeenActive: ${yes} }`)}`;

/** A first visit, with so many cores. `begin`: what else the page begins with; what a test asks of a page counts as its use. */
async function visit(cores, begin = used(false)) {
  const site = await stage.serve(DIST, { isolated: false });
  const context = await stage.newContext({ serviceWorkers: "allow" });
  await context.addInitScript(`
    ${has("hardwareConcurrency", cores)}
    sessionStorage.setItem("visits", Number(sessionStorage.getItem("visits")) + 1);
    ${begin}`);
  const page = await context.newPage();
  await page.goto(site.url);
  await state(page, "done");
  return page;
}

const isIsolated = (page) => page.evaluate(() => crossOriginIsolated);
const visits = (page) => page.evaluate(() => Number(sessionStorage.getItem("visits")));

/** When the service worker has come, and the page has had time to be loaded once more. */
async function settled(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.waitForTimeout(1500);
  await state(page, "done");
}

test("with four cores and no GPU the page is loaded once more, and has threads", async () => {
  const page = await visit(4);
  await page.waitForFunction(() => crossOriginIsolated);
  await settled(page);
  assert.equal(await visits(page), 2);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  assert.ok((await runWell(page)).device_info.threads > 1);
});

for (const [what, cores, begin] of [
  ["with fewer cores", 2, used(false)],
  ["with a GPU", 8, `${used(false)} ${has("gpu", "{ requestAdapter: async () => ({ info: {} }) }")}`],
  ["while somebody uses it", 4, used(true)],
  ["while a program uses it", 4, has("userActivation", "{ hasBeenActive: false }")],
  [
    "once a file was dropped on it",
    4,
    `${used(false)} setInterval(() => globalThis.dispatchEvent(new Event("drop")), 50);`,
  ],
])
  test(`${what} it is not, and isolated when it is opened the next time`, async () => {
    const page = await visit(cores, begin);
    await settled(page);
    assert.deepEqual([await isIsolated(page), await visits(page)], [false, 1]);
    await page.reload();
    await state(page, "done");
    assert.equal(await isIsolated(page), true);
  });

test("where the host takes away what isolates it, it is not loaded again and again", async () => {
  const begin = `${used(false)} Object.defineProperty(globalThis, "crossOriginIsolated", { get: () => false });`;
  const page = await visit(4, begin);
  await page.waitForFunction(() => sessionStorage.getItem("visits") === "2");
  await settled(page);
  assert.equal(await visits(page), 2);
});
