// WebGPU where it is (a software adapter here), and where it is not.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertFigures, assertRefused, fill, openStage, run, runWell, TINY_FORM } from "./helpers.mjs";

const gpuFetched = (requests) => requests.filter((url) => url.endsWith(".wasm")).length;

describe("with a software adapter", () => {
  let stage;
  before(async () => {
    stage = await openStage({ webgpu: true });
  });
  after(() => stage.close());

  test("asked for, it gives the reference's figures", async () => {
    const page = await stage.open();
    const requests = [];
    page.context().on("request", (request) => requests.push(request.url()));
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "gpu");
    assert.equal(result.device_info.self_check.passed, true);
    assert.equal(gpuFetched(requests), 1);
    assert.match(await page.innerText("#device-info"), /GPU \(WebGPU\)[\s\S]*self-check\s+passed/);
  });

  test("a GPU that fails while the model is loaded is refused, with the reason, and the CPU is used", async () => {
    const page = await stage.open();
    // The small wasm is loaded by now: this can only be the GPU's.
    await page.context().route("**/*.wasm", (route) => route.abort());
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(
      await page.innerText("#device-info"),
      /the GPU was refused; using the CPU\. .*could not be loaded/,
    );
  });

  test("auto uses the CPU and says why", async () => {
    const page = await stage.open();
    const requests = [];
    page.context().on("request", (request) => requests.push(request.url()));
    await fill(page, { ...TINY_FORM, device: "auto", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(await page.innerText("#device-info"), /no GPU: software adapter SwiftShader; using the CPU/);
    assert.equal(gpuFetched(requests), 0);
  });
});

/** Both ways of having no WebGPU: the object without an adapter, and (outside of https) no object. */
const HOST = "patchbay.test";
const WITHOUT = [
  ["no adapter", {}, (url) => url, /WebGPU offers no adapter/],
  [
    "no navigator.gpu",
    { args: [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`] },
    (url) => url.replace("127.0.0.1", HOST),
    /this browser has no WebGPU/,
  ],
];

for (const [what, options, address, reason] of WITHOUT) {
  describe(`with ${what}`, () => {
    let stage;
    before(async () => {
      stage = await openStage(options);
    });
    after(() => stage.close());

    test("auto uses the CPU and says why; webgpu is refused with what to do", async () => {
      const page = await stage.open({ url: address(stage.siteUrl) });
      await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${address(stage.modelUrl)}` });
      await assertRefused(page, await run(page), "DeviceError", reason, /Set Device to auto or cpu/);
      assert.equal(await page.getAttribute("#device", "aria-invalid"), "true");

      await fill(page, { device: "auto" });
      const result = await runWell(page);
      assertFigures(result);
      assert.equal(result.device, "cpu");
      assert.match(result.device_info.note, reason);
      assert.match(await page.innerText("#device-info"), reason);
    });
  });
}
