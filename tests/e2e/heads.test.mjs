// All heads: the sweep's numbers, how it comes and stops, and how a head is chosen from it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slowSteps, wrapPlan } from "./faults.mjs";
import {
  assertFigures,
  assertNear,
  cancel,
  EXPECTED,
  fill,
  openStage,
  outcome,
  runWell,
  state,
  swept,
  TINY_FORM,
} from "./helpers.mjs";
import { assertStandsAlone, pixels, saved, shapesIn } from "./saved.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const slow = (ms) => slowSteps("sweep", ms);

/** More prompts than are swept unasked. */
const MANY = "302";

async function tinyRun({ fields = {}, ...options } = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  return { page, result: await runWell(page) };
}

/** The table as numbers: { "2.1": { clean: 0.77, … } }. */
const tableOf = (page) =>
  page.evaluate(() => {
    const table = document.querySelector("#heads-table");
    const [, ...columns] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    return Object.fromEntries(
      [...table.tBodies[0].rows].map((row) => {
        const [name, ...values] = [...row.cells].map((cell) => cell.textContent);
        return [name, Object.fromEntries(columns.map((column, i) => [column, Number(values[i])]))];
      }),
    );
  });

const cell = (page, head, map = "clean") =>
  page.locator(`#heads-maps [role=gridcell][aria-label^="head ${head}, ${map} "]`);

function assertSweep(table, expected) {
  for (const [condition, layers] of Object.entries(expected)) {
    layers.forEach((heads, layer) => {
      heads.forEach((figure, head) => {
        const name = `${layer}.${head}`;
        assertNear(table[name][condition], figure, 1e-3, `${name} ${condition}`);
        if (condition === "clean") return;
        const change = figure - expected.clean[layer][head];
        assertNear(table[name][`change when ${condition}`], change, 1e-3, `${name}, change`);
      });
    });
  }
}

/** The run's own table says what the sweep says about its head. */
async function assertSame(page, result) {
  const row = (await tableOf(page))[result.head.join(".")];
  for (const [condition, { mean_diff }] of Object.entries(result.conditions)) {
    assertNear(row[condition], mean_diff, 1e-4, `${result.head} ${condition}`);
  }
}

test("a small model is swept unasked: the fixture's figures, and the single run's at each head", async () => {
  const { page, result } = await tinyRun();
  await swept(page);
  assert.equal(await page.isVisible("#progress"), false);
  assertSweep(await tableOf(page), EXPECTED.sweep.frozen_ln);
  await assertSame(page, result);
  assert.equal(await page.innerText("#heads-status"), "");

  // A click aims at that head and runs; the sweep holds for it, too.
  await cell(page, "1.2").click();
  await page.waitForFunction(() => window.patchbay.result.head.join(".") === "1.2");
  assert.deepEqual([await page.inputValue("#layer"), await page.inputValue("#head")], ["1", "2"]);
  await swept(page);
  await assertSame(page, (await outcome(page)).result);
  const marked = page.locator("#heads-maps [aria-selected=true]");
  assert.equal(await marked.count(), 3);
  assert.match(await marked.first().getAttribute("aria-label"), /^head 1\.2, clean 1\.00/);
});

test("the heatmaps show the table's figures", async () => {
  const { page } = await tinyRun();
  await swept(page);
  const table = await tableOf(page);
  const labels = await page
    .locator("#heads-maps [role=gridcell]")
    .evaluateAll((cells) => cells.map((it) => [it.getAttribute("aria-label"), it.getAttribute("fill")]));
  assert.equal(labels.length, 36);
  for (const [label, fill] of labels) {
    const [, head, map, text] = /^head (\d\.\d), (.*) ([-+\d.]+)$/.exec(label);
    assertNear(Number(text), table[head][map], 0.0051, label);
    if (Number(text) !== 0) assert.equal(fill, Number(text) < 0 ? "var(--minus)" : "var(--plus)", label);
  }
  // Both maps of changes have one scale, up to the largest of them.
  const largest = (maps) => {
    const values = Object.values(table).flatMap((row) =>
      Object.entries(row).map(([map, value]) => (maps.test(map) ? Math.abs(value) : 0)),
    );
    return Math.max(...values).toFixed(2);
  };
  assert.deepEqual(
    await page.locator("#heads-maps .legend").allInnerTexts(),
    [largest(/^clean$/), largest(/^change/)].map((most) => `-${most}\n${most}`),
  );
  await cell(page, "0.2", "change when projected").hover();
  assert.match(
    await page.innerText("#heads-readout"),
    /^Head 0\.2: clean 0\.63 · change when patched 0\.00 · change when projected -0\.42$/,
  );
});

test("arrow keys move from head to head, and Enter runs the experiment there", async () => {
  const { page } = await tinyRun();
  await swept(page);
  assert.equal(await page.locator('#heads-maps [role=gridcell][tabindex="0"]').count(), 3);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  const stop = page.locator('#heads-maps [tabindex="0"]').first();
  await stop.focus();
  assert.match(await focused(), /^head 2\.1, clean 0\.77$/);
  for (const [key, head] of [
    ["ArrowLeft", "2.0"],
    ["ArrowLeft", "2.0"],
    ["ArrowUp", "1.0"],
    ["ArrowRight", "1.1"],
    ["End", "1.3"],
    ["ArrowDown", "2.3"],
    ["ArrowDown", "2.3"],
    ["Home", "2.0"],
  ]) {
    await page.keyboard.press(key);
    assert.match(await focused(), new RegExp(`^head ${head}, clean `), key);
    assert.match(await page.innerText("#heads-readout"), new RegExp(`^Head ${head}:`));
  }
  await page.keyboard.press("Tab");
  assert.match(await focused(), /^head 2\.0, change when patched /);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.patchbay.result.head.join(".") === "2.0");
  await state(page, "done");
  assert.match(await focused(), /^head 2\.0, change when patched /, "the keyboard was lost");
});

test("a head that is clicked during a run goes into the form, and that is said", async () => {
  const worker = slowSteps("experiment", 150);
  const { page } = await tinyRun({ worker });
  await swept(page);
  await page.click("#run");
  await state(page, "running");
  await cell(page, "1.2").click();
  assert.deepEqual([await page.inputValue("#layer"), await page.inputValue("#head")], ["1", "2"]);
  assert.match(await page.innerText("#heads-status"), /^Head 1\.2 is in the form now: press Run/);
  assert.equal(await state(page, "running"), "running");
  const { end, result } = await outcome(page);
  assert.equal(end, "done");
  assert.deepEqual(result.head, EXPECTED.head);
  assert.ok(await page.isVisible("#stale"));
  assert.deepEqual((await runWell(page)).head, [1, 2]);
});

test("other settings make the figures old, until they are swept again", async () => {
  const { page } = await tinyRun();
  await swept(page);
  await fill(page, { freeze_ln: false });
  await runWell(page);
  await swept(page);
  assertSweep(await tableOf(page), EXPECTED.sweep.live_ln);

  await fill(page, { n: MANY });
  const result = await runWell(page);
  assert.ok(await page.isVisible("#heads-stale"));
  assert.equal(await page.locator("#heads-maps [aria-selected=true]").count(), 0);
  assertSweep(await tableOf(page), EXPECTED.sweep.live_ln);
  await page.click("#sweep");
  await swept(page);
  assert.equal((await outcome(page)).end, "done");
  await assertSame(page, result);
});

test("a long sweep shows what it has, and keeps it when it is cancelled", async () => {
  const { page, result } = await tinyRun({ worker: slow(60), fields: { n: MANY } });
  assert.ok(await page.isVisible("#sweep"));
  assert.equal(await page.isVisible("#heads-view"), false);
  await page.click("#sweep");
  await page.waitForSelector("#heads-view:not([hidden])");
  assert.equal(await state(page, "running"), "running");
  assert.ok(await page.isVisible("#progress"));
  assert.match(await page.innerText("#heads-status"), /^Prompts seen by layers? .*: \d+ of 302/);
  await cancel(page);
  assert.match(
    await page.innerText("#heads-status"),
    /^Not all of it was measured\. Prompts seen by .*\d+ of 302/,
  );
  assert.ok(await page.isVisible("#heads-view"));
  assert.ok(Object.keys(await tableOf(page)).length > 0);
  assert.ok(await page.isVisible("#sweep"));
  // The run before is as it was.
  const { result: kept } = await page.evaluate(() => window.patchbay);
  assert.deepEqual(kept, result);
});

test("who presses Run does not wait for an unasked sweep", async () => {
  const { page } = await tinyRun({ worker: slow(2000) });
  await page.waitForFunction(() => document.querySelector("#heads-status").textContent !== "");
  const begun = Date.now();
  await fill(page, { head: "0" });
  const { head } = await runWell(page);
  assert.deepEqual(head, [2, 0]);
  // The sweep would have taken at least half a minute.
  assert.ok(Date.now() - begun < 15_000);
  assert.match(await page.innerText("#message"), /^$/);
});

test("why a sweep failed is said beside it, and the run stays", async () => {
  const fails = wrapPlan("sweep", `() => () => { throw new Error("expected <b>, found nothing"); }`);
  const { page, result } = await tinyRun({ worker: fails });
  await page.waitForFunction(() => document.querySelector("#heads-status").textContent.includes("<b>"));
  assertFigures(result);
  assert.ok(await page.isVisible("#sweep"));
});

for (const colorScheme of ["light", "dark"]) {
  test(`heatmaps and their numbers as files (${colorScheme})`, async () => {
    const { page, result } = await tinyRun({ colorScheme });
    await swept(page);
    const file = (kind) => saved(page, page.locator("#heads-files button", { hasText: kind }));
    const svg = await file("SVG");
    assert.equal(svg.name, "patchbay-heads-n20-seed42.svg");
    const size = await assertStandsAlone(page, svg.text);
    assert.match(svg.text, /All heads of /);
    const table = await tableOf(page);
    const cells = await shapesIn(page, svg.text, "rect[aria-label]");
    assert.equal(cells.length, 36);
    for (const { "aria-label": label, fill, "fill-opacity": strength } of cells) {
      const [, head, map, value] = /^head (\d\.\d), (.*) ([-+\d.]+)$/.exec(label);
      assertNear(Number(value), table[head][map], 0.0051, label);
      if (Number(value) !== 0) assert.equal(fill, Number(value) < 0 ? "#5b9bd0" : "#e5913a", label);
      assert.ok(Number(strength) <= 1, label);
    }
    const strongest = cells.filter((it) => Number(it["fill-opacity"]) === 1);
    assert.equal(strongest.length, 2, "one of the clean run's map, one of the changes'");

    const png = await file("PNG");
    const { width, height, corner, dark, coloured } = await pixels(page, png.bytes);
    assert.deepEqual([width, height], [size[0] * 2, size[1] * 2]);
    assert.deepEqual(corner, [255, 255, 255, 255]);
    assert.ok(dark > 500 && coloured > 1000, `${dark} dark pixels, ${coloured} coloured`);

    const [header, ...lines] = (await file("CSV")).text.trimEnd().split("\n");
    assert.equal(header, "experiment,condition,layer,head,mean_diff");
    assert.equal(lines.length, 36);
    for (const line of lines) {
      const [, condition, layer, head, value] = line.split(",");
      assertNear(Number(value), table[`${layer}.${head}`][condition], 5.1e-5, line);
    }
    const json = JSON.parse((await file("JSON")).text);
    assert.equal(json.rows.length, 36);
    assert.equal(json.finished, true);
    assert.equal(json.model, result.model);
    assert.equal(json.origin.sha256, result.origin.sha256);
    assert.deepEqual(json.spec.dataset, result.spec.dataset);
  });
}

test("390 pixels are wide enough for the heatmaps and the table", async () => {
  const { page } = await tinyRun({ viewport: { width: 390, height: 800 } });
  await swept(page);
  await page.locator("#heads summary").click();
  assert.ok(await page.isVisible("#heads-table"));
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
