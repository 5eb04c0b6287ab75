// That the CPU's inner loops are vectors. Whether the compiler makes them depends on how the program is linked, and without them
// all is as right, and ten times as slow. Burn's product, which has vectors of its own, is the measure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const GPT2_SMALL = JSON.stringify({
  model_type: "gpt2",
  activation_function: "gelu_new",
  n_layer: 12,
  n_head: 12,
  n_embd: 768,
  n_ctx: 1024,
  n_positions: 1024,
  vocab_size: 50257,
  layer_norm_epsilon: 1e-5,
});

for (const [kind, text] of [
  ["cpu", "with relaxed SIMD"],
  ["plain", "without relaxed SIMD"],
])
  test(`a layer's steps take what vectors take, ${text}`, async (t) => {
    const server = await stage.serve(ROOT);
    const page = await (await stage.newContext()).newPage();
    await page.goto(new URL("scripts/bench/page.html", server.url).href);
    const steps = await page.evaluate(
      async (of) => (await import("/scripts/bench/page.mjs")).steps(...of),
      [kind, GPT2_SMALL, 256, 30],
    );
    // The fastest of thirty, as if nothing else were at work; in times that Burn's product takes.
    const least = (name) => Math.min(...steps.find((step) => step.name === name).seconds);
    const times = (name) => least(name) / least("c_fc, Burn's product");
    t.diagnostic(steps.map(({ name }) => `${name} ${times(name).toFixed(3)}`).join(", "));
    // 0.6 to 1.1 of it with vectors, 5 without.
    assert.ok(times("norm, c_fc, gelu") < 2);
    // A 60th to an 80th of it with vectors, a 24th without.
    assert.ok(times("attention") < 1 / 32);
  });
