// What cannot be mended without a reload: the page says so and offers it, instead of hanging.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { wrapExport } from "./faults.mjs";
import { assertFigures, fill, openStage, outcome, run, runWell, state, TINY, TINY_FORM } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test("a panic ends the run with its message", async (t) => {
  const slow = await serve(TINY, { throttle: 40_000 });
  t.after(() => slow.close());
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: `url:${slow.url}` });
  await page.click("#run");
  await page.waitForFunction(() => window.patchbay.load?.total > 0);
  // As wasm-bindgen does in an async function: the panic's message, then an error outside of any call.
  await page.workers()[0].evaluate(() => {
    console.error("panicked at crate/src/model.rs:1:1:\nno such shape\n\nStack:\n\nError");
    setTimeout(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
  });
  const { end, error, message } = await outcome(page);
  assert.equal(end, "error");
  assert.equal(error.name, "RuntimeError");
  assert.match(message, /no such shape/);
  await page.click("#reload");
  await page.waitForSelector("html[data-state=ready]");
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  assertFigures(await runWell(page));
});

/** In a call, which the wasm still counts as borrowing its object; and in the wasm's own task, outside of any call. */
const TRAPS = [
  ["while the weights are read", "modelloader_push", "(call, trap) => (...args) => (trap(), call(...args))"],
  [
    "within a step of the run",
    "run_next",
    "(call, trap) => (...args) => (queueMicrotask(trap), call(...args))",
  ],
];

for (const [when, name, wrap] of TRAPS) {
  test(`no memory left ${when}`, async () => {
    const page = await stage.open({ worker: wrapExport(name, wrap) });
    await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
    const { end, error, message } = await run(page);
    assert.equal(end, "error");
    assert.equal(error.name, "RuntimeError", message);
    assert.match(message, /internal error .*lack of memory.*Reload the page/);
    assert.ok(await page.isVisible("#reload"));
    // The wasm is in no state to go on, and nobody asks it to.
    const again = await run(page);
    assert.equal(again.error.name, "RuntimeError", again.message);

    await page.context().unroute("**/worker-*.js");
    await page.click("#reload");
    await state(page, "ready");
    await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
    assertFigures(await runWell(page));
  });
}

test("a wasm that cannot be fetched", async () => {
  const context = await stage.browser.newContext();
  await context.route("**/*.wasm", (route) => route.abort());
  const page = await context.newPage();
  await page.goto(stage.siteUrl);
  await page.waitForSelector("html[data-state=error]");
  assert.match(await page.textContent("#message"), /WebAssembly could not be loaded/);
  await context.unroute("**/*.wasm");
  await page.click("#reload");
  await page.waitForSelector("html[data-state=done]");
  await context.close();
});

test("a worker that cannot be fetched", async () => {
  const context = await stage.browser.newContext();
  await context.route("**/worker-*.js", (route) => route.abort());
  const page = await context.newPage();
  await page.goto(stage.siteUrl);
  await page.waitForSelector("html[data-state=error]");
  assert.match(await page.textContent("#message"), /worker stopped/);
  assert.ok(await page.isVisible("#reload"));
  await context.close();
});
