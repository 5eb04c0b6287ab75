// WebGPU where it is (a software adapter here), and where it is not.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CORRUPT_UPLOADS, computingWorkers, WRONG_WHEN_LARGE } from "./faults.mjs";
import {
  assertFigures,
  assertRefused,
  assertSoon,
  cancel,
  fill,
  pressRun,
  run,
  runWell,
  TINY_FORM,
  until,
} from "./helpers.mjs";
import { openStage } from "./stage.mjs";

/** What the page says of the model, the device and the times. */
async function facts(page) {
  const folded = page.locator("details", { hasText: "device and times" });
  if ((await folded.getAttribute("open")) === null) await folded.locator("summary").click();
  return folded.innerText();
}

const gpuFetched = (requests) => requests.filter((url) => url.endsWith(".wasm")).length;

describe("with a software adapter", () => {
  const stage = openStage({ webgpu: true });

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
    const shown = await facts(page);
    assert.match(shown, /GPU \(WebGPU\)[\s\S]*adapter\s+google swiftshader[\s\S]*self-check\s+passed/i);
  });

  test("without the GPU's program the CPU is used, with the reason, and the next run tries again", async () => {
    const page = await stage.open();
    // The small wasm is loaded by now: this can only be the GPU's.
    await page.context().route("**/*.wasm", (route) => route.abort());
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(await facts(page), /the GPU's program could not be loaded .*; using the CPU for this run/);
    // That was the network's fault, not the GPU's.
    await page.context().unroute("**/*.wasm");
    const second = await runWell(page);
    assertFigures(second);
    assert.equal(second.device, "gpu");
  });

  test("a GPU whose results are wrong is refused, and not tried again for this model", async () => {
    const page = await stage.open({ worker: CORRUPT_UPLOADS });
    const weights = [];
    page.context().on("request", (request) => {
      // What is kept is compared with the server's by HEAD.
      if (request.method() === "GET" && request.url().endsWith("model.safetensors"))
        weights.push(request.url());
    });
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    const refused = /the GPU was refused; using the CPU\. .*disagrees with the CPU/;
    assert.match(await facts(page), refused);
    assertFigures(await runWell(page));
    assert.match(await facts(page), refused);
    assert.match(await facts(page), /already in memory/);
    assert.equal(weights.length, 1, "the CPU did not read what had been stored for the GPU");
  });

  test("a cancel shows at once where the browser cannot stop", async () => {
    const slow = `{
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        self.asking = true;
        await new Promise((resolve) => setTimeout(resolve, 3000));
        return requestDevice.apply(this, args);
      };
    }`;
    const page = await stage.open({ worker: slow });
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const [worker] = computingWorkers(page);
    await pressRun(page);
    await until(() => worker.evaluate("self.asking === true"), "a device is asked for");
    const { ms } = await cancel(page);
    assertSoon(ms);
    assertFigures(await runWell(page));
  });

  /** A GPU that leaves one of its promises open; from then on the seconds that it is given are a sixtieth as long in the worker. */
  const hung = (owner, method) => `{
    const { setInterval } = self;
    let hangs = false;
    self.setInterval = (tick, ms) => {
      let count = 0;
      return setInterval(() => {
        count += 1;
        if (hangs || count % 60 === 0) tick();
      }, ms / 60);
    };
    ${owner}.prototype.${method} = () => {
      hangs = true;
      return new Promise(() => {});
    };
  }`;
  const NEVER = [
    ["GPU", "requestAdapter", /within 15 s \(asked for an adapter\)/],
    ["GPUAdapter", "requestDevice", /within 30 s \(asked for a device\)/],
    ["GPUBuffer", "mapAsync", /within 120 s \(computing\)/],
  ];

  for (const [owner, method, reason] of NEVER) {
    test(`where ${method} never ends, the run goes on with the CPU, with the reason`, async () => {
      const page = await stage.open({ worker: hung(owner, method) });
      await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
      const result = await runWell(page);
      assertFigures(result);
      assert.equal(result.device, "cpu");
      assert.match(await facts(page), /the GPU was refused; using the CPU/);
      assert.match(await facts(page), reason);
      // It is not asked again, and the worker that took over has the model.
      assertFigures(await runWell(page));
      assert.match(await facts(page), /already in memory/);
    });
  }

  /** Every call that the wasm's GPU makes may throw, or be refused: what of the GPU's program is left then is unknown. */
  const THROWS = [
    ["GPUDevice", "createBuffer"],
    ["GPUDevice", "createBindGroup"],
    ["GPUDevice", "createShaderModule"],
    ["GPUQueue", "submit"],
    ["GPUBuffer", "mapAsync"],
  ];

  for (const [owner, method] of THROWS) {
    test(`where ${method} throws, the run goes on with the CPU, with the reason`, async () => {
      const fault = `${owner}.prototype.${method} = () => { throw new RangeError("no ${method}"); };`;
      const page = await stage.open({ worker: fault });
      await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
      const result = await runWell(page);
      assertFigures(result);
      assert.equal(result.device, "cpu");
      assert.match(await facts(page), /the GPU was refused; using the CPU\. ./);
    });
  }

  test("a GPU that is right in small dispatches and wrong in large ones is refused when the model is loaded", async () => {
    const page = await stage.open({ worker: `self.mostGroups = 40; ${WRONG_WHEN_LARGE}` });
    await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(await facts(page), /disagrees with the CPU on the first blocks/);
  });

  test("a GPU that goes wrong later is refused at a run's first batch", async () => {
    const page = await stage.open({ worker: WRONG_WHEN_LARGE });
    const settings = { ...TINY_FORM, device: "webgpu", model: `url:${stage.modelUrl}` };
    // Another seed: what is not computed is what was there before.
    await fill(page, { ...settings, seed: "7" });
    assert.equal((await runWell(page)).device, "gpu");
    for (const worker of computingWorkers(page)) await worker.evaluate("self.mostGroups = 40");
    await fill(page, settings);
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(await facts(page), /two prompts otherwise by themselves than in a batch/);
  });

  test("auto uses the CPU and says why", async () => {
    const page = await stage.open();
    const requests = [];
    page.context().on("request", (request) => requests.push(request.url()));
    await fill(page, { ...TINY_FORM, device: "auto", model: `url:${stage.modelUrl}` });
    const result = await runWell(page);
    assertFigures(result);
    assert.equal(result.device, "cpu");
    assert.match(await facts(page), /no GPU: software adapter SwiftShader; using the CPU/);
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
    const stage = openStage(options);

    test("auto uses the CPU and says why; webgpu is refused with what to do", async () => {
      const page = await stage.open({ url: address(stage.siteUrl) });
      await fill(page, { ...TINY_FORM, device: "webgpu", model: `url:${address(stage.modelUrl)}` });
      await assertRefused(page, await run(page), "DeviceError", reason, /Set Device to auto or cpu/);
      const choice = page.getByRole("banner").getByLabel("Device");
      assert.equal(await choice.getAttribute("aria-invalid"), "true");

      await fill(page, { device: "auto" });
      const result = await runWell(page);
      assertFigures(result);
      assert.equal(result.device, "cpu");
      assert.match(result.device_info.note, reason);
      assert.match(await facts(page), reason);
    });
  });
}
