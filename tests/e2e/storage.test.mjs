// What this browser keeps of a model: complete or not, listed, deleted, damaged, refused, and shared by two tabs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { launchProfile } from "../../scripts/lib/browser.mjs";
import { wrapExport } from "./faults.mjs";
import {
  assertFigures,
  assertRefused,
  assertStopped,
  assertStored,
  cancel,
  closeModels,
  fill,
  loadStep,
  message,
  openModels,
  outcome,
  pressRun,
  progressSays,
  quiet,
  run,
  runWell,
  swept,
  TINY_FORM,
} from "./helpers.mjs";
import {
  asked,
  fetchesAgain,
  GOOD,
  HEADER_END,
  heldAt,
  hold,
  OVERLAP,
  runsWell,
  SIZE,
  SMALL,
  scene,
  tinyFiles,
  WEIGHTS,
} from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** The long model's journal is written every 8 MiB. */
const CHECKPOINT = 8 << 20;

/** Where a download goes on that asks for this. */
const startOf = (range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1]) + OVERLAP;

/** The one model's files in the browser's storage, by name: their sizes. */
function storedFiles(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const models = await root.getDirectoryHandle("models", { create: true });
    const sizes = {};
    for await (const folder of models.values())
      for await (const file of folder.values()) sizes[file.name] = (await file.getFile()).size;
    return sizes;
  });
}

/** Changes a file of the one model in the browser's storage: a byte inverted, or the file cut. */
async function spoil(page, name, { flip, truncate }) {
  await page.evaluate(
    async ([name, flip, truncate]) => {
      const root = await navigator.storage.getDirectory();
      const models = await root.getDirectoryHandle("models");
      for await (const folder of models.values()) {
        const file = await folder.getFileHandle(name);
        const before = await file.getFile();
        const writable = await file.createWritable({ keepExistingData: true });
        if (truncate !== undefined) await writable.truncate(truncate < 0 ? before.size + truncate : truncate);
        if (flip !== undefined) {
          const [byte] = new Uint8Array(await before.slice(flip, flip + 1).arrayBuffer());
          await writable.write({ type: "write", position: flip, data: new Uint8Array([byte ^ 0xff]) });
        }
        await writable.close();
      }
    },
    [name, flip, truncate],
  );
}

test("the model of the last visit is offered in one press, and runs from storage without its server", async () => {
  const it = await scene(stage);
  const first = await runsWell(it);
  assert.equal(first.origin.from, "network");
  assert.equal(first.origin.sha256, createHash("sha256").update(GOOD).digest("hex"));
  await it.server.close();
  await it.page.goto("about:blank");
  await it.page.goto(stage.siteUrl);
  const { end, result } = await outcome(it.page);
  assert.deepEqual([end, result.model], ["done", "ioi-mini"], "a visit without a link opens with the toy");
  await it.page.getByRole("button", { name: /^Use .*, kept in this browser$/ }).click();
  await it.page.getByText(/is chosen\. Kept in this browser: a run needs no download\./).waitFor();
  await fill(it.page, TINY_FORM);
  const second = await runWell(it.page);
  assertFigures(second);
  assert.equal(second.origin.from, "storage");
  assert.equal(second.origin.sha256, first.origin.sha256);
});

test("the list shows what is stored, after a reload too, and deletes it", async () => {
  const it = await scene(stage);
  const dialog = await openModels(it.page);
  const row = dialog.getByRole("row");
  await dialog.getByText(/^None yet/).waitFor();
  assert.equal(await row.count(), 0);
  await closeModels(it.page);
  await runsWell(it);
  await it.reload();
  await assertStored(it.page, it.id, {
    complete: true,
    bytes: SMALL + SIZE,
    total: SMALL + SIZE,
    revision: null,
  });
  await openModels(it.page);
  const text = await row.innerText();
  assert.ok(text.includes(it.server.url.replace(/\/$/, "")), text);
  assert.match(text, /320 kB/);
  assert.match(text, new RegExp(String(new Date().getFullYear())));
  await dialog.getByText(/^This site uses \d/).waitFor();
  await closeModels(it.page);

  // From memory too: what is deleted is not used again.
  await runsWell(it);
  await openModels(it.page);
  await row.getByRole("button", { name: /^Delete/ }).click();
  await assertStored(it.page, it.id, null);
  await dialog.getByText(/^Deleted: .*320 kB\.$/).waitFor();
  await row.waitFor({ state: "detached" });
  await closeModels(it.page);
  // Nor is it fetched again for what the page asks by itself, as of another prompt.
  await fill(it.page, { prompt: "2" });
  await swept(it.page);
  await quiet(it.page);
  await it.page.waitForTimeout(1000);
  assert.deepEqual(asked(it.server), [null]);
  assert.deepEqual(await storedFiles(it.page), {});
  it.server.requests.length = 0;
  await runsWell(it);
  assert.deepEqual(asked(it.server), [null]);
});

test("a model that its owner has replaced: which one is in use is said, and the new one can be had", async () => {
  const it = await scene(stage);
  const first = await runsWell(it);
  const other = Buffer.from(GOOD);
  for (let at = HEADER_END; at < SIZE; at += 4) other[at + 2] ^= 0x40;
  it.server.replace(WEIGHTS, other);
  await it.reload();
  const kept = await runWell(it.page);
  assert.deepEqual([kept.origin.from, kept.origin.sha256], ["storage", first.origin.sha256]);
  await it.page.locator("header", { hasText: "its owner has replaced it since." }).waitFor();
  const row = (await openModels(it.page)).getByRole("row");
  await row.getByText("Its owner has replaced it since. Runs go on using this copy.").waitFor();
  await row.getByRole("button", { name: "Use the new one" }).click();
  await assertStored(it.page, it.id, null);
  await closeModels(it.page);
  const fresh = await runWell(it.page);
  assert.equal(fresh.origin.from, "network");
  assert.equal(fresh.origin.sha256, createHash("sha256").update(other).digest("hex"));
});

test("the browser is asked to keep the files, and its answer is shown", async () => {
  const it = await scene(stage);
  const browser = await stage.browser.newBrowserCDPSession();
  const { targetInfo } = await (await it.context.newCDPSession(it.page)).send("Target.getTargetInfo");
  const answer = (setting) =>
    browser.send("Browser.setPermission", {
      permission: { name: "persistent-storage" },
      setting,
      origin: new URL(it.page.url()).origin,
      browserContextId: targetInfo.browserContextId,
    });
  await answer("denied");
  await runsWell(it);
  const dialog = await openModels(it.page);
  await dialog.getByText(/not persistent.*declined/).waitFor();
  // Somebody agrees when asked: before, the page would see it as soon as a job ends, and take the button away.
  await it.page.exposeFunction("agree", () => answer("granted"));
  await it.page.evaluate(() => {
    const ask = navigator.storage.persist.bind(navigator.storage);
    navigator.storage.persist = () => agree().then(ask);
  });
  await dialog.getByRole("button", { name: "Ask for persistent storage" }).click();
  await dialog.getByText(/is persistent/).waitFor();
});

test("cancelled while it is downloaded: what is kept is said, and the next run goes on from there", async (t) => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { rate: 100_000, ...hold(250_000).plan });
  await pressRun(it.page);
  await loadStep(it.page, { what: WEIGHTS, stage: "download", done: 100_000, rate: true });
  const { ms, message } = await cancel(it.page);
  t.diagnostic(`cancelled after ${ms.toFixed(0)} ms`);
  await assertStopped(it.page, ms);
  const [, kept] = /Cancelled.*\b(\d+) kB of 292 kB of model\.safetensors are kept/.exec(message) ?? [];
  assert.ok(kept >= 100, message);
  const { sent } = it.server.requests.at(-1);
  assert.ok(sent < 250_000, "the download went on");
  await runsWell(it);
  const [, second, ...more] = asked(it.server);
  assert.equal((startOf(second) / 1000).toFixed(0), kept);
  assert.deepEqual(more, []);
});

/** Each leaves the page in the middle of a download, and gives the page that goes on. */
const LEFT = [
  [
    "a reload",
    async (it) => {
      await it.reload();
      return it.page;
    },
  ],
  [
    "a closed tab",
    async (it) => {
      await it.page.close();
      return it.tab();
    },
  ],
];

for (const [what, leave] of LEFT) {
  test(`${what} in the middle of a download: the next run goes on from there`, async () => {
    const it = await scene(stage, { long: true });
    it.server.plan(WEIGHTS, hold(9_500_000).plan);
    await pressRun(it.page);
    await heldAt(it, 9_500_000);
    const page = await leave(it);
    await assertStored(page, it.id, { complete: false });
    await runsWell({ ...it, page });
    const [, second, ...more] = asked(it.server);
    assert.ok(startOf(second) >= CHECKPOINT, `${second}`);
    assert.deepEqual(more, []);
  });
}

test("two tabs at once: one downloads, the other waits and then reads what is stored", async () => {
  const it = await scene(stage);
  const held = hold(100_000);
  it.server.plan(WEIGHTS, held.plan);
  const other = await it.tab();
  await pressRun(it.page);
  await loadStep(it.page, { stage: "download" });
  await pressRun(other);
  await loadStep(other, { stage: "wait" });
  await progressSays(other, /another tab/i);
  held.letGo();
  for (const page of [it.page, other]) {
    const { end, result, message } = await outcome(page);
    assert.equal(end, "done", message);
    assertFigures(result);
  }
  assert.deepEqual(asked(it.server), [null]);
});

test("a wait for another tab can be cancelled", async (t) => {
  const it = await scene(stage);
  const held = hold(100_000);
  it.server.plan(WEIGHTS, held.plan);
  const other = await it.tab();
  await pressRun(it.page);
  await loadStep(it.page, { stage: "download" });
  await pressRun(other);
  await loadStep(other, { stage: "wait" });
  const { ms } = await cancel(other);
  t.diagnostic(`cancelled after ${ms.toFixed(0)} ms`);
  await assertStopped(other, ms, { waiting: true });
  held.letGo();
  assert.equal((await outcome(it.page)).end, "done");
  assertFigures(await runWell(other));
  assert.deepEqual(asked(it.server), [null]);
});

for (const [what, end, kept] of [
  ["cancelled", (page) => cancel(page), 1],
  ["closed", (page) => page.close(), CHECKPOINT],
]) {
  test(`two tabs, and the one that downloads is ${what}: the other goes on from there`, async () => {
    const it = await scene(stage, { long: true });
    it.server.plan(WEIGHTS, hold(9_500_000).plan);
    const other = await it.tab();
    await pressRun(it.page);
    await loadStep(it.page, { stage: "download" });
    await pressRun(other);
    await loadStep(other, { stage: "wait" });
    await heldAt(it, 9_500_000);
    await end(it.page);
    const { end: how, result, message } = await outcome(other);
    assert.equal(how, "done", message);
    assertFigures(result);
    const [first, second, ...more] = asked(it.server);
    assert.equal(first, null);
    assert.ok(startOf(second) >= kept, `${second}`);
    assert.deepEqual(more, []);
  });
}

test("a model that another tab is reading is not deleted", async () => {
  const it = await scene(stage);
  const rest = hold(100_000);
  it.server.plan(WEIGHTS, hold(70_000).plan, rest.plan);
  await pressRun(it.page);
  await heldAt(it, 70_000);
  await cancel(it.page);
  const other = await it.tab();
  const dialog = await openModels(other);
  const remove = dialog.getByRole("button", { name: /^Delete/ });
  await remove.waitFor();
  await pressRun(it.page);
  await heldAt(it, 100_000);
  await remove.click();
  await dialog.getByText(/^Not deleted: .*(being read|in use)/).waitFor();
  assert.equal(await remove.count(), 1);
  rest.letGo();
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

/** Stored well, then spoilt where it lies, and the page's memory emptied. */
async function damaged(name, damage) {
  const it = await scene(stage);
  await runsWell(it);
  await spoil(it.page, name, damage);
  it.server.requests.length = 0;
  await it.reload();
  return it;
}

test("a flipped byte in the stored copy: said, dropped, and fetched again", async () => {
  const it = await damaged(WEIGHTS, { flip: HEADER_END + 4 * 700 });
  const found = await run(it.page);
  await assertRefused(it.page, found, "VerifyError", /stored copy of model\.safetensors is damaged/);
  await assertStored(it.page, it.id, { complete: false, bytes: SMALL });
  await fetchesAgain(it);
  assert.deepEqual(asked(it.server), [null]);
});

test("a flipped byte in the stored tokenizer: said, and the next run gives the figures", async () => {
  const it = await damaged("tokenizer.json", { flip: 9000 });
  await assertRefused(
    it.page,
    await run(it.page),
    "VerifyError",
    /stored copy of tokenizer\.json is damaged/,
  );
  await fetchesAgain(it);
});

test("a stored copy that ends early is not taken for complete: fetched again without a word", async () => {
  const it = await damaged(WEIGHTS, { truncate: -1 });
  await runsWell(it);
  assert.deepEqual(asked(it.server), [null]);
});

async function setQuota(page, quotaSize) {
  const session = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await session.send("Storage.overrideQuotaForOrigin", {
    origin,
    ...(quotaSize === null ? {} : { quotaSize }),
  });
}

/** The browser keeps a profile's files on the disk, and a private window's in memory: their limits work differently. */
const PLACES = [
  ["in a private window", async () => ({}), 150_000],
  [
    "in a profile",
    async () => {
      const context = await launchProfile(stage.folder(), { serviceWorkers: "block" });
      return { long: true, context: stage.keep(context) };
    },
    6_000_000,
  ],
];

for (const [where, options, quota] of PLACES) {
  test(`no room to store ${where}: the figures all the same, with a notice, and nothing is kept`, async (_t) => {
    const it = await scene(stage, await options());
    await setQuota(it.page, quota);
    const result = await runWell(it.page);
    assertFigures(result);
    assert.match(result.origin.unstored, /not kept.*limit/);
    assert.ok((await message(it.page)).includes(result.origin.unstored));
    await assertStored(it.page, it.id, null);

    await setQuota(it.page, null);
    it.server.requests.length = 0;
    await it.reload();
    await runsWell(it);
    assert.deepEqual(asked(it.server), [null]);
    assert.equal(await message(it.page), "");
  });
}

/** How a browser can refuse to store, and one way in which it may do so slowly. */
const REFUSALS = [
  [
    "getDirectory is refused, as in private windows",
    `StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException("denied", "SecurityError"));`,
  ],
  [
    "the worker cannot write files",
    "delete FileSystemFileHandle.prototype.createSyncAccessHandle;",
    /not kept .*is downloaded again next time/,
  ],
  [
    "a write fails",
    `{
      const { write } = FileSystemSyncAccessHandle.prototype;
      FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
        if (options.at + bytes.byteLength > 100_000) throw new DOMException("disk", "InvalidStateError");
        return write.call(this, bytes, options);
      };
    }`,
  ],
];

for (const [what, worker, words = /not kept/] of REFUSALS) {
  test(`${what}: the figures all the same, with a notice, and nothing is kept`, async () => {
    const it = await scene(stage, { worker });
    assertFigures(await runWell(it.page));
    assert.match(await message(it.page), words);
    const dialog = await openModels(it.page);
    await dialog.locator(".note", { hasText: words }).waitFor();
    assert.equal(await dialog.getByRole("row").count(), 0);
    await it.reload();
    assertFigures(await runWell(it.page));
    assert.deepEqual(asked(it.server), [null, null]);
  });
}

/** What a browser may do that is no reason not to store. */
const HICCUPS = [
  [
    "does not say how much room there is",
    `StorageManager.prototype.estimate = () => Promise.reject(new TypeError("internal"));`,
  ],
  [
    "holds a file for a moment longer than the tab that was closed",
    `{
      const { createSyncAccessHandle } = FileSystemFileHandle.prototype;
      let refused = 0;
      FileSystemFileHandle.prototype.createSyncAccessHandle = async function () {
        if (refused++ < 5) throw new DOMException("locked", "NoModificationAllowedError");
        return createSyncAccessHandle.call(this);
      };
    }`,
  ],
];

for (const [what, worker] of HICCUPS) {
  test(`a browser that ${what}: the model is kept`, async () => {
    const it = await scene(stage, { worker });
    const { origin } = await runsWell(it);
    assert.equal(origin.unstored, null);
  });
}

test("writes that take only a part of the bytes are gone on with", async () => {
  const worker = `{
    const { write } = FileSystemSyncAccessHandle.prototype;
    FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
      return write.call(this, bytes.subarray(0, Math.ceil(bytes.length / 2)), options);
    };
  }`;
  const it = await scene(stage, { worker });
  await runsWell(it);
  await it.server.close();
  await it.reload();
  assertFigures(await runWell(it.page));
});

test("a cancel while the stored copy is read stops at once, and spoils nothing", async (t) => {
  // As slow as a machine under load, piece by piece: else the whole is read before anything can be pressed.
  const worker = wrapExport(
    "modelloader_push",
    `(call) => (...args) => {
      const until = performance.now() + (args.at(-1) >= 1 << 20 ? 150 : 0);
      while (performance.now() < until);
      return call(...args);
    }`,
  );
  const it = await scene(stage, { long: true, worker });
  await runsWell(it);
  await it.server.close();
  await it.reload();
  await pressRun(it.page);
  await loadStep(it.page, { what: WEIGHTS, stage: "read", done: 1 << 20 });
  const { ms } = await cancel(it.page);
  t.diagnostic(`cancelled after ${ms.toFixed(0)} ms`);
  await assertStopped(it.page, ms);
  await assertStored(it.page, it.id, { complete: true });
  assertFigures(await runWell(it.page));
});

test("a cancel in the pause before another try stops at once", async (t) => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { status: 429, headers: { "retry-after": "30" } });
  await pressRun(it.page);
  await loadStep(it.page, { stage: "retry" });
  const { ms } = await cancel(it.page);
  t.diagnostic(`cancelled after ${ms.toFixed(0)} ms`);
  await assertStopped(it.page, ms);
  await runsWell(it);
});

test("a model that changed on the server is not mixed with its stored part after a reload", async () => {
  const it = await scene(stage, { long: true });
  it.server.plan(WEIGHTS, hold(9_500_000).plan);
  await pressRun(it.page);
  await heldAt(it, 9_500_000);
  await it.reload();
  // The tiny model's files, which are another model at the same address.
  for (const [name, bytes] of Object.entries(tinyFiles())) it.server.replace(name, bytes);
  await runsWell(it);
  const ranges = asked(it.server);
  assert.match(ranges[1], /^bytes=\d+-$/);
  assert.equal(ranges.at(-1), null);
});
