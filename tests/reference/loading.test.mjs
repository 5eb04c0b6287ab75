// GPT-2 small's size through the page: from a server, then from the browser's storage with the server stopped. Prints
// what it took; `npm test` runs this with REFERENCE set, as reference.test.mjs.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchProfile } from "../../scripts/lib/browser.mjs";
import { watchMemory } from "../../scripts/lib/memory.mjs";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { beginWorker } from "../e2e/faults.mjs";
import {
  assertStopped,
  cancel,
  DIST,
  fill,
  loadStep,
  openModels,
  outcome,
  runButton,
  runWell,
  state,
} from "../e2e/helpers.mjs";
import { NOTEBOOK_LINK } from "../e2e/stage.mjs";
import { assertAgrees, figures } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
/** What wasm and JavaScript may hold besides the weights. */
const BESIDES = 64 * 2 ** 20;
/**
 * The same with the browser's own objects behind JavaScript's: its fetch leaves what it took from the network to its garbage
 * collector, up to 65 MB of it, which a page can neither free nor see.
 */
const BESIDES_WITH_BROWSER = 96 * 2 ** 20;
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Lets the size of the wasm's memory be asked for. */
const KEEP_MEMORY = `{
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...args) => {
    const made = await instantiateStreaming.apply(WebAssembly, args);
    globalThis.wasmMemory = made.instance.exports.memory;
    return made;
  };
}`;

let folder;
let profile;
let context;
let site;
before(async () => {
  folder = await makeCheckpoint(REFERENCE, "small");
  profile = mkdtempSync(join(tmpdir(), "patchbay-profile-"));
  [site, context] = await Promise.all([serve(DIST), launchProfile(profile, { serviceWorkers: "block" })]);
  await beginWorker(context, KEEP_MEMORY, DIST);
});
after(async () => {
  await context.close();
  await site.close();
  rmSync(profile, { recursive: true });
});

/** What stays of the file in the model: all of it but GPT-2's masks, which are constants. */
function weightBytes() {
  const file = openSync(join(folder, "model.safetensors"));
  const read = (length, at) => {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, at);
    return bytes;
  };
  const header = JSON.parse(read(Number(read(8, 0).readBigUInt64LE(0)), 8));
  closeSync(file);
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__" && !/\.attn\.(bias|masked_bias)$/.test(name))
    .reduce((sum, [, { data_offsets }]) => sum + data_offsets[1] - data_offsets[0], 0);
}

/**
 * Samples what wasm and JavaScript hold in the page's worker until stop() is called, which gives the peaks: `own` is both
 * together, `all` also counts the browser's own objects there (`browser`).
 */
async function watchHeaps(page) {
  const session = await page.context().newCDPSession(page);
  const waiting = new Map();
  let last = 0;
  const attached = new Promise((done) => session.on("Target.attachedToTarget", done));
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
  });
  await session.send("Target.setAutoAttach", {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  const { sessionId } = await attached;
  const ask = async (method, params = {}) => {
    last += 1;
    const id = last;
    const answer = new Promise((done) => waiting.set(id, done));
    await session.send("Target.sendMessageToTarget", {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return answer;
  };
  const peak = { own: 0, all: 0, wasm: 0, js: 0, browser: 0 };
  let on = true;
  const sampling = (async () => {
    while (on) {
      const usage = await ask("Runtime.getHeapUsage");
      const { result } = await ask("Runtime.evaluate", { expression: "wasmMemory.buffer.byteLength" });
      const [wasm, js, browser] = [
        result.value,
        usage.usedSize + usage.backingStorageSize,
        usage.embedderHeapUsedSize,
      ];
      const now = { own: wasm + js, all: wasm + js + browser, wasm, js, browser };
      for (const name of Object.keys(peak)) peak[name] = Math.max(peak[name], now[name]);
    }
  })();
  return {
    async stop() {
      on = false;
      await sampling;
      await session.detach();
      return peak;
    },
  };
}

async function open(id) {
  const page = await context.newPage();
  await page.goto(site.url + NOTEBOOK_LINK);
  await state(page, "ready");
  await fill(page, { device: "cpu", n: "10", model: id });
  return page;
}

/** A run that reads the model: what it gives, and what the reading took. */
async function measured(t, page, what) {
  const heaps = await watchHeaps(page);
  const rss = await watchMemory(context.browser());
  const running = runWell(page);
  await state(page, "running");
  const peak = await heaps.stop();
  const memory = rss.stop();
  const result = await running;
  const { load_ms } = result.origin;
  const phases = Object.entries(load_ms).map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)}`);
  t.diagnostic(
    `${what}: load ${(result.timings_ms.load / 1000).toFixed(1)} s (${phases.join(", ")}); ` +
      `peak of wasm and JS together ${mb(peak.own)} (wasm ${mb(peak.wasm)}, JS ${mb(peak.js)}), ` +
      `with the browser's own objects ${mb(peak.all)} (of these ${mb(peak.browser)}), weights ${mb(weightBytes())}` +
      (memory === null ? "" : `; peak resident ${mb(memory.peak_process_rss_bytes)} in the largest process`),
  );
  for (const [found, besides] of [
    [peak.own, BESIDES],
    [peak.all, BESIDES_WITH_BROWSER],
  ]) {
    const most = weightBytes() + besides;
    assert.ok(found <= most, `${what}: expected at most ${mb(most)} while loading, found ${mb(found)}`);
  }
  return result;
}

test("small-0 from a server, then from storage without it: bounded memory, the same figures, cancelled at once", async (t) => {
  const model = await serve(folder);
  t.after(() => model.close());
  const id = `url:${model.url}`;
  const ranges = [];
  context.on("request", (request) => {
    // What is kept is compared with the server's by HEAD, which reads nothing.
    if (request.method() === "GET" && request.url().endsWith("model.safetensors"))
      ranges.push(request.headers().range ?? null);
  });

  let page = await open(id);
  const first = await measured(t, page, "from the server");
  assert.equal(first.origin.from, "network");
  assert.deepEqual(ranges, [null]);
  const dialog = await openModels(page);
  await dialog.getByRole("button", { name: /^Delete/ }).click();
  await dialog.getByText(/^Deleted: /).waitFor();
  await page.close();

  page = await open(id);
  await runButton(page).click();
  await loadStep(page, { stage: "download", done: 200e6 });
  const early = await cancel(page);
  t.diagnostic(`a cancel of the download took ${early.ms.toFixed(0)} ms`);
  // Only the worker knows that: it has stopped.
  assert.match(early.message, /are kept/);
  await assertStopped(page, early.ms);
  await runWell(page);
  assert.equal(ranges.length, 3);
  assert.ok(Number(/^bytes=(\d+)-$/.exec(ranges[2])?.[1]) > 200e6, ranges[2]);
  await page.close();

  await model.close();
  page = await open(id);
  await runButton(page).click();
  await loadStep(page, { stage: "read", done: 200e6 });
  const late = await cancel(page);
  t.diagnostic(`a cancel of the reading took ${late.ms.toFixed(0)} ms`);
  await assertStopped(page, late.ms);
  const second = await measured(t, page, "from storage");
  assert.equal(second.origin.from, "storage");
  assert.equal(second.origin.sha256, first.origin.sha256);
  assert.deepEqual(second.conditions, first.conditions);

  await fill(page, { n: "150" });
  await runButton(page).click();
  // 0.8 TFLOP: minutes on a slow machine.
  await page.waitForSelector("html:is([data-state=done], [data-state=error])", { timeout: 1_200_000 });
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertAgrees(result, figures(REFERENCE, "small-0"));
  assert.equal(ranges.length, 3, "asked for what was stored");
});
