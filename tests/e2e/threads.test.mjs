// Products among threads, where the page may share memory with them: the same figures to the last bit. What becomes of a helper that
// is put aside is tested in crate/kernels/src/threads.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { computingWorkers } from "./faults.mjs";
import { assertFigures, DIST, fill, numbersOf, runWell, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** The worker begins so: with more cores than there may be, and with what the program exports at hand. */
const BEGIN = `
  Object.defineProperty(navigator, "hardwareConcurrency", { get: () => 4 });
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...args) => {
    const made = await instantiateStreaming.apply(WebAssembly, args);
    globalThis.program = made.instance.exports;
    return made;
  };`;

const NO_SHARED_MEMORY = `{
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...args) => {
    const made = await instantiateStreaming.apply(WebAssembly, args);
    if (made.instance.exports.memory.buffer instanceof SharedArrayBuffer) throw new RangeError("no room");
    return made;
  };
}`;

async function helpedOn(page) {
  const [worker] = computingWorkers(page);
  return worker.evaluate(() => globalThis.program.helped());
}

/** The numbers of what the page opens with, of ioi-mini; the tiny model's result; and how many strips helpers have done by then. */
async function computed({ url, begin = "" } = {}) {
  const page = await stage.open({ hash: "", worker: BEGIN + begin, ...(url && { url }) });
  const opening = numbersOf(await page.evaluate(() => window.patchbay.result));
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  const tiny = await runWell(page);
  const { threads } = tiny.device_info;
  assertFigures(tiny);
  return { opening, tiny: numbersOf(tiny), threads, helped: await helpedOn(page) };
}

/** As in a browser without relaxed SIMD: the first module that is looked at is refused. */
const PLAIN = `{
  const { validate } = WebAssembly;
  let asked = 0;
  WebAssembly.validate = (bytes) => asked++ > 0 && validate.call(WebAssembly, bytes);
}`;

test("four threads have the figures of one, to the last bit", async () => {
  const plain = (await stage.serve(DIST, { isolated: false })).url;
  const [four, one] = [await computed(), await computed({ url: plain })];
  assert.equal(four.threads, 4);
  assert.ok(four.helped > 0, "no helper did anything");
  assert.deepEqual([one.threads, one.helped], [1, 0]);
  assert.ok(four.opening.length > 100);
  assert.deepEqual(four.opening, one.opening);
  assert.deepEqual(four.tiny, one.tiny);
});

test("without relaxed SIMD they have the figures of one without it", async () => {
  const plain = (await stage.serve(DIST, { isolated: false })).url;
  const [four, one] = [await computed({ begin: PLAIN }), await computed({ begin: PLAIN, url: plain })];
  assert.equal(four.threads, 4);
  assert.ok(four.helped > 0, "no helper did anything");
  assert.deepEqual(four.opening, one.opening);
  assert.deepEqual(four.tiny, one.tiny);
});

for (const [what, begin] of [
  ["gives a shared memory no room", NO_SHARED_MEMORY],
  ["starts no worker in a worker", "globalThis.Worker = class extends EventTarget { postMessage() {} };"],
])
  test(`a browser that ${what} computes with one thread`, async () => {
    const { threads, helped } = await computed({ begin });
    assert.deepEqual([threads, helped], [1, 0]);
  });
