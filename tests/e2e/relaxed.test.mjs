// With relaxed SIMD and without it: the same figures. That browsers without it open the page is seen in tests/engines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFigures, fill, numbersOf, runWell, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** What the worker begins with where its browser is to have none. */
const WITHOUT = "WebAssembly.validate = () => false;";

async function tinyResult(worker) {
  const page = await stage.open({ worker });
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  return runWell(page);
}

/** The result that the page opens with, of ioi-mini. */
async function openingResult(worker) {
  const page = await stage.open({ hash: "", worker });
  return page.evaluate(() => window.patchbay.result);
}

test("a run has the reference's figures without it", async () => {
  assertFigures(await tinyResult(WITHOUT));
});

test("a sum that is rounded once differs by roundings, and a no-op by nothing", async () => {
  for (const result of [tinyResult, openingResult]) {
    const [relaxed, plain] = [await result(""), await result(WITHOUT)];
    const [found, expected] = [relaxed, plain].map((it) => numbersOf(it));
    assert.equal(found.length, expected.length);
    const far = Math.max(...found.map((number, i) => Math.abs(number - expected[i])));
    // Found: 6e-6. A rounding is 1e-6 of a logit of 16, and there are some hundred on the way to it.
    assert.ok(far < 1e-4, `${far}`);
    // Processors have had the instruction since 2013.
    assert.ok(far > 0, "relaxed SIMD is not in use");
    for (const { evidence } of [relaxed, plain]) assert.equal(evidence.noop_max_abs_change, 0);
  }
});
