// Workers that are of no use any more: the page says so and goes on with another one, instead of hanging.

import assert from "node:assert/strict";
import { test } from "node:test";
import { computingWorkers, wrapExport, wrapSteps } from "./faults.mjs";
import {
  again,
  assertFigures,
  assertSoon,
  cancel,
  fill,
  loadStep,
  message,
  outcome,
  pressRun,
  run,
  runWell,
  state,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import { hold } from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

test("a panic ends the run with its message", async () => {
  const slow = await stage.faults(TINY);
  slow.plan("model.safetensors", hold(100_000).plan);
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: `url:${slow.url}` });
  await pressRun(page);
  await loadStep(page, { what: "model.safetensors", total: true });
  // As wasm-bindgen does in an async function: the panic's message, then an error outside of any call.
  await computingWorkers(page)[0].evaluate(() => {
    console.error("panicked at crate/src/model.rs:1:1:\nno such shape\n\nStack:\n\nError");
    setTimeout(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
  });
  const { end, error, message } = await outcome(page);
  assert.equal(end, "error");
  assert.equal(error.name, "RuntimeError");
  assert.match(message, /no such shape/);
  await fill(page, { model: `url:${stage.modelUrl}` });
  await again(page);
  const next = await outcome(page);
  assert.equal(next.end, "done", next.message);
  assertFigures(next.result);
});

/** In a call, which the wasm still counts as borrowing its object; and in the wasm's own task, outside of any call. */
const TRAPS = [
  [
    "while the weights are read",
    wrapExport("modelloader_push", "(call, trap) => (...args) => (trap(), call(...args))"),
  ],
  [
    "within a step of the run",
    wrapSteps("experiment", "(call, trap) => (...args) => (queueMicrotask(trap), call(...args))"),
  ],
];

for (const [when, worker] of TRAPS) {
  test(`no memory left ${when}`, async () => {
    const page = await stage.open({ worker });
    await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
    const { end, error, message } = await run(page);
    assert.equal(end, "error");
    assert.equal(error.name, "RuntimeError", message);
    assert.match(message, /internal error .*lack of memory.*Run again/);
    // The wasm is in no state to go on: another worker has its place, at first one with the same fault.
    await page.context().unroute("**/worker-*.js");
    const second = await run(page);
    if (second.end === "error") assert.equal(second.error.name, "RuntimeError", second.message);
    assertFigures(await runWell(page));
  });
}

/** What a worker may do in the middle of a run; neither tells the page anything. */
const LOST = [
  ["spins", "for (;;);"],
  ["closes itself", "self.close();"],
];

for (const [what, act] of LOST) {
  test(`a worker that ${what} is replaced when the run is cancelled, and the next run has its figures`, async () => {
    const tell = `new BroadcastChannel("lost").postMessage("now")`;
    const lose = `(call) => (...args) => { ${tell}; ${act} return call(...args); }`;
    const page = await stage.open({ worker: wrapSteps("experiment", lose) });
    await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
    await page.evaluate(() => {
      window.lost = new Promise((now) => new BroadcastChannel("lost").addEventListener("message", now));
    });
    await pressRun(page);
    await page.evaluate(async () => void (await window.lost));
    await page.context().unroute("**/worker-*.js");
    const { ms } = await cancel(page);
    assertSoon(ms);
    assertFigures(await runWell(page));
  });
}

/** By what the page cannot be opened without. */
const MISSING = [
  ["**/*.wasm", /WebAssembly could not be loaded/],
  ["**/worker-*.js", /worker stopped \(its script could not be loaded\)/],
];

for (const [what, words] of MISSING) {
  test(`the page is opened without a reload when ${what} comes at the second try`, async () => {
    const context = await stage.newContext();
    await context.route(what, (route) => route.abort());
    const page = await context.newPage();
    await page.goto(stage.siteUrl);
    await state(page, "error");
    assert.match(await message(page), words);
    await context.unroute(what);
    await again(page);
    await state(page, "done");
  });
}
