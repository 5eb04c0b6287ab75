// The map of all heads through the next sweep: it is what the keyboard and the pointer are on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slowSteps } from "./faults.mjs";
import { assertNear, EXPECTED, fill, openStage, runWell, state, swept, TINY_FORM } from "./helpers.mjs";

/** Slow enough for its parts to be shown. */
const SLOW_SWEEPS = slowSteps("sweep", 100);

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test("a new sweep is shown in the cells of the one before: the keyboard and the page's height stay", async () => {
  const page = await stage.open({ worker: SLOW_SWEEPS });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await runWell(page);
  await swept(page);
  await page.focus('#heads-maps [aria-label^="head 1.3, change when patched "]');
  await page.evaluate(() => {
    window.before = {
      cells: [...document.querySelectorAll("#heads-maps [role=gridcell]")],
      focused: document.activeElement,
      height: document.querySelector("#heads-maps").offsetHeight,
    };
    window.lost = [];
    const check = () => {
      if (document.activeElement !== window.before.focused) window.lost.push("focus");
      if (document.querySelector("#heads-view").hidden) window.lost.push("view");
      if (document.querySelector("#heads-maps").offsetHeight !== window.before.height)
        window.lost.push("height");
    };
    const changes = { attributes: true, childList: true, subtree: true };
    new MutationObserver(check).observe(document.querySelector("#heads"), changes);
    document.querySelector("#freeze-ln").click();
    document.querySelector("#form").requestSubmit();
  });
  await page.waitForFunction(() => window.patchbay.result.spec.freeze_ln === false);
  await state(page, "done");
  await swept(page);
  const after = await page.evaluate(() => ({
    lost: window.lost,
    same: window.before.cells.every((it) => it.isConnected),
    count: document.querySelectorAll("#heads-maps [role=gridcell]").length,
    labels: [...document.querySelectorAll("#heads-maps [role=gridcell]")].map((it) => it.ariaLabel),
    tabStops: document.querySelectorAll('#heads-maps [tabindex="0"]').length,
  }));
  assert.deepEqual(after.lost, []);
  assert.ok(after.same, "cells were drawn again");
  assert.deepEqual([after.count, after.tabStops], [36, 3]);
  EXPECTED.sweep.live_ln.clean.flat().forEach((figure, i) => {
    assertNear(Number(after.labels[i].split(" ").at(-1)), figure, 0.0061, after.labels[i]);
  });
});
