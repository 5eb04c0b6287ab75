// The page on WebGPU in an engine and on an adapter other than Chromium's SwiftShader.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openFirefox } from "../../../scripts/lib/engines/firefox.mjs";
import { serve } from "../../../scripts/lib/serve.mjs";
import { lackOf } from "../../../scripts/setup/engines.mjs";
import { assertFigures, assertNear, DIST, TINY } from "../../e2e/helpers.mjs";
import { open, run, tinyLink } from "../page.mjs";

const skip = (await lackOf("lavapipe")) ?? false;

let browser;
let site;
let model;
before(async () => {
  if (skip) return;
  [site, model] = await Promise.all([serve(DIST), serve(TINY)]);
  browser = await openFirefox({ webgpu: true });
});
after(() => Promise.all([browser?.close(), site?.close(), model?.close()]));

/** Scores are some 5 large: sums of float32 in another order, up three layers, differ by some 1e-6 of that. */
const TOLERANCE = 1e-4;

async function resultOn(device) {
  await open(browser, site.url + tinyLink(model.url, { device }));
  const result = await run(browser);
  assertFigures(result);
  return result;
}

test("asked for, it passes the page's self-check and gives the CPU's figures", { skip }, async (t) => {
  const [cpu, gpu] = [await resultOn("cpu"), await resultOn("webgpu")];
  assert.deepEqual([cpu.device, gpu.device], ["cpu", "gpu"]);
  const { self_check, note } = gpu.device_info;
  assert.equal(self_check.passed, true);
  assert.equal(note, null);
  t.diagnostic(`self-check ${self_check.max_difference}`);
  for (const [name, { diff }] of Object.entries(cpu.conditions))
    diff.forEach((figure, i) => {
      assertNear(gpu.conditions[name].diff[i], figure, TOLERANCE, `${name} diff[${i}]`);
    });
});

test("left to the page, the CPU is used, since the adapter is software", { skip }, async () => {
  const { device, device_info } = await resultOn("auto");
  assert.equal(device, "cpu");
  assert.match(device_info.note, /no GPU: software adapter .*; using the CPU/);
});
