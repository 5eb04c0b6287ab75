// The experiment "controls": chosen in the form, run, shown with its evidence, and taken away.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertNear, EXPECTED, fill, formValues, openStage, runWell, TINY_FORM } from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}`, experiment: "controls" });

/** Prompt by prompt, and what the edits did. */
function assertControls(result, expected) {
  assert.equal(result.experiment, "controls");
  assert.deepEqual(result.head, expected.head);
  assert.deepEqual(Object.keys(result.conditions), Object.keys(expected.conditions));
  for (const [name, figures] of Object.entries(expected.conditions)) {
    const ours = result.conditions[name];
    assertNear(ours.mean_diff, figures.mean_diff, 1e-3, name);
    figures.diff.forEach((figure, i) => {
      assertNear(ours.diff[i], figure, 1e-3, `${name} diff[${i}]`);
    });
  }
  for (const [name, edit] of Object.entries(expected.edits)) {
    const { keys, ...figures } = edit;
    const ours = result.evidence.edits[name];
    for (const [key, figure] of Object.entries(figures))
      assertNear(ours[key], figure, 1e-3, `${name} ${key}`);
    for (const [key, figure] of Object.entries(keys ?? {}))
      assertNear(ours.keys[key], figure, 1e-3, `${name} ${key}`);
  }
  assert.deepEqual(result.evidence.noops, { "no-op q_input": 0, "no-op k_input": 0 });
}

test("the choice brings the experiment's own words", async () => {
  const page = await stage.open();
  const question = await page.textContent("#question");
  await page.selectOption("#experiment", "controls");
  assert.notEqual(await page.textContent("#question"), question);
  assert.match(await page.textContent("#question"), /\?$/);
  const conditions = await page.locator("#conditions dt").allTextContents();
  assert.deepEqual(conditions, Object.keys(EXPECTED.controls[0].conditions));
  const described = await page.getAttribute("#experiment", "aria-describedby");
  assert.equal(described, "question");
});

test("controls give the reference's figures, with evidence for each edit and each no-op", async () => {
  const page = await stage.open();
  await fill(page, form());
  const result = await runWell(page);
  assertControls(result, EXPECTED.controls[0]);

  const rows = await page.locator("#results tbody th").allTextContents();
  assert.deepEqual(rows, Object.keys(EXPECTED.controls[0].conditions));
  const evidence = await page.innerText("#evidence");
  assert.match(evidence, /projected on random names\s+20 of 20/);
  assert.match(evidence, /patched k_input, key of IO\s+20 of 20\s+[\d.]+\s+[\d.]+/);
  assert.match(evidence, /patched k_input, key of S1\s+20 of 20/);
  assert.match(evidence, /no-op q_input control\s+0: /);
  assert.match(evidence, /no-op k_input control\s+0: /);
  assert.equal(await page.isVisible("#notebook-note"), false);

  const [json] = await Promise.all([page.waitForEvent("download"), page.click("#download-json")]);
  assertControls(JSON.parse(readFileSync(await json.path(), "utf8")), EXPECTED.controls[0]);
  const [csv] = await Promise.all([page.waitForEvent("download"), page.click("#download-csv")]);
  assertCsv(readFileSync(await csv.path(), "utf8"), result);
});

/** Condition names have commas, so they are quoted; a row a condition, a prompt and a position. */
function assertCsv(text, result) {
  const [header, ...lines] = text.trimEnd().split("\n");
  const columns = header.split(",");
  assert.equal(lines.length, Object.keys(result.conditions).length * EXPECTED.dataset.spec.n * 3);
  const rows = lines.map((line) => {
    const cells = [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    assert.equal(cells.length, columns.length, line);
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
  });
  for (const [name, { diff }] of Object.entries(result.conditions)) {
    const ours = rows.filter((row) => row.condition === name && row.position === "IO-S1");
    assert.deepEqual(
      ours.map((row) => Number(row.value)),
      diff,
      name,
    );
  }
}

test("other settings reach the controls, and a link brings them back", async () => {
  const [, other] = EXPECTED.controls;
  const page = await stage.open();
  await fill(page, {
    ...form(),
    layer: String(other.head[0]),
    head: String(other.head[1]),
    n: String(other.spec.n),
    seed: String(other.spec.seed),
    symmetric: other.spec.symmetric,
    prepend_bos: other.spec.prepend_bos,
    flip: other.flip,
    freeze_ln: other.freeze_ln,
  });
  assertControls(await runWell(page), other);
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-status").textContent !== "");
  const opened = await stage.open({ hash: new URL(page.url()).hash });
  assert.deepEqual(await formValues(opened), await formValues(page));
  assert.match(await opened.textContent("#question"), /that something was/);
});
