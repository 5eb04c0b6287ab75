// Why the head attends: the fixture's contributions by component, whether they add up, and the panel's own ways.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { wrapExport } from "./faults.mjs";
import { assertNear, cancel, fill, openStage, outcome, runWell, state, TINY, TINY_FORM } from "./helpers.mjs";
import { assertStandsAlone, pixels, saved, shapesIn } from "./saved.mjs";

/** Of an independent implementation; the native command is compared with the same, see tests/headless. */
const FIGURES = JSON.parse(readFileSync(join(TINY, "decompositions.json"), "utf8")).heads[0];

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

async function tinyRun({ fields = {}, ...options } = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  return { page, result: await runWell(page) };
}

/** The shown decomposition is of the settings and of the shown run. */
const decomposed = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector("#decompose-view:not([hidden], .stale)") &&
      document.querySelector("#decompose-status").textContent === "",
  );

/** The table's columns as numbers, by part and component. */
const tableOf = (page) =>
  page.evaluate(() => {
    const table = document.querySelector("#decompose-table table");
    const [, ...parts] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    return parts.map((_, i) =>
      Object.fromEntries(rows.map(([name, ...values]) => [name, Number(values[i])])),
    );
  });

function entry(settings) {
  const names = [
    "decompose_by",
    "intervene_on_query",
    "intervene_on_key",
    "subtract_S1",
    "include_S1_in_unembed_projection",
    "include_name_forms_in_unembed_projection",
  ];
  const found = FIGURES.decompositions.find((it) =>
    names.every((name) => (it[name] || null) === (settings[name] ?? null)),
  );
  assert.ok(found, `no figures of ${JSON.stringify(settings)}`);
  return found;
}

/** A part of the fixture by component. */
function byComponent({ contributions, b_O }, label) {
  const [[embedding, position, bias], ...layers] = contributions[label];
  const named = { bias, W_E: embedding, W_pos: position };
  layers.forEach((row, layer) => {
    const mlp = row.length - 1;
    row.slice(0, mlp).forEach((value, head) => {
      named[`${layer}.${head}`] = value;
    });
    named[`MLP_${layer}`] = row[mlp];
    named[`b_O_${layer}`] = b_O[label][layer];
  });
  return named;
}

async function assertFixture(page, settings) {
  const wanted = entry(settings);
  const table = await tableOf(page);
  const labels = Object.keys(wanted.contributions);
  assert.equal(table.length, labels.length);
  labels.forEach((label, i) => {
    const figures = byComponent(wanted, label);
    assert.deepEqual(Object.keys(table[i]).sort(), Object.keys(figures).sort());
    for (const [name, figure] of Object.entries(figures))
      assertNear(table[i][name], figure, 1e-4, `${label} ${name}`);
  });
  const text = await page.innerText("#decompose-accounting");
  assert.match(
    text,
    new RegExp(`score is ${wanted.measured.toFixed(4)}, mean over 20 prompts.*: they add up\\.$`),
  );
}

test("a small model is decomposed unasked, and again as the settings change: the fixture's figures", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  assert.equal(await page.isVisible("#progress"), false);
  await assertFixture(page, { decompose_by: "keys", subtract_S1: true });

  await page.selectOption("#decompose-score", "io");
  await decomposed(page);
  await assertFixture(page, { decompose_by: "keys" });

  await page.selectOption("#decompose-query", "project_to_W_U_IO");
  await page.selectOption("#decompose-span", "io_s_forms");
  await decomposed(page);
  await assertFixture(page, {
    decompose_by: "keys",
    intervene_on_query: "project_to_W_U_IO",
    include_S1_in_unembed_projection: true,
    include_name_forms_in_unembed_projection: true,
  });
  assert.match(await page.innerText("#decompose-accounting"), /LN's normalization \(0\.0436\)/);

  // A side that is substituted cannot be taken apart: the choice goes, and is not offered.
  await page.selectOption("#decompose-query", "sub_W_U_IO");
  await page.selectOption("#decompose-by", "queries");
  assert.equal(await page.inputValue("#decompose-query"), "unchanged");
  assert.ok(await page.locator("#decompose-query option[value=sub_W_U_IO]").isDisabled());
  await page.selectOption("#decompose-key", "sub_W_E (including MLPs)");
  await decomposed(page);
  await page.waitForFunction(() => /W_EE/.test(document.querySelector("#decompose-what").textContent));
  await assertFixture(page, { decompose_by: "queries", intervene_on_key: "sub_W_E (including MLPs)" });
});

test("the heat map shows the table's figures, and keys and pointer name a component", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  const [table] = await tableOf(page);
  const cells = await page
    .locator("#decompose-maps [role=gridcell]")
    .evaluateAll((cells) => cells.map((it) => [it.getAttribute("aria-label"), it.getAttribute("fill")]));
  assert.equal(cells.length, 3 + 2 * (4 + 2));
  for (const [label, fill] of cells) {
    const [, name, text] = /^(\S+), contribution (-?[\d.]+)$/.exec(label);
    assertNear(Number(text), table[name], 0.00051, label);
    if (Number(text) !== 0) assert.equal(fill, Number(text) < 0 ? "var(--minus)" : "var(--plus)", label);
  }
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.locator('#decompose-maps [tabindex="0"]').focus();
  for (const [key, name] of [
    ["ArrowRight", "W_pos"],
    ["End", "bias"],
    ["ArrowDown", "0.2"],
    ["End", "b_O_0"],
    ["ArrowLeft", "MLP_0"],
    ["ArrowDown", "MLP_1"],
    ["ArrowDown", "MLP_1"],
    ["ArrowUp", "MLP_0"],
    ["ArrowUp", "bias"],
  ]) {
    await page.keyboard.press(key);
    assert.ok((await focused()).startsWith(`${name}, `), `${key}: ${await focused()}`);
    assert.ok((await page.innerText("#decompose-readout")).startsWith(`${name}: contribution `));
  }
  await page.locator('#decompose-maps [aria-label^="1.3, "]').hover();
  assert.match(await page.innerText("#decompose-readout"), /^1\.3: contribution -?[\d.]+$/);
});

test("what does not add up is marked wrong, and shown", async () => {
  const worker = `const post = self.postMessage;
    self.postMessage = (message, ...rest) => {
      const accounting = message?.value?.value?.accounting;
      if (accounting) Object.assign(accounting, { holds: false, relative_miss: 0.01 });
      return post.call(self, message, ...rest);
    };`;
  const { page } = await tinyRun({ worker });
  await decomposed(page);
  assert.match(await page.innerText("#decompose-accounting.wrong"), /^This decomposition is wrong\. /);
  assert.equal(await page.locator("#decompose-maps [role=gridcell]").count(), 15);
});

test("a long decomposition can be cancelled, and the run stays", async () => {
  const worker = wrapExport(
    "decomposition_next",
    "(call) => (...args) => new Promise((done) => setTimeout(done, 60)).then(() => call(...args))",
  );
  // More prompts than are decomposed unasked.
  const { page, result } = await tinyRun({ worker, fields: { n: "302" } });
  assert.equal(await page.isVisible("#decompose-view"), false);
  await page.click("#decompose-run");
  await state(page, "running");
  assert.ok(await page.isVisible("#progress"));
  await cancel(page);
  assert.equal(await page.innerText("#decompose-status"), "It was not taken apart.");
  assert.deepEqual((await page.evaluate(() => window.patchbay)).result, result);
  await page.click("#decompose-run");
  await decomposed(page);
  assert.equal((await outcome(page)).end, "done");
});

for (const colorScheme of ["light", "dark"]) {
  test(`heat maps and their numbers as files (${colorScheme})`, async () => {
    const { page, result } = await tinyRun({ colorScheme });
    await page.selectOption("#decompose-key", "project_to_MLP0");
    await decomposed(page);
    await page.waitForFunction(() => document.querySelectorAll("#decompose-maps figure").length === 2);
    const file = (kind) => saved(page, page.locator("#decompose-files button", { hasText: kind }));
    const svg = await file("SVG");
    assert.equal(svg.name, "patchbay-2.1-by-keys-n20-seed42.svg");
    const size = await assertStandsAlone(page, svg.text);
    const cells = await shapesIn(page, svg.text, "rect[aria-label]");
    assert.equal(cells.length, 30);
    assert.equal(cells.filter((it) => Number(it["fill-opacity"]) === 1).length, 1);
    const { width, height, corner, coloured } = await pixels(page, (await file("PNG")).bytes);
    assert.deepEqual([width, height], [size[0] * 2, size[1] * 2]);
    assert.deepEqual(corner, [255, 255, 255, 255]);
    assert.ok(coloured > 1000);
    const [header, ...lines] = (await file("CSV")).text.trimEnd().split("\n");
    assert.equal(header, "part,component,contribution");
    assert.equal(lines.length, 30);
    const json = JSON.parse((await file("JSON")).text);
    assert.equal(json.origin.sha256, result.origin.sha256);
    assert.equal(json.spec.intervene_on_key, "project_to_MLP0");
    const sum = json.parts.flatMap(({ values }) => values).reduce((all, value) => all + value, 0);
    assertNear(sum + json.accounting.normalization, json.accounting.measured, 1e-4, "sum");
  });
}

test("390 pixels are wide enough", async () => {
  const { page } = await tinyRun({ viewport: { width: 390, height: 800 } });
  await decomposed(page);
  await page.locator("#decompose summary").click();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
